package policy_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

type scenario struct {
	policies policy.Policies
	request  policy.Request
	want     policy.Reason
}

func run(t *testing.T, scenarios map[string]scenario) {
	t.Helper()
	for name, s := range scenarios {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := policy.Evaluate(s.policies, s.request)
			assert.Equal(t, s.want, d.Reason, d.String())
			assert.Equal(t, s.want == policy.Allowed || s.want == policy.AllowedAsRoot, d.Allowed)
		})
	}
}

var (
	mayGet    = identity(allowing(nil, "s3:GetObject"))
	mayList   = identity(allowing(nil, "s3:ListBucket"))
	getOnly   = doc(allowing(nil, "s3:GetObject"))
	listOnly  = doc(allowing(nil, "s3:ListBucket"))
	grantedTo = func(principals ...string) *policy.Document {
		return doc(allowing(policy.AWS(principals...), "s3:GetObject"))
	}
)

// "If either the identity-based policy or the resource-based policy within the same account allows the request and the
// other doesn't, the request is still allowed."
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html
func TestWithinAnAccountOneAllowIsEnough(t *testing.T) {
	t.Parallel()
	run(t, map[string]scenario{
		"nothing at all":                  {policy.Policies{}, get(userARN), policy.ImplicitDenyIdentity},
		"identity policy":                 {policy.Policies{Identity: mayGet}, get(userARN), policy.Allowed},
		"identity policy of a role":       {policy.Policies{Identity: mayGet}, get(session), policy.Allowed},
		"identity policy, other action":   {policy.Policies{Identity: mayList}, get(userARN), policy.ImplicitDenyIdentity},
		"the second of two":               {policy.Policies{Identity: append(mayList[:1:1], mayGet...)}, get(userARN), policy.Allowed},
		"resource policy names the user":  {policy.Policies{Resource: grantedTo(userARN)}, get(userARN), policy.Allowed},
		"resource policy names the role":  {policy.Policies{Resource: grantedTo(roleARN)}, get(session), policy.Allowed},
		"resource policy names everyone":  {policy.Policies{Resource: doc(allowing(policy.Anyone(), "s3:*"))}, get(userARN), policy.Allowed},
		"resource policy names another":   {policy.Policies{Resource: grantedTo(roleARN)}, get(userARN), policy.ImplicitDenyIdentity},
		"both":                            {policy.Policies{Identity: mayGet, Resource: grantedTo(userARN)}, get(userARN), policy.Allowed},
		"the account of the resource ARN": {policy.Policies{Identity: identity(allowing(nil, "sns:Publish"))}, policy.Request{Principal: userARN, Action: "sns:Publish", Resource: "arn:aws:sns:us-east-1:111111111111:alarms"}, policy.Allowed},
		"no account set":                  {policy.Policies{Identity: mayGet}, policy.Request{Principal: userARN, Action: "s3:GetObject", Resource: object}, policy.Allowed},
	})
}

// "When you specify an AWS account as a principal, you delegate authority to the account": IAM there still decides.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-accounts
func TestAccountPrincipalDelegatesToIAM(t *testing.T) {
	t.Parallel()
	run(t, map[string]scenario{
		"same account, by root ARN, without identity allow":  {policy.Policies{Resource: grantedTo(root1)}, get(userARN), policy.ImplicitDenyIdentity},
		"same account, by id, without identity allow":        {policy.Policies{Resource: grantedTo(account1)}, get(session), policy.ImplicitDenyIdentity},
		"same account, with identity allow":                  {policy.Policies{Resource: grantedTo(root1), Identity: mayGet}, get(userARN), policy.Allowed},
		"other account, by root ARN, without identity allow": {policy.Policies{Resource: grantedTo(root2)}, get(foreignSession), policy.ImplicitDenyIdentity},
		"other account, by root ARN, with identity allow":    {policy.Policies{Resource: grantedTo(root2), Identity: mayGet}, get(foreignSession), policy.Allowed},
		"other account, by id, with identity allow":          {policy.Policies{Resource: grantedTo(account2), Identity: mayGet}, get(foreignSession), policy.Allowed},
		"a third account":                        {policy.Policies{Resource: grantedTo("333333333333"), Identity: mayGet}, get(foreignSession), policy.ImplicitDenyResource},
		"a Deny on the account denies all of it": {policy.Policies{Resource: doc(denying(policy.AWS(root1), "s3:*")), Identity: mayGet}, get(session), policy.ExplicitDeny},
		"the root user itself":                   {policy.Policies{Resource: grantedTo(root2)}, get(root2), policy.Allowed},
	})
}

// "An explicit deny in any of these policies overrides the allow."
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_AccessPolicyLanguage_Interplay.html
func TestExplicitDenyWins(t *testing.T) {
	t.Parallel()
	deny := denying(nil, "s3:Get*")
	everything := policy.Policies{Identity: mayGet, Boundary: getOnly, Resource: grantedTo(userARN)}
	with := func(change func(*policy.Policies)) policy.Policies {
		p := everything
		change(&p)
		return p
	}
	run(t, map[string]scenario{
		"nothing denies":      {everything, get(userARN), policy.Allowed},
		"an identity policy":  {with(func(p *policy.Policies) { p.Identity = append(p.Identity[:1:1], policy.New(deny)) }), get(userARN), policy.ExplicitDeny},
		"the boundary":        {with(func(p *policy.Policies) { p.Boundary = doc(getOnly.Statement[0], deny) }), get(userARN), policy.ExplicitDeny},
		"the resource policy": {with(func(p *policy.Policies) { p.Resource = doc(p.Resource.Statement[0], denying(policy.Anyone(), "s3:*")) }), get(userARN), policy.ExplicitDeny},
		"for someone else": {with(func(p *policy.Policies) {
			p.Resource = doc(p.Resource.Statement[0], denying(policy.AWS(roleARN), "s3:*"))
		}), get(userARN), policy.Allowed},
		"for another action":   {with(func(p *policy.Policies) { p.Identity = append(p.Identity[:1:1], policy.New(denying(nil, "s3:Put*"))) }), get(userARN), policy.Allowed},
		"even for the root":    {policy.Policies{Resource: doc(denying(policy.Anyone(), "s3:*"))}, get(root1), policy.ExplicitDeny},
		"even for a service":   {policy.Policies{Resource: doc(allowing(policy.Service("s3.amazonaws.com"), "s3:*"), denying(policy.Anyone(), "s3:*"))}, get("s3.amazonaws.com"), policy.ExplicitDeny},
		"even for a stranger":  {policy.Policies{Resource: doc(allowing(policy.Anyone(), "s3:*"), denying(policy.AWS("*"), "s3:*"))}, get(""), policy.ExplicitDeny},
		"even across accounts": {policy.Policies{Identity: mayGet, Resource: doc(allowing(policy.AWS(foreignRole), "s3:*"), denying(policy.AWS(foreignRole), "s3:*"))}, get(foreignSession), policy.ExplicitDeny},
	})
}

// "The requester must have an identity-based policy that allows the request, and the resource-based policy must allow
// the requester."
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
func TestAcrossAccountsBothSidesMustAllow(t *testing.T) {
	t.Parallel()
	run(t, map[string]scenario{
		"identity only":                    {policy.Policies{Identity: mayGet}, get(foreignSession), policy.ImplicitDenyResource},
		"resource only":                    {policy.Policies{Resource: grantedTo(foreignRole)}, get(foreignSession), policy.ImplicitDenyIdentity},
		"both, by role":                    {policy.Policies{Identity: mayGet, Resource: grantedTo(foreignRole)}, get(foreignSession), policy.Allowed},
		"both, by session":                 {policy.Policies{Identity: mayGet, Resource: grantedTo(foreignSession)}, get(foreignSession), policy.Allowed},
		"both, by everyone":                {policy.Policies{Identity: mayGet, Resource: doc(allowing(policy.Anyone(), "s3:*"))}, get(foreignSession), policy.Allowed},
		"everyone, without identity allow": {policy.Policies{Resource: doc(allowing(policy.Anyone(), "s3:*"))}, get(foreignSession), policy.ImplicitDenyIdentity},
		"boundary leaves it out":           {policy.Policies{Identity: mayGet, Boundary: listOnly, Resource: grantedTo(foreignSession)}, get(foreignSession), policy.ImplicitDenyBoundary},
		"boundary leaves it in":            {policy.Policies{Identity: mayGet, Boundary: getOnly, Resource: grantedTo(foreignRole)}, get(foreignSession), policy.Allowed},
		"the account of the resource ARN":  {policy.Policies{Identity: identity(allowing(nil, "sns:Publish"))}, policy.Request{Principal: foreignSession, Action: "sns:Publish", Resource: "arn:aws:sns:us-east-1:111111111111:alarms"}, policy.ImplicitDenyResource},
	})
}

// The table "Resource-based policies and implicit denies in other policy types (same account)".
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
func TestPermissionsBoundary(t *testing.T) {
	t.Parallel()
	run(t, map[string]scenario{
		"identity and boundary":                {policy.Policies{Identity: mayGet, Boundary: getOnly}, get(userARN), policy.Allowed},
		"identity, not boundary":               {policy.Policies{Identity: mayGet, Boundary: listOnly}, get(userARN), policy.ImplicitDenyBoundary},
		"boundary grants nothing by itself":    {policy.Policies{Boundary: getOnly}, get(userARN), policy.ImplicitDenyIdentity},
		"resource names the user":              {policy.Policies{Boundary: listOnly, Resource: grantedTo(userARN)}, get(userARN), policy.Allowed},
		"resource names the session":           {policy.Policies{Boundary: listOnly, Resource: grantedTo(session)}, get(session), policy.Allowed},
		"resource names the role":              {policy.Policies{Boundary: listOnly, Resource: grantedTo(roleARN)}, get(session), policy.ImplicitDenyBoundary},
		"resource names the role, in boundary": {policy.Policies{Boundary: getOnly, Resource: grantedTo(roleARN)}, get(session), policy.Allowed},
		"resource names role and session":      {policy.Policies{Boundary: listOnly, Resource: grantedTo(roleARN, session)}, get(session), policy.Allowed},
		"the role, session unknown":            {policy.Policies{Boundary: listOnly, Resource: grantedTo(roleARN)}, get(roleARN), policy.ImplicitDenyBoundary},
		// "Identity-based policy types, such as permissions boundaries [...] do not limit permissions granted using the
		// aws:PrincipalArn condition key with a wildcard (*) in the Principal element"
		"resource names everyone":     {policy.Policies{Boundary: listOnly, Resource: doc(allowing(policy.AWS("*"), "s3:*"))}, get(session), policy.Allowed},
		"resource names the account":  {policy.Policies{Boundary: listOnly, Identity: mayGet, Resource: grantedTo(root1)}, get(session), policy.ImplicitDenyBoundary},
		"a federated user's session":  {policy.Policies{Boundary: listOnly, Resource: grantedTo("arn:aws:sts::111111111111:federated-user/bob")}, get("arn:aws:sts::111111111111:federated-user/bob"), policy.Allowed},
		"the root user has none":      {policy.Policies{Boundary: listOnly}, get(root1), policy.AllowedAsRoot},
		"a service has none":          {policy.Policies{Boundary: listOnly, Resource: doc(allowing(policy.Service("s3.amazonaws.com"), "s3:*"))}, get("s3.amazonaws.com"), policy.Allowed},
		"an earlier, indirect Allow":  {policy.Policies{Boundary: listOnly, Resource: doc(allowing(policy.AWS(root1), "s3:*"), allowing(policy.AWS(roleARN), "s3:*"), allowing(policy.AWS(session), "s3:*"))}, get(session), policy.Allowed},
		"a Deny in it, past a direct": {policy.Policies{Boundary: doc(denying(nil, "s3:*")), Resource: grantedTo(userARN)}, get(userARN), policy.ExplicitDeny},
	})
}

// "Unless the key policy explicitly allows it, you cannot use IAM policies to allow access to a KMS key."
//
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
func TestKeyPolicy(t *testing.T) {
	t.Parallel()
	mayDecrypt := identity(allowing(nil, "kms:Decrypt"))
	keyFor := func(identity []policy.Document, principals ...string) policy.Policies {
		return policy.Policies{Identity: identity, Resource: doc(allowing(policy.AWS(principals...), "kms:*")), KeyPolicy: true}
	}
	decrypt := func(principal string) policy.Request {
		return policy.Request{Principal: principal, Action: "kms:Decrypt", Resource: keyARN}
	}
	bounded := keyFor(mayDecrypt, root1)
	bounded.Boundary = getOnly
	run(t, map[string]scenario{
		"IAM alone":                              {keyFor(mayDecrypt, roleARN), decrypt(userARN), policy.ImplicitDenyResource},
		"IAM, and no key policy":                 {policy.Policies{Identity: mayDecrypt, KeyPolicy: true}, decrypt(userARN), policy.ImplicitDenyResource},
		"key policy names the user":              {keyFor(nil, userARN), decrypt(userARN), policy.Allowed},
		"key policy names the role":              {keyFor(nil, roleARN), decrypt(session), policy.Allowed},
		"key policy delegates, IAM allows":       {keyFor(mayDecrypt, root1), decrypt(session), policy.Allowed},
		"key policy delegates, IAM does not":     {keyFor(nil, root1), decrypt(session), policy.ImplicitDenyIdentity},
		"key policy delegates, boundary against": {bounded, decrypt(session), policy.ImplicitDenyBoundary},
		"the root user, delegated to":            {keyFor(nil, root1), decrypt(root1), policy.Allowed},
		"the root user, locked out":              {keyFor(nil, roleARN), decrypt(root1), policy.ImplicitDenyResource},
		"across accounts, by role":               {keyFor(mayDecrypt, foreignRole), decrypt(foreignSession), policy.Allowed},
		"across accounts, by account":            {keyFor(mayDecrypt, root2), decrypt(foreignSession), policy.Allowed},
		"across accounts, IAM does not":          {keyFor(nil, foreignRole), decrypt(foreignSession), policy.ImplicitDenyIdentity},
		"across accounts, key policy does not":   {keyFor(mayDecrypt, root1), decrypt(foreignSession), policy.ImplicitDenyResource},
	})
}

// "IAM role trust policies and KMS key policies are exceptions to this logic, because they must explicitly allow access
// for principals."
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
func TestTrustPolicy(t *testing.T) {
	t.Parallel()
	trusting := func(principal *policy.Principal) *policy.Document {
		return doc(policy.Statement{Effect: policy.Allow, Principal: principal, Action: policy.Values{"sts:AssumeRole"}})
	}
	mayAssume := identity(allowing(nil, "sts:AssumeRole"))
	assume := func(principal string) policy.Request {
		return policy.Request{Principal: principal, Action: "sts:AssumeRole", Resource: roleARN}
	}
	confused := trusting(policy.Service("s3.amazonaws.com"))
	confused.Statement[0].Condition = policy.Conditions{"StringEquals": {"aws:SourceAccount": {account1}}}
	fromSource := assume("s3.amazonaws.com")
	fromSource.Context = map[string][]string{"aws:SourceAccount": {account1}}
	run(t, map[string]scenario{
		"a service":                             {policy.Policies{Resource: trusting(policy.Service("s3.amazonaws.com"))}, assume("s3.amazonaws.com"), policy.Allowed},
		"another service":                       {policy.Policies{Resource: trusting(policy.Service("s3.amazonaws.com"))}, assume("batchoperations.s3.amazonaws.com"), policy.ImplicitDenyResource},
		"a service for its source":              {policy.Policies{Resource: confused}, fromSource, policy.Allowed},
		"a service for an unknown source":       {policy.Policies{Resource: confused}, assume("s3.amazonaws.com"), policy.ImplicitDenyResource},
		"a user of the account":                 {policy.Policies{Resource: trusting(policy.AWS(userARN))}, assume(userARN), policy.Allowed},
		"the account, without identity allow":   {policy.Policies{Resource: trusting(policy.AWS(root1))}, assume(userARN), policy.ImplicitDenyIdentity},
		"the account, with identity allow":      {policy.Policies{Resource: trusting(policy.AWS(root1)), Identity: mayAssume}, assume(userARN), policy.Allowed},
		"identity allow alone":                  {policy.Policies{Resource: trusting(policy.AWS(foreignRole)), Identity: mayAssume}, assume(userARN), policy.ImplicitDenyResource},
		"another account, with identity allow":  {policy.Policies{Resource: trusting(policy.AWS(root2)), Identity: mayAssume}, assume(foreignSession), policy.Allowed},
		"a provider of web identities":          {policy.Policies{Resource: trusting(&policy.Principal{Federated: policy.Values{"accounts.google.com"}})}, assume("accounts.google.com"), policy.Allowed},
		"a provider of the account":             {policy.Policies{Resource: trusting(&policy.Principal{Federated: policy.Values{"arn:aws:iam::111111111111:saml-provider/corp"}})}, assume("arn:aws:iam::111111111111:saml-provider/corp"), policy.Allowed},
		"a provider that is not trusted":        {policy.Policies{Resource: trusting(policy.AWS(root1))}, assume("accounts.google.com"), policy.ImplicitDenyResource},
		"cognito, which is named like services": {policy.Policies{Resource: trusting(&policy.Principal{Federated: policy.Values{"cognito-identity.amazonaws.com"}})}, assume("cognito-identity.amazonaws.com"), policy.Allowed},
	})
}

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-bucket-user-policy-specifying-principal-intro.html
func TestCallersWithoutIdentityNeedTheResourcePolicy(t *testing.T) {
	t.Parallel()
	services := doc(allowing(policy.Service("logging.s3.amazonaws.com", "s3.amazonaws.com"), "s3:GetObject"))
	run(t, map[string]scenario{
		"anonymous, to everyone":            {policy.Policies{Resource: doc(allowing(policy.Anyone(), "s3:GetObject"))}, get(""), policy.Allowed},
		"anonymous, to everyone in AWS":     {policy.Policies{Resource: doc(allowing(policy.AWS("*"), "s3:GetObject"))}, get(""), policy.Allowed},
		"anonymous, to the account":         {policy.Policies{Resource: grantedTo(root1)}, get(""), policy.ImplicitDenyResource},
		"anonymous, without policy":         {policy.Policies{}, get(""), policy.ImplicitDenyResource},
		"anonymous, identity is no concern": {policy.Policies{Identity: mayGet}, get(""), policy.ImplicitDenyResource},
		"service, named":                    {policy.Policies{Resource: services}, get("s3.amazonaws.com"), policy.Allowed},
		"service, not named":                {policy.Policies{Resource: services}, get("sns.amazonaws.com"), policy.ImplicitDenyResource},
		"service, everyone named":           {policy.Policies{Resource: doc(allowing(policy.Anyone(), "s3:GetObject"))}, get("sns.amazonaws.com"), policy.Allowed},
		"service, identity is no concern":   {policy.Policies{Identity: mayGet}, get("s3.amazonaws.com"), policy.ImplicitDenyResource},
		"service in China":                  {policy.Policies{Resource: doc(allowing(policy.Service("ec2.amazonaws.com.cn"), "s3:GetObject"))}, get("ec2.amazonaws.com.cn"), policy.Allowed},
		"service, account named":            {policy.Policies{Resource: grantedTo(account1)}, get("s3.amazonaws.com"), policy.ImplicitDenyResource},
		"a user is no service":              {policy.Policies{Resource: services}, get(userARN), policy.ImplicitDenyIdentity},
	})
}

// "By default, all requests are implicitly denied with the exception of the AWS account root user, which has full
// access."
func TestAccountRoot(t *testing.T) {
	t.Parallel()
	run(t, map[string]scenario{
		"own account":                       {policy.Policies{}, get(root1), policy.AllowedAsRoot},
		"own account, by id":                {policy.Policies{}, get(account1), policy.AllowedAsRoot},
		"other account":                     {policy.Policies{}, get(root2), policy.ImplicitDenyResource},
		"other account, resource allows":    {policy.Policies{Resource: grantedTo(account2)}, get(root2), policy.Allowed},
		"other account, resource to a role": {policy.Policies{Resource: grantedTo(foreignRole)}, get(root2), policy.ImplicitDenyResource},
	})
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notaction.html
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notresource.html
func TestNotActionAndNotResource(t *testing.T) {
	t.Parallel()
	notAction := policy.Statement{Effect: policy.Allow, NotAction: policy.Values{"iam:*", "s3:Put*"}, Resource: policy.Values{"*"}}
	notResource := policy.Statement{Effect: policy.Deny, Action: policy.Values{"s3:*"}, NotResource: policy.Values{bucket, bucket + "/finance/*"}}
	put := get(userARN)
	put.Action = "s3:PutObject"
	elsewhere := get(userARN)
	elsewhere.Resource = bucket + "/hr/q3.pdf"
	run(t, map[string]scenario{
		"an action that is not listed":  {policy.Policies{Identity: identity(notAction)}, get(userARN), policy.Allowed},
		"an action that is listed":      {policy.Policies{Identity: identity(notAction)}, put, policy.ImplicitDenyIdentity},
		"a resource that is not listed": {policy.Policies{Identity: identity(allowing(nil, "s3:*"), notResource)}, elsewhere, policy.ExplicitDeny},
		"a resource that is listed":     {policy.Policies{Identity: identity(allowing(nil, "s3:*"), notResource)}, get(userARN), policy.Allowed},
	})
}

// AWS refuses such statements where they stand; evaluated nevertheless, they grant nothing.
func TestIncompleteStatementsApplyToNothing(t *testing.T) {
	t.Parallel()
	noAction := policy.Statement{Effect: policy.Allow, Principal: policy.Anyone(), Resource: policy.Values{"*"}}
	noResource := policy.Statement{Effect: policy.Allow, Action: policy.Values{"s3:*"}}
	noPrincipal := allowing(nil, "s3:*")
	noEffect := policy.Statement{Principal: policy.Anyone(), Action: policy.Values{"s3:*"}, Resource: policy.Values{"*"}}
	run(t, map[string]scenario{
		"no action":                         {policy.Policies{Resource: doc(noAction)}, get(userARN), policy.ImplicitDenyIdentity},
		"no resource in an identity policy": {policy.Policies{Identity: identity(noResource)}, get(userARN), policy.ImplicitDenyIdentity},
		"no principal in a resource policy": {policy.Policies{Resource: doc(noPrincipal)}, get(userARN), policy.ImplicitDenyIdentity},
		"no effect":                         {policy.Policies{Resource: doc(noEffect)}, get(userARN), policy.ImplicitDenyIdentity},
		"a stranger in an identity policy":  {policy.Policies{Identity: identity(allowing(policy.AWS(roleARN), "s3:*"))}, get(userARN), policy.ImplicitDenyIdentity},
	})
}
