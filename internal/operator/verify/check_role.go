package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// checkRole judges the role that replicates from a place, and its trust.
func (l *checklist) checkRole(f *flow, deployed *setting) []*Check {
	about := "role"
	if f.from.Name != replication.SourceName {
		about = "role of " + f.from.Name
	}
	exists := l.check(about, "exists", nil, f.from.judgeRole)
	trust := l.check(about, "trust", []*Check{exists}, func() outcome { return f.from.judgeTrust(deployed) })
	return []*Check{exists, trust}
}

func (p *place) judgeRole() outcome {
	switch {
	case p.role.err != nil:
		return unanswered("reading the role "+p.roleARN, p.DeployedBucket, p.role.err)
	case p.role.value.missing:
		return wrong(fmt.Sprintf("there is no role %s", p.roleARN), p.restores(p.roleARN)).withFailure("AssumeRoleNotPermitted")
	}
	return outcome{}
}

func (p *place) judgeTrust(deployed *setting) outcome {
	if p.role.err != nil {
		return skip("the role could not be read")
	}
	violations := p.violations(replication.RoleTrust)
	var changed outcome
	if deployed != nil {
		changed = deployed.judge()
	}
	if len(violations) == 0 {
		return changed
	}
	first := violations[0] // whether S3 may assume the role is checked before all else
	if first.Check.Want == replication.Allowed {
		return wrong(fmt.Sprintf("S3 may not assume the role %s for %s: by its trust policy, sts:AssumeRole is %s", p.roleARN, p.url(), why(first.Decision)),
			"let s3.amazonaws.com assume the role, for aws:SourceAccount "+p.AccountID+"; "+p.restores(p.roleARN)).withFailure("AssumeRoleNotPermitted")
	}
	if changed.reason != "" {
		return changed
	}
	return amiss(fmt.Sprintf("by the trust policy of %s, %s may %s: it is %s", p.roleARN, first.Check.Caller, first.Check.Name, first.Decision),
		"let nobody but s3.amazonaws.com assume the role; "+p.restores(p.roleARN))
}

// checkPermissions judges every call that replication to a place makes.
func (l *checklist) checkPermissions(f *flow, to *place, needs []*Check) *Check {
	return l.check("permissions", f.from.Name+" -> "+to.Name, needs, func() outcome { return f.judgePermissions(to) })
}

func (f *flow) judgePermissions(to *place) outcome {
	if f.from.role.err != nil {
		return skip("the role could not be read")
	}
	if refusals := refusalsAt(to, f.live); len(refusals) > 0 {
		o := f.refused(refusals, to, "the role may not call %s on %s: %s")
		o.harmless = gravity(refusals[0]) > everything
		return o
	}
	if refusals := refusalsAt(to, withoutBucketPolicies(f.live)); len(refusals) > 0 {
		o := f.refused(refusals, to, "the role's own policies do not allow %s on %s, as they were deployed to, and only the bucket's policy still does: %s")
		o.harmless = true
		return o
	}
	return outcome{}
}

// refusalsAt are what the role is refused for replicas at a place, the gravest
// first.
func refusalsAt(to *place, subject replication.Subject) []replication.DeniedCall {
	refusals := slices.DeleteFunc(replication.DeniedCalls(subject), func(r replication.DeniedCall) bool { return r.Destination != to.Bucket })
	slices.SortStableFunc(refusals, func(a, b replication.DeniedCall) int { return gravity(a) - gravity(b) })
	return refusals
}

// What a refusal keeps from being replicated, the gravest first.
const (
	everything = iota
	someObjects
	details
)

func gravity(r replication.DeniedCall) int {
	switch {
	case r.Optional:
		return details
	case r.Part != "":
		return someObjects
	default:
		return everything
	}
}

// withoutBucketPolicies is a replication of which the role's policies must allow
// everything by themselves.
func withoutBucketPolicies(subject replication.Subject) replication.Subject {
	subject.Facts.Source.Policy = nil
	destinations := map[string]replication.BucketFacts{}
	for bucket, facts := range subject.Facts.Destinations {
		facts.Policy = nil
		destinations[bucket] = facts
	}
	subject.Facts.Destinations = destinations
	return subject
}

// refused tells the gravest refusal, and names the others.
func (f *flow) refused(refusals []replication.DeniedCall, to *place, format string) outcome {
	first := refusals[0]
	var others []string
	for _, other := range refusals[1:] {
		text := other.Action + " on " + f.target(other, to)
		if text != first.Action+" on "+f.target(first, to) && !slices.Contains(others, text) {
			others = append(others, text)
		}
	}
	text := fmt.Sprintf(format, first.Action, f.target(first, to), first.Cause)
	if len(others) > 0 {
		text += "; nor " + strings.Join(others, ", ")
	}
	return wrong(text, f.allow(first, to)).withFailure(first.Failure)
}

// target is what a refused call goes to, as people name it.
func (f *flow) target(r replication.DeniedCall, to *place) string {
	name := string(r.Target)
	switch r.Target {
	case replication.DestinationBucket:
		name = "the bucket of " + to.Name
	case replication.DestinationKey:
		name = "the key of " + to.Name
	}
	if r.Part != "" {
		return "a part of " + name
	}
	return name
}

// allow is how to let the role do what it is refused, in the policy that refuses
// it. Of two that have to allow it, the role's own come first.
func (f *flow) allow(r replication.DeniedCall, to *place) string {
	call := r.Action + " on " + f.target(r, to)
	r.Part = ""
	its := f.target(r, to)
	role, target := f.from.restores(f.from.roleARN), f.restoresTarget(r, to)
	switch r.Reason {
	case policy.ExplicitDeny:
		advice := "take the Deny away that hits the role, or except " + f.from.roleARN + " from it; "
		if role != target { // the Deny may be in either
			return advice + "`pulumi up --refresh` restores what the stack made, and leaves what it adopted as it is"
		}
		return advice + role
	case policy.ImplicitDenyBoundary:
		return "allow " + call + " in the permissions boundary of the role " + f.from.roleARN + "; " + role
	case policy.ImplicitDenyResource:
		if key := f.keyOf(r, to); key != "" {
			return fmt.Sprintf("let the role %s call %s in the policy of the key %s, or let IAM policies decide there, "+
				"as the default key policy does; %s", f.from.roleARN, r.Action, key, target)
		}
		return fmt.Sprintf("let the role %s call %s in the policy of %s (`crr policy` prints it); %s", f.from.roleARN, r.Action, its, target)
	}
	text := "allow " + call + " in the policies of the role " + f.from.roleARN
	if to.AccountID != f.from.AccountID && (r.Target == replication.DestinationBucket || r.Target == replication.DestinationKey) {
		text += " and in the policy of " + its
	}
	return text + " (`crr policy` prints it); " + role
}

// restoresTarget is how to get back the policy of what a refused call goes to.
func (f *flow) restoresTarget(r replication.DeniedCall, to *place) string {
	switch r.Target {
	case replication.SourceBucket:
		return f.from.restores(f.from.ARN)
	case replication.SourceKey:
		return f.from.restores(f.keyOf(r, to))
	case replication.DestinationBucket:
		return to.restores(to.ARN)
	case replication.DestinationKey:
		return to.restores(f.keyOf(r, to))
	default:
		return f.from.restores(f.from.roleARN)
	}
}

// keyOf is the key that a refused call goes to, and "" where it goes to a bucket.
func (f *flow) keyOf(r replication.DeniedCall, to *place) string {
	switch r.Target {
	case replication.SourceKey:
		return f.from.KMSKeyARN
	case replication.DestinationKey:
		return to.KMSKeyARN
	default:
		return ""
	}
}
