package model

import "github.com/crr-io/pulumi-aws-crr/pkg/policy"

// DeniedCall is a call that replication needs and that a known policy does not allow.
type DeniedCall struct {
	// Rule whose objects need it, and the destination bucket of the rule.
	Rule, Destination string
	// Action that is denied, and what it is denied on.
	Action string
	Target Target
	// Part of the bucket that it is denied for, as the policy or the rule names
	// it: "arn:aws:s3:::data/finance/*". Empty: it is denied for any object.
	Part string
	// Cause says which policy refuses it.
	Cause string
	// Reason says whether a Deny statement does, or on which side an Allow is
	// missing.
	Reason policy.Reason
	// Optional reports that only some objects need the call, or that replicas are made without
	// something, such as their tags.
	Optional bool
	// Failure is the reason that S3 gives. See [FailureByID].
	Failure string
}

// DeniedCalls returns the calls that the known policies deny to the role of a replication under any
// enabled rule: each action on each target once, for everything that a rule replicates and for the
// parts that policies name. Calls whose result depends on unknown condition keys are not included.
func DeniedCalls(subject Subject) []DeniedCall {
	subject.Facts = subject.Facts.indexed()
	l := &linter{Subject: &subject, groups: byDestination(subject.Configuration.Rules)}
	var all []DeniedCall
	for _, group := range l.groups {
		group.facts = subject.Facts.destination(group.bucket)
		seen := map[DeniedCall]bool{}
		l.eachDenied(group, func(c *candidate, denied []deniedCall) {
			for i := range denied {
				if denied[i].unknown() {
					continue
				}
				each := denied[i].exported()
				if !seen[each] {
					seen[each] = true
					each.Rule, each.Destination = c.ref.String(), group.bucket
					all = append(all, each)
				}
			}
		})
	}
	return all
}

func (r *deniedCall) exported() DeniedCall {
	return DeniedCall{
		Action: r.request.Action, Target: r.target.exported(), Part: r.part, Cause: r.cause(), Reason: r.decision.Reason,
		Optional: r.optional, Failure: r.failure,
	}
}

func (p callTarget) exported() Target {
	return [...]Target{onSource: SourceBucket, onDestination: DestinationBucket, onSourceKey: SourceKey, onReplicaKey: DestinationKey, onTrust: RoleTrust}[p]
}
