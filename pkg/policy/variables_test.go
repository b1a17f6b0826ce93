package policy_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
func TestVariablesInResources(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		resource, key string
		context       map[string][]string
		want          bool
	}{
		"the user's own folder":         {bucket + "/${aws:username}/*", "alice/a", nil, true},
		"another user's folder":         {bucket + "/${aws:username}/*", "bob/a", nil, false},
		"a key in other letters":        {bucket + "/${AWS:UserName}/*", "alice/a", nil, true},
		"a tag":                         {bucket + "/${aws:PrincipalTag/team}/*", "blue/a", map[string][]string{"aws:PrincipalTag/team": {"blue"}}, true},
		"a tag that is missing":         {bucket + "/${aws:PrincipalTag/team}/*", "/a", nil, false},
		"a default value":               {bucket + "/${aws:PrincipalTag/team, 'none'}/*", "none/a", nil, true},
		"a default that is not needed":  {bucket + "/${aws:PrincipalTag/team, 'none'}/*", "none/a", map[string][]string{"aws:PrincipalTag/team": {"blue"}}, false},
		"a key of several values":       {bucket + "/${aws:TagKeys}/*", "a/a", map[string][]string{"aws:TagKeys": {"a", "b"}}, false},
		"several, with a default":       {bucket + "/${aws:TagKeys, 'none'}/*", "none/a", map[string][]string{"aws:TagKeys": {"a", "b"}}, false},
		"two variables":                 {bucket + "/${aws:username}/${aws:PrincipalType}", "alice/User", nil, true},
		"a literal asterisk":            {bucket + "/${*}", "*", nil, true},
		"a literal asterisk only":       {bucket + "/${*}", "anything", nil, false},
		"a literal question mark":       {bucket + "/${?}", "?", nil, true},
		"a literal question mark only":  {bucket + "/${?}", "a", nil, false},
		"a literal dollar":              {bucket + "/${$}{a}", "${a}", nil, true},
		"a wildcard out of a variable":  {bucket + "/${aws:PrincipalTag/team}", "anything", map[string][]string{"aws:PrincipalTag/team": {"*"}}, false},
		"that wildcard itself":          {bucket + "/${aws:PrincipalTag/team}", "*", map[string][]string{"aws:PrincipalTag/team": {"*"}}, true},
		"no closing brace":              {bucket + "/${aws:username", "${aws:username", nil, true},
		"before the fifth colon":        {"arn:aws:${aws:PrincipalTag/service}:::source/*", "a", map[string][]string{"aws:PrincipalTag/service": {"s3"}}, false},
		"nothing but a variable":        {"${aws:PrincipalTag/arn}", "a", map[string][]string{"aws:PrincipalTag/arn": {bucket + "/a"}}, false},
		"a value with colons":           {bucket + "/${aws:PrincipalTag/team}/*", "a:b/c", map[string][]string{"aws:PrincipalTag/team": {"a:b"}}, true},
		"a part that repeats the whole": {"arn:aws:s3:::${aws:PrincipalTag/bucket}", "", map[string][]string{"aws:PrincipalTag/bucket": {"source/"}}, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := allowing(nil, "s3:GetObject")
			s.Resource = policy.Values{tt.resource}
			r := get(userARN)
			r.Resource, r.Context = bucket+"/"+tt.key, tt.context
			assert.Equal(t, tt.want, policy.Evaluate(policy.Policies{Identity: identity(s)}, r).Allowed)
		})
	}
}

// "Earlier versions of the policy language don't support policy variables."
func TestVariablesAreTextInEarlierVersions(t *testing.T) {
	t.Parallel()
	s := allowing(nil, "s3:GetObject")
	s.Resource = policy.Values{bucket + "/${aws:username}"}
	s.Condition = policy.Conditions{"StringEquals": {"test:key": {"${aws:username}"}}}
	literal := get(userARN)
	literal.Resource, literal.Context = bucket+"/${aws:username}", given("${aws:username}")
	filled := get(userARN)
	filled.Resource, filled.Context = bucket+"/alice", given("alice")

	for _, version := range []string{"", "2008-10-17"} {
		p := policy.Policies{Identity: []policy.Document{{Version: version, Statement: []policy.Statement{s}}}}
		assert.True(t, policy.Evaluate(p, literal).Allowed, version)
		assert.False(t, policy.Evaluate(p, filled).Allowed, version)
	}
	p := policy.Policies{Identity: identity(s)}
	assert.True(t, policy.Evaluate(p, filled).Allowed)
	assert.False(t, policy.Evaluate(p, literal).Allowed)
}

// "You can use a policy variable for Condition values in any condition that involves the string operators or the ARN
// operators", and, says the page of the operators, with Bool.
func TestVariablesInConditions(t *testing.T) {
	t.Parallel()
	assert.True(t, holds(when("StringEquals", "${aws:username}"), given("alice")))
	assert.False(t, holds(when("StringEquals", "${aws:username}"), given("bob")))
	assert.False(t, holds(when("StringNotEquals", "${aws:username}"), given("alice")))
	assert.True(t, holds(when("StringEquals", "${*}"), given("*")))
	assert.True(t, holds(when("StringLike", "home/${aws:username}/*"), given("home/alice/a")))
	assert.True(t, holds(when("StringLike", "${*}*"), given("*a")))
	assert.False(t, holds(when("StringLike", "${*}*"), given("a")))
	assert.True(t, holds(when("ArnEquals", "${aws:PrincipalArn}"), given(userARN)))
	assert.True(t, holds(when("ArnLike", "arn:aws:iam::${aws:PrincipalAccount}:role/*"), given(roleARN)))
	assert.True(t, holds(when("Bool", "${aws:PrincipalIsAWSService}"), given("false")))
	assert.False(t, holds(when("NumericEquals", "${aws:PrincipalAccount}"), given(account1)), "no variables with numbers")
}

// "The value is effectively null": nothing is equal to it or like it, so that inverted operators match. "The resource
// that includes a policy variable with no value will not match any resource."
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-no-value
func TestNothingMatchesAVariableWithoutValue(t *testing.T) {
	t.Parallel()
	const variable, arn = "${aws:TokenIssueTime}", "arn:aws:iam::111111111111:user/${aws:TokenIssueTime}"
	for operator, want := range map[string]string{
		"StringEquals": variable, "StringEqualsIgnoreCase": variable, "StringLike": variable + "*", "ArnEquals": arn, "ArnLike": arn, "Bool": variable,
	} {
		for _, full := range []string{operator, operator + "IfExists", "ForAllValues:" + operator, "ForAnyValue:" + operator} {
			assert.False(t, holds(when(full, want), given(userARN)), full)
		}
	}
	for operator, want := range map[string]string{
		"StringNotEquals": variable, "StringNotEqualsIgnoreCase": variable, "StringNotLike": variable + "*", "ArnNotEquals": arn, "ArnNotLike": arn,
	} {
		for _, full := range []string{operator, operator + "IfExists", "ForAllValues:" + operator, "ForAnyValue:" + operator} {
			assert.True(t, holds(when(full, want), given(userARN)), full)
			assert.False(t, holds(when(full, want, "*", "arn:*:*:*:*:*", userARN), given(userARN)), "%s, and another value is excluded", full)
		}
	}
	assert.True(t, holds(when("StringEquals", variable, "a"), given("a")), "another value still matches")

	folder := bucket + "/" + variable + "/*"
	for name, tt := range map[string]struct {
		statement policy.Statement
		want      policy.Reason
	}{
		"Allow on a resource":            {policy.Statement{Effect: policy.Allow, Resource: policy.Values{folder}}, policy.ImplicitDenyIdentity},
		"Allow on another resource":      {policy.Statement{Effect: policy.Allow, Resource: policy.Values{folder, object}}, policy.Allowed},
		"Allow on what is not excluded":  {policy.Statement{Effect: policy.Allow, NotResource: policy.Values{folder}}, policy.Allowed},
		"Deny on a resource":             {policy.Statement{Effect: policy.Deny, Resource: policy.Values{folder}}, policy.Allowed},
		"Deny on what is not excluded":   {policy.Statement{Effect: policy.Deny, NotResource: policy.Values{folder}}, policy.ExplicitDeny},
		"Deny on what is excluded twice": {policy.Statement{Effect: policy.Deny, NotResource: policy.Values{folder, object}}, policy.Allowed},
	} {
		s := tt.statement
		s.Action = policy.Values{"s3:*"}
		p := policy.Policies{Identity: identity(s)}
		if s.Effect == policy.Deny {
			p.Identity = identity(allowing(nil, "s3:*"), s)
		}
		assert.Equal(t, tt.want, policy.Evaluate(p, get(userARN)).Reason, name)
	}
}
