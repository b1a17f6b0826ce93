package status

import (
	"fmt"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/alarms"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/failures"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/metrics"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/words"
)

// Status of deployments at a time.
type Status struct {
	Time time.Time `json:"time"`
	// Window of the numbers.
	Window      metrics.Window `json:"window"`
	Deployments []Deployment   `json:"deployments"`
}

// Deployment is the status of one deployment.
type Deployment struct {
	Name   string         `json:"name"`
	Links  []Link         `json:"rules"`
	Alarms []alarms.Alarm `json:"alarms"`
	// Failures are the events in queues, newest first, without those of the canary.
	Failures []failures.Event `json:"failures"`
	// Heartbeats of the canary that failed; nil if none did.
	Heartbeats *Heartbeats `json:"failedHeartbeats,omitempty"`
	// Notes list data that could not be read, and alternatives.
	Notes []string `json:"notes,omitempty"`
}

// Link is the status of one rule from its source to its destination.
type Link struct {
	Rule        string `json:"rule"`
	Source      Place  `json:"source"`
	Destination Place  `json:"destination"`
	Judgement
	// SafeUntil is the time up to which the destination has everything.
	SafeUntil SafeUntil `json:"safeUntil"`
	// Data is the age of the newest data.
	Data Age `json:"data"`
	// ThresholdSeconds is the latency above which replicas are late.
	ThresholdSeconds float64 `json:"thresholdSeconds"`
	// LatencySeconds, and the backlog.
	LatencySeconds    Gauge `json:"latencySeconds"`
	PendingOperations Gauge `json:"pendingOperations"`
	PendingBytes      Gauge `json:"pendingBytes"`
	// Operations and failed operations in the window; nil if S3 published nothing.
	Operations *float64 `json:"operations"`
	Failed     *float64 `json:"failedOperations"`

	reading metrics.Reading
}

// done returns the numbers of failed and of all operations in the window. If S3
// published no operations but other metrics, there were none.
func (l Link) done() string {
	switch {
	case l.reading.SourceErr != nil:
		return "unknown"
	case l.Operations != nil && l.Failed != nil:
		return fmt.Sprintf("%s of %s", words.Count(*l.Failed), words.Count(*l.Operations))
	case l.LatencySeconds.Now == nil:
		return "no data"
	default:
		return "no operations"
	}
}

// Place is a bucket.
type Place struct {
	Name   string `json:"name"`
	Bucket string `json:"bucket"`
	Region string `json:"region"`
}

// Gauge is a metric that goes up and down; nil values mean no data.
type Gauge struct {
	Now *float64 `json:"now"`
	// At is the start of the step of Now.
	At  *time.Time `json:"at,omitempty"`
	Max *float64   `json:"max"`
}

func gaugeOf(series metrics.Series) Gauge {
	var gauge Gauge
	if at, value, found := series.Last(); found {
		gauge.Now, gauge.At = &value, &at
	}
	if highest, found := series.Max(); found {
		gauge.Max = &highest
	}
	return gauge
}

func sumOf(series metrics.Series) *float64 {
	if sum, found := series.Sum(); found {
		return &sum
	}
	return nil
}

// Well reports whether every rule replicates or was deployed disabled, and all
// alarms are ok.
func (s Status) Well() bool {
	for _, deployment := range s.Deployments {
		for _, link := range deployment.Links {
			if !link.Well {
				return false
			}
		}
		for _, alarm := range deployment.Alarms {
			if !deployment.alarmWell(alarm, s.Time) {
				return false
			}
		}
	}
	return true
}

// alarmWell reports whether an alarm is ok. S3 publishes nothing about a rule that
// was deployed disabled.
func (d Deployment) alarmWell(alarm alarms.Alarm, now time.Time) bool {
	for _, link := range d.Links {
		if link.Rule == alarm.Rule && link.State == Disabled && link.Well && alarm.State == alarms.NoData {
			return true
		}
	}
	return alarm.Well(now)
}

// Known reports whether any metrics could be read.
func (s Status) Known() bool {
	for _, deployment := range s.Deployments {
		for _, link := range deployment.Links {
			if link.reading.DestinationErr == nil || link.reading.SourceErr == nil {
				return true
			}
		}
	}
	return false
}
