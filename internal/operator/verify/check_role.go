package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// checkRole checks the role that replicates from a bucket, and its trust policy.
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
		return fails(fmt.Sprintf("the role %s does not exist", p.roleARN), p.restores(p.roleARN)).withFailure("AssumeRoleNotPermitted")
	}
	return outcome{}
}

func (p *place) judgeTrust(deployed *setting) outcome {
	if p.role.err != nil {
		return skip("the role could not be read")
	}
	violations := p.violations(model.RoleTrust)
	var changed outcome
	if deployed != nil {
		changed = deployed.judge()
	}
	if len(violations) == 0 {
		return changed
	}
	first := violations[0] // whether S3 may assume the role is checked before all else
	if first.Check.Want == model.Allowed {
		return fails(fmt.Sprintf("S3 may not assume the role %s for %s: sts:AssumeRole is %s by its trust policy", p.roleARN, p.url(), why(first.Decision)),
			"let s3.amazonaws.com assume the role, for aws:SourceAccount "+p.AccountID+"; "+p.restores(p.roleARN)).withFailure("AssumeRoleNotPermitted")
	}
	if changed.reason != "" {
		return changed
	}
	return failsAlone(fmt.Sprintf("by the trust policy of %s, %s may %s: it is %s", p.roleARN, first.Check.Caller, first.Check.Name, first.Decision),
		"let only s3.amazonaws.com assume the role; "+p.restores(p.roleARN))
}

// checkPermissions checks every call of replication to a bucket.
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
		o := f.refused(refusals, to, "the role's own policies no longer allow %s on %s, only the bucket policy does: %s")
		o.harmless = true
		return o
	}
	return outcome{}
}

// refusalsAt returns the calls on a destination that the role is denied, the most
// severe first.
func refusalsAt(to *place, subject model.Subject) []model.DeniedCall {
	refusals := slices.DeleteFunc(model.DeniedCalls(subject), func(r model.DeniedCall) bool { return r.Destination != to.Bucket })
	slices.SortStableFunc(refusals, func(a, b model.DeniedCall) int { return gravity(a) - gravity(b) })
	return refusals
}

// The effects of a denied call, the most severe first.
const (
	everything = iota
	someObjects
	details
)

func gravity(r model.DeniedCall) int {
	switch {
	case r.Optional:
		return details
	case r.Part != "":
		return someObjects
	default:
		return everything
	}
}

// withoutBucketPolicies returns the subject without bucket policies, so that the
// role's policies must allow every call.
func withoutBucketPolicies(subject model.Subject) model.Subject {
	subject.Facts.Source.Policy = nil
	destinations := map[string]model.BucketFacts{}
	for bucket, facts := range subject.Facts.Destinations {
		facts.Policy = nil
		destinations[bucket] = facts
	}
	subject.Facts.Destinations = destinations
	return subject
}

// refused reports the most severe denied call, and names the others.
func (f *flow) refused(refusals []model.DeniedCall, to *place, format string) outcome {
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
		text += "; also denied: " + strings.Join(others, ", ")
	}
	return fails(text, f.allow(first, to)).withFailure(first.Failure)
}

// target names the resource of a denied call.
func (f *flow) target(r model.DeniedCall, to *place) string {
	name := string(r.Target)
	switch r.Target {
	case model.DestinationBucket:
		name = "the bucket of " + to.Name
	case model.DestinationKey:
		name = "the key of " + to.Name
	}
	if r.Part != "" {
		return "part of " + name
	}
	return name
}

// allow returns the fix for a denied call, in the policy that denies it. If two
// policies have to allow it, the role's own come first.
func (f *flow) allow(r model.DeniedCall, to *place) string {
	call := r.Action + " on " + f.target(r, to)
	r.Part = ""
	its := f.target(r, to)
	role, target := f.from.restores(f.from.roleARN), f.restoresTarget(r, to)
	switch r.Reason {
	case policy.ExplicitDeny:
		advice := "remove the Deny that applies to the role, or exempt " + f.from.roleARN + " from it; "
		if role != target { // the Deny may be in either
			return advice + "`pulumi up --refresh` restores resources of the stack, but not adopted ones"
		}
		return advice + role
	case policy.ImplicitDenyBoundary:
		return "allow " + call + " in the permissions boundary of the role " + f.from.roleARN + "; " + role
	case policy.ImplicitDenyResource:
		if key := f.keyOf(r, to); key != "" {
			return fmt.Sprintf("allow the role %s to call %s in the policy of the key %s, or delegate to IAM policies there, "+
				"as the default key policy does; %s", f.from.roleARN, r.Action, key, target)
		}
		return fmt.Sprintf("allow the role %s to call %s in the policy of %s (`crr policy` prints it); %s", f.from.roleARN, r.Action, its, target)
	}
	text := "allow " + call + " in the policies of the role " + f.from.roleARN
	if to.AccountID != f.from.AccountID && (r.Target == model.DestinationBucket || r.Target == model.DestinationKey) {
		text += " and in the policy of " + its
	}
	return text + " (`crr policy` prints it); " + role
}

// restoresTarget returns the fix for the policy of a denied call's resource.
func (f *flow) restoresTarget(r model.DeniedCall, to *place) string {
	switch r.Target {
	case model.SourceBucket:
		return f.from.restores(f.from.ARN)
	case model.SourceKey:
		return f.from.restores(f.keyOf(r, to))
	case model.DestinationBucket:
		return to.restores(to.ARN)
	case model.DestinationKey:
		return to.restores(f.keyOf(r, to))
	default:
		return f.from.restores(f.from.roleARN)
	}
}

// keyOf returns the key of a denied call, or "" if the call is on a bucket.
func (f *flow) keyOf(r model.DeniedCall, to *place) string {
	switch r.Target {
	case model.SourceKey:
		return f.from.KMSKeyARN
	case model.DestinationKey:
		return to.KMSKeyARN
	default:
		return ""
	}
}
