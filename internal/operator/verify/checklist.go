package verify

import (
	"fmt"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/live"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// outcome is what a check finds. Its zero value is a pass.
type outcome struct {
	reason, fix, failure, see string
	skipped, noAnswer         bool
	// harmless tells that other checks make sense all the same.
	harmless bool
	seconds  float64
}

// wrong is a finding that other checks cannot make sense with.
func wrong(reason, fix string) outcome { return outcome{reason: reason, fix: fix} }

// amiss is a finding that leaves other checks alone.
func amiss(reason, fix string) outcome { return outcome{reason: reason, fix: fix, harmless: true} }

// skip is the outcome of a check that is not made: a flag switches it off, or what it
// is about was not deployed. What should be judged and can't be is [unknown].
func skip(reason string) outcome { return outcome{reason: reason, skipped: true, harmless: true} }

// unknown is the outcome of a check that could not be judged. It is never a pass.
func unknown(reason, fix string) outcome {
	return outcome{reason: reason, fix: fix, noAnswer: true, harmless: true}
}

// withFailure says what S3 says of the objects that fail because of it.
func (o outcome) withFailure(id string) outcome {
	if known, err := replication.FailureByID(id); err == nil {
		o.failure, o.see = known.ID, known.See
	}
	return o
}

// unanswered is the outcome of a check that AWS did not answer, or refused to.
func unanswered(doing string, at replication.DeployedBucket, err error) outcome {
	return unknown(fmt.Sprintf("%s: %s", doing, live.Brief(err)), live.Advice(at, err))
}

// checklist is the checks of one replication.
type checklist struct {
	replication string
	checks      []*Check
}

// check judges, unless what it needs does not hold: then it is skipped, and says
// what it is that does not hold.
func (l *checklist) check(about, name string, needs []*Check, judge func() outcome) *Check {
	check, open := l.later(about, name, needs)
	if open {
		check.settle(judge())
	}
	return check
}

// later is a check that is settled later, unless what it needs does not hold.
// Until then it has no answer.
func (l *checklist) later(about, name string, needs []*Check) (check *Check, open bool) {
	check = &Check{Replication: l.replication, About: about, Name: name}
	l.checks = append(l.checks, check)
	for _, needed := range needs {
		if needed.blocks {
			check.skipBecauseOf(needed)
			return check, false
		}
	}
	check.settle(unknown("there was no time for it", "give more with --timeout"))
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
	c.Reason, c.Fix, c.Failure, c.See, c.NoAnswer, c.Seconds = o.reason, o.fix, o.failure, o.see, o.noAnswer, o.seconds
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
