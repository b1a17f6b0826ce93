package report

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/operator"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/alarms"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/failures"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/metrics"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/trails"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/words"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// keptEvidence is of a deployment that kept the promise in ten minutes.
func keptEvidence() evidence {
	return evidence{
		descriptor: replication.Descriptor{Name: "data", Source: source, Destinations: []replication.DeployedBucket{dr}},
		readings:   []metrics.Reading{readingOf(tenMinutes, ruleNamed("dr"), ones(), ones(), make([]float64, 10))},
		found:      failures.Found{Kept: true},
	}
}

func TestEvidence_OfTrailsThatDoNotRecord(t *testing.T) {
	t.Parallel()
	const arn = "arn:aws:cloudtrail:us-east-1:111111111111:trail/audit"
	covered := source
	covered.ARN = "arn:aws:s3:::" + source.Bucket
	deployed := map[string]string{"IsLogging": "true", "EventSelectors": replication.TrailSelects(true, []string{covered.ARN}), "LogFileValidationEnabled": "true"}
	values := func(name, value string) map[string]string {
		is := map[string]string{"IsLogging": "true", "EventSelectors": deployed["EventSelectors"], "LogFileValidationEnabled": "true"}
		is[name] = value
		return is
	}
	for name, test := range map[string]struct {
		trail trail
		state EvidenceState
		text  string
	}{
		"stopped":              {trail{found: trails.Trail{Values: values("IsLogging", "false")}}, Lost, "it is stopped"},
		"can't deliver":        {trail{found: trails.Trail{Values: values("IsLogging", "true"), Undelivered: []string{"the latest delivery of log files failed: NoSuchBucket"}}}, Lost, "NoSuchBucket"},
		"covers other buckets": {trail{found: trails.Trail{Values: values("EventSelectors", "management events")}}, Lost, "don't cover s3://" + source.Bucket},
		"can't be read":        {trail{err: errors.New("no route")}, Unread, "no route"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := keptEvidence()
			test.trail.arn, test.trail.buckets, test.trail.deployed = arn, []replication.DeployedBucket{covered}, deployed
			e.trails = []trail{test.trail}
			r := reportOf([]evidence{e}, operator.Identity{}, tenMinutes, noon)
			require.Equal(t, Kept, r.Verdict, "the promise is another matter")
			assert.Equal(t, test.state, r.Deployments[0].Evidence[0].State)
			assert.False(t, r.Well())
			assert.Contains(t, r.Sentence(), "other evidence is missing: trail ("+string(test.state)+")")
			assert.Contains(t, r.Deployments[0].Evidence[0].Text, test.text)
		})
	}
}

func TestEvidence_ThatCannotBeReadIsNotWell(t *testing.T) {
	t.Parallel()
	well := keptEvidence()
	assert.True(t, reportOf([]evidence{well}, operator.Identity{}, tenMinutes, noon).Well())
	unread := keptEvidence()
	unread.found.Unread = true
	unhistoried := keptEvidence()
	unhistoried.descriptor.Alarms = []replication.Alarm{{Name: "latency"}}
	unhistoried.past.Missing = []error{errors.New("no permission")}
	for _, e := range []evidence{unread, unhistoried} {
		assert.False(t, reportOf([]evidence{e}, operator.Identity{}, tenMinutes, noon).Well())
	}
}

func TestEvidence_AlarmsThatAreGoneAreListed(t *testing.T) {
	t.Parallel()
	e := keptEvidence()
	e.descriptor.Alarms = []replication.Alarm{{Name: "latency", Region: "us-west-2"}}
	e.alarms = []alarms.Alarm{{Name: "latency", Region: "us-west-2", State: alarms.Gone, Reason: "there is no such alarm"}}
	at := tenMinutes.Start
	e.past.Gaps = []alarms.Gap{{Region: "us-west-2", Rule: "dr", Metric: "ReplicationLatency", Start: at, End: at.Add(5 * time.Minute)}}
	d := reportOf([]evidence{e}, operator.Identity{}, tenMinutes, noon).Deployments[0]
	assert.Contains(t, d.Missing, "the alarm latency in us-west-2 is gone: there is no such alarm")
	require.Len(t, d.AlarmGaps, 1)
	assert.Equal(t, words.Moment(at)+" for 5m: no alarm (ReplicationLatency of dr) in us-west-2", alarmGapText(d.AlarmGaps[0]))
}

func TestTrailsOf_EachOnceWithItsBuckets(t *testing.T) {
	t.Parallel()
	there := dr
	there.TrailARN = "arn:aws:cloudtrail:us-west-2:222222222222:trail/theirs"
	d := replication.Descriptor{
		Source: source, Destinations: []replication.DeployedBucket{there}, TrailARN: "arn:aws:cloudtrail:us-east-1:111111111111:trail/ours",
	}
	all := trailsOf(d)
	require.Len(t, all, 2)
	assert.Equal(t, d.TrailARN, all[0].arn)
	assert.Equal(t, []replication.DeployedBucket{source}, all[0].buckets)
	assert.Equal(t, there.TrailARN, all[1].arn)
	assert.Empty(t, trailsOf(replication.Descriptor{Source: source, Destinations: []replication.DeployedBucket{dr}}))
}
