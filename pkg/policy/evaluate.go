package policy

import "strings"

// Request is one call that somebody makes on one resource.
type Request struct {
	// Principal is the caller: the ARN of a user, a role, a session of a role or an account's root; an account id; a
	// service principal such as "s3.amazonaws.com"; an identity provider; or "" for a caller without credentials.
	Principal string
	// Action is what is asked for, such as "s3:PutObject".
	Action string
	// Resource is the ARN of what it is asked of.
	Resource string
	// ResourceAccount is the account that owns the resource. Left out, it is the account in the resource's ARN, and
	// for an ARN without account, such as that of a bucket, the caller's own.
	ResourceAccount string
	// Context is condition keys and their values. Keys compare without case; a key without values is a missing key.
	// These need not be given, they follow from the fields above: aws:PrincipalArn (for a role with a path seen through
	// a session it should be), aws:PrincipalAccount, aws:PrincipalType, aws:PrincipalIsAWSService,
	// aws:PrincipalServiceName, aws:username, aws:ResourceAccount and s3:ResourceAccount.
	Context map[string][]string
	// Possible is what is known of condition keys that Context does not have: each of them is missing, or has the one of
	// these values that nobody can tell beforehand. It matters for an Open request only, where a condition that holds
	// for all of them alike is decided.
	Possible map[string][]string
	// Open says that Context is not all that AWS is going to know. A condition key that is not in it, and does not
	// follow from the other fields, then has some value or none, and nobody knows which; a decision that hangs on it is
	// Undecided. A key that is known to be missing is given, without values.
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

// findings are what the policies of each kind say about the request.
type findings struct{ identity, boundary, session, serviceControl, resourceControl, resource finding }

// Evaluate decides a request as AWS does. It takes any document; whether AWS would, Parse and Validate tell.
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

// decideByResource decides for callers without identity policies: services, identity providers, anyone.
func (e *evaluation) decideByResource(f *findings) Decision {
	if f.resource.reach != reachDirect {
		return denyImplicitly(ImplicitDenyResource, e.resourceName())
	}
	return allow(f.resource.allow)
}

// decideAcrossAccounts wants an Allow on both sides: the caller's account and the resource's.
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

// decideWithinAccount wants an Allow on either side. A resource policy that names a user or a session, or everyone,
// grants past the permissions boundary and the session policies; one that names the role is limited by them; one that
// names the account leaves the decision to the identity policies. Keys and roles are the exception: their policy has to
// allow in any case.
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

// limitsAllow reports whether the permissions boundary and the session policies leave the request in.
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

// eitherName names the policies one of which would have to allow.
func (e *evaluation) eitherName() string {
	if e.policies.Resource == nil || e.resourceMustAllow() {
		return identityName
	}
	return identityName + " or the " + e.resourceName()
}
