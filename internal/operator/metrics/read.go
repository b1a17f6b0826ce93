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
	// queriesPerCall is how many series CloudWatch gives at once.
	queriesPerCall = 500
	// patience is how long one answer may take.
	patience = 30 * time.Second
	// s3Namespace is where S3 publishes its metrics.
	s3Namespace = "AWS/S3"
)

// Reading is what S3 published about one link.
type Reading struct {
	Link
	// Latency in seconds, and what waits: the maximum of each step, from the
	// destination's region.
	Latency, PendingOperations, PendingBytes Series
	// Operations that were finished in each step, and those of them that failed,
	// from the source's region. Where nothing was replicated S3 publishes neither,
	// and a gap is no loss.
	Operations, Failed Series
	// HeartbeatAge in seconds of the newest heartbeat at the destination: the maximum
	// of each step. All gap where the deployment has no canary.
	HeartbeatAge Series
	// DestinationErr and SourceErr say why a region could not be asked.
	DestinationErr, SourceErr error
}

// Client asks CloudWatch in a region, with the rights that reach a bucket.
type Client func(place replication.DeployedBucket, region string) cloudwatch.GetMetricDataAPIClient

// From makes clients of sessions.
func From(sessions *live.Sessions) Client {
	return func(place replication.DeployedBucket, region string) cloudwatch.GetMetricDataAPIClient {
		return cloudwatch.NewFromConfig(sessions.In(place, region))
	}
}

// Read reads the metrics of links. What can't be read is told in the readings:
// one region that does not answer must not hide the others.
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

// wanted is a series to be read, and where it goes.
type wanted struct {
	link              Link
	region            string
	namespace         string
	metric, statistic string
	into              Series
	problem           *error
}

// regionKey is what is asked at once: a region, with the same rights.
type regionKey struct{ region, account, role string }

func (w wanted) key() regionKey {
	return regionKey{w.region, w.link.From.AccountID, w.link.From.AssumeRoleARN}
}

// wanted are the series of a reading. S3 publishes failures in the source's
// region and the rest in the destination's, all in the source's account.
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
			return fmt.Errorf("CloudWatch gives %s for %s", result.StatusCode, aws.ToString(result.Label))
		}
		index, err := strconv.Atoi(strings.TrimPrefix(aws.ToString(result.Id), "m"))
		if err != nil || index < 0 || index >= len(batch) {
			return fmt.Errorf("CloudWatch answers what was not asked: %q", aws.ToString(result.Id))
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
