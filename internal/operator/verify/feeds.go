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

// The waits between two looks at CloudWatch, which grow: S3 publishes once a
// minute, and every look costs.
const firstMetricsWait, longestMetricsWait = time.Second, 15 * time.Second

// planFeeds plans, for each alarm, whether its metric has data.
func (d *deployment) planFeeds() {
	d.feeds = map[string]*Check{}
	for _, s := range d.stations {
		for _, alarm := range s.alarms {
			d.feeds[alarm.Name], _ = d.list.later("alarm data", alarm.Name, []*Check{d.alarms[alarm.Name]})
		}
	}
}

// checkFeeds looks whether the alarms have data. After the probes have made S3
// publish some, it waits for it; before the first replica there may be none.
func (d *deployment) checkFeeds(ctx, trying context.Context, tried bool) {
	for _, s := range d.stations {
		d.checkStation(ctx, trying, s, tried)
	}
}

// checkStation looks at least once, whatever time the probes have left.
func (d *deployment) checkStation(ctx, trying context.Context, s *station, tried bool) {
	if s.found.err != nil {
		return // as the alarms say
	}
	d.progress.plan(1)
	what := d.descriptor.Name + ", metrics in " + s.at.Region
	defer d.progress.end(what, "done")
	began := time.Now()
	for wait := firstMetricsWait; ; wait = min(wait*7/5, longestMetricsWait) {
		asking, cancel := context.WithTimeout(ctx, callPatience)
		fed, err := s.fed(asking)
		cancel()
		if err != nil {
			d.settleFeeds(s, unanswered("reading the metrics in "+s.at.Region, s.at, err))
			return
		}
		waiting := false
		for _, alarm := range s.alarms {
			check := d.feeds[alarm.Name]
			switch {
			case check.root != nil:
			case fed[alarm.Name]:
				check.settle(outcome{})
			case alarm.Metric == heartbeat.MetricName:
				check.settle(s.silentCanary(alarm))
			case tried && d.moved(s, alarm):
				waiting = true
				check.settle(missing(s, alarm, time.Since(began)))
			default:
				check.settle(d.silent(s, alarm, tried))
			}
		}
		if !waiting {
			return
		}
		d.progress.at(what, "waiting for S3 to publish")
		if !pause(trying, wait) {
			return
		}
	}
}

// silent is the outcome for an alarm whose metric has no data, where nothing was
// replicated under its rule.
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
	return unknown(text+"verify has replicated nothing under its rule: whether the alarm can fire is not known",
		"write an object that the rule replicates, and run `crr verify` again after 15 minutes")
}

func missing(s *station, alarm replication.Alarm, waited time.Duration) outcome {
	return amiss(fmt.Sprintf("CloudWatch in %s has no %s for the alarm %s, %s after objects were replicated: the alarm cannot fire",
		s.at.Region, alarm.Metric, alarm.Name, waited.Round(time.Second)),
		"S3 can take 15 minutes to publish the first data under a new rule: run `crr verify` again; then look at the rule's Metrics")
}

// silentCanary judges a canary that has published nothing. CloudWatch takes that
// for a breach once it should have run; no probe makes it run earlier.
func (s *station) silentCanary(alarm replication.Alarm) outcome {
	is := s.found.value.metric[alarm.Name]
	silence := fmt.Sprintf("the canary has published no %s in %s in the last %s", alarm.Metric, s.at.Region, span(s.window))
	if is.StateValue == cwtypes.StateValueAlarm {
		return amiss(silence+": it does not run, or finds no heartbeat", "look at the log of its Lambda function in the source's region; the alarm's description links to the runbook")
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

// moved tells whether a probe was replicated under the rule that an alarm
// watches.
func (d *deployment) moved(s *station, alarm replication.Alarm) bool {
	dimensions := map[string]string{}
	for _, dimension := range watched(s.found.value.metric[alarm.Name], alarm.Metric).Metric.Dimensions {
		dimensions[aws.ToString(dimension.Name)] = aws.ToString(dimension.Value)
	}
	for _, p := range d.probes {
		for _, t := range p.targets {
			if t.check.Status == Pass && t.decision.Metrics && p.flow.from.Bucket == dimensions["SourceBucket"] &&
				t.to.Bucket == dimensions["DestinationBucket"] && t.decision.Rule.ID == dimensions["RuleId"] {
				return true
			}
		}
	}
	return false
}
