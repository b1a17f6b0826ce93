package verify

import "time"

// Status of a check.
type Status string

// The statuses. An unknown result is a failure: see [Check.Unknown].
const (
	Pass    Status = "pass"
	Fail    Status = "fail"
	Skipped Status = "skipped"
)

// Check is one check of a deployment. A check is skipped if a flag disables it, its
// resource was not deployed, or it depends on a failed check. Skipped checks don't
// fail a report.
type Check struct {
	Replication string `json:"replication"`
	// About is the subject: "source", "dr", "role", "probes source -> dr".
	About string `json:"about"`
	// Name of the check: "versioning". With About and Replication it is unique and
	// stable.
	Name   string `json:"name"`
	Status Status `json:"status"`
	// Unknown is set if the check failed because its result is unknown.
	Unknown bool `json:"noAnswer,omitempty"`
	// Reason is the cause if the check did not pass.
	Reason string `json:"reason,omitempty"`
	// Fix is what to do.
	Fix string `json:"fix,omitempty"`
	// Failure is S3's failure reason for the objects affected.
	Failure string `json:"failure,omitempty"`
	// See links to the AWS documentation.
	See string `json:"see,omitempty"`
	// Seconds is the duration, for probes.
	Seconds float64 `json:"seconds,omitempty"`

	blocks bool   // dependent checks can't be judged
	root   *Check // the failed check that caused this one to be skipped
}

// Report has all checks. Checks come before the ones that depend on them.
type Report struct {
	Started time.Time `json:"started"`
	Seconds float64   `json:"seconds"`
	Passed  int       `json:"passed"`
	Failed  int       `json:"failed"`
	// Unknown is the number of failed checks whose result is unknown.
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
			if check.Unknown {
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

// The verdicts.
const (
	OK Verdict = iota
	Failed
	Unknown
)

// Verdict returns the worst result of the checks. Failures take precedence over
// unknown results.
func (r *Report) Verdict() Verdict {
	verdict := OK
	for _, check := range r.Checks {
		switch {
		case check.Status != Fail:
		case !check.Unknown:
			return Failed
		default:
			verdict = Unknown
		}
	}
	return verdict
}
