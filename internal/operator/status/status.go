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
	// Window that the numbers are of.
	Window      metrics.Window `json:"window"`
	Deployments []Deployment   `json:"deployments"`
}

// Deployment is the status of one.
type Deployment struct {
	Name   string         `json:"name"`
	Links  []Link         `json:"rules"`
	Alarms []alarms.Alarm `json:"alarms"`
	// Failures that queues keep, newest first, but for those of the canary.
	Failures []failures.Event `json:"failures"`
	// Heartbeats of the canary that failed; nil where none did.
	Heartbeats *Heartbeats `json:"failedHeartbeats,omitempty"`
	// Notes say what could not be looked at, and where else to look.
	Notes []string `json:"notes,omitempty"`
}

// Link is the status of one rule, from the bucket that has it to its
// destination.
type Link struct {
	Rule        string `json:"rule"`
	Source      Place  `json:"source"`
	Destination Place  `json:"destination"`
	Judgement
	// SafeUntil is the time up to which the destination has everything.
	SafeUntil SafeUntil `json:"safeUntil"`
	// Data is how old the newest numbers are.
	Data Age `json:"data"`
	// ThresholdSeconds after which replicas are late.
	ThresholdSeconds float64 `json:"thresholdSeconds"`
	// LatencySeconds, and what waits to be replicated.
	LatencySeconds    Gauge `json:"latencySeconds"`
	PendingOperations Gauge `json:"pendingOperations"`
	PendingBytes      Gauge `json:"pendingBytes"`
	// Operations in the window, and how many of them failed; nil where S3
	// published nothing.
	Operations *float64 `json:"operations"`
	Failed     *float64 `json:"failedOperations"`

	reading metrics.Reading
}

// done says how many operations there were in the window, and how many of them
// failed. That S3 published none means that there were none only where it
// published something else.
func (l Link) done() string {
	switch {
	case l.reading.SourceErr != nil:
		return "not known"
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

// Gauge is a number that goes up and down; nil where S3 published nothing.
type Gauge struct {
	Now *float64 `json:"now"`
	// At is when Now begins to hold.
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

// Well tells whether every rule replicates, or is disabled as it was meant to
// be, and no alarm says otherwise.
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

// alarmWell tells whether an alarm is well. S3 publishes nothing about a rule
// that is disabled as it was meant to be.
func (d Deployment) alarmWell(alarm alarms.Alarm, now time.Time) bool {
	for _, link := range d.Links {
		if link.Rule == alarm.Rule && link.State == Disabled && link.Well && alarm.State == alarms.NoData {
			return true
		}
	}
	return alarm.Well(now)
}

// Known tells whether any number could be asked for.
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
