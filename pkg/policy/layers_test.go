package policy_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// incomplete is a statement on a resource whose ARN lacks fields.
func incomplete(effect policy.Effect, resource string) policy.Statement {
	return policy.Statement{Effect: effect, Action: policy.Values{"s3:*"}, Resource: policy.Values{resource}}
}

// "When you specify an incomplete ARN [...] in an identity-based policy, AWS automatically completes the ARN by adding
// wildcard characters (*) to all missing fields."
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns
func TestIncompleteARNs(t *testing.T) {
	t.Parallel()
	all, allowS3, denyS3 := allowing(nil, "*"), incomplete(policy.Allow, "arn:aws:s3"), incomplete(policy.Deny, "arn:aws:s3")
	exceptS3 := func(effect policy.Effect) policy.Statement {
		return policy.Statement{Effect: effect, Action: policy.Values{"s3:*"}, NotResource: policy.Values{"arn:aws:s3"}}
	}
	principal := func(s policy.Statement) policy.Statement {
		s.Principal = policy.Anyone()
		return s
	}
	full := identity(all)
	run(t, map[string]scenario{
		"Allow in an identity policy":              {policy.Policies{Identity: identity(allowS3)}, get(userARN), policy.Allowed},
		"Deny in an identity policy":               {policy.Policies{Identity: identity(all, denyS3)}, get(userARN), policy.ExplicitDeny},
		"of another service":                       {policy.Policies{Identity: identity(incomplete(policy.Allow, "arn:aws:sqs"))}, get(userARN), policy.ImplicitDenyIdentity},
		"with a region":                            {policy.Policies{Identity: identity(incomplete(policy.Allow, "arn:aws:s3:us-east-1"))}, get(userARN), policy.ImplicitDenyIdentity},
		"with five fields":                         {policy.Policies{Identity: identity(incomplete(policy.Allow, "arn:aws:s3::"))}, get(userARN), policy.Allowed},
		"Allow on all but it":                      {policy.Policies{Identity: identity(exceptS3(policy.Allow))}, get(userARN), policy.ImplicitDenyIdentity},
		"Deny on all but it":                       {policy.Policies{Identity: identity(all, exceptS3(policy.Deny))}, get(userARN), policy.Allowed},
		"in a permissions boundary":                {policy.Policies{Identity: full, Boundary: doc(allowS3)}, get(userARN), policy.Allowed},
		"Deny in a permissions boundary":           {policy.Policies{Identity: full, Boundary: doc(all, denyS3)}, get(userARN), policy.ExplicitDeny},
		"in a session policy, which IAM takes not": {policy.Policies{Identity: full, Session: identity(allowS3)}, get(session), policy.ImplicitDenySession},
		"Allow in a resource policy":               {policy.Policies{Resource: doc(principal(allowS3))}, get(userARN), policy.ImplicitDenyIdentity},
		"Deny in a resource policy":                {policy.Policies{Identity: full, Resource: doc(principal(denyS3))}, get(userARN), policy.Allowed},
		"Allow in an SCP":                          {policy.Policies{Identity: full, ServiceControl: []policy.Level{identity(allowS3)}}, get(userARN), policy.ImplicitDenyServiceControl},
		"Deny in an SCP":                           {policy.Policies{Identity: full, ServiceControl: []policy.Level{identity(all, denyS3)}}, get(userARN), policy.ExplicitDeny},
		"Deny on all but it in an SCP":             {policy.Policies{Identity: full, ServiceControl: []policy.Level{identity(all, exceptS3(policy.Deny))}}, get(userARN), policy.ExplicitDeny},
		"Deny in an RCP":                           {policy.Policies{Identity: full, ResourceControl: identity(principal(denyS3))}, get(userARN), policy.ExplicitDeny},
	})
}

// "The resulting session's permissions are the intersection of the IAM entity's identity-based policy and the session
// policies", but "permissions granted directly to a session are not limited".
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
func TestSessionPolicies(t *testing.T) {
	t.Parallel()
	of := identity
	run(t, map[string]scenario{
		"role and session policy":                 {policy.Policies{Identity: mayGet, Session: mayGet}, get(session), policy.Allowed},
		"role, not session policy":                {policy.Policies{Identity: mayGet, Session: mayList}, get(session), policy.ImplicitDenySession},
		"one of two session policies":             {policy.Policies{Identity: mayGet, Session: append(mayList[:1:1], mayGet...)}, get(session), policy.Allowed},
		"a session policy grants nothing":         {policy.Policies{Session: mayGet}, get(session), policy.ImplicitDenyIdentity},
		"a Deny in it":                            {policy.Policies{Identity: mayGet, Session: of(allowing(nil, "*"), denying(nil, "s3:*"))}, get(session), policy.ExplicitDeny},
		"resource names the session":              {policy.Policies{Session: mayList, Resource: grantedTo(session)}, get(session), policy.Allowed},
		"resource names the session, with a Deny": {policy.Policies{Session: of(denying(nil, "s3:*")), Resource: grantedTo(session)}, get(session), policy.ExplicitDeny},
		"resource names the role":                 {policy.Policies{Session: mayList, Resource: grantedTo(roleARN)}, get(session), policy.ImplicitDenySession},
		"resource names the role, and both allow": {policy.Policies{Session: mayGet, Resource: grantedTo(roleARN)}, get(session), policy.Allowed},
		"across accounts":                         {policy.Policies{Identity: mayGet, Session: mayList, Resource: grantedTo(foreignSession)}, get(foreignSession), policy.ImplicitDenySession},
		"a federated user":                        {policy.Policies{Identity: mayGet, Session: mayList}, get("arn:aws:sts::111111111111:federated-user/bob"), policy.ImplicitDenySession},
		"a user has none":                         {policy.Policies{Identity: mayGet, Session: mayList}, get(userARN), policy.Allowed},
		"boundary and session policy":             {policy.Policies{Identity: mayGet, Boundary: listOnly, Session: mayGet}, get(session), policy.ImplicitDenyBoundary},
	})
}

// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html
func TestServiceControlPolicies(t *testing.T) {
	t.Parallel()
	full, list := policy.Level(identity(allowing(nil, "*"))), policy.Level(mayList)
	denying := policy.Level(identity(allowing(nil, "*"), denying(nil, "s3:Get*")))
	linked := "arn:aws:iam::111111111111:role/aws-service-role/s3.amazonaws.com/AWSServiceRoleForS3"
	run(t, map[string]scenario{
		"every level allows":              {policy.Policies{Identity: mayGet, ServiceControl: []policy.Level{full, full}}, get(userARN), policy.Allowed},
		"one level does not":              {policy.Policies{Identity: mayGet, ServiceControl: []policy.Level{full, list}}, get(userARN), policy.ImplicitDenyServiceControl},
		"a second policy of the level":    {policy.Policies{Identity: mayGet, ServiceControl: []policy.Level{full, append(list[:1:1], full...)}}, get(userARN), policy.Allowed},
		"a level without policies":        {policy.Policies{Identity: mayGet, ServiceControl: []policy.Level{full, {}}}, get(userARN), policy.ImplicitDenyServiceControl},
		"a Deny":                          {policy.Policies{Identity: mayGet, ServiceControl: []policy.Level{denying}}, get(userARN), policy.ExplicitDeny},
		"it grants nothing":               {policy.Policies{ServiceControl: []policy.Level{full}}, get(userARN), policy.ImplicitDenyIdentity},
		"past a resource policy":          {policy.Policies{Resource: grantedTo(userARN), ServiceControl: []policy.Level{list}}, get(userARN), policy.ImplicitDenyServiceControl},
		"the root user":                   {policy.Policies{ServiceControl: []policy.Level{list}}, get(root1), policy.ImplicitDenyServiceControl},
		"across accounts":                 {policy.Policies{Identity: mayGet, Resource: grantedTo(foreignRole), ServiceControl: []policy.Level{list}}, get(foreignSession), policy.ImplicitDenyServiceControl},
		"a service is not limited":        {policy.Policies{Resource: doc(allowing(policy.Service("s3.amazonaws.com"), "s3:*")), ServiceControl: []policy.Level{list}}, get("s3.amazonaws.com"), policy.Allowed},
		"nor is a service-linked role":    {policy.Policies{Identity: mayGet, ServiceControl: []policy.Level{denying}}, get(linked), policy.Allowed},
		"nor is a caller without account": {policy.Policies{Resource: doc(allowing(policy.Anyone(), "s3:*")), ServiceControl: []policy.Level{list}}, get(""), policy.Allowed},
	})
	d := policy.Evaluate(policy.Policies{Identity: mayGet, ServiceControl: []policy.Level{full, denying}}, get(userARN))
	assert.Equal(t, "denied by Statement[0] of service control policy 1 of level 1", d.String())
	d = policy.Evaluate(policy.Policies{Identity: mayGet, ServiceControl: []policy.Level{full, list}}, get(userARN))
	assert.Equal(t, "denied: no statement of the service control policy of level 1 allows it", d.String())
	d = policy.Evaluate(policy.Policies{Identity: mayGet, ServiceControl: []policy.Level{full}}, get(userARN))
	assert.Len(t, d.Grants(), 1, "an SCP grants nothing")
}

// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_evaluation.html
func TestResourceControlPolicies(t *testing.T) {
	t.Parallel()
	deny := identity(denying(policy.Anyone(), "s3:Get*"))
	run(t, map[string]scenario{
		"no Allow is needed":           {policy.Policies{Identity: mayGet, ResourceControl: identity(denying(policy.Anyone(), "s3:Put*"))}, get(userARN), policy.Allowed},
		"a Deny":                       {policy.Policies{Identity: mayGet, ResourceControl: deny}, get(userARN), policy.ExplicitDeny},
		"a Deny for the root user":     {policy.Policies{ResourceControl: deny}, get(root1), policy.ExplicitDeny},
		"a Deny for a service":         {policy.Policies{Resource: doc(allowing(policy.Service("s3.amazonaws.com"), "s3:*")), ResourceControl: deny}, get("s3.amazonaws.com"), policy.ExplicitDeny},
		"a Deny for anonymous callers": {policy.Policies{Resource: doc(allowing(policy.Anyone(), "s3:*")), ResourceControl: deny}, get(""), policy.ExplicitDeny},
		"a Deny across accounts":       {policy.Policies{Identity: mayGet, Resource: grantedTo(foreignRole), ResourceControl: deny}, get(foreignSession), policy.ExplicitDeny},
		"an Allow grants nothing":      {policy.Policies{ResourceControl: identity(allowing(policy.Anyone(), "*"))}, get(userARN), policy.ImplicitDenyIdentity},
		"not for service-linked roles": {policy.Policies{Identity: mayGet, ResourceControl: deny}, get("arn:aws:iam::111111111111:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"), policy.Allowed},
	})
}

// What depends on a missing key in a layer is undecided, whatever layer it is.
func TestLayersOfOpenRequestsAreUndecided(t *testing.T) {
	t.Parallel()
	const organization = "aws:PrincipalOrgID"
	ours := conditional(allowing(nil, "s3:*"), "StringEquals", organization, "o-ours")
	theirs := conditional(denying(policy.Anyone(), "s3:*"), "StringNotEquals", organization, "o-ours")
	notOurs := theirs
	notOurs.Principal = nil
	full := allowing(nil, "*")
	for name, p := range map[string]policy.Policies{
		"an Allow in an SCP":           {Identity: mayGet, ServiceControl: []policy.Level{identity(full), identity(ours)}},
		"a Deny in an SCP":             {Identity: mayGet, ServiceControl: []policy.Level{identity(full, notOurs)}},
		"a Deny in an RCP":             {Identity: mayGet, ResourceControl: identity(theirs)},
		"an Allow in a session policy": {Identity: mayGet, Session: identity(ours)},
		"a Deny in a session policy":   {Identity: mayGet, Session: identity(full, notOurs)},
		"an Allow in a boundary":       {Identity: mayGet, Boundary: doc(ours)},
	} {
		d := policy.Evaluate(p, open(get(session), nil))
		assert.Equal(t, policy.Unknown, d.Reason, "%s: %s", name, d)
		assert.Equal(t, []string{organization}, d.MissingKeys, name)
		assert.True(t, policy.Evaluate(p, open(get(session), map[string][]string{organization: {"o-ours"}})).Allowed, name)
		assert.False(t, policy.Evaluate(p, open(get(session), map[string][]string{organization: {"o-theirs"}})).Allowed, name)
	}
}

// A key that is missing or has one of a few values decides what is the same for all of them.
func TestPossibleValuesDecideWhatTheyAgreeOn(t *testing.T) {
	t.Parallel()
	const key = "aws:MultiFactorAuthPresent"
	for name, tt := range map[string]struct {
		operator, value string
		want            policy.Reason
	}{
		"false if it is there": {"BoolIfExists", "false", policy.ExplicitDeny},
		"true if it is there":  {"Bool", "true", policy.Allowed},
		"it is there":          {"Null", "false", policy.Unknown},
		"it is false":          {"Bool", "false", policy.Unknown},
	} {
		r := open(get(session), nil)
		r.Possible = map[string][]string{key: {"false"}}
		p := policy.Policies{Identity: mayGet, Resource: doc(conditional(denying(policy.Anyone(), "s3:*"), tt.operator, key, tt.value))}
		assert.Equal(t, tt.want, policy.Evaluate(p, r).Reason, name)
	}
}

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html
func TestResourceAccountOfS3IsOfRequestsToS3(t *testing.T) {
	t.Parallel()
	deny := conditional(denying(nil, "*"), "StringNotEquals", "s3:ResourceAccount", account1)
	p := policy.Policies{Identity: identity(allowing(nil, "*"), deny)}
	assert.True(t, policy.Evaluate(p, get(userARN)).Allowed)
	queue := policy.Request{Principal: userARN, Action: "sqs:SendMessage", Resource: "arn:aws:sqs:us-east-1:111111111111:queue"}
	assert.Equal(t, policy.ExplicitDeny, policy.Evaluate(p, queue).Reason, "the key is missing")
	assert.Equal(t, policy.ExplicitDeny, policy.Evaluate(p, open(queue, nil)).Reason, "for certain")
}

// AWS takes these, and they mean nothing.
func TestParseTakesEmptyListsAndNulls(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"an empty list of values":  conditioned(`{"StringEquals":{"aws:a":[]}}`),
		"an empty operator object": conditioned(`{"StringEquals":{}}`),
		"a null in a list":         `{"Statement":[{"Effect":"Allow","Action":"*","Resource":[null,"arn:aws:s3:::b"]}]}`,
	} {
		_, err := policy.Parse([]byte(text))
		assert.NoError(t, err, name)
	}
	assert.False(t, holds(when("StringEquals"), given("a")), "no value is equal")
	assert.True(t, holds(policy.Conditions{"StringEquals": {}}, nil))
}
