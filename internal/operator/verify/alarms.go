package verify

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/alarms"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/live"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// station is CloudWatch of one account and region, with the deployment's alarms
// in it.
type station struct {
	at     replication.DeployedBucket // the bucket whose credentials are used
	cw     *cloudwatch.Client
	alarms []replication.Alarm
	// composites notify in place of their alarms.
	composites []replication.CompositeAlarm
	found      answer[alarmsFound]
	// window is the age up to which data counts.
	window time.Duration
}

// alarmsFound are the existing alarms, by name.
type alarmsFound struct {
	metric    map[string]cwtypes.MetricAlarm
	composite map[string]cwtypes.CompositeAlarm
}

// stations returns the accounts and regions with alarms, in the order of the alarms.
func stations(descriptor replication.Descriptor, sessions *live.Sessions) []*station {
	var all []*station
	in := func(alarm replication.Alarm) *station {
		at := alarms.Owner(descriptor, alarm)
		at.Region = alarm.Region
		known := slices.IndexFunc(all, func(s *station) bool { return s.at.Region == at.Region && s.at.AccountID == at.AccountID })
		if known < 0 {
			known = len(all)
			all = append(all, &station{at: at, cw: cloudwatch.NewFromConfig(sessions.In(at, alarm.Region)), window: windowOf(descriptor)})
		}
		return all[known]
	}
	for _, alarm := range descriptor.Alarms {
		s := in(alarm)
		s.alarms = append(s.alarms, alarm)
	}
	for _, composite := range descriptor.CompositeAlarms {
		s := in(replication.Alarm{Region: composite.Region, AccountID: composite.AccountID})
		s.composites = append(s.composites, composite)
	}
	return all
}

// alarmsAsked is the maximum number of alarms in a response of CloudWatch.
const alarmsAsked = 100

func (s *station) read(ctx context.Context) (alarmsFound, error) {
	var names []string
	for _, alarm := range s.alarms {
		names = append(names, alarm.Name)
	}
	for _, composite := range s.composites {
		names = append(names, composite.Name)
	}
	found := alarmsFound{metric: map[string]cwtypes.MetricAlarm{}, composite: map[string]cwtypes.CompositeAlarm{}}
	for some := range slices.Chunk(names, alarmsAsked) {
		page, err := s.cw.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{
			AlarmNames: some, AlarmTypes: cwtypes.AlarmType("").Values(), MaxRecords: aws.Int32(alarmsAsked),
		})
		if err != nil {
			return alarmsFound{}, err
		}
		for _, alarm := range page.MetricAlarms {
			found.metric[aws.ToString(alarm.AlarmName)] = alarm
		}
		for _, alarm := range page.CompositeAlarms {
			found.composite[aws.ToString(alarm.AlarmName)] = alarm
		}
	}
	return found, nil
}

// watched returns the metric that an alarm watches: its own metric, or for metric
// math the wanted one.
func watched(alarm cwtypes.MetricAlarm, wanted string) cwtypes.MetricStat {
	for _, query := range alarm.Metrics {
		if query.MetricStat != nil && query.MetricStat.Metric != nil && aws.ToString(query.MetricStat.Metric.MetricName) == wanted {
			return *query.MetricStat
		}
	}
	return cwtypes.MetricStat{
		Metric: &cwtypes.Metric{Namespace: alarm.Namespace, MetricName: alarm.MetricName, Dimensions: alarm.Dimensions},
		Stat:   aws.String(string(alarm.Statistic)),
		Period: alarm.Period,
	}
}

// inOrderOfS3 sorts dimensions in the order in which S3 publishes them:
// SourceBucket, DestinationBucket, RuleId. CloudWatch accepts any order, emulators
// do not.
func inOrderOfS3(a, b cwtypes.Dimension) int {
	order := []string{"SourceBucket", "DestinationBucket", "RuleId"}
	return slices.Index(order, aws.ToString(a.Name)) - slices.Index(order, aws.ToString(b.Name))
}

// metricWindow is the minimum window: S3 publishes every minute, and some metrics
// only while objects replicate.
const metricWindow = 3 * time.Hour

// windowOf returns a window that covers two runs of the canary.
func windowOf(descriptor replication.Descriptor) time.Duration {
	if descriptor.Canary == nil {
		return metricWindow
	}
	return max(metricWindow, 2*time.Duration(descriptor.Canary.EveryMinutes)*time.Minute)
}

// metricsAsked is the maximum number of metrics in a response of CloudWatch.
const metricsAsked = 500

// fed returns the names of the alarms whose metrics have data.
func (s *station) fed(ctx context.Context) (map[string]bool, error) {
	var queries []cwtypes.MetricDataQuery
	names := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(s.found.value.metric)) {
		wanted := s.alarms[slices.IndexFunc(s.alarms, func(a replication.Alarm) bool { return a.Name == name })]
		metric := watched(s.found.value.metric[name], wanted.Metric)
		metric.Metric.Dimensions = slices.SortedFunc(slices.Values(metric.Metric.Dimensions), inOrderOfS3)
		metric.Period = aws.Int32(60)
		id := fmt.Sprintf("m%d", len(names))
		names[id] = name
		queries = append(queries, cwtypes.MetricDataQuery{Id: &id, MetricStat: &metric})
	}
	fed := map[string]bool{}
	for some := range slices.Chunk(queries, metricsAsked) {
		results, err := s.metricData(ctx, some)
		if err != nil {
			return nil, err
		}
		for _, result := range results {
			if len(result.Values) > 0 {
				fed[names[aws.ToString(result.Id)]] = true
			}
		}
	}
	return fed, nil
}

func (s *station) metricData(ctx context.Context, queries []cwtypes.MetricDataQuery) ([]cwtypes.MetricDataResult, error) {
	pages := cloudwatch.NewGetMetricDataPaginator(s.cw, &cloudwatch.GetMetricDataInput{
		StartTime: aws.Time(time.Now().Add(-s.window)), EndTime: aws.Time(time.Now().Add(time.Minute)), MetricDataQueries: queries,
	})
	var results []cwtypes.MetricDataResult
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		results = append(results, page.MetricDataResults...)
	}
	return results, nil
}
