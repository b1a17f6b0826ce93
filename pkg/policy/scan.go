package policy

import "strconv"

// finding is what the policies of one side say about the request.
type finding struct {
	deny   Match // the first Deny that applies
	allow  Match // the Allow that names the caller most directly, the first of several
	allows bool  // whether the side allows the request, by a statement or because it does not limit it
	reach  reach // how directly allow names the caller
}

// scanIdentity reads the policies attached to the caller. The root user of an account has "full access" without any.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
func (e *evaluation) scanIdentity() finding {
	all := finding{allows: e.caller.kind == accountRoot}
	for i := range e.policies.Identity {
		one := e.scan(&e.policies.Identity[i], attachedToCaller)
		if one.deny.Statement != nil {
			one.deny.Policy = identityPolicyName + strconv.Itoa(i)
			return one
		}
		if one.allows && !all.allows {
			one.allow.Policy = identityPolicyName + strconv.Itoa(i)
			all = one
		}
	}
	return all
}

// scanBoundary reads the permissions boundary, which only users and roles can have.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
func (e *evaluation) scanBoundary() finding {
	if !e.hasBoundary() {
		return finding{allows: true}
	}
	found := e.scan(e.policies.Boundary, attachedToCaller)
	found.deny.Policy, found.allow.Policy = boundaryName, boundaryName
	return found
}

func (e *evaluation) hasBoundary() bool {
	return e.policies.Boundary != nil && e.caller.kind != accountRoot
}

// scanResource reads the policy of the resource.
func (e *evaluation) scanResource() finding {
	if e.policies.Resource == nil {
		return finding{}
	}
	found := e.scan(e.policies.Resource, attachedToResource)
	found.deny.Policy, found.allow.Policy = e.resourceName(), e.resourceName()
	return found
}

// side is what a document is attached to, which decides whom and what its statements are about.
type side bool

const (
	attachedToCaller   side = false // about the caller; each statement names resources
	attachedToResource side = true  // about the resource; each statement names principals
)

// scan looks for the statements of one document that apply, and stops at the first Deny.
func (e *evaluation) scan(d *Document, at side) (found finding) {
	for i := range d.Statement {
		s := &d.Statement[i]
		if s.Effect == Allow && found.reach == reachDirect {
			continue // nothing better can come
		}
		reached := e.applies(d, s, at)
		switch {
		case reached == unreached:
			continue
		case s.Effect == Deny:
			found.deny = Match{Index: i, Statement: s}
			return found
		case s.Effect == Allow && reached > found.reach:
			found.allow, found.allows, found.reach = Match{Index: i, Statement: s}, true, reached
		}
	}
	return found
}

// applies reports whether a statement applies to the request, and how directly it names the caller.
func (e *evaluation) applies(d *Document, s *Statement, at side) reach {
	variables := d.Version == Version // earlier versions take "${" as ordinary text
	if !e.actionApplies(s) {
		return unreached
	}
	reached := e.principalApplies(s, at)
	if reached == unreached || !e.resourceApplies(s, at, variables) || !e.conditionsHold(s, variables) {
		return unreached
	}
	return reached
}

func (e *evaluation) actionApplies(s *Statement) bool {
	if len(s.Action) > 0 {
		return e.anyAction(s.Action)
	}
	return len(s.NotAction) > 0 && !e.anyAction(s.NotAction)
}

func (e *evaluation) anyAction(patterns Values) bool {
	for _, pattern := range patterns {
		if matchAction(pattern, e.request.Action) {
			return true
		}
	}
	return false
}

// principalApplies is how directly a statement names the caller. What is attached to the caller need not name it.
func (e *evaluation) principalApplies(s *Statement, at side) reach {
	switch {
	case at == attachedToCaller && s.Principal == nil && s.NotPrincipal == nil:
		return reachDirect
	case s.Principal != nil:
		return e.caller.reachOf(s.Principal)
	case s.NotPrincipal == nil:
		return unreached
	case s.Effect == Deny && e.caller.exemptFromDeny(s.NotPrincipal, e.hasBoundary()):
		return unreached
	case s.Effect == Allow && e.caller.reachOf(s.NotPrincipal) != unreached:
		return unreached
	}
	return reachDirect
}

// resourceApplies matches the resource. A statement without resources is about what its document is attached to, as
// in a trust policy; in an identity policy, where there is no such thing, it is about nothing.
func (e *evaluation) resourceApplies(s *Statement, at side, variables bool) bool {
	switch {
	case len(s.Resource) > 0:
		matched, _ := e.anyResource(s.Resource, variables)
		if !matched && variables && e.anyUntold(s.Resource) {
			return e.doubt(s.Effect)
		}
		return matched
	case len(s.NotResource) > 0:
		matched, resolved := e.anyResource(s.NotResource, variables)
		if !matched && variables && e.anyUntold(s.NotResource) {
			return e.doubt(s.Effect)
		}
		return !matched && resolved
	default:
		return at == attachedToResource
	}
}

// anyResource reports whether one of the patterns matches, and whether all variables up to there had a value.
func (e *evaluation) anyResource(patterns Values, variables bool) (matched, resolved bool) {
	resolved = true
	for _, pattern := range patterns {
		if variables {
			expanded, ok := e.expandResource(pattern)
			if !ok {
				resolved = false
				continue
			}
			pattern = expanded
		}
		if matchResource(pattern, e.request.Resource) {
			return true, resolved
		}
	}
	return false, resolved
}
