package failures

import "github.com/crr-io/pulumi-aws-crr/internal/model"

// explain adds the cause and the fix of the reason.
func (e *Event) explain() {
	if e.Reason == "" {
		return
	}
	if known, err := model.FailureByID(e.Reason); err == nil {
		e.Cause, e.Fix = known.Cause, known.Fix
	}
}
