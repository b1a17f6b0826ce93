package alarms

import "time"

// State of an alarm, in a word.
type State string

// The states. Only OK is good.
const (
	OK      State = "ok"
	Raised  State = "alarm"
	NoData  State = "no data"
	Gone    State = "gone"    // there is no such alarm any more
	Unknown State = "unknown" // CloudWatch did not answer
	// In the history only, of alarms that were made, deleted or changed.
	Created State = "created"
	Deleted State = "deleted"
	Changed State = "changed"
)

// Alarm is an alarm and its state.
type Alarm struct {
	Name   string `json:"name"`
	Region string `json:"region"`
	Metric string `json:"metric"`
	Rule   string `json:"rule,omitempty"`
	State  State  `json:"state"`
	// Since when it is in this state; nil where that is not known.
	Since *time.Time `json:"since,omitempty"`
	// Reason that CloudWatch gives, or why nothing is known.
	Reason string `json:"reason,omitempty"`
	// Threshold in the metric's unit; nil where that is not known.
	Threshold *float64 `json:"threshold,omitempty"`
}

// blind is how long an alarm may have no data before it counts as unable to fire: S3
// publishes every minute, and the first data after 15 minutes.
const blind = time.Hour

// Well reports whether the alarm exists, is not in ALARM and can fire.
func (a Alarm) Well(now time.Time) bool {
	switch a.State {
	case OK:
		return true
	case NoData:
		return a.Since != nil && now.Sub(*a.Since) < blind
	default:
		return false
	}
}
