package policy_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// Roles with a path: the path is in the role's ARN and not in that of its sessions.
const (
	pathRole    = "arn:aws:iam::111111111111:role/service-role/s3crr"
	pathSession = "arn:aws:sts::111111111111:assumed-role/s3crr/s3-replication"
)

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
func TestWhoAPrincipalNames(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		caller    string
		principal *policy.Principal
		context   map[string][]string
		want      bool
	}{
		"a user, by ARN":                       {userARN, policy.AWS(userARN), nil, true},
		"a user, in other letters":             {userARN, policy.AWS("arn:aws:iam::111111111111:user/Alice"), nil, false},
		"a user with a path":                   {"arn:aws:iam::111111111111:user/ops/alice", policy.AWS("arn:aws:iam::111111111111:user/ops/alice"), nil, true},
		"a session, by ARN":                    {session, policy.AWS(session), nil, true},
		"another session":                      {session, policy.AWS(session + "2"), nil, false},
		"a session, by its role":               {session, policy.AWS(roleARN), nil, true},
		"a session, by another role":           {session, policy.AWS("arn:aws:iam::111111111111:role/write"), nil, false},
		"a session, by a role elsewhere":       {session, policy.AWS("arn:aws:iam::222222222222:role/writer"), nil, false},
		"a session, by a role in China":        {session, policy.AWS("arn:aws-cn:iam::111111111111:role/writer"), nil, false},
		"a session, by a user of that name":    {session, policy.AWS("arn:aws:iam::111111111111:user/writer"), nil, false},
		"a session, by its role with path":     {pathSession, policy.AWS(pathRole), nil, true},
		"the path set, and equal":              {pathSession, policy.AWS(pathRole), map[string][]string{"aws:PrincipalArn": {pathRole}}, true},
		"the path set, and different":          {pathSession, policy.AWS("arn:aws:iam::111111111111:role/s3crr"), map[string][]string{"aws:PrincipalArn": {pathRole}}, false},
		"another value set":                    {pathSession, policy.AWS(pathRole), map[string][]string{"aws:PrincipalArn": {pathSession}}, true},
		"a role, by ARN":                       {roleARN, policy.AWS(roleARN), nil, true},
		"a role, by a session":                 {roleARN, policy.AWS(session), nil, false},
		"a part of a name":                     {session, policy.AWS("arn:aws:iam::111111111111:role/*"), nil, false},
		"everyone among others":                {userARN, policy.AWS(roleARN, "*"), nil, true},
		"a unique id of a deleted role":        {session, policy.AWS("AROAEXAMPLEEXAMPLEEX"), nil, false},
		"a canonical user":                     {userARN, &policy.Principal{CanonicalUser: policy.Values{"79a5"}}, nil, false},
		"any service":                          {"s3.amazonaws.com", policy.Service("*"), nil, true},
		"any service, for a user":              {userARN, policy.Service("*"), nil, false},
		"a principal that is no principal":     {"arn:aws:s3:::bucket", policy.AWS("arn:aws:s3:::bucket"), nil, false},
		"a name that is no principal":          {"alice", policy.AWS("alice"), nil, false},
		"an account that only begins the same": {userARN, policy.AWS("arn:aws:iam::111111111111:rooted"), nil, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := get(tt.caller)
			r.Context = tt.context
			d := policy.Evaluate(policy.Policies{Resource: doc(allowing(tt.principal, "s3:GetObject"))}, r)
			assert.Equal(t, tt.want, d.Allowed, d.String())
		})
	}
}

// "When you use NotPrincipal with Deny, you must also specify the account ARN of the not-denied principal. [...] AWS
// might validate the account first, then the role, and then the assumed-role user."
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
func TestDenyWithNotPrincipalSparesWhoIsListedInFull(t *testing.T) {
	t.Parallel()
	listed := policy.AWS
	tests := map[string]struct {
		caller string
		listed *policy.Principal
		spared bool
	}{
		"user and account":             {userARN, listed(userARN, root1), true},
		"user and account id":          {userARN, listed(userARN, account1), true},
		"user without account":         {userARN, listed(userARN), false},
		"account without user":         {userARN, listed(root1), false},
		"another user":                 {userARN, listed(userARN+"2", root1), false},
		"session, role and account":    {session, listed(session, roleARN, root1), true},
		"role and account, no session": {session, listed(roleARN, root1), false},
		"session and account, no role": {session, listed(session, root1), false},
		"role, session unknown":        {roleARN, listed(roleARN, root1), false},
		"root":                         {root1, listed(root1), true},
		"root of another account":      {root2, listed(root1), false},
		"everyone":                     {userARN, policy.Anyone(), true},
		"everyone in AWS":              {session, listed("*"), true},
		"service":                      {"s3.amazonaws.com", policy.Service("s3.amazonaws.com"), true},
		"another service":              {"sns.amazonaws.com", policy.Service("s3.amazonaws.com"), false},
		"anonymous":                    {"", listed(root1), false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			deny := policy.Statement{Effect: policy.Deny, NotPrincipal: tt.listed, Action: policy.Values{"*"}, Resource: policy.Values{"*"}}
			p := policy.Policies{Identity: mayGet, Resource: doc(deny)}
			assert.Equal(t, !tt.spared, policy.Evaluate(p, get(tt.caller)).Reason == policy.ExplicitDeny)
		})
	}
}

// "The NotPrincipal element with a Deny effect will always deny any IAM principal that has a permissions boundary policy
// attached, regardless of the values specified in the NotPrincipal element."
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
func TestDenyWithNotPrincipalNeverSparesWhoHasABoundary(t *testing.T) {
	t.Parallel()
	deny := policy.Statement{Effect: policy.Deny, NotPrincipal: policy.AWS(userARN, root1), Action: policy.Values{"*"}, Resource: policy.Values{"*"}}
	p := policy.Policies{Identity: mayGet, Resource: doc(deny)}
	assert.Equal(t, policy.Allowed, policy.Evaluate(p, get(userARN)).Reason)
	p.Boundary = getOnly
	assert.Equal(t, policy.ExplicitDeny, policy.Evaluate(p, get(userARN)).Reason)
	assert.Equal(t, policy.AllowedAsRoot, policy.Evaluate(p, get(root1)).Reason, "the root user has no boundary")
}

// "The NotPrincipal element must be used with "Effect":"Deny". Using it with "Effect":"Allow" is not supported."
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
func TestAllowWithNotPrincipalGrantsNothing(t *testing.T) {
	t.Parallel()
	allow := policy.Statement{Effect: policy.Allow, NotPrincipal: policy.AWS(roleARN), Action: policy.Values{"*"}, Resource: policy.Values{"*"}}
	for _, caller := range []string{userARN, "", session, "s3.amazonaws.com", foreignSession} {
		assert.False(t, policy.Evaluate(policy.Policies{Resource: doc(allow)}, get(caller)).Allowed, caller)
	}
}

// It is a session that calls, "AWS might validate the account first, then the role, and then the assumed-role user".
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
func TestDenyWithNotPrincipalSparesNoRoleWithoutItsSession(t *testing.T) {
	t.Parallel()
	sparing := func(principals ...string) policy.Policies {
		return policy.Policies{Identity: mayGet, Resource: doc(policy.Statement{
			Effect: policy.Deny, NotPrincipal: policy.AWS(principals...), Action: policy.Values{"*"}, Resource: policy.Values{"*"},
		})}
	}
	asked := open(get(roleARN), nil)
	assert.Equal(t, policy.ExplicitDeny, policy.Evaluate(sparing(roleARN, root1), asked).Reason)
	assert.Equal(t, policy.ExplicitDeny, policy.Evaluate(sparing(roleARN, root1), get(roleARN)).Reason)
	assert.Equal(t, policy.ExplicitDeny, policy.Evaluate(sparing(root1, session), asked).Reason, "the role is missing")
	perhaps := policy.Evaluate(sparing(roleARN, root1, session), asked)
	assert.Equal(t, policy.Unknown, perhaps.Reason)
	assert.Equal(t, []string{"aws:userid"}, perhaps.MissingKeys, "it hangs on the name of the session")
	assert.Equal(t, policy.Allowed, policy.Evaluate(sparing(roleARN, root1, session), get(session)).Reason)
	assert.Equal(t, policy.Unknown, policy.Evaluate(policy.Policies{Identity: mayGet, Resource: doc(denying(policy.AWS(session), "s3:*"))}, asked).Reason,
		"so does a Deny that names a session")
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable
func TestKeysThatFollowFromTheRequest(t *testing.T) {
	t.Parallel()
	type keys map[string]string // "" means missing
	tests := map[string]struct {
		caller string
		want   keys
	}{
		"user": {"arn:aws:iam::111111111111:user/ops/alice", keys{
			"aws:PrincipalArn": "arn:aws:iam::111111111111:user/ops/alice", "aws:PrincipalAccount": account1, "aws:PrincipalType": "User",
			"aws:PrincipalIsAWSService": "false", "aws:PrincipalServiceName": "", "aws:username": "alice",
			"aws:ResourceAccount": account1, "s3:ResourceAccount": account1, "aws:SourceIp": "",
		}},
		"session": {session, keys{
			"aws:PrincipalArn": roleARN, "aws:PrincipalAccount": account1, "aws:PrincipalType": "AssumedRole", "aws:username": "",
			"aws:PrincipalIsAWSService": "false",
		}},
		"session in China": {"arn:aws-cn:sts::222222222222:assumed-role/reader/x", keys{"aws:PrincipalArn": "arn:aws-cn:iam::222222222222:role/reader", "aws:PrincipalAccount": account2}},
		"role with a path": {pathRole, keys{"aws:PrincipalArn": pathRole, "aws:PrincipalType": "AssumedRole"}},
		"root":             {root1, keys{"aws:PrincipalArn": root1, "aws:PrincipalAccount": account1, "aws:PrincipalType": "Account", "aws:username": ""}},
		"root by id":       {account1, keys{"aws:PrincipalArn": root1, "aws:PrincipalAccount": account1}},
		"federated user":   {"arn:aws:sts::111111111111:federated-user/bob", keys{"aws:PrincipalArn": "arn:aws:sts::111111111111:federated-user/bob", "aws:PrincipalType": "FederatedUser"}},
		"service": {"s3.amazonaws.com", keys{
			"aws:PrincipalIsAWSService": "true", "aws:PrincipalServiceName": "s3.amazonaws.com", "aws:PrincipalArn": "", "aws:PrincipalAccount": "", "aws:PrincipalType": "",
		}},
		"anonymous": {"", keys{"aws:PrincipalAccount": "anonymous", "aws:PrincipalType": "Anonymous", "aws:PrincipalArn": "", "aws:PrincipalIsAWSService": ""}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for key, want := range tt.want {
				s := allowing(policy.Anyone(), "s3:GetObject")
				s.Condition = policy.Conditions{"StringEquals": {key: {want}}}
				if want == "" {
					s.Condition = policy.Conditions{"Null": {key: {"true"}}}
				}
				p := policy.Policies{Identity: identity(allowing(nil, "*")), Resource: doc(s)}
				p.KeyPolicy = true // so that the statement has to apply
				assert.True(t, policy.Evaluate(p, get(tt.caller)).Allowed, "%s is not %q", key, want)
			}
		})
	}
}

func TestContextOverridesWhatFollowsFromTheRequest(t *testing.T) {
	t.Parallel()
	conditions := policy.Conditions{"StringEquals": {"aws:PrincipalArn": {"value"}}}
	assert.True(t, holds(conditions, map[string][]string{"AWS:principalarn": {"value"}}))
	assert.False(t, holds(conditions, nil))
}
