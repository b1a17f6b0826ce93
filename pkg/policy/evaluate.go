package policy

import "strings"

// Request is one call on one resource.
type Request struct {
	// Principal is the caller: the ARN of a user, a role, a session of a role or an account's root; an account id; a
	// service principal such as "s3.amazonaws.com"; an identity provider; or "" for a caller without credentials.
	Principal string
	// Action is the requested action, such as "s3:PutObject".
	Action string
	// Resource is the ARN of the resource.
	Resource string
	// ResourceAccount is the account that owns the resource. Default: the account in the resource's ARN or, for ARNs
	// without an account such as those of buckets, the caller's account.
	ResourceAccount string
	// Context is condition keys and their values. Keys compare without case; a key without values is a missing key.
	// These need not be given, they follow from the fields above: aws:PrincipalArn (for a role with a path seen through
	// a session it should be), aws:PrincipalAccount, aws:PrincipalType, aws:PrincipalIsAWSService,
	// aws:PrincipalServiceName, aws:username, aws:ResourceAccount and s3:ResourceAccount.
	Context map[string][]string
	// Possible has the possible values of condition keys that are not in Context: each key is missing or has one of
	// these values. It is used only for incomplete requests, where a condition that holds for all possibilities is
	// decided.
	Possible map[string][]string
	// Incomplete reports that AWS will know more condition keys than Context has. Keys that are neither in Context
	// nor derived from the other fields are then unknown, and a result that depends on one is Unknown. To state that
	// a key is missing, set it without values.
	Incomplete bool
}

// Policies are the documents that bear on a request. Identity and Resource grant; all others only limit what these
// grant.
type Policies struct {
	// Identity are the policies attached to the caller.
	Identity []Document
	// Boundary is the permissions boundary of the caller, if it has one.
	Boundary *Document
	// Session are the session policies that the caller's session was made with. None: the session has all that its
	// role or user has.
	//
	// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session
	Session []Document
	// ServiceControl are the service control policies (SCPs) over the caller's account, level by level: the root of the
	// organization, each organizational unit, the account. Every level has to allow the request. None: the account is
	// of no organization, or it is the management account.
	//
	// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html
	ServiceControl []Level
	// ResourceControl are the resource control policies (RCPs) over the resource's account, of all levels. Since the
	// policy RCPFullAWSAccess can't be detached from any level, an Allow is never missing, and only their Deny
	// statements count.
	//
	// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_evaluation.html
	ResourceControl []Document
	// Resource is the policy of the resource, if it has one: bucket policy, key policy, topic policy, trust policy.
	Resource *Document
	// KeyPolicy says that Resource is the policy of a KMS key. IAM alone then does not allow anything: the key policy
	// has to name the caller, or its account, which delegates to IAM. The same holds for trust policies, which
	// Evaluate knows by the action sts:AssumeRole.
	//
	// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
	KeyPolicy bool
}

// Level is the service control policies attached to one root, organizational unit or account. One of them has to allow.
type Level []Document

// evaluation is one run of Evaluate.
type evaluation struct {
	policies   Policies
	request    Request
	caller     caller
	assumption assumption
}

// findings are the results of each kind of policy for the request.
type findings struct{ identity, boundary, session, serviceControl, resourceControl, resource finding }

// Evaluate decides a request as AWS does. It accepts any document; use Parse or Validate to check whether AWS accepts
// it.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
func Evaluate(p Policies, r Request) Decision {
	e := evaluation{policies: p, request: r, caller: newCaller(&r)}
	if r.Incomplete {
		return e.decideIncomplete()
	}
	return e.decide()
}

func (e *evaluation) decide() Decision {
	f := findings{resourceControl: e.scanResourceControl(), resource: e.scanResource()}
	if e.caller.hasIdentity() {
		f.identity, f.boundary, f.session, f.serviceControl = e.scanIdentity(), e.scanBoundary(), e.scanSession(), e.scanServiceControl()
	}
	for _, found := range [...]*finding{&f.serviceControl, &f.resourceControl, &f.identity, &f.boundary, &f.session, &f.resource} {
		if found.deny.Statement != nil {
			return denyExplicitly(found.deny)
		}
	}
	switch {
	case !e.caller.hasIdentity():
		return e.decideByResource(&f)
	case !f.serviceControl.allows:
		return denyImplicitly(ImplicitDenyServiceControl, f.serviceControl.allow.Policy)
	case e.crossAccount():
		return e.decideAcrossAccounts(&f)
	default:
		return e.decideWithinAccount(&f)
	}
}

// decideByResource decides for callers without identity policies: services, identity providers and anonymous callers.
func (e *evaluation) decideByResource(f *findings) Decision {
	if f.resource.reach != reachDirect {
		return denyImplicitly(ImplicitDenyResource, e.resourceName())
	}
	return allow(f.resource.allow)
}

// decideAcrossAccounts requires an Allow on both sides: in the caller's account and in the resource's account.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
func (e *evaluation) decideAcrossAccounts(f *findings) Decision {
	switch {
	case !f.identity.allows:
		return denyImplicitly(ImplicitDenyIdentity, identityName)
	case !f.limitsAllow():
		return f.denyByLimit()
	case f.resource.reach == unreached:
		return denyImplicitly(ImplicitDenyResource, e.resourceName())
	}
	return allow(f.identity.allow, f.boundary.allow, f.session.allow, f.resource.allow)
}

// decideWithinAccount requires an Allow on either side. A resource policy that names a user, a session or everyone is
// not limited by the permissions boundary and the session policies; one that names the role is; one that names the
// account delegates to the identity policies. Keys and roles are the exception: their policy must always allow.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html
func (e *evaluation) decideWithinAccount(f *findings) Decision {
	needsResource := e.resourceMustAllow()
	switch {
	case f.resource.reach == reachDirect:
		return allow(f.resource.allow)
	case f.resource.reach == viaRole && f.limitsAllow():
		return allow(f.resource.allow, f.boundary.allow, f.session.allow)
	case needsResource && f.resource.reach == unreached:
		return denyImplicitly(ImplicitDenyResource, e.resourceName())
	case !f.identity.allows && f.resource.reach != viaRole:
		return denyImplicitly(ImplicitDenyIdentity, e.eitherName())
	case !f.limitsAllow():
		return f.denyByLimit()
	case needsResource:
		return allow(f.identity.allow, f.boundary.allow, f.session.allow, f.resource.allow)
	}
	return allow(f.identity.allow, f.boundary.allow, f.session.allow)
}

// limitsAllow reports whether the permissions boundary and the session policies allow the request.
func (f *findings) limitsAllow() bool { return f.boundary.allows && f.session.allows }

func (f *findings) denyByLimit() Decision {
	if !f.boundary.allows {
		return denyImplicitly(ImplicitDenyBoundary, boundaryName)
	}
	return denyImplicitly(ImplicitDenySession, sessionName)
}

func (e *evaluation) crossAccount() bool {
	account := e.resourceAccount()
	return account != "" && account != e.caller.account
}

func (e *evaluation) resourceMustAllow() bool { return e.policies.KeyPolicy || e.assumesRole() }

func (e *evaluation) assumesRole() bool {
	const action = "sts:AssumeRole"
	return len(e.request.Action) >= len(action) && strings.EqualFold(e.request.Action[:len(action)], action)
}

// The names of policies in a Decision.
const (
	identityPolicyName = "identity policy " // and its index
	identityName       = "identity policies"
	boundaryName       = "permissions boundary"
	sessionPolicyName  = "session policy " // and its index
	sessionName        = "session policies"
	controlPolicyName  = "service control policy "  // its index, and that of its level
	resourceControl    = "resource control policy " // and its index
)

func (e *evaluation) resourceName() string {
	switch {
	case e.policies.KeyPolicy:
		return "key policy"
	case e.assumesRole():
		return "trust policy"
	default:
		return "resource policy"
	}
}

// eitherName names the policies of which at least one must allow the request.
func (e *evaluation) eitherName() string {
	if e.policies.Resource == nil || e.resourceMustAllow() {
		return identityName
	}
	return identityName + " or the " + e.resourceName()
}
