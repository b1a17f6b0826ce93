package failures

import "github.com/crr-io/pulumi-aws-crr/pkg/replication"

// explain adds what a reason means, and what to do.
func (e *Event) explain() {
	if e.Reason == "" {
		return
	}
	if known, err := replication.FailureByID(e.Reason); err == nil {
		e.Cause, e.Fix = known.Cause, known.Fix
	}
}
