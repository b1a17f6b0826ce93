package status

import (
	"fmt"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/alarms"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/failures"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/metrics"
	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// failuresShown is the number of last failures shown.
const failuresShown = 10

// deployment returns the status of a deployment.
func (f facts) deployment(window metrics.Window, now time.Time) Deployment {
	d := Deployment{Name: f.descriptor.Name, Links: []Link{}, Alarms: f.alarms}
	for i := range f.readings {
		d.Links = append(d.Links, f.link(&f.readings[i], window, now))
	}
	d.Failures, d.Heartbeats = apart(failuresIn(f.found.Events, window))
	d.Notes = append(d.Notes, f.found.Notes...)
	if more := len(d.Failures) - failuresShown; more > 0 {
		d.Failures = d.Failures[:failuresShown]
		d.Notes = append(d.Notes, fmt.Sprintf("the queue has %d more failures of this window", more))
	}
	if !f.found.Kept && d.fails() {
		d.Notes = append(d.Notes, "no queue receives S3's failure events, so their reasons are unknown; "+
			"failed objects have the status FAILED (`aws s3api head-object`), and `crr verify` finds the cause")
	}
	return d
}

func (d Deployment) fails() bool {
	for _, link := range d.Links {
		if link.State == Failing {
			return true
		}
	}
	return false
}

func (f facts) link(r *metrics.Reading, window metrics.Window, now time.Time) Link {
	threshold := f.threshold(r.Rule)
	rule := f.rules[r.From.Name].rule(r.Rule.ID)
	judgement := judge(r, rule, failuresIn(f.found.Events, window), threshold, now)
	return Link{
		Rule: r.Rule.ID, Source: placeOf(r.From), Destination: placeOf(r.To),
		Judgement: judgement, SafeUntil: safeUntil(r, rule, now), Data: ageOf(r, now),
		ThresholdSeconds: threshold, LatencySeconds: gaugeOf(r.Latency),
		PendingOperations: gaugeOf(r.PendingOperations), PendingBytes: gaugeOf(r.PendingBytes),
		Operations: sumOf(r.Operations), Failed: sumOf(r.Failed), reading: *r,
	}
}

// threshold returns the latency above which replicas are late: the threshold of the
// rule's alarm, or else the limit of replication time control.
func (f facts) threshold(rule replication.Rule) float64 {
	for _, alarm := range f.alarms {
		if alarm.Rule == rule.ID && alarm.Metric == "ReplicationLatency" && alarm.Threshold != nil {
			return *alarm.Threshold
		}
	}
	return s3config.ReplicationTimeMinutes * 60
}

func placeOf(place replication.DeployedBucket) Place {
	return Place{Name: place.Name, Bucket: place.Bucket, Region: place.Region}
}

func failuresIn(events []failures.Event, window metrics.Window) []failures.Event {
	failed := []failures.Event{}
	for _, event := range events {
		if event.Name == failures.OperationFailed && !event.Time.Before(window.Start) {
			failed = append(failed, event)
		}
	}
	return failed
}

// notOK returns the alarms that are not OK.
func (d Deployment) notOK() []alarms.Alarm {
	var found []alarms.Alarm
	for _, alarm := range d.Alarms {
		if alarm.State != alarms.OK {
			found = append(found, alarm)
		}
	}
	return found
}
