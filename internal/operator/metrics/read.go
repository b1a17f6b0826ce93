package metrics

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/crr-io/pulumi-aws-crr/internal/heartbeat"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/live"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

const (
	// queriesPerCall is CloudWatch's limit of series per call.
	queriesPerCall = 500
	// patience is the timeout of one call.
	patience = 30 * time.Second
	// s3Namespace is the namespace of S3's metrics.
	s3Namespace = "AWS/S3"
)

// Reading has the metrics of one link.
type Reading struct {
	Link
	// Latency in seconds and the backlog: the maximum of each step, from the
	// destination's region.
	Latency, PendingOperations, PendingBytes Series
	// Operations finished in each step, and those that failed, from the source's
	// region. S3 publishes neither if nothing was replicated.
	Operations, Failed Series
	// HeartbeatAge is the age in seconds of the newest heartbeat at the destination: the
	// maximum of each step. It has no data without a canary.
	HeartbeatAge Series
	// DestinationErr and SourceErr are the errors of reading metrics in a region.
	DestinationErr, SourceErr error
}

// Client returns a CloudWatch client for a region, with the credentials of a bucket.
type Client func(place replication.DeployedBucket, region string) cloudwatch.GetMetricDataAPIClient

// From returns a Client that uses sessions.
func From(sessions *live.Sessions) Client {
	return func(place replication.DeployedBucket, region string) cloudwatch.GetMetricDataAPIClient {
		return cloudwatch.NewFromConfig(sessions.In(place, region))
	}
}

// Read reads the metrics of links. Errors are part of the readings, so that one
// region that does not answer does not hide the others.
func Read(ctx context.Context, client Client, links []Link, window Window) []Reading {
	readings := make([]Reading, len(links))
	regions := map[regionKey][]wanted{}
	for i, link := range links {
		r := &readings[i]
		r.Link = link
		for _, series := range r.wanted(window) {
			regions[series.key()] = append(regions[series.key()], series)
		}
	}
	var group sync.WaitGroup
	for _, series := range regions {
		group.Go(func() { readRegion(ctx, client, series, window) })
	}
	group.Wait()
	return readings
}

// wanted is a series to read and its destination.
type wanted struct {
	link              Link
	region            string
	namespace         string
	metric, statistic string
	into              Series
	problem           *error
}

// regionKey identifies the series that are read together: those of a region and of
// the same credentials.
type regionKey struct{ region, account, role string }

func (w wanted) key() regionKey {
	return regionKey{w.region, w.link.From.AccountID, w.link.From.AssumeRoleARN}
}

// wanted returns the series of a reading. S3 publishes failures in the source's
// region and other metrics in the destination's, all in the source's account.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/repl-metrics.html
func (r *Reading) wanted(window Window) []wanted {
	var all []wanted
	want := func(region, namespace, metric, statistic string, into *Series, problem *error) {
		*into = NewSeries(window)
		all = append(all, wanted{r.Link, region, namespace, metric, statistic, *into, problem})
	}
	want(r.To.Region, s3Namespace, "ReplicationLatency", "Maximum", &r.Latency, &r.DestinationErr)
	want(r.To.Region, s3Namespace, "OperationsPendingReplication", "Maximum", &r.PendingOperations, &r.DestinationErr)
	want(r.To.Region, s3Namespace, "BytesPendingReplication", "Maximum", &r.PendingBytes, &r.DestinationErr)
	want(r.From.Region, s3Namespace, "OperationsFailedReplication", "SampleCount", &r.Operations, &r.SourceErr)
	want(r.From.Region, s3Namespace, "OperationsFailedReplication", "Sum", &r.Failed, &r.SourceErr)
	r.HeartbeatAge = NewSeries(window)
	if r.Canary {
		want(r.To.Region, heartbeat.Namespace, heartbeat.MetricName, "Maximum", &r.HeartbeatAge, &r.DestinationErr)
	}
	return all
}

func readRegion(ctx context.Context, client Client, series []wanted, window Window) {
	first := series[0]
	api := client(first.link.From, first.region)
	for batch := range slices.Chunk(series, queriesPerCall) {
		err := readBatch(ctx, api, batch, window)
		if err == nil {
			continue
		}
		place := first.link.From
		place.Region = first.region
		for _, each := range batch {
			*each.problem = live.Failed("reading the metrics in "+first.region, place, err)
		}
	}
}

func readBatch(ctx context.Context, api cloudwatch.GetMetricDataAPIClient, batch []wanted, window Window) error {
	queries := make([]types.MetricDataQuery, len(batch))
	for i, each := range batch {
		queries[i] = each.query(i, window.Period)
	}
	pages := cloudwatch.NewGetMetricDataPaginator(api, &cloudwatch.GetMetricDataInput{
		StartTime: &window.Start, EndTime: &window.End, MetricDataQueries: queries, ScanBy: types.ScanByTimestampAscending,
	})
	for pages.HasMorePages() {
		if err := readPage(ctx, pages, batch); err != nil {
			return err
		}
	}
	return nil
}

func readPage(ctx context.Context, pages *cloudwatch.GetMetricDataPaginator, batch []wanted) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	page, err := pages.NextPage(ctx)
	if err != nil {
		return err
	}
	for _, result := range page.MetricDataResults {
		if result.StatusCode == types.StatusCodeInternalError || result.StatusCode == types.StatusCodeForbidden {
			return fmt.Errorf("CloudWatch returned %s for %s", result.StatusCode, aws.ToString(result.Label))
		}
		index, err := strconv.Atoi(strings.TrimPrefix(aws.ToString(result.Id), "m"))
		if err != nil || index < 0 || index >= len(batch) {
			return fmt.Errorf("CloudWatch returned an unexpected metric: %q", aws.ToString(result.Id))
		}
		for i, at := range result.Timestamps {
			batch[index].into.Set(at, result.Values[i])
		}
	}
	return nil
}

func (w wanted) query(i int, period time.Duration) types.MetricDataQuery {
	dimension := func(name, value string) types.Dimension { return types.Dimension{Name: &name, Value: &value} }
	return types.MetricDataQuery{
		Id: aws.String("m" + strconv.Itoa(i)),
		MetricStat: &types.MetricStat{
			Period: aws.Int32(int32(period.Seconds())), Stat: &w.statistic,
			Metric: &types.Metric{Namespace: &w.namespace, MetricName: &w.metric, Dimensions: []types.Dimension{
				dimension("SourceBucket", w.link.From.Bucket),
				dimension("DestinationBucket", w.link.To.Bucket),
				dimension("RuleId", w.link.Rule.ID),
			}},
		},
	}
}
