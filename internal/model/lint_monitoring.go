package model

import (
	"slices"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/heartbeat"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// metricFacts is how S3 publishes a replication metric.
type metricFacts struct {
	atSource   bool
	statistics []string
}

// replicationMetrics are all that there are.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html
var replicationMetrics = map[string]metricFacts{
	replication.FailedOperations:   {true, []string{"Sum", "Average", "SampleCount"}},
	"ReplicationLatency":           {false, []string{"Maximum"}},
	"BytesPendingReplication":      {false, []string{"Maximum"}},
	"OperationsPendingReplication": {false, []string{"Maximum"}},
}

// metricDimensions are those that every replication metric has. CloudWatch
// finds a metric only by all of its dimensions.
var metricDimensions = []string{"DestinationBucket", "RuleId", "SourceBucket"}

func (l *linter) lintMetrics(c *candidate) {
	if c.rule.HasMetrics() {
		return
	}
	if l.Monitoring != nil && l.Monitoring.Requested {
		l.about(c, "metrics-off-with-alarms")
	} else {
		l.about(c, "metrics-off")
	}
}

// lintAlarms reports alarms that cannot fire or notify no one.
func (l *linter) lintAlarms() {
	if l.Monitoring == nil {
		return
	}
	for _, alarm := range l.Monitoring.Alarms {
		l.lintAlarm(alarm)
	}
	watched := slices.ContainsFunc(l.Monitoring.Alarms, func(a AlarmFacts) bool { return a.Metric == replication.FailedOperations })
	if !watched {
		l.overall("no-alarm-on-failures", "monitoring")
	}
	if len(l.Monitoring.Alarms) > 0 && l.Monitoring.Notifies == No {
		l.overall("alarms-notify-nobody", "monitoring")
	}
}

func (l *linter) lintAlarm(alarm AlarmFacts) {
	if alarm.Metric == heartbeat.MetricName {
		return // the canary publishes it, in the region of each destination
	}
	metric, known := replicationMetrics[alarm.Metric]
	if !known {
		l.overall("alarm-unknown-metric", "monitoring", alarm.Name, alarm.Metric)
		return
	}
	if !l.publishes(alarm) {
		l.overall("alarm-wrong-region", "monitoring", alarm.Name, alarm.Region, alarm.Metric, strings.Join(l.regionsOf(metric), ", "))
	}
	if alarm.Statistic != "" && !slices.Contains(metric.statistics, alarm.Statistic) {
		l.overall("alarm-statistic", "monitoring", alarm.Name, alarm.Statistic, alarm.Metric)
	}
	if alarm.Dimensions == nil {
		return
	}
	if found := slices.Sorted(slices.Values(alarm.Dimensions)); !slices.Equal(found, metricDimensions) {
		l.overall("alarm-dimensions", "monitoring", alarm.Name, alarm.Metric, strings.Join(found, ", "))
	}
}

// publishes reports whether S3 may publish the metric of an alarm in the alarm's region.
func (s *Subject) publishes(alarm AlarmFacts) bool {
	regions := s.regionsOf(replicationMetrics[alarm.Metric])
	return alarm.Region == "" || len(regions) == 0 || slices.Contains(regions, alarm.Region)
}

// regionsOf a metric are those where S3 publishes it; none, where that is not
// known of every bucket.
func (s *Subject) regionsOf(metric metricFacts) []string {
	if metric.atSource {
		if s.Facts.Source.Region == "" {
			return nil
		}
		return []string{s.Facts.Source.Region}
	}
	var regions []string
	for i := range s.Configuration.Rules {
		region := s.Facts.Destinations[bucketOfARN(s.Configuration.Rules[i].Destination.Bucket)].Region
		if region == "" {
			return nil
		}
		if !slices.Contains(regions, region) {
			regions = append(regions, region)
		}
	}
	return regions
}
