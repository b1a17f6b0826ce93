package verify

import (
	"fmt"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/live"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// outcome is the result of a check. Its zero value is a pass.
type outcome struct {
	reason, fix, failure, see string
	skipped, noAnswer         bool
	// harmless is set if dependent checks can still be made.
	harmless bool
	seconds  float64
}

// fails returns a failure that blocks dependent checks.
func fails(reason, fix string) outcome { return outcome{reason: reason, fix: fix} }

// failsAlone returns a failure that does not block dependent checks.
func failsAlone(reason, fix string) outcome { return outcome{reason: reason, fix: fix, harmless: true} }

// skip returns the outcome of a check that is not made because a flag disables it or
// its resource was not deployed. If a check can't be judged, use [unknown].
func skip(reason string) outcome { return outcome{reason: reason, skipped: true, harmless: true} }

// unknown returns the outcome of a check that could not be judged. It is never a
// pass.
func unknown(reason, fix string) outcome {
	return outcome{reason: reason, fix: fix, noAnswer: true, harmless: true}
}

// withFailure adds the failure reason that S3 reports for objects.
func (o outcome) withFailure(id string) outcome {
	if known, err := model.FailureByID(id); err == nil {
		o.failure, o.see = known.ID, known.See
	}
	return o
}

// unanswered returns the outcome of a check whose call failed.
func unanswered(doing string, at replication.DeployedBucket, err error) outcome {
	return unknown(fmt.Sprintf("%s: %s", doing, live.Brief(err)), live.Advice(at, err))
}

// checklist is the checks of one replication.
type checklist struct {
	replication string
	checks      []*Check
}

// check adds a check and judges it. If a needed check failed, the new one is
// skipped.
func (l *checklist) check(about, name string, needs []*Check, judge func() outcome) *Check {
	check, open := l.later(about, name, needs)
	if open {
		check.settle(judge())
	}
	return check
}

// later adds a check that is settled later. If a needed check failed, the new one is
// skipped and open is false. Until it is settled, it is unknown.
func (l *checklist) later(about, name string, needs []*Check) (check *Check, open bool) {
	check = &Check{Replication: l.replication, About: about, Name: name}
	l.checks = append(l.checks, check)
	for _, needed := range needs {
		if needed.blocks {
			check.skipBecauseOf(needed)
			return check, false
		}
	}
	check.settle(unknown("the time ran out", "increase --timeout"))
	return check, true
}

func (c *Check) skipBecauseOf(needed *Check) {
	c.Status, c.blocks, c.root = Skipped, true, needed
	if needed.root != nil {
		c.root = needed.root
	}
	c.Reason = "because of " + c.root.title()
}

func (c *Check) settle(o outcome) {
	c.Reason, c.Fix, c.Failure, c.See, c.Unknown, c.Seconds = o.reason, o.fix, o.failure, o.see, o.noAnswer, o.seconds
	switch {
	case o.skipped:
		c.Status = Skipped
	case o.reason == "":
		c.Status = Pass
	default:
		c.Status = Fail
	}
	c.blocks = c.Status != Pass && !o.harmless
}

func (c *Check) title() string { return c.About + ", " + c.Name }
