package report

import (
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/alarms"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/failures"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/metrics"
	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
)

// limitSeconds is the limit of replication time control.
const limitSeconds = s3config.ReplicationTimeMinutes * 60

// Verdict on a rule, or on all rules.
type Verdict string

// The verdicts. Only Kept is good.
const (
	Kept Verdict = "kept"
	// Broken: replicas were later than 15 minutes, or objects failed.
	Broken Verdict = "broken"
	// NotShown: no failure is known, but data is missing.
	NotShown Verdict = "not shown"
	// Off: the rule was deployed disabled.
	Off Verdict = "disabled"
)

// Text returns the verdict for use in a table.
func (v Verdict) Text() string {
	switch v {
	case Kept:
		return "met"
	case Broken:
		return "missed"
	case NotShown:
		return "not proven"
	default:
		return string(v)
	}
}

// Report on deployments over a window.
type Report struct {
	Verdict   Verdict   `json:"verdict"`
	Generated time.Time `json:"generated"`
	// By is the ARN of the caller.
	By      string `json:"by"`
	Account string `json:"account"`
	// Window of the report, and the period of its data points.
	Window        metrics.Window `json:"window"`
	PeriodSeconds int            `json:"periodSeconds"`
	// LimitSeconds is the limit of replication time control.
	LimitSeconds int          `json:"limitSeconds"`
	Method       []string     `json:"method"`
	Limits       []string     `json:"limits"`
	Deployments  []Deployment `json:"deployments"`
}

// Deployment is the report on one deployment.
type Deployment struct {
	Name string `json:"name"`
	// DescriptorSHA256 is the digest of the descriptor as compact JSON.
	DescriptorSHA256 string   `json:"descriptorSha256"`
	Accounts         []string `json:"accounts"`
	Regions          []string `json:"regions"`
	Rules            []Rule   `json:"rules"`
	// Alarms are the changes of alarms.
	Alarms []alarms.Change `json:"alarms"`
	// AlarmGaps are times without an alarm.
	AlarmGaps []alarms.Gap `json:"alarmGaps"`
	// Evidence is evidence other than metrics.
	Evidence []Evidence `json:"evidence"`
	// Events of objects that failed or were late, if a queue receives them.
	Events []failures.Event `json:"events"`
	// Missing evidence is not judged: the verdict does not depend on it.
	Missing []string `json:"missing"`
}

// Evidence is one kind of evidence and its state.
type Evidence struct {
	// Kind is "trail", "alarm history" or "events".
	Kind  string        `json:"kind"`
	State EvidenceState `json:"state"`
	Text  string        `json:"text"`
}

// EvidenceState is the state of evidence.
type EvidenceState string

// The states. Evidence that is lost or can't be read never counts as ok.
const (
	Recorded EvidenceState = "recorded"
	Lost     EvidenceState = "not recorded"
	Unread   EvidenceState = "not known"
)

// Rule is the report on one rule from its source to its destination.
type Rule struct {
	ID          string `json:"rule"`
	Source      Place  `json:"source"`
	Destination Place  `json:"destination"`
	// TimeControl reports whether replication time control is enabled.
	TimeControl bool    `json:"replicationTimeControl"`
	Verdict     Verdict `json:"verdict"`
	// Share of the operations proven to have replicated within the limit; nil if there
	// were none.
	Share *float64 `json:"share"`
	// OperationsKnown reports whether the numbers of operations could be read.
	OperationsKnown bool `json:"operationsKnown"`
	// Operations that were finished, and of these: failed ones, those in periods with a
	// latency above the limit, and those in periods without a latency.
	Operations float64 `json:"operations"`
	Failed     float64 `json:"failedOperations"`
	InLate     float64 `json:"operationsInLatePeriods"`
	InGaps     float64 `json:"operationsInPeriodsWithoutData"`
	// Periods of the window, those with a latency, and those above the limit.
	Periods  int `json:"periods"`
	Measured int `json:"measuredPeriods"`
	Late     int `json:"latePeriods"`
	// WorstSeconds is the highest latency; nil if there is none.
	WorstSeconds *float64 `json:"worstSeconds"`
	// Exceptions are times with a latency above the limit or failed operations.
	Exceptions []Exception `json:"exceptions"`
	// Gaps are times without a latency.
	Gaps []metrics.Span `json:"gaps"`
	// Problems are errors of reading metrics.
	Problems []string `json:"problems"`

	reading metrics.Reading
}

// Exception is a time in which the target was missed.
type Exception struct {
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
	// WorstSeconds is the highest latency; 0 for failures.
	WorstSeconds float64 `json:"worstSeconds,omitempty"`
	// Failed operations; 0 for lateness.
	Failed float64 `json:"failedOperations,omitempty"`
}

// Place is a bucket.
type Place struct {
	Bucket  string `json:"bucket"`
	Region  string `json:"region"`
	Account string `json:"account"`
}

// Well reports whether the target is proven to be met, and all other evidence is
// recorded.
func (r Report) Well() bool { return (r.Verdict == Kept || r.Verdict == Off) && len(r.lacking()) == 0 }

// lacking returns the deployed evidence that is not recorded.
func (r Report) lacking() []Evidence {
	var all []Evidence
	for _, deployment := range r.Deployments {
		for _, each := range deployment.Evidence {
			if each.State != Recorded {
				all = append(all, each)
			}
		}
	}
	return all
}

// Known reports whether any metrics could be read.
func (r Report) Known() bool {
	for _, deployment := range r.Deployments {
		for _, rule := range deployment.Rules {
			if rule.reading.DestinationErr == nil || rule.reading.SourceErr == nil {
				return true
			}
		}
	}
	return false
}
