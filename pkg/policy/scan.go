package policy

import (
	"slices"
	"strconv"
)

// finding is the result of the policies of one side.
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
	if e.caller.kind == accountRoot {
		return e.scanAny(e.policies.Identity, attachedToCaller, identityPolicyName, finding{allows: true})
	}
	return e.scanAny(e.policies.Identity, attachedToCaller, identityPolicyName, finding{})
}

// scanAny evaluates policies of which at least one must allow the request; the first that does is reported. A Deny in
// any of them decides. The policies are named by prefix and index.
func (e *evaluation) scanAny(documents []Document, at side, prefix string, all finding) finding {
	for i := range documents {
		one := e.scan(&documents[i], at)
		if one.deny.Statement != nil {
			one.deny.Policy = prefix + strconv.Itoa(i)
			return one
		}
		if one.allows && !all.allows {
			one.allow.Policy = prefix + strconv.Itoa(i)
			all = one
		}
	}
	return all
}

// scanSession reads the session policies, which only sessions can have.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session
func (e *evaluation) scanSession() finding {
	if len(e.policies.Session) == 0 || e.caller.kind == user || e.caller.kind == accountRoot {
		return finding{allows: true}
	}
	return e.scanAny(e.policies.Session, attachedToSession, sessionPolicyName, finding{})
}

// scanServiceControl evaluates the service control policies. Each level must allow the request. They apply to all
// users and roles of the account, including its root user, but not to service-linked roles.
//
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
func (e *evaluation) scanServiceControl() finding {
	all := finding{allows: true}
	if e.caller.isServiceLinked() {
		return all
	}
	for i := range e.policies.ServiceControl {
		of := " of level " + strconv.Itoa(i)
		one := e.scanAny(e.policies.ServiceControl[i], attachedToAccount, controlPolicyName, finding{})
		if one.deny.Statement != nil {
			one.deny.Policy += of
			return one
		}
		one.allow.Policy += of
		switch {
		case !one.allows && all.allows:
			all = finding{allow: Match{Policy: controlPolicyName[:len(controlPolicyName)-1] + " of level " + strconv.Itoa(i)}}
		case one.allows && all.allows && len(e.missingKeys(all.allow.Statement)) == 0:
			all.allow = one.allow
		}
	}
	return all
}

// scanResourceControl evaluates the resource control policies. They apply to all callers except service-linked roles,
// and only deny.
//
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
func (e *evaluation) scanResourceControl() finding {
	if e.caller.isServiceLinked() {
		return finding{}
	}
	return e.scanAny(e.policies.ResourceControl, attachedToOrganization, resourceControl, finding{})
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

// side is what a document is attached to. It decides which callers and resources its statements apply to.
type side int

const (
	attachedToCaller       side = iota // about the caller; each statement names resources
	attachedToSession                  // the same, but without incomplete ARNs
	attachedToAccount                  // about all callers of the account
	attachedToResource                 // about the resource; each statement names principals
	attachedToOrganization             // about resources of the organization; each statement names all principals
)

// namesPrincipals reports whether the statements name principals.
func (at side) namesPrincipals() bool {
	return at == attachedToResource || at == attachedToOrganization
}

// completes reports whether missing fields of an ARN match anything. IAM does so in identity policies and permissions
// boundaries, and rejects such session policies. For policies of an organization it is not documented; there the ARN
// matches where that denies more.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns
func (at side) completes(s *Statement) bool {
	switch at {
	case attachedToCaller:
		return true
	case attachedToAccount, attachedToOrganization:
		return (s.Effect == Deny) == (len(s.Resource) > 0)
	default:
		return false
	}
}

// scan looks for the statements of one document that apply, and stops at the first Deny.
func (e *evaluation) scan(d *Document, at side) (found finding) {
	d.candidates(e.request.Resource, func(i int, patterns Values) bool {
		s := &d.Statement[i]
		if s.Effect == Allow && found.reach == reachDirect {
			return true // nothing better can come
		}
		reached := e.applies(d, s, patterns, at)
		switch {
		case reached == unreached:
		case s.Effect == Deny:
			found.deny = Match{Index: i, Statement: s}
			return false
		case s.Effect == Allow && reached > found.reach:
			found.allow, found.allows, found.reach = Match{Index: i, Statement: s}, true, reached
		}
		return true
	})
	return found
}

// applies reports whether a statement applies to the request, and how directly it names the caller. The patterns are
// those of its resources that may cover the request's.
func (e *evaluation) applies(d *Document, s *Statement, patterns Values, at side) reach {
	variables := d.Version == Version // earlier versions take "${" as ordinary text
	if !e.actionApplies(s) {
		return unreached
	}
	reached := e.principalApplies(s, at)
	if reached == unreached || !e.resourceApplies(s, patterns, at, variables) || !e.conditionsHold(d, s, variables) {
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

// principalApplies returns how directly a statement names the caller. Policies attached to the caller need not name
// it. An Allow with NotPrincipal, which AWS does not support, grants nothing.
func (e *evaluation) principalApplies(s *Statement, at side) reach {
	switch {
	case !at.namesPrincipals() && s.Principal == nil && s.NotPrincipal == nil:
		return reachDirect
	case s.Principal != nil:
		reached := e.caller.reachOf(s.Principal)
		if reached == unreached && (e.mayBeSession(s.Principal) || e.mayBeDenied(s)) && e.matchesUnknown(s.Effect) {
			return reachDirect
		}
		return reached
	case s.NotPrincipal == nil || s.Effect != Deny:
		return unreached
	case !e.caller.exemptFromDeny(s.NotPrincipal, e.hasBoundary(), e.mayBeSession(s.NotPrincipal) && !e.matchesUnknown(s.Effect)):
		return reachDirect
	}
	return unreached
}

// mayBeSession reports whether a principal names a session of the caller's role, and the request does not say which
// session calls.
func (e *evaluation) mayBeSession(p *Principal) bool {
	return e.request.Incomplete && e.caller.kind == role && slices.ContainsFunc(p.AWS, e.caller.isSessionOf)
}

// mayBeDenied reports whether a statement denies canonical users, one of which may be the account of the caller.
//
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-bucket-user-policy-specifying-principal-intro.html
func (e *evaluation) mayBeDenied(s *Statement) bool {
	return e.request.Incomplete && e.caller.hasIdentity() && s.Effect == Deny && len(s.Principal.CanonicalUser) > 0
}

// resourceApplies matches the resource. A statement without resources applies to the resource that its document is
// attached to, as in a trust policy; in an identity policy it applies to nothing.
func (e *evaluation) resourceApplies(s *Statement, patterns Values, at side, variables bool) bool {
	if len(patterns) == 0 {
		return at == attachedToResource
	}
	matched := e.anyResource(patterns, variables, at.completes(s))
	if !matched && variables && e.anyMissing(patterns) {
		return e.matchesUnknown(s.Effect)
	}
	return matched == (len(s.Resource) > 0)
}

// anyResource reports whether one of the patterns matches. "The resource that includes a policy variable with no value
// will not match any resource", neither in Resource nor in NotResource.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-no-value
func (e *evaluation) anyResource(patterns Values, variables, complete bool) bool {
	for _, pattern := range patterns {
		if variables {
			expanded, ok := e.expandResource(pattern)
			if !ok {
				continue
			}
			pattern = expanded
		}
		if matchResource(pattern, e.request.Resource) || complete && matchIncomplete(pattern, e.request.Resource) {
			return true
		}
	}
	return false
}
