package policy_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// holds reports whether conditions hold in a context: a user is allowed exactly when they do.
func holds(conditions policy.Conditions, context map[string][]string) bool {
	s := allowing(nil, "s3:GetObject")
	s.Condition = conditions
	r := get(userARN)
	r.Context = context
	return policy.Evaluate(policy.Policies{Identity: identity(s)}, r).Allowed
}

func when(operator string, values ...string) policy.Conditions {
	return policy.Conditions{operator: {"test:key": values}}
}

func given(values ...string) map[string][]string { return map[string][]string{"test:key": values} }

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
func TestOperatorsCompareOneValue(t *testing.T) {
	t.Parallel()
	tests := []struct {
		operator, want, have string
		holds                bool
	}{
		{"StringEquals", "aws:kms", "aws:kms", true},
		{"StringEquals", "aws:kms", "AWS:KMS", false},
		{"StringEquals", "aws:*", "aws:kms", false},
		{"StringNotEquals", "aws:kms", "aws:kms", false},
		{"StringNotEquals", "aws:kms", "AES256", true},
		{"StringEqualsIgnoreCase", "aws:kms", "AWS:KMS", true},
		{"StringEqualsIgnoreCase", "aws:kms", "AES256", false},
		{"StringNotEqualsIgnoreCase", "aws:kms", "AWS:KMS", false},
		{"StringNotEqualsIgnoreCase", "aws:kms", "AES256", true},
		{"StringLike", "aws:*", "aws:kms:dsse", true},
		{"StringLike", "aws:*", "AES256", false},
		{"StringNotLike", "aws:*", "aws:kms", false},
		{"StringNotLike", "aws:*", "AES256", true},

		{"NumericEquals", "1.20", "1.2", true},
		{"NumericEquals", "10", "11", false},
		{"NumericNotEquals", "10", "10.0", false},
		{"NumericNotEquals", "10", "11", true},
		{"NumericLessThan", "1.2", "1.1", true},
		{"NumericLessThan", "1.2", "1.2", false},
		{"NumericLessThan", "9", "10", false},
		{"NumericLessThanEquals", "10", "10", true},
		{"NumericLessThanEquals", "10", "10.5", false},
		{"NumericGreaterThan", "-1", "0", true},
		{"NumericGreaterThan", "0", "0", false},
		{"NumericGreaterThanEquals", "1e3", "1000", true},
		{"NumericGreaterThanEquals", "1e3", "999", false},
		{"NumericLessThan", "1.2", "TLS1.1", false},
		{"NumericNotEquals", "1.2", "TLS1.2", true},

		{"DateEquals", "2030-01-01T00:00:00Z", "2030-01-01T01:00:00+01:00", true},
		{"DateEquals", "2030-01-01", "2030-01-01T00:00:00Z", true},
		{"DateEquals", "1893456000", "2030-01-01T00:00:00Z", true},
		{"DateEquals", "2030", "2030-01-01T00:00:01Z", false},
		{"DateNotEquals", "2030-01", "2030-01-01T00:00Z", false},
		{"DateNotEquals", "2030-01-01", "2030-01-02", true},
		{"DateLessThan", "2030-01-01T00:00:00Z", "2029-12-31T23:59:59Z", true},
		{"DateLessThan", "2030-01-01T00:00:00Z", "2030-01-01T00:00:00Z", false},
		{"DateLessThanEquals", "2030-01-01T00:00:00Z", "2030-01-01T00:00:00Z", true},
		{"DateLessThanEquals", "2030-01-01T00:00:00Z", "2030-01-01T00:00:00.5Z", false},
		{"DateGreaterThan", "2020-01-01T00:00:01Z", "2020-01-01T00:00:02Z", true},
		{"DateGreaterThan", "2020-01-01T00:00:01Z", "2020-01-01T00:00:01Z", false},
		{"DateGreaterThanEquals", "2020-01-01T00:00:01Z", "2020-01-01T00:00:01Z", true},
		{"DateGreaterThanEquals", "2020-01-01T00:00:01Z", "2020-01-01T00:00:00Z", false},
		{"DateGreaterThan", "2020-01-01", "yesterday", false},

		{"Bool", "true", "true", true},
		{"Bool", "TRUE", "true", true},
		{"Bool", "false", "true", false},

		{"BinaryEquals", "QmluYXJ5", "QmluYXJ5", true},
		{"BinaryEquals", "QmluYXJ5", "QmluYXJ6", false},
		{"BinaryEquals", "QmluYXJ5", "Binary", false},

		{"IpAddress", "203.0.113.0/24", "203.0.113.77", true},
		{"IpAddress", "203.0.113.0/24", "203.0.114.77", false},
		{"IpAddress", "203.0.113.5/24", "203.0.113.77", true},
		{"IpAddress", "203.0.113.5", "203.0.113.5", true},
		{"IpAddress", "203.0.113.5", "203.0.113.6", false},
		{"IpAddress", "203.0.113.0/24", "::ffff:203.0.113.5", true},
		{"IpAddress", "2001:DB8:1234:5678::/64", "2001:db8:1234:5678::1", true},
		{"IpAddress", "2001:DB8:1234:5678::/64", "203.0.113.5", false},
		{"IpAddress", "203.0.113.0/24", "not an address", false},
		{"NotIpAddress", "203.0.113.0/24", "203.0.113.77", false},
		{"NotIpAddress", "203.0.113.0/24", "198.51.100.1", true},

		{"ArnEquals", "arn:aws:s3:::b*", "arn:aws:s3:::bucket", true}, // behaves identically to ArnLike
		{"ArnEquals", "arn:aws:s3:::b", "arn:aws:s3:::bucket", false},
		{"ArnLike", "arn:aws:iam::*:role/deploy", "arn:aws:iam::111111111111:role/deploy", true},
		{"ArnLike", "arn:aws:iam::*:role/deploy", "arn:aws:iam::111111111111:role/other", false},
		{"ArnNotEquals", "arn:aws:s3:::b", "arn:aws:s3:::b", false},
		{"ArnNotEquals", "arn:aws:s3:::b", "arn:aws:s3:::c", true},
		{"ArnNotLike", "arn:aws:s3:::b*", "arn:aws:s3:::bucket", false},
		{"ArnNotLike", "arn:aws:s3:::b*", "arn:aws:s3:::other", true},
	}
	for _, tt := range tests {
		t.Run(tt.operator+" "+tt.want+" "+tt.have, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, tt.holds, holds(when(tt.operator, tt.want), given(tt.have)))
			assert.Equal(t, tt.holds, holds(when(tt.operator+"IfExists", tt.want), given(tt.have)), "IfExists changes nothing where the key is present")
			assert.Equal(t, tt.holds, holds(when("ForAllValues:"+tt.operator, tt.want), given(tt.have)), "of one value, all are any")
			assert.Equal(t, tt.holds, holds(when("ForAnyValue:"+tt.operator, tt.want), given(tt.have)), "of one value, any are all")
		})
	}
}

// "If the key that you specify in a policy condition is not present in the request context, the values do not match
// and the condition is false. If the policy condition requires that the key is not matched, [...] the condition is
// true."
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
func TestMissingKey(t *testing.T) {
	t.Parallel()
	positive := map[string]string{
		"StringEquals": "a", "StringEqualsIgnoreCase": "a", "StringLike": "*",
		"NumericEquals": "1", "NumericLessThan": "1", "NumericLessThanEquals": "1", "NumericGreaterThan": "1", "NumericGreaterThanEquals": "1",
		"DateEquals": "2030", "DateLessThan": "2030", "DateLessThanEquals": "2030", "DateGreaterThan": "2030", "DateGreaterThanEquals": "2030",
		"Bool": "false", "BinaryEquals": "", "IpAddress": "0.0.0.0/0", "ArnEquals": "*", "ArnLike": "*",
	}
	negated := map[string]string{
		"StringNotEquals": "a", "StringNotEqualsIgnoreCase": "a", "StringNotLike": "*", "NumericNotEquals": "1",
		"DateNotEquals": "2030", "NotIpAddress": "0.0.0.0/0", "ArnNotEquals": "*", "ArnNotLike": "*",
	}
	check := func(t *testing.T, operator, value string, want bool) {
		t.Helper()
		missing := map[string]map[string][]string{"no context": nil, "another key": {"test:other": {value}}, "no value": given()}
		for how, context := range missing {
			assert.Equal(t, want, holds(when(operator, value), context), "%s, %s", operator, how)
		}
	}
	for operator, value := range positive {
		check(t, operator, value, false)
		check(t, operator+"IfExists", value, true)
		check(t, "ForAllValues:"+operator, value, true)
		check(t, "ForAnyValue:"+operator, value, false)
		check(t, "ForAnyValue:"+operator+"IfExists", value, true)
	}
	for operator, value := range negated {
		check(t, operator, value, true)
		check(t, operator+"IfExists", value, true)
		check(t, "ForAllValues:"+operator, value, true)
		check(t, "ForAnyValue:"+operator, value, false)
	}
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Null
func TestNullTellsWhetherAKeyIsPresent(t *testing.T) {
	t.Parallel()
	assert.True(t, holds(when("Null", "true"), nil))
	assert.False(t, holds(when("Null", "false"), nil))
	assert.False(t, holds(when("Null", "true"), given("anything")))
	assert.True(t, holds(when("Null", "false"), given("anything")))
	assert.True(t, holds(when("Null", "FALSE"), given("")), "an empty value is a value")
	assert.True(t, holds(when("Null", "true", "false"), nil), "several values are alternatives")
	assert.True(t, holds(policy.Conditions{"Null": {"aws:PrincipalArn": {"false"}}}, nil), "a derived key is present")
}

// The trap that decides how bucket policies have to be written (facts/aws.md 5.1): the negated operator in a Deny hits
// requests without the header, and IfExists does not help; a Null condition does.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_IfExists
func TestNegatedOperatorInADenyHitsRequestsWithoutTheKey(t *testing.T) {
	t.Parallel()
	const header = "s3:x-amz-server-side-encryption"
	tests := map[string]struct {
		conditions              policy.Conditions
		withoutHeader, withSSES bool
	}{
		"StringNotEquals":          {policy.Conditions{"StringNotEquals": {header: {"aws:kms"}}}, true, true},
		"StringNotEqualsIfExists":  {policy.Conditions{"StringNotEqualsIfExists": {header: {"aws:kms"}}}, true, true},
		"StringNotEquals and Null": {policy.Conditions{"StringNotEquals": {header: {"aws:kms"}}, "Null": {header: {"false"}}}, false, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			deny := denying(policy.Anyone(), "s3:PutObject")
			deny.Condition = tt.conditions
			p := policy.Policies{Identity: identity(allowing(nil, "s3:*")), Resource: doc(deny)}
			r := policy.Request{Principal: userARN, Action: "s3:PutObject", Resource: object, ResourceAccount: account1}
			assert.Equal(t, tt.withoutHeader, !policy.Evaluate(p, r).Allowed, "without the header")
			r.Context = map[string][]string{header: {"AES256"}}
			assert.Equal(t, tt.withSSES, !policy.Evaluate(p, r).Allowed, "with another algorithm")
			r.Context = map[string][]string{header: {"aws:kms"}}
			assert.True(t, policy.Evaluate(p, r).Allowed, "with the right algorithm")
		})
	}
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
func TestSeveralValuesKeysAndOperators(t *testing.T) {
	t.Parallel()
	assert.True(t, holds(when("StringEquals", "a", "b"), given("b")), "the values of a positive operator are alternatives")
	assert.False(t, holds(when("StringEquals", "a", "b"), given("c")))
	assert.False(t, holds(when("StringNotEquals", "a", "b"), given("b")), "the values of a negated operator are all excluded")
	assert.True(t, holds(when("StringNotEquals", "a", "b"), given("c")))

	keys := policy.Conditions{"StringEquals": {"test:one": {"1"}, "test:two": {"2"}}}
	assert.True(t, holds(keys, map[string][]string{"test:one": {"1"}, "test:two": {"2"}}), "all keys have to hold")
	assert.False(t, holds(keys, map[string][]string{"test:one": {"1"}, "test:two": {"3"}}))

	operators := policy.Conditions{"StringEquals": {"test:one": {"1"}}, "NumericLessThan": {"test:two": {"3"}}}
	assert.True(t, holds(operators, map[string][]string{"test:one": {"1"}, "test:two": {"2"}}), "all operators have to hold")
	assert.False(t, holds(operators, map[string][]string{"test:one": {"1"}, "test:two": {"3"}}))
}

// The examples are those of the AWS page.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
func TestMultivaluedKeys(t *testing.T) {
	t.Parallel()
	tests := []struct {
		operator string
		want     []string
		have     []string
		holds    bool
	}{
		{"ForAllValues:StringEquals", []string{"PostDateTime", "Message", "Tags"}, []string{"PostDateTime", "Message"}, true},
		{"ForAllValues:StringEquals", []string{"PostDateTime", "Message", "Tags"}, []string{"PostDateTime", "UserName"}, false},
		{"ForAnyValue:StringEquals", []string{"ID", "PostDateTime"}, []string{"UserName", "Message", "PostDateTime"}, true},
		{"ForAnyValue:StringEquals", []string{"ID", "PostDateTime"}, []string{"UserName"}, false},
		{"ForAllValues:StringNotLike", []string{"secret*"}, []string{"a", "b"}, true},
		{"ForAllValues:StringNotLike", []string{"secret*"}, []string{"a", "secret1"}, false},
		{"ForAnyValue:StringNotLike", []string{"secret*"}, []string{"a", "secret1"}, true},
		{"ForAnyValue:StringNotLike", []string{"secret*"}, []string{"secret1", "secret2"}, false},
		// "If the key values in the request resolve to an empty data set (for example, an empty string)"
		{"ForAllValues:StringEquals", []string{"a"}, []string{""}, true},
		{"ForAnyValue:StringEquals", []string{""}, []string{""}, false},
		// Without a quantifier, an Allow needs both possible readings to hold: any value, or none at all.
		{"StringEquals", []string{"a"}, []string{"a", "b"}, false},
		{"StringEquals", []string{"c"}, []string{"a", "b"}, false},
		{"StringNotEquals", []string{"a"}, []string{"a", "b"}, false},
		{"StringNotEquals", []string{"c"}, []string{"a", "b"}, true},
	}
	for _, tt := range tests {
		assert.Equal(t, tt.holds, holds(when(tt.operator, tt.want...), given(tt.have...)), "%s %v of %v", tt.operator, tt.want, tt.have)
	}
}

// AWS does not document what an operator without quantifier does with several values. It has been seen to find no match
// (https://github.com/boogy/iam-policy-validator/issues/161); whatever it does, a Deny is not to be overlooked.
func TestOperatorWithoutQuantifierOnSeveralValuesCountsAgainstTheCaller(t *testing.T) {
	t.Parallel()
	for operator, wants := range map[string]map[string]struct{ allows, denies bool }{
		"StringEquals":    {"a": {false, true}, "c": {false, false}},
		"StringNotEquals": {"a": {false, true}, "c": {true, true}},
	} {
		for want, expected := range wants {
			conditions, context := when(operator, want), given("a", "b")
			assert.Equal(t, expected.allows, holds(conditions, context), "Allow %s %s", operator, want)
			deny := denying(nil, "s3:*")
			deny.Condition = conditions
			r := get(userARN)
			r.Context = context
			d := policy.Evaluate(policy.Policies{Identity: identity(allowing(nil, "s3:*"), deny)}, r)
			assert.Equal(t, expected.denies, !d.Allowed, "Deny %s %s", operator, want)
		}
	}
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html
func TestKeysCompareWithoutCase(t *testing.T) {
	t.Parallel()
	conditions := policy.Conditions{"StringEquals": {"AWS:SourceARN": {"x"}}}
	assert.True(t, holds(conditions, map[string][]string{"aws:sourcearn": {"x"}}))
	assert.True(t, holds(conditions, map[string][]string{"aws:sourcearn": {"y"}, "AWS:SourceARN": {"x"}}), "the same letters come first")
	assert.True(t, holds(conditions, map[string][]string{"aws:sourcearn": {"y"}, "aws:SourceArn": {"x"}}), "then the first in order")
}

// No parsed document has one; a document made in Go can.
func TestUnknownOperatorCountsAgainstTheCaller(t *testing.T) {
	t.Parallel()
	assert.False(t, holds(when("StringEqualz", "a"), given("a")), "an Allow does not apply")

	deny := denying(nil, "s3:GetObject")
	deny.Condition = when("StringEqualz", "a")
	p := policy.Policies{Identity: identity(allowing(nil, "s3:*"), deny)}
	assert.Equal(t, policy.ExplicitDeny, policy.Evaluate(p, get(userARN)).Reason, "a Deny does")
}
