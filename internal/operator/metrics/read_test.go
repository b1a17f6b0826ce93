package metrics

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// regions answer as CloudWatch does where there is more than one page: first
// with the values of even minutes, then with the others. The local AWS never
// has two pages.
type regions struct {
	mu    sync.Mutex
	asked map[string][]types.MetricDataQuery
	down  string
	codes map[string]types.StatusCode // by region
}

type region struct {
	*regions
	name string
}

func (r *regions) client(_ replication.DeployedBucket, name string) cloudwatch.GetMetricDataAPIClient {
	return region{r, name}
}

func (r region) GetMetricData(_ context.Context, in *cloudwatch.GetMetricDataInput, _ ...func(*cloudwatch.Options)) (*cloudwatch.GetMetricDataOutput, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.name == r.down {
		return nil, errors.New("connection refused")
	}
	if in.NextToken == nil {
		r.asked[r.name] = append(r.asked[r.name], in.MetricDataQueries...)
	}
	odd := 0
	out := &cloudwatch.GetMetricDataOutput{NextToken: aws.String("more")}
	if in.NextToken != nil {
		odd, out.NextToken = 1, nil
	}
	for _, query := range in.MetricDataQueries {
		result := types.MetricDataResult{Id: query.Id, Label: query.MetricStat.Metric.MetricName, StatusCode: r.codes[r.name]}
		for minute := odd; minute < 8; minute += 2 {
			result.Timestamps = append(result.Timestamps, in.StartTime.Add(time.Duration(minute)*time.Minute))
			result.Values = append(result.Values, float64(minute))
		}
		out.MetricDataResults = append(out.MetricDataResults, result)
	}
	return out, nil
}

func manyLinks(n int) []Link {
	links := make([]Link, n)
	for i := range links {
		links[i] = Link{
			Rule: replication.Rule{ID: fmt.Sprint("rule-", i)},
			From: replication.DeployedBucket{Name: "source", Bucket: "src", Region: "us-east-1"},
			To:   replication.DeployedBucket{Name: "dr", Bucket: "dst", Region: "us-west-2"},
		}
	}
	return links
}

func someRegions() *regions {
	return &regions{asked: map[string][]types.MetricDataQuery{}, codes: map[string]types.StatusCode{}}
}

func TestRead_JoinsPagesAndLeavesGaps(t *testing.T) {
	t.Parallel()
	readings := Read(t.Context(), someRegions().client, manyLinks(400), tenMinutes(nil).Window)
	require.Len(t, readings, 400)
	for _, each := range []*Reading{&readings[0], &readings[399]} {
		assert.NoError(t, errors.Join(each.SourceErr, each.DestinationErr))
		for _, series := range []Series{each.Latency, each.PendingOperations, each.PendingBytes, each.Operations, each.Failed} {
			assert.Equal(t, 8, series.Measured(), "both pages")
			assert.Equal(t, []Span{{Start: at(12, 8), End: at(12, 10)}}, series.Gaps())
			value, _ := series.Value(7)
			assert.InDelta(t, 7.0, value, 0, "each value is at its time")
		}
	}
}

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html
func TestRead_AsksEachRegionForWhatS3PublishesThere(t *testing.T) {
	t.Parallel()
	all := someRegions()
	Read(t.Context(), all.client, manyLinks(1), tenMinutes(nil).Window)
	asked := map[string][]string{}
	for name, queries := range all.asked {
		for _, query := range queries {
			asked[name] = append(asked[name], *query.MetricStat.Metric.MetricName+" "+*query.MetricStat.Stat)
			assert.Equal(t, "AWS/S3", *query.MetricStat.Metric.Namespace)
			assert.Equal(t, int32(60), *query.MetricStat.Period)
			dimensions := map[string]string{}
			for _, dimension := range query.MetricStat.Metric.Dimensions {
				dimensions[*dimension.Name] = *dimension.Value
			}
			assert.Equal(t, map[string]string{"SourceBucket": "src", "DestinationBucket": "dst", "RuleId": "rule-0"}, dimensions)
		}
	}
	assert.Equal(t, map[string][]string{
		"us-east-1": {"OperationsFailedReplication SampleCount", "OperationsFailedReplication Sum"},
		"us-west-2": {"ReplicationLatency Maximum", "OperationsPendingReplication Maximum", "BytesPendingReplication Maximum"},
	}, asked)
}

func TestRead_TellsWhichRegionDidNotAnswer(t *testing.T) {
	t.Parallel()
	all := someRegions()
	all.down = "us-west-2"
	reading := Read(t.Context(), all.client, manyLinks(1), tenMinutes(nil).Window)[0]
	assert.ErrorContains(t, reading.DestinationErr, "reading the metrics in us-west-2")
	assert.NoError(t, reading.SourceErr)
	assert.Zero(t, reading.Latency.Measured())
	assert.Equal(t, 8, reading.Failed.Measured(), "what the other region says is not lost")
}

func TestRead_TakesNoAnswerThatCloudWatchDoubts(t *testing.T) {
	t.Parallel()
	all := someRegions()
	all.codes["us-east-1"] = types.StatusCodeInternalError
	reading := Read(t.Context(), all.client, manyLinks(1), tenMinutes(nil).Window)[0]
	assert.ErrorContains(t, reading.SourceErr, "InternalError for OperationsFailedReplication")
	assert.NoError(t, reading.DestinationErr)
}
