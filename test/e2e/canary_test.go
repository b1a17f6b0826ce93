package e2e

import (
	"archive/zip"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
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

// TestCanary_MeasuresReplicationEndToEnd runs the function on its schedule,
// within an account and into another one, until its alarm is content; then it
// stops replication, and sees the alarm go off, and on again.
func TestCanary_MeasuresReplicationEndToEnd(t *testing.T) {
	t.Parallel()
	for name, destination := range map[string]string{
		"within an account":    "{ name: dr, region: us-west-2 }",
		"into another account": `{ name: dr, region: us-west-2, assumeRoleArn: "arn:aws:iam::222222222222:role/deploy" }`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, "--alarm-minute", "10s")
			l.project(fmt.Sprintf(`config:
  crr:forceDestroy: true
  crr:deletionWindowInDays: 7
  crr:replications:
    - name: data
      source: { region: us-east-1 }
      destinations: [%s]
      rules: [{ id: tagged, prefix: finance/, tags: { class: critical } }]
      canary: { enabled: true, everyMinutes: 1, ageSeconds: 20, code: %q }
`, destination, l.canary()))
			l.up()
			descriptor := l.descriptors()[0]
			l.alarmOfCanary("OK")
			assert.Less(t, l.heartbeatAge(descriptor), 20.0, "the age at arrival is the time that replication took")
			l.keepsFewHeartbeats(descriptor)
			well := l.verify(descriptor)
			assert.Equal(t, 0, well.status, "%s%s", well.out, well.err)
			assert.Regexp(t, `ok +alarm data .*data-canary`, well.out)

			id := strings.TrimSpace(l.mustRun("crr", "local", "fault", "set", "pause", "--dir", l.local()))
			l.alarmOfCanary("ALARM")
			table, _, _ := l.exitOf("status", "--stack", "test")
			assert.Regexp(t, `alarm +data-canary`, table)
			l.mustRun("crr", "local", "fault", "clear", id, "--dir", l.local())
			l.alarmOfCanary("OK")

			l.mustRun("pulumi", "preview", "--refresh", "--expect-no-changes", "--stack", "test")
			l.mustRun("pulumi", "destroy", "--yes", "--skip-preview", "--stack", "test")
			assert.NotContains(t, l.mustRun("pulumi", "stack", "export", "--stack", "test"), `"urn"`, "something is left")
		})
	}
}

// canary builds the function and packs it, as the program would in a module of
// its own.
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

// alarmOfCanary waits until the only alarm on heartbeats is in a state.
func (l *lab) alarmOfCanary(want types.StateValue) {
	l.t.Helper()
	client := cloudwatch.NewFromConfig(configOf(l.t, l.env, "us-west-2"))
	var last string
	require.Eventuallyf(l.t, func() bool {
		answer, err := client.DescribeAlarms(l.t.Context(), &cloudwatch.DescribeAlarmsInput{AlarmNamePrefix: aws.String("data-canary")})
		if err != nil || len(answer.MetricAlarms) != 1 {
			last = fmt.Sprintf("%d alarms, %v", len(answer.MetricAlarms), err)
			return false
		}
		alarm := answer.MetricAlarms[0]
		last = fmt.Sprintf("%s: %s", alarm.StateValue, aws.ToString(alarm.StateReason))
		return alarm.StateValue == want
	}, 3*time.Minute, time.Second, "the canary's alarm never is %s; it was last %s", want, latest{&last})
}

// heartbeatAge is the last that the function has published.
func (l *lab) heartbeatAge(d replication.Descriptor) float64 {
	l.t.Helper()
	answer, err := cloudwatch.NewFromConfig(configOf(l.t, l.env, "us-west-2")).GetMetricStatistics(l.t.Context(), &cloudwatch.GetMetricStatisticsInput{
		Namespace: aws.String(heartbeat.Namespace), MetricName: aws.String(heartbeat.MetricName),
		Dimensions: []types.Dimension{
			{Name: aws.String("SourceBucket"), Value: &d.Source.Bucket},
			{Name: aws.String("DestinationBucket"), Value: &d.Destinations[0].Bucket},
			{Name: aws.String("RuleId"), Value: aws.String("tagged")},
		},
		StartTime: aws.Time(time.Now().Add(-10 * time.Minute)), EndTime: aws.Time(time.Now().Add(time.Minute)),
		Period: aws.Int32(600), Statistics: []types.Statistic{types.StatisticMinimum},
	})
	require.NoError(l.t, err)
	require.NotEmpty(l.t, answer.Datapoints, "the function has published nothing")
	return *answer.Datapoints[0].Minimum
}

// keepsFewHeartbeats fails where old heartbeats are not removed.
func (l *lab) keepsFewHeartbeats(d replication.Descriptor) {
	l.t.Helper()
	answer, err := l.in(d.Source.Region).s3.ListObjectVersions(l.t.Context(), &s3.ListObjectVersionsInput{Bucket: &d.Source.Bucket})
	require.NoError(l.t, err)
	for _, version := range answer.Versions {
		assert.Equal(l.t, "finance/.crr-heartbeat/tagged", aws.ToString(version.Key))
	}
	assert.LessOrEqual(l.t, len(answer.Versions), 2, "the newest, and one on its way")
}
