package verify

import "time"

// Status of a check.
type Status string

// The statuses. What could not be found out is a failure: see [Check.NoAnswer].
const (
	Pass    Status = "pass"
	Fail    Status = "fail"
	Skipped Status = "skipped"
)

// Check is one thing that must hold of a deployment. Skipped checks are those that a
// flag switches off, that are about what was not deployed, or that rest on one that
// failed; with those alone, a deployment is well.
type Check struct {
	Replication string `json:"replication"`
	// About is what was checked: "source", "dr", "role", "probes source -> dr".
	About string `json:"about"`
	// Name of the check: "versioning". With About and Replication it is unique
	// and stable.
	Name   string `json:"name"`
	Status Status `json:"status"`
	// NoAnswer tells of a failure that AWS did not say how it is, or would not.
	NoAnswer bool `json:"noAnswer,omitempty"`
	// Reason says what was found where the check did not pass.
	Reason string `json:"reason,omitempty"`
	// Fix says what to do.
	Fix string `json:"fix,omitempty"`
	// Failure is the reason that S3 gives for objects that fail because of it.
	Failure string `json:"failure,omitempty"`
	// See is the page of the AWS documentation.
	See string `json:"see,omitempty"`
	// Seconds that it took, where that says something.
	Seconds float64 `json:"seconds,omitempty"`

	blocks bool   // what needs this check cannot be judged
	root   *Check // for a check that was skipped because of another one
}

// Report is what was found, in the order in which one should look at it: what
// others rest on comes first.
type Report struct {
	Started time.Time `json:"started"`
	Seconds float64   `json:"seconds"`
	Passed  int       `json:"passed"`
	Failed  int       `json:"failed"`
	// Unknown are those of the failed that have no answer.
	Unknown int      `json:"unknown"`
	Skipped int      `json:"skipped"`
	Checks  []*Check `json:"checks"`
}

func (r *Report) add(checks []*Check) {
	for _, check := range checks {
		switch check.Status {
		case Pass:
			r.Passed++
		case Fail:
			r.Failed++
			if check.NoAnswer {
				r.Unknown++
			}
		default:
			r.Skipped++
		}
		r.Checks = append(r.Checks, check)
	}
}

// Verdict of a report.
type Verdict int

// The verdicts: all is well, something is not, or nobody can tell.
const (
	Well Verdict = iota
	NotWell
	NoAnswer
)

// Verdict is the worst of the checks. One that found something wrong weighs
// more than one that found nothing out.
func (r *Report) Verdict() Verdict {
	verdict := Well
	for _, check := range r.Checks {
		switch {
		case check.Status != Fail:
		case !check.NoAnswer:
			return NotWell
		default:
			verdict = NoAnswer
		}
	}
	return verdict
}
