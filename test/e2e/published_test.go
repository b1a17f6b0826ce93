package e2e

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// validStatistics are the valid statistics of S3's replication metrics. CloudWatch
// also returns others, which are meaningless.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html
var validStatistics = map[string][]cwtypes.Statistic{
	"ReplicationLatency":           {cwtypes.StatisticMaximum},
	"BytesPendingReplication":      {cwtypes.StatisticMaximum},
	"OperationsPendingReplication": {cwtypes.StatisticMaximum},
	"OperationsFailedReplication":  {cwtypes.StatisticSum, cwtypes.StatisticAverage, cwtypes.StatisticSampleCount},
}

// unfed returns why an alarm gets no data, or no meaningful data, from the metrics
// that are published in its region and account. CloudWatch finds a metric only by
// exactly its dimensions.
func unfed(alarm cwtypes.MetricAlarm, published []cwtypes.Metric) string {
	name := aws.ToString(alarm.MetricName)
	wanted := dimensionSet(alarm.Dimensions)
	if !slices.ContainsFunc(published, func(metric cwtypes.Metric) bool {
		return aws.ToString(metric.Namespace) == aws.ToString(alarm.Namespace) && aws.ToString(metric.MetricName) == name &&
			maps.Equal(dimensionSet(metric.Dimensions), wanted)
	}) {
		return fmt.Sprintf("%s/%s is not published with exactly %v", aws.ToString(alarm.Namespace), name, wanted)
	}
	if !slices.Contains(validStatistics[name], alarm.Statistic) {
		return fmt.Sprintf("%s of %s is not valid; %v are", alarm.Statistic, name, validStatistics[name])
	}
	return ""
}

func dimensionSet(dimensions []cwtypes.Dimension) map[string]string {
	all := map[string]string{}
	for _, dimension := range dimensions {
		all[aws.ToString(dimension.Name)] = aws.ToString(dimension.Value)
	}
	return all
}

// alarmsWatch compares every alarm with the metrics that are published in its region
// and account, and checks that common mistakes are found.
func alarmsWatch(t *testing.T, l *lab, d replication.Descriptor) {
	t.Helper()
	for _, alarm := range d.Alarms {
		c := l.inAccount(alarm.AccountID, alarm.Region).cw
		found, err := c.DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{alarm.Name}})
		require.NoError(t, err)
		require.Len(t, found.MetricAlarms, 1, alarm.Name)
		watching := found.MetricAlarms[0]
		assert.InDelta(t, alarm.Threshold, aws.ToFloat64(watching.Threshold), 0, alarm.Name)
		require.EventuallyWithT(t, func(collect *assert.CollectT) {
			assert.Empty(collect, unfed(watching, publishedIn(t, c)), alarm.Name)
		}, time.Minute, time.Second)

		published := publishedIn(t, c)
		for mistake, with := range mistakes {
			assert.NotEmpty(t, unfed(with(watching), published), "%s: %s goes unnoticed", alarm.Name, mistake)
		}
		otherEnd := map[string]string{"us-east-1": "us-west-2", "us-west-2": "us-east-1"}[alarm.Region]
		assert.NotEmpty(t, unfed(watching, publishedIn(t, l.inAccount(alarm.AccountID, otherEnd).cw)), "%s: the other region goes unnoticed", alarm.Name)
	}
}

// mistakes are changes with which an alarm never goes off.
var mistakes = map[string]func(cwtypes.MetricAlarm) cwtypes.MetricAlarm{
	"the source bucket alone": func(a cwtypes.MetricAlarm) cwtypes.MetricAlarm {
		a.Dimensions = slices.DeleteFunc(slices.Clone(a.Dimensions), func(d cwtypes.Dimension) bool { return aws.ToString(d.Name) != "SourceBucket" })
		return a
	},
	"no rule": func(a cwtypes.MetricAlarm) cwtypes.MetricAlarm {
		a.Dimensions = slices.DeleteFunc(slices.Clone(a.Dimensions), func(d cwtypes.Dimension) bool { return aws.ToString(d.Name) == "RuleId" })
		return a
	},
	"no dimension": func(a cwtypes.MetricAlarm) cwtypes.MetricAlarm {
		a.Dimensions = nil
		return a
	},
	"another rule": func(a cwtypes.MetricAlarm) cwtypes.MetricAlarm {
		a.Dimensions = slices.Clone(a.Dimensions)
		for i := range a.Dimensions {
			if aws.ToString(a.Dimensions[i].Name) == "RuleId" {
				a.Dimensions[i].Value = aws.String("another")
			}
		}
		return a
	},
	"a metric that there is not": func(a cwtypes.MetricAlarm) cwtypes.MetricAlarm {
		a.MetricName = aws.String("NumberOfObjectsPendingReplication")
		return a
	},
	"another namespace": func(a cwtypes.MetricAlarm) cwtypes.MetricAlarm {
		a.Namespace = aws.String("AWS/S3/Replication")
		return a
	},
	"the smallest value": func(a cwtypes.MetricAlarm) cwtypes.MetricAlarm {
		a.Statistic = cwtypes.StatisticMinimum
		return a
	},
}

// publishedIn returns the metrics in an account and region.
func publishedIn(t *testing.T, c *cloudwatch.Client) []cwtypes.Metric {
	t.Helper()
	var all []cwtypes.Metric
	pages := cloudwatch.NewListMetricsPaginator(c, &cloudwatch.ListMetricsInput{Namespace: aws.String("AWS/S3")})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		require.NoError(t, err)
		all = append(all, page.Metrics...)
	}
	return all
}
