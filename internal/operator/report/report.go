package report

import (
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/alarms"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/failures"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/metrics"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// limitSeconds is what replication time control promises.
const limitSeconds = replication.ReplicationTimeMinutes * 60

// Verdict on a rule, or on all.
type Verdict string

// The verdicts. Only Kept is good.
const (
	Kept Verdict = "kept"
	// Broken: replicas were later than 15 minutes, or objects failed.
	Broken Verdict = "broken"
	// NotShown: nothing bad is known, but data are missing.
	NotShown Verdict = "not shown"
	// Off: the rule was deployed disabled, and promises nothing.
	Off Verdict = "disabled"
)

// Report on deployments over a window.
type Report struct {
	Verdict   Verdict   `json:"verdict"`
	Generated time.Time `json:"generated"`
	// By whom: the caller, and the account.
	By      string `json:"by"`
	Account string `json:"account"`
	// Window that is reported on, and the period of its data points.
	Window        metrics.Window `json:"window"`
	PeriodSeconds int            `json:"periodSeconds"`
	// LimitSeconds is what replication time control promises.
	LimitSeconds int          `json:"limitSeconds"`
	Method       []string     `json:"method"`
	Limits       []string     `json:"limits"`
	Deployments  []Deployment `json:"deployments"`
}

// Deployment is the report on one.
type Deployment struct {
	Name string `json:"name"`
	// DescriptorSHA256 of the descriptor, as JSON without blanks: which deployment
	// was looked at.
	DescriptorSHA256 string   `json:"descriptorSha256"`
	Accounts         []string `json:"accounts"`
	Regions          []string `json:"regions"`
	Rules            []Rule   `json:"rules"`
	// Alarms that were raised, and what else became of them.
	Alarms []alarms.Change `json:"alarms"`
	// AlarmGaps are times in which there was no alarm.
	AlarmGaps []alarms.Gap `json:"alarmGaps"`
	// Evidence is what the deployment keeps besides the metrics, and whether it does.
	Evidence []Evidence `json:"evidence"`
	// Events of objects that failed or were late, where a queue keeps them.
	Events []failures.Event `json:"events"`
	// Missing evidence, which the verdict does not need: it is not judged.
	Missing []string `json:"missing"`
}

// Evidence is one kind of evidence, and whether it is there.
type Evidence struct {
	// Kind is "trail", "alarm history" or "events".
	Kind  string        `json:"kind"`
	State EvidenceState `json:"state"`
	Text  string        `json:"text"`
}

// EvidenceState says whether evidence is there.
type EvidenceState string

// The states. Evidence that is lost or can't be read is never taken to be good.
const (
	Recorded EvidenceState = "recorded"
	Lost     EvidenceState = "not recorded"
	Unread   EvidenceState = "not known"
)

// Rule is the report on one rule, from the bucket that has it to its
// destination.
type Rule struct {
	ID          string `json:"rule"`
	Source      Place  `json:"source"`
	Destination Place  `json:"destination"`
	// TimeControl tells whether S3 promised anything.
	TimeControl bool    `json:"replicationTimeControl"`
	Verdict     Verdict `json:"verdict"`
	// Share of the operations that are shown to have replicated within the limit;
	// nil where there were none.
	Share *float64 `json:"share"`
	// OperationsKnown tells whether the source's region could be asked for what
	// follows.
	OperationsKnown bool `json:"operationsKnown"`
	// Operations that were finished, and of them those that failed, those in
	// periods with a latency above the limit, and those in periods without a
	// latency.
	Operations float64 `json:"operations"`
	Failed     float64 `json:"failedOperations"`
	InLate     float64 `json:"operationsInLatePeriods"`
	InGaps     float64 `json:"operationsInPeriodsWithoutData"`
	// Periods of the window, those with a latency, and those of them above the
	// limit.
	Periods  int `json:"periods"`
	Measured int `json:"measuredPeriods"`
	Late     int `json:"latePeriods"`
	// WorstSeconds is the highest latency; nil where there is none.
	WorstSeconds *float64 `json:"worstSeconds"`
	// Exceptions are when the latency was above the limit or operations failed.
	Exceptions []Exception `json:"exceptions"`
	// Gaps are when there was no latency.
	Gaps []metrics.Span `json:"gaps"`
	// Problems are regions that could not be asked.
	Problems []string `json:"problems"`

	reading metrics.Reading
}

// Exception is a time in which the promise was not kept.
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

// Well tells whether no promise was broken, that this is shown, and that the other
// evidence is there.
func (r Report) Well() bool { return (r.Verdict == Kept || r.Verdict == Off) && len(r.lacking()) == 0 }

// lacking is the evidence that was deployed and is not there.
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

// Known tells whether any number could be asked for.
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
