package verify

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/crr-io/pulumi-aws-crr/internal/heartbeat"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/words"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// The growing waits between two reads of CloudWatch: S3 publishes once a minute, and
// every read costs.
const firstMetricsWait, longestMetricsWait = time.Second, 15 * time.Second

// planFeeds adds, for each alarm, a check that its metric has data.
func (d *deployment) planFeeds() {
	d.feeds = map[string]*Check{}
	for _, s := range d.stations {
		for _, alarm := range s.alarms {
			d.feeds[alarm.Name], _ = d.list.later("alarm data", alarm.Name, []*Check{d.alarms[alarm.Name]})
		}
	}
}

// publishes is how long S3 may take to publish the first data of a new rule, and
// lateness how much later than the others it may publish one metric of a rule. It may
// also never publish the data of a minute.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/repl-metrics.html
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html
const publishes, lateness = 15 * time.Minute, 5 * time.Minute

// measuredRule identifies the rule of a metric.
type measuredRule struct{ source, destination, rule string }

// lateFeed is an alarm whose metric has no data, though a probe was replicated.
type lateFeed struct {
	station *station
	alarm   replication.Alarm
	rule    measuredRule
}

// checkFeeds checks that the metrics of the alarms have data. After probes were
// replicated, it waits for S3 to publish; before that there may be no data. began is
// the time of the first probe, or zero. It reads at least once, even if no time is
// left.
func (d *deployment) checkFeeds(ctx, trying context.Context, began time.Time) {
	d.progress.plan(1)
	what := d.descriptor.Name + ", metrics"
	defer d.progress.end(what, "done")
	published := map[measuredRule]time.Time{} // time of the first data of a rule
	open := d.stations
	for wait := firstMetricsWait; ; wait = min(wait*7/5, longestMetricsWait) {
		var late []lateFeed
		var waiting []*station
		for _, s := range open {
			found := d.checkStation(ctx, s, !began.IsZero(), published)
			if len(found) > 0 {
				late, waiting = append(late, found...), append(waiting, s)
			}
		}
		open = waiting
		more := slices.ContainsFunc(late, func(feed lateFeed) bool {
			since, known := published[feed.rule]
			return !known || time.Since(since) < lateness
		})
		if more {
			d.progress.at(what, "waiting for S3 to publish")
		}
		if !more || !pause(trying, wait) {
			for _, feed := range late {
				_, others := published[feed.rule]
				d.feeds[feed.alarm.Name].settle(feed.missing(time.Since(began), others))
			}
			return
		}
	}
}

// checkStation reads once whether the alarms of a station have data, records the
// rules with published metrics, and returns the alarms still without data.
func (d *deployment) checkStation(ctx context.Context, s *station, tried bool, published map[measuredRule]time.Time) []lateFeed {
	if s.found.err != nil {
		return nil // reported by the alarm checks
	}
	asking, cancel := context.WithTimeout(ctx, callPatience)
	defer cancel()
	fed, err := s.fed(asking)
	if err != nil {
		d.settleFeeds(s, unanswered("reading the metrics in "+s.at.Region, s.at, err))
		return nil
	}
	var late []lateFeed
	for _, alarm := range s.alarms {
		check, rule := d.feeds[alarm.Name], s.measures(alarm)
		switch {
		case check.root != nil:
		case fed[alarm.Name]:
			check.settle(outcome{})
			if _, known := published[rule]; !known && alarm.Metric != heartbeat.MetricName {
				published[rule] = time.Now()
			}
		case alarm.Metric == heartbeat.MetricName:
			check.settle(s.silentCanary(alarm))
		case tried && d.moved(rule):
			late = append(late, lateFeed{s, alarm, rule})
		default:
			check.settle(d.silent(s, alarm, tried))
		}
	}
	return late
}

// silent returns the outcome for an alarm without data if nothing was replicated by
// its rule.
func (d *deployment) silent(s *station, alarm replication.Alarm, tried bool) outcome {
	text := fmt.Sprintf("S3 has published no %s in the last %s, and ", alarm.Metric, span(s.window))
	disabled := slices.ContainsFunc(d.descriptor.Rules, func(rule replication.Rule) bool {
		return rule.ID == alarm.Rule && rule.Status == replication.Disabled
	})
	switch {
	case disabled:
		return skip(text + "its rule is disabled, as it was deployed")
	case !tried:
		return skip(text + "nothing was replicated, because of --no-write")
	}
	return unknown(text+"verify has replicated nothing by its rule: it is unknown whether the alarm can fire",
		"write an object that the rule replicates, and run `crr verify` again after 15 minutes")
}

// missing judges a metric without data after objects were replicated. Others is set
// if other metrics of its rule have data.
func (f lateFeed) missing(waited time.Duration, others bool) outcome {
	silence := fmt.Sprintf("CloudWatch in %s has no %s for the alarm %s, %s after objects were replicated",
		f.station.at.Region, f.alarm.Metric, f.alarm.Name, waited.Round(time.Second))
	switch {
	case others:
		return unknown(silence+", but has other metrics of its rule: S3 may publish data minutes late or never, so it is unknown whether the alarm can fire",
			"run `crr verify` again, which makes S3 publish more data")
	case waited < publishes:
		return unknown(silence+": S3 can take 15 minutes to publish the first data of a new rule, so it is unknown whether the alarm can fire",
			"run `crr verify` again in 15 minutes")
	default:
		return failsAlone(silence+": the alarm cannot fire", "check the rule's Metrics, and run `crr verify` again")
	}
}

// silentCanary judges a canary that has published nothing. CloudWatch treats that as
// a breach once it should have run; no probe makes it run earlier.
func (s *station) silentCanary(alarm replication.Alarm) outcome {
	is := s.found.value.metric[alarm.Name]
	silence := fmt.Sprintf("the canary has published no %s in %s in the last %s", alarm.Metric, s.at.Region, span(s.window))
	if is.StateValue == cwtypes.StateValueAlarm {
		return failsAlone(silence+": it does not run, or finds no heartbeat", "read the log of its Lambda function in the source's region; the alarm's description links to the runbook")
	}
	return unknown(silence+", and runs every "+words.Seconds(float64(aws.ToInt32(is.Period))), "run `crr verify` again after the canary has run")
}

func span(d time.Duration) string { return fmt.Sprintf("%d hours", int(d.Hours())) }

func (d *deployment) settleFeeds(s *station, o outcome) {
	for _, alarm := range s.alarms {
		if check := d.feeds[alarm.Name]; check.root == nil {
			check.settle(o)
		}
	}
}

// measures returns the rule that an alarm watches.
func (s *station) measures(alarm replication.Alarm) measuredRule {
	var rule measuredRule
	for _, dimension := range watched(s.found.value.metric[alarm.Name], alarm.Metric).Metric.Dimensions {
		switch value := aws.ToString(dimension.Value); aws.ToString(dimension.Name) {
		case "SourceBucket":
			rule.source = value
		case "DestinationBucket":
			rule.destination = value
		case "RuleId":
			rule.rule = value
		}
	}
	return rule
}

// moved reports whether a probe was replicated by a rule.
func (d *deployment) moved(under measuredRule) bool {
	for _, p := range d.probes {
		for _, t := range p.targets {
			if t.check.Status == Pass && t.decision.Metrics && under == (measuredRule{p.flow.from.Bucket, t.to.Bucket, t.decision.Rule.ID}) {
				return true
			}
		}
	}
	return false
}
