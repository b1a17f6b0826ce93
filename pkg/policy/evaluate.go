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
	// Open says that Context is not all that AWS is going to know. A condition key that is not in it, and does not
	// follow from the other fields, then has some value or none, and nobody knows which; a decision that hangs on it is
	// Undecided. A key that is known to be missing is given, without values.
	Open bool
}

// Policies are the documents that bear on a request.
type Policies struct {
	// Identity are the policies attached to the caller.
	Identity []Document
	// Boundary is the permissions boundary of the caller, if it has one.
	Boundary *Document
	// Resource is the policy of the resource, if it has one: bucket policy, key policy, topic policy, trust policy.
	Resource *Document
	// KeyPolicy says that Resource is the policy of a KMS key. IAM alone then does not allow anything: the key policy
	// has to name the caller, or its account, which delegates to IAM. The same holds for trust policies, which
	// Evaluate knows by the action sts:AssumeRole.
	//
	// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
	KeyPolicy bool
}

// evaluation is one run of Evaluate.
type evaluation struct {
	policies Policies
	request  Request
	caller   caller
	outlook  outlook
}

// Evaluate decides a request as AWS does. It takes any document; whether AWS would, Parse and Validate tell.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
func Evaluate(p Policies, r Request) Decision {
	e := evaluation{policies: p, request: r, caller: newCaller(&r)}
	if r.Open {
		return e.decideOpen()
	}
	return e.decide()
}

func (e *evaluation) decide() Decision {
	var identity, boundary finding
	if e.caller.hasIdentity() {
		identity, boundary = e.scanIdentity(), e.scanBoundary()
	}
	resource := e.scanResource()
	for _, found := range [...]*finding{&identity, &boundary, &resource} {
		if found.deny.Statement != nil {
			return denyExplicitly(found.deny)
		}
	}
	switch {
	case !e.caller.hasIdentity():
		return e.decideByResource(&resource)
	case e.crossAccount():
		return e.decideAcrossAccounts(&identity, &boundary, &resource)
	default:
		return e.decideWithinAccount(&identity, &boundary, &resource)
	}
}

// decideByResource decides for callers without identity policies: services, identity providers, anyone.
func (e *evaluation) decideByResource(resource *finding) Decision {
	if resource.reach != reachDirect {
		return denyImplicitly(ImplicitDenyResource, e.resourceName())
	}
	return allow(resource.allow)
}

// decideAcrossAccounts wants an Allow on both sides: the caller's account and the resource's.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
func (e *evaluation) decideAcrossAccounts(identity, boundary, resource *finding) Decision {
	switch {
	case !identity.allows:
		return denyImplicitly(ImplicitDenyIdentity, identityName)
	case !boundary.allows:
		return denyImplicitly(ImplicitDenyBoundary, boundaryName)
	case resource.reach == unreached:
		return denyImplicitly(ImplicitDenyResource, e.resourceName())
	}
	return allow(identity.allow, boundary.allow, resource.allow)
}

// decideWithinAccount wants an Allow on either side. A resource policy that names a user or a session, or everyone,
// grants past the permissions boundary; one that names the role is limited by it; one that names the account leaves
// the decision to the identity policies. Keys and roles are the exception: their policy has to allow in any case.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html
func (e *evaluation) decideWithinAccount(identity, boundary, resource *finding) Decision {
	needsResource := e.resourceMustAllow()
	switch {
	case resource.reach == reachDirect:
		return allow(resource.allow)
	case resource.reach == viaRole && boundary.allows:
		return allow(resource.allow, boundary.allow)
	case needsResource && resource.reach == unreached:
		return denyImplicitly(ImplicitDenyResource, e.resourceName())
	case !identity.allows && resource.reach != viaRole:
		return denyImplicitly(ImplicitDenyIdentity, e.eitherName())
	case !boundary.allows:
		return denyImplicitly(ImplicitDenyBoundary, boundaryName)
	case needsResource:
		return allow(identity.allow, boundary.allow, resource.allow)
	}
	return allow(identity.allow, boundary.allow)
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
