package dashboard

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/crr-io/pulumi-aws-crr/internal/heartbeat"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

const (
	// livePeriod and storagePeriod are in seconds: S3 publishes replication
	// metrics each minute, of which a graph of hours shows five at once, and how
	// much a bucket holds once a day.
	livePeriod    = 300
	storagePeriod = 86400
	costPeriod    = 3600

	s3 = "AWS/S3"
)

// replicationMetric is one of S3's replication metrics, or the canary's, which
// has the same dimensions.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html#s3-cloudwatch-replication-metrics
type replicationMetric struct {
	namespace, name, statistic, title, unit string
	// atSource is set if S3 publishes it in the source's region, not the destination's.
	atSource bool
	period   int
}

var (
	latency           = replicationMetric{namespace: s3, name: "ReplicationLatency", statistic: "Maximum", title: "Replication latency", unit: "seconds", period: livePeriod}
	operationsPending = replicationMetric{namespace: s3, name: "OperationsPendingReplication", statistic: "Maximum", title: "Operations pending", unit: "operations", period: livePeriod}
	bytesPending      = replicationMetric{namespace: s3, name: "BytesPendingReplication", statistic: "Maximum", title: "Bytes pending", unit: "bytes", period: livePeriod}
	operationsFailed  = replicationMetric{namespace: s3, name: "OperationsFailedReplication", statistic: "Sum", title: "Operations failed", unit: "operations", atSource: true, period: livePeriod}
	// operationsDone counts what failed and what did not: each sample of the
	// metric is one operation.
	operationsDone = replicationMetric{namespace: s3, name: "OperationsFailedReplication", statistic: "SampleCount", title: "Operations replicated, an hour", unit: "operations", atSource: true, period: costPeriod}
	// heartbeatAge is the canary's: how old the newest object at the destination is
	// that was written to find out.
	heartbeatAge = replicationMetric{namespace: heartbeat.Namespace, name: heartbeat.MetricName, statistic: "Maximum", title: "Age of the newest heartbeat at the destination", unit: "seconds", period: livePeriod}
)

// link is a pair of buckets, and some of the rules that replicate from one to the
// other.
type link struct {
	source, destination replication.DeployedBucket
	rules               []replication.Rule
	alarms              []replication.Alarm
}

// links are the pairs of a deployment of which S3 publishes anything: what has
// neither metrics nor an enabled rule would always be an empty graph.
func links(d replication.Descriptor) []link {
	return linksOf(d, func(rule replication.Rule) bool { return rule.Metrics && rule.Status == replication.Enabled })
}

// heartbeatLinks are the pairs that a canary watches.
func heartbeatLinks(d replication.Descriptor) []link {
	return linksOf(d, func(rule replication.Rule) bool {
		return rule.Status == replication.Enabled && slices.ContainsFunc(d.Alarms, func(alarm replication.Alarm) bool {
			return alarm.Rule == rule.ID && alarm.Metric == heartbeat.MetricName
		})
	})
}

func linksOf(d replication.Descriptor, shown func(replication.Rule) bool) []link {
	places := map[string]replication.DeployedBucket{replication.SourceName: d.Source}
	for _, place := range d.Destinations {
		places[place.Name] = place
	}
	var found []link
	for _, rule := range d.Rules {
		if !shown(rule) {
			continue
		}
		pair := link{source: places[rule.From()], destination: places[rule.Destination], alarms: d.Alarms}
		at := slices.IndexFunc(found, func(l link) bool {
			return l.source.Name == pair.source.Name && l.destination.Name == pair.destination.Name
		})
		if at < 0 {
			at, found = len(found), append(found, pair)
		}
		found[at].rules = append(found[at].rules, rule)
	}
	return found
}

// place returns the account and region of the metric. AWS does not document which of
// two accounts that is: it is the source's, unless the alarms of the rules are in
// another account.
func (m replicationMetric) place(l link) (region, account string) {
	region = l.destination.Region
	if m.atSource {
		region = l.source.Region
	}
	var accounts []string
	for _, alarm := range l.alarms {
		if alarm.Region == region && m.publishedLike(alarm.Metric) && l.has(alarm.Rule) && !slices.Contains(accounts, alarm.AccountID) {
			accounts = append(accounts, alarm.AccountID)
		}
	}
	if len(accounts) != 1 || accounts[0] == "" { // the rules of both directions may have the same ids
		return region, l.source.AccountID
	}
	return region, accounts[0]
}

// publishedLike reports whether the metric is published where another one is.
func (m replicationMetric) publishedLike(other string) bool {
	if m.name == heartbeat.MetricName || other == heartbeat.MetricName {
		return m.name == other
	}
	return m.atSource == (other == operationsFailed.name)
}

func (l link) has(rule string) bool {
	return slices.ContainsFunc(l.rules, func(r replication.Rule) bool { return r.ID == rule })
}

// graph draws the metric for all rules of some links, and the thresholds of the
// alarms on it.
func (m replicationMetric) graph(d replication.Descriptor, some []link, home string) Properties {
	properties := Properties{Title: m.title, YAxis: &YAxis{Left: Axis{Label: m.unit}}, Annotations: m.thresholds(d, some)}
	rules := 0
	for _, l := range some {
		rules += len(l.rules)
	}
	for _, l := range some {
		if rules > maxLinesOfAGraph {
			properties.Metrics = append(properties.Metrics, m.highest(l, max(1, maxLinesOfAGraph/len(some)), home))
			continue
		}
		for _, rule := range l.rules {
			properties.Metrics = append(properties.Metrics, m.of(l, rule, home))
		}
	}
	return properties
}

// of is the metric of one rule, with all the dimensions that S3 publishes it
// with: CloudWatch finds it by nothing less.
func (m replicationMetric) of(l link, rule replication.Rule, home string) Metric {
	return Metric{
		Namespace: m.namespace, Name: m.name,
		Dimensions: []Dimension{{"SourceBucket", l.source.Bucket}, {"DestinationBucket", l.destination.Bucket}, {"RuleId", rule.ID}},
		Options:    m.options(l, home, Options{Label: l.label(rule.ID), Stat: m.statistic, Period: m.period}),
	}
}

// highest is the metric of those rules of a link for which it is highest.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html
func (m replicationMetric) highest(l link, count int, home string) Metric {
	expression := fmt.Sprintf(`SORT(SEARCH('{%s,DestinationBucket,RuleId,SourceBucket} MetricName="%s" SourceBucket="%s" DestinationBucket="%s"', '%s', %d), MAX, DESC, %d)`,
		m.namespace, m.name, l.source.Bucket, l.destination.Bucket, m.statistic, m.period, count)
	return Metric{Options: m.options(l, home, Options{Expression: expression, Label: l.label("${PROP('Dim.RuleId')}")})}
}

func (m replicationMetric) options(l link, home string, options Options) Options {
	region, account := m.place(l)
	options.Region, options.AccountID = region, foreign(account, home)
	return options
}

// label distinguishes the rules of a two-way pair, which may have the same ids.
func (l link) label(rule string) string {
	if l.source.Name == replication.SourceName {
		return rule
	}
	return rule + " (from " + l.source.Name + ")"
}

// foreign is the account, unless it is the dashboard's own. CloudWatch needs no
// sharing between accounts for what names none.
func foreign(account, home string) string {
	if account == home {
		return ""
	}
	return account
}

// thresholds are those of the alarms on the metric, lowest first. One at zero is
// left out: it would hide under the axis.
func (m replicationMetric) thresholds(d replication.Descriptor, some []link) *Annotations {
	var lines []Line
	for _, alarm := range d.Alarms {
		shown := slices.ContainsFunc(some, func(l link) bool { return l.has(alarm.Rule) })
		line := Line{Label: fmt.Sprintf("alarm above %d %s", alarm.Threshold, m.unit), Value: float64(alarm.Threshold), Color: "#d13212", Fill: "above"}
		if alarm.Metric == m.name && shown && alarm.Threshold > 0 && !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 || m.statistic == "SampleCount" {
		return nil
	}
	slices.SortFunc(lines, func(a, b Line) int { return cmp.Compare(a.Value, b.Value) })
	for i := range lines[1:] {
		lines[i+1].Fill = "" // the lowest shades all that is above it
	}
	return &Annotations{Horizontal: lines}
}
