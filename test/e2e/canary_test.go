package e2e

import (
	"archive/zip"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/heartbeat"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// TestCanary_MeasuresReplicationEndToEnd runs the functions on their schedule,
// within an account, into another one, and in both directions, until all alarms are
// OK; then it stops replication from one bucket, and waits for the alarm of that
// direction and its recovery.
func TestCanary_MeasuresReplicationEndToEnd(t *testing.T) {
	t.Parallel()
	const there = `assumeRoleArn: "arn:aws:iam::222222222222:role/deploy"`
	for name, settings := range map[string]string{
		"within an account":              `direction: one-way, destinations: [{ name: dr, region: us-west-2 }]`,
		"into another account":           `direction: one-way, destinations: [{ name: dr, region: us-west-2, ` + there + ` }]`,
		"both ways between two accounts": `direction: two-way, destinations: [{ name: dr, region: us-west-2, ` + there + ` }], monitoring: { composite: true }`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, "--alarm-minute", "10s")
			code := l.canary()
			deploy := func(ageSeconds int, rules string) replication.Descriptor {
				l.project(fmt.Sprintf(`config:
  crr:forceDestroy: true
  crr:deletionWindowInDays: 7
  crr:replications:
    - { name: data, source: { region: us-east-1 }, %s, rules: [%s], canary: { enabled: true, everyMinutes: 1, ageSeconds: %d, code: %q } }
`, settings, rules, ageSeconds, code))
				l.up()
				return l.descriptors()[0]
			}
			const tagged = `{ id: tagged, prefix: finance/, tags: { class: critical } }`
			d := deploy(20, tagged)
			l.heartbeats(d, types.StateValueOk, "")
			l.nobodyWasWoken(d)
			for _, alarm := range heartbeatAlarms(d) {
				assert.Less(t, l.heartbeatAge(d, alarm), 20.0, "the age at arrival is the time that replication took: %s", alarm.Name)
			}
			for _, place := range d.Buckets() {
				l.keepsFewHeartbeats(d, place)
			}
			well := l.verify(d)
			assert.Equal(t, 0, well.status, "%s%s", well.out, well.err)
			assert.Regexp(t, `ok +alarm data +(all|.*data-alarms-tagged-heartbeat)`, well.out)
			if name == "into another account" {
				v := &verified{lab: l, deployed: d, source: d.Source, dr: d.Destinations[0]}
				for _, role := range v.otherRoles() {
					v.within(t).breakEach(widened(role))
				}
			}

			// The last bucket replicates back, if there are two directions.
			from := d.Source
			if d.Direction == replication.TwoWay {
				from = d.Destinations[0]
			}
			id := strings.TrimSpace(l.mustRun("crr", "local", "fault", "set", "pause", "--bucket", from.Bucket, "--dir", l.local()))
			l.heartbeats(d, types.StateValueAlarm, from.Name)
			table, _, _ := l.exitOf("status", "--stack", "test")
			assert.Regexp(t, `alarm +data-alarms-.*-heartbeat`, table)
			if d.Direction == replication.TwoWay {
				assert.Equal(t, 1, strings.Count(table, "-heartbeat"), "the other direction is well:\n%s", table)
			}
			l.mustRun("crr", "local", "fault", "clear", id, "--dir", l.local())
			l.heartbeats(d, types.StateValueOk, "")

			// A changed configuration takes effect at once.
			before := len(heartbeatAlarms(d))
			d = deploy(30, tagged+", { id: rest }")
			require.Len(t, heartbeatAlarms(d), 2*before)
			for _, alarm := range heartbeatAlarms(d) {
				assert.Equal(t, 30, alarm.Threshold, alarm.Name)
			}
			l.heartbeats(d, types.StateValueOk, "")
			l.mustRun("pulumi", "preview", "--refresh", "--expect-no-changes", "--stack", "test")
			l.mustRun("pulumi", "destroy", "--yes", "--skip-preview", "--stack", "test")
			assert.NotContains(t, l.mustRun("pulumi", "stack", "export", "--stack", "test"), `"urn"`, "something is left")
		})
	}
}

func heartbeatAlarms(d replication.Descriptor) []replication.Alarm {
	return slices.DeleteFunc(slices.Clone(d.Alarms), func(alarm replication.Alarm) bool { return alarm.Metric != heartbeat.MetricName })
}

// nobodyWasWoken fails if an alarm on heartbeats was ever in ALARM.
func (l *lab) nobodyWasWoken(d replication.Descriptor) {
	l.t.Helper()
	for _, alarm := range heartbeatAlarms(d) {
		history, err := l.inAccount(alarm.AccountID, alarm.Region).cw.DescribeAlarmHistory(l.t.Context(), &cloudwatch.DescribeAlarmHistoryInput{
			AlarmName: &alarm.Name, HistoryItemType: types.HistoryItemTypeStateUpdate,
		})
		require.NoError(l.t, err)
		require.NotEmpty(l.t, history.AlarmHistoryItems, alarm.Name)
		for _, item := range history.AlarmHistoryItems {
			assert.NotContains(l.t, aws.ToString(item.HistorySummary), "to ALARM", alarm.Name)
		}
	}
}

// canary builds and packs the function, as a program in its own module would.
func (l *lab) canary() string {
	l.t.Helper()
	program := filepath.Join(l.dir, "bootstrap")
	build := exec.Command("go", "build", "-o", program, "./cmd/crr-canary")
	build.Dir, build.Env = repository(l.t), append(os.Environ(), "GOOS=linux", "CGO_ENABLED=0")
	output, err := build.CombinedOutput()
	require.NoErrorf(l.t, err, "building the canary\n%s", output)
	archive, err := os.Create(filepath.Join(l.dir, "canary.zip"))
	require.NoError(l.t, err)
	defer archive.Close()
	pack := zip.NewWriter(archive)
	header := &zip.FileHeader{Name: "bootstrap", Method: zip.Deflate}
	header.SetMode(0o755)
	into, err := pack.CreateHeader(header)
	require.NoError(l.t, err)
	from, err := os.Open(program)
	require.NoError(l.t, err)
	defer from.Close()
	_, err = io.Copy(into, from)
	require.NoError(l.t, err)
	require.NoError(l.t, pack.Close())
	return archive.Name()
}

// heartbeats waits until all alarms on heartbeats from a bucket are in a state; ""
// means every bucket.
func (l *lab) heartbeats(d replication.Descriptor, want types.StateValue, from string) {
	l.t.Helper()
	for _, alarm := range heartbeatAlarms(d) {
		if from != "" && replicatesFrom(d, alarm) != from {
			continue
		}
		client := l.inAccount(alarm.AccountID, alarm.Region).cw
		var last string
		require.Eventuallyf(l.t, func() bool {
			answer, err := client.DescribeAlarms(l.t.Context(), &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{alarm.Name}})
			if err != nil || len(answer.MetricAlarms) != 1 {
				last = fmt.Sprintf("%d alarms, %v", len(answer.MetricAlarms), err)
				return false
			}
			found := answer.MetricAlarms[0]
			last = fmt.Sprintf("%s: %s", found.StateValue, aws.ToString(found.StateReason))
			return found.StateValue == want
		}, 3*time.Minute, time.Second, "the alarm %s never is %s; it was last %s", alarm.Name, want, latest{&last})
	}
}

// replicatesFrom is the bucket whose heartbeats an alarm watches: the alarm is in
// the region of their destination.
func replicatesFrom(d replication.Descriptor, alarm replication.Alarm) string {
	if alarm.Region == d.Source.Region {
		return d.Destinations[0].Name
	}
	return d.Source.Name
}

// heartbeatAge returns the minimum age that a function has published.
func (l *lab) heartbeatAge(d replication.Descriptor, alarm replication.Alarm) float64 {
	l.t.Helper()
	from, to := d.Source, d.Destinations[0]
	if replicatesFrom(d, alarm) == to.Name {
		from, to = to, from
	}
	answer, err := l.inAccount(from.AccountID, to.Region).cw.GetMetricStatistics(l.t.Context(), &cloudwatch.GetMetricStatisticsInput{
		Namespace: aws.String(heartbeat.Namespace), MetricName: aws.String(heartbeat.MetricName),
		Dimensions: []types.Dimension{
			{Name: aws.String("SourceBucket"), Value: &from.Bucket},
			{Name: aws.String("DestinationBucket"), Value: &to.Bucket},
			{Name: aws.String("RuleId"), Value: &alarm.Rule},
		},
		StartTime: aws.Time(time.Now().Add(-10 * time.Minute)), EndTime: aws.Time(time.Now().Add(time.Minute)),
		Period: aws.Int32(600), Statistics: []types.Statistic{types.StatisticMinimum},
	})
	require.NoError(l.t, err)
	require.NotEmpty(l.t, answer.Datapoints, "the function has published nothing for %s", alarm.Name)
	return *answer.Datapoints[0].Minimum
}

// keepsFewHeartbeats fails if old heartbeats are not removed.
func (l *lab) keepsFewHeartbeats(d replication.Descriptor, place replication.DeployedBucket) {
	l.t.Helper()
	answer, err := l.inAccount(place.AccountID, place.Region).s3.ListObjectVersions(l.t.Context(), &s3.ListObjectVersionsInput{Bucket: &place.Bucket})
	require.NoError(l.t, err)
	for _, version := range answer.Versions {
		assert.True(l.t, heartbeat.Is(aws.ToString(version.Key)), aws.ToString(version.Key))
	}
	directions := len(heartbeatAlarms(d))
	assert.LessOrEqual(l.t, len(answer.Versions), 2*directions, "of each direction the newest, and one on its way")
}
