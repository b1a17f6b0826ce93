package e2e

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// reported is the JSON output of crr report.
type reported struct {
	Verdict     string
	Deployments []struct {
		Rules []struct {
			Rule, Verdict    string
			Share            *float64
			Operations       float64
			FailedOperations float64
			LatePeriods      int
			MeasuredPeriods  int
			Exceptions, Gaps []struct{ Start, End time.Time }
			Problems         []string
		}
		Missing  []string
		Evidence []reportedEvidence
	}
}

type reportedEvidence struct{ Kind, State, Text string }

// TestReport_IsRightOverSeededMetrics puts past metrics into CloudWatch, which on
// AWS only S3 may do, and compares the report with expected figures.
func TestReport_IsRightOverSeededMetrics(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.seedMetrics(t)
	all := seededDescriptor("kept", "broken", "gappy")
	l.writeDescriptors([]replication.Descriptor{all})

	output, complaint, status := l.exitOf("report", "--descriptor", "deployed.json", "--window", "30m", "--format", "json")
	assert.Equal(t, 1, status, complaint)
	var report reported
	require.NoError(t, json.Unmarshal([]byte(output), &report), output)
	assert.Equal(t, "broken", report.Verdict)
	rules := report.Deployments[0].Rules
	require.Len(t, rules, 3)

	kept := rules[0]
	assert.Equal(t, "kept", kept.Verdict)
	assert.InDelta(t, 1, *kept.Share, 0)
	assert.InDelta(t, 300, kept.Operations, 0, "10 in each of 30 minutes")
	assert.Equal(t, 30, kept.MeasuredPeriods)

	broken := rules[1]
	assert.Equal(t, "broken", broken.Verdict)
	assert.InDelta(t, (300.0-30-4)/300, *broken.Share, 1e-9, "30 in 3 late minutes, and 4 that failed")
	assert.Equal(t, 3, broken.LatePeriods)
	assert.InDelta(t, 4, broken.FailedOperations, 0)
	require.Len(t, broken.Exceptions, 2)
	assert.Equal(t, 3*time.Minute, broken.Exceptions[0].End.Sub(broken.Exceptions[0].Start))

	gappy := rules[2]
	assert.Equal(t, "not shown", gappy.Verdict)
	assert.InDelta(t, 250.0/300, *gappy.Share, 1e-9, "50 in 5 minutes without a latency")
	require.Len(t, gappy.Gaps, 1)
	assert.Equal(t, 5*time.Minute, gappy.Gaps[0].End.Sub(gappy.Gaps[0].Start))

	markdown, _, _ := l.exitOf("report", "--descriptor", "deployed.json", "--window", "30m")
	assert.Contains(t, markdown, "**The 15-minute target was missed by 1 of 3 rules, and not proven for 1.**")
	assert.Contains(t, markdown, "at least 88.666 %")
	assert.Contains(t, markdown, "at least 83.333 %")
	assert.Contains(t, markdown, "No changes of alarms are known in this window.", "CloudWatch has answered, and nothing happened")

	page, _, _ := l.exitOf("report", "--descriptor", "deployed.json", "--window", "30m", "--format", "html")
	assert.Contains(t, page, "<svg")
	for _, load := range []string{"src=", "<link", "<script", "url(", "@import"} {
		assert.NotContains(t, page, load)
	}

	l.writeDescriptors([]replication.Descriptor{seededDescriptor("kept")})
	output, complaint, status = l.exitOf("report", "--descriptor", "deployed.json", "--window", "30m")
	assert.Equal(t, 0, status, "%s%s", output, complaint)
	_, _, status = l.exitOf("report", "--descriptor", "deployed.json", "--window", "3h")
	assert.Equal(t, 1, status, "two hours before the first data are a gap")

	assert.Contains(t, output, "the alarm seeded-latency in us-west-2 is gone")

	l.mustRun("crr", "local", "fault", "set", "region-down", "--region", "us-west-2", "--dir", l.local())
	output, _, status = l.exitOf("report", "--descriptor", "deployed.json", "--window", "30m")
	assert.Equal(t, 1, status)
	assert.Contains(t, output, "reading the metrics in us-west-2")
	assert.Contains(t, output, "not proven")
}

// seededDescriptor describes a deployment that has only metrics.
func seededDescriptor(rules ...string) replication.Descriptor {
	d := replication.Descriptor{
		Version: replication.DescriptorVersion, Name: "seeded",
		Source:       replication.DeployedBucket{Name: replication.SourceName, Bucket: "seeded-source", Region: "us-east-1", AccountID: "123456789012"},
		Destinations: []replication.DeployedBucket{{Name: "dr", Bucket: "seeded-dr", Region: "us-west-2", AccountID: "123456789012"}},
		Alarms:       []replication.Alarm{{Name: "seeded-latency", Region: "us-west-2", Metric: "ReplicationLatency", Rule: "kept"}},
	}
	for i, id := range rules {
		d.Rules = append(d.Rules, replication.Rule{
			ID: id, Priority: i + 1, Destination: "dr", Status: replication.Enabled, Metrics: true, ReplicationTimeControl: true,
		})
	}
	return d
}

// seedMetrics puts an hour of metrics for three rules: one meets the target, one is
// late for three minutes and loses four operations, and one has no data for five
// minutes. These are in the middle of every window of half an hour that ends about
// now.
func (l *lab) seedMetrics(t *testing.T) {
	t.Helper()
	now := time.Now().Truncate(time.Minute)
	var here, there []cwtypes.MetricDatum
	for minute := range 60 {
		at := now.Add(-time.Duration(minute) * time.Minute)
		latency, failed := map[string]float64{"kept": 5, "broken": 5, "gappy": 5}, 0.0
		switch {
		case minute >= 20 && minute < 23:
			latency["broken"] = 1000
		case minute == 15:
			failed = 4
		}
		if minute >= 15 && minute < 20 {
			delete(latency, "gappy")
		}
		for rule, seconds := range latency {
			there = append(there, cwtypes.MetricDatum{
				MetricName: aws.String("ReplicationLatency"), Timestamp: &at, Value: &seconds, Dimensions: dimensionsOf(rule),
			})
		}
		here = append(here, operations(at, "kept", 0), operations(at, "gappy", 0), operations(at, "broken", failed))
	}
	for region, data := range map[string][]cwtypes.MetricDatum{"us-east-1": here, "us-west-2": there} {
		_, err := l.in(region).cw.PutMetricData(t.Context(), &cloudwatch.PutMetricDataInput{Namespace: aws.String("AWS/S3"), MetricData: data})
		require.NoError(t, err, region)
	}
}

// operations returns ten operations, some of which failed.
func operations(at time.Time, rule string, failed float64) cwtypes.MetricDatum {
	datum := cwtypes.MetricDatum{
		MetricName: aws.String("OperationsFailedReplication"), Timestamp: &at, Dimensions: dimensionsOf(rule),
		Values: []float64{0}, Counts: []float64{10 - failed},
	}
	if failed > 0 {
		datum.Values, datum.Counts = append(datum.Values, 1), append(datum.Counts, failed)
	}
	return datum
}

// dimensionsOf returns the dimensions of a rule's metrics. moto does not always find
// metrics whose dimensions are in another order.
func dimensionsOf(rule string) []cwtypes.Dimension {
	return []cwtypes.Dimension{
		{Name: aws.String("SourceBucket"), Value: aws.String("seeded-source")},
		{Name: aws.String("DestinationBucket"), Value: aws.String("seeded-dr")},
		{Name: aws.String("RuleId"), Value: &rule},
	}
}
