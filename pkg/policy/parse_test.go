package policy_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

func TestParseAcceptsEveryFormThatAWSAccepts(t *testing.T) {
	t.Parallel()
	plain := policy.New(allowing(nil, "s3:GetObject"))
	tests := map[string]struct {
		text string
		want policy.Document
	}{
		"lists of one":          {`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject"],"Resource":["*"]}]}`, plain},
		"plain strings":         {`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}`, plain},
		"a single statement":    {`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}}`, plain},
		"any order of blocks":   {`{"Statement":[{"Resource":"*","Action":"s3:GetObject","Effect":"Allow"}],"Version":"2012-10-17"}`, plain},
		"an empty condition":    {`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{}}]}`, plain},
		"white space":           {" {\n\"Version\" : \"2012-10-17\",\t\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}\n", plain},
		"no version":            {`{"Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}`, policy.Document{Statement: plain.Statement}},
		"the earlier version":   {`{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}`, policy.Document{Version: "2008-10-17", Statement: plain.Statement}},
		"a trust policy":        {`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"accounts.google.com"},"Action":"sts:AssumeRoleWithWebIdentity"}]}`, policy.New(policy.Statement{Effect: policy.Allow, Principal: &policy.Principal{Federated: policy.Values{"accounts.google.com"}}, Action: policy.Values{"sts:AssumeRoleWithWebIdentity"}})},
		"a deleted role's id":   {`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"AROAEXAMPLEEXAMPLEEX"},"Action":"s3:GetObject","Resource":"*"}]}`, policy.New(allowing(policy.AWS("AROAEXAMPLEEXAMPLEEX"), "s3:GetObject"))},
		"an unquoted boolean":   {conditioned(`{"Bool":{"aws:SecureTransport":false}}`), withCondition(policy.Conditions{"Bool": {"aws:SecureTransport": {"false"}}})},
		"an unquoted number":    {conditioned(`{"NumericLessThan":{"s3:TlsVersion":1.20}}`), withCondition(policy.Conditions{"NumericLessThan": {"s3:TlsVersion": {"1.20"}}})},
		"mixed values":          {conditioned(`{"NumericEquals":{"s3:max-keys":[10,"20"]}}`), withCondition(policy.Conditions{"NumericEquals": {"s3:max-keys": {"10", "20"}}})},
		"a quantified operator": {conditioned(`{"ForAnyValue:StringLikeIfExists":{"aws:TagKeys":["a*"]}}`), withCondition(policy.Conditions{"ForAnyValue:StringLikeIfExists": {"aws:TagKeys": {"a*"}}})},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := policy.Parse([]byte(tt.text))
			require.NoError(t, err)
			assert.Equal(t, tt.want, got)
			require.NoError(t, got.Validate())
		})
	}
}

// conditioned is a document whose only statement has the condition.
func conditioned(condition string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":` + condition + `}]}`
}

func withCondition(conditions policy.Conditions) policy.Document {
	s := allowing(nil, "s3:GetObject")
	s.Condition = conditions
	return policy.New(s)
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
func TestParseRefusesWhatAWSRefuses(t *testing.T) {
	t.Parallel()
	statement := func(elements string) string { return `{"Statement":[{` + elements + `}]}` }
	tests := map[string]struct{ text, want string }{
		"nothing":                  {``, "not valid JSON at byte 0: the document ends too early"},
		"half a document":          {`{"Statement":[`, "not valid JSON at byte 14: the document ends too early"},
		"something after the end":  {`{} {}`, "text after the end of the document"},
		"no object":                {`["Statement"]`, "expected an object, found a list"},
		"endless nesting":          {strings.Repeat("[", 1000), "nested deeper than a policy can be"},
		"no statement":             {`{"Version":"2012-10-17"}`, "Statement: a policy needs at least one statement"},
		"an empty statement list":  {`{"Statement":[]}`, "Statement: a policy needs at least one statement"},
		"a statement of text":      {`{"Statement":["Allow"]}`, `Statement[0]: expected an object, found a string ("Allow")`},
		"statements of text":       {`{"Statement":"Allow"}`, `Statement: expected a list or an object, found a string ("Allow")`},
		"an unknown element":       {`{"Statments":[]}`, "Statments: unknown element; did you mean Statement? (known are Id, Statement, Version)"},
		"letter case":              {statement(`"effect":"Allow","Action":"*","Resource":"*"`), "Statement[0].effect: unknown element; did you mean Effect?"},
		"an element given twice":   {statement(`"Effect":"Allow","Effect":"Deny","Action":"*","Resource":"*"`), "Statement[0].Effect: given twice"},
		"a key given twice":        {conditioned(`{"Bool":{"aws:SecureTransport":"true","aws:SecureTransport":"false"}}`), "Statement[0].Condition.Bool.aws:SecureTransport: given twice"},
		"an unknown version":       {`{"Version":"2012-10-18","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`, `Version: unknown version "2012-10-18"; use "2012-10-17"`},
		"a version of number type": {`{"Version":2012,"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`, `Version: expected a string, found a number ("2012")`},
		"no effect":                {statement(`"Action":"*","Resource":"*"`), "Statement[0].Effect: missing; give Allow or Deny"},
		"effect in small letters":  {statement(`"Effect":"allow","Action":"*","Resource":"*"`), `Statement[0].Effect: "allow" is neither Allow nor Deny (letter case matters)`},
		"no action":                {statement(`"Effect":"Allow","Resource":"*"`), "Statement[0]: neither Action nor NotAction is given; give one"},
		"action both ways":         {statement(`"Effect":"Allow","Action":"*","NotAction":"*","Resource":"*"`), "Statement[0]: both Action and NotAction are given; keep one"},
		"resource both ways":       {statement(`"Effect":"Allow","Action":"*","Resource":"*","NotResource":"*"`), "Statement[0]: both Resource and NotResource are given; keep one"},
		"principal both ways":      {statement(`"Effect":"Allow","Action":"*","Principal":"*","NotPrincipal":"*"`), "Statement[0]: both Principal and NotPrincipal are given; keep one"},
		"an empty list":            {statement(`"Effect":"Allow","Action":[],"Resource":"*"`), "Statement[0].Action: the list is empty; give at least one value"},
		"an action of number type": {statement(`"Effect":"Allow","Action":[1],"Resource":"*"`), `Statement[0].Action[0]: expected a string, found a number ("1")`},
		"an action without prefix": {statement(`"Effect":"Allow","Action":["s3:Get*","GetObject"],"Resource":"*"`), `Statement[0].Action[1]: "GetObject" is not an action; write "service:Name"`},
		"a resource without arn":   {statement(`"Effect":"Allow","Action":"*","Resource":"my-bucket/*"`), `Statement[0].Resource: "my-bucket/*" is not a resource; write an ARN`},
		"a null":                   {statement(`"Effect":"Allow","Action":"*","Resource":null`), "Statement[0].Resource: expected a string, found null"},
		"a principal of text":      {statement(`"Effect":"Allow","Action":"*","Principal":"root"`), `Statement[0].Principal: expected "*" or an object such as {"AWS": "arn:aws:iam::111122223333:role/name"}, found a string ("root")`},
		"no principals":            {statement(`"Effect":"Allow","Action":"*","Principal":{}`), "Statement[0].Principal: is empty"},
		"an unknown principal":     {statement(`"Effect":"Allow","Action":"*","Principal":{"Aws":"*"}`), "Statement[0].Principal.Aws: unknown element; did you mean AWS?"},
		"a part of a principal":    {statement(`"Effect":"Allow","Action":"*","Principal":{"AWS":"arn:aws:iam::111111111111:role/*"}`), `Statement[0].Principal.AWS: "arn:aws:iam::111111111111:role/*" has a wildcard in part of a name`},
		"a principal by name":      {statement(`"Effect":"Allow","Action":"*","Principal":{"AWS":"alice"}`), `Statement[0].Principal.AWS: "alice" is not a principal`},
		"a bucket as principal":    {statement(`"Effect":"Allow","Action":"*","Principal":{"AWS":"arn:aws:s3:::source"}`), `"arn:aws:s3:::source" is not a principal`},
		"an empty principal":       {statement(`"Effect":"Allow","Action":"*","Principal":{"Service":""}`), `Statement[0].Principal.Service: "" is empty`},
		"an unknown operator":      {conditioned(`{"StringEqualz":{"aws:a":"b"}}`), "Statement[0].Condition.StringEqualz: unknown operator; did you mean StringEquals?"},
		// "MalformedPolicyDocument: Invalid Condition type : stringEquals", as reported in
		// https://github.com/ministryofjustice/modernisation-platform-environments/pull/8893
		"an operator in small letters": {conditioned(`{"stringEquals":{"aws:a":"b"}}`), "Statement[0].Condition.stringEquals: unknown operator; did you mean StringEquals?"},
		"an operator like no other":    {conditioned(`{"Whatever":{"aws:a":"b"}}`), "Statement[0].Condition.Whatever: unknown operator"},
		"Null with IfExists":           {conditioned(`{"NullIfExists":{"aws:a":"true"}}`), "Statement[0].Condition.NullIfExists: unknown operator"},
		"a condition of text":          {conditioned(`"StringEquals"`), "Statement[0].Condition: expected an object, found a string"},
		"an operator of text":          {conditioned(`{"StringEquals":"aws:a"}`), "Statement[0].Condition.StringEquals: expected an object, found a string"},
		"a key without prefix":         {conditioned(`{"StringEquals":{"SourceArn":"b"}}`), `Statement[0].Condition.StringEquals.SourceArn: "SourceArn" is not a condition key`},
		"a list of nothing but null":   {statement(`"Effect":"Allow","Action":"*","Resource":[null]`), "Statement[0].Resource: the list is empty"},
		"a wildcard for the service":   {statement(`"Effect":"Allow","Action":"*:GetObject","Resource":"*"`), `Statement[0].Action: "*:GetObject" is not an action`},
		"Allow with NotPrincipal":      {statement(`"Effect":"Allow","Action":"*","NotPrincipal":{"AWS":"111111111111"}`), "Statement[0].NotPrincipal: is not supported with the Effect Allow"},
		"an unknown partition":         {statement(`"Effect":"Allow","Action":"*","Resource":"arn:error:s3:::x"`), `Statement[0].Resource: "arn:error:s3:::x" is in no partition of AWS`},
		"an ARN without service":       {statement(`"Effect":"Allow","Action":"*","Resource":"arn:aws"`), `Statement[0].Resource: "arn:aws" names no service`},
		"a bucket in a region":         {statement(`"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:us-east-1::x"`), `"arn:aws:s3:us-east-1::x" is a bucket in a region`},
		"a key with an object":         {conditioned(`{"StringEquals":{"aws:a":{}}}`), "Statement[0].Condition.StringEquals.aws:a: expected a string or a number or true or false, found an object"},
		"a boolean that is none":       {conditioned(`{"Bool":{"aws:a":"yes"}}`), `Statement[0].Condition.Bool.aws:a: "yes" is not true or false`},
		"Null with another value":      {conditioned(`{"Null":{"aws:a":"${aws:b}"}}`), `"${aws:b}" is not true (the key is missing) or false (it is present)`},
		"a number that is none":        {conditioned(`{"NumericLessThan":{"s3:TlsVersion":["1.2","TLS1.2"]}}`), `Statement[0].Condition.NumericLessThan.s3:TlsVersion[1]: "TLS1.2" is not a number`},
		"a number out of this world":   {conditioned(`{"NumericLessThan":{"s3:TlsVersion":"inf"}}`), `"inf" is not a number`},
		"a date that is none":          {conditioned(`{"DateLessThan":{"aws:CurrentTime":"tomorrow"}}`), `"tomorrow" is not an ISO 8601 date`},
		"an address that is none":      {conditioned(`{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/33"}}`), `"203.0.113.0/33" is not an IP address or a CIDR range`},
		"base64 that is none":          {conditioned(`{"BinaryEquals":{"aws:a":"%"}}`), `"%" is not base64`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := policy.Parse([]byte(tt.text))
			require.ErrorContains(t, err, tt.want)
			var malformed *policy.MalformedError
			require.ErrorAs(t, err, &malformed)
			assert.Len(t, malformed.Problems, 1, "one mistake, one message: %v", err)
		})
	}
}

func TestParseReportsAllProblemsAtOnce(t *testing.T) {
	t.Parallel()
	_, err := policy.Parse([]byte(`{
		"Version": "2013",
		"Statement": [
			{"Effect": "allow", "Resource": "*"},
			{"Effect": "Deny", "Action": "*", "Resource": "*", "Principle": "*"},
			{"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringEqual": {"aws:a": "b"}, "Bool": {"c": "d"}}}
		]}`))
	require.EqualError(t, err, strings.Join([]string{
		`Statement[1].Principle: unknown element; did you mean Principal? (known are Action, Condition, Effect, NotAction, NotPrincipal, NotResource, Principal, Resource, Sid)`,
		`Version: unknown version "2013"; use "2012-10-17" (or, without policy variables, "2008-10-17")`,
		`Statement[0].Effect: "allow" is neither Allow nor Deny (letter case matters)`,
		`Statement[0]: neither Action nor NotAction is given; give one`,
		`Statement[2].Condition.Bool.c: "c" is not a condition key; write "service:name" such as "aws:SourceArn"`,
		`Statement[2].Condition.Bool.c: "d" is not true or false`,
		`Statement[2].Condition.StringEqual: unknown operator; did you mean StringEquals?`,
	}, "\n"))
}

func TestValidateSeesWhatJSONCannotHold(t *testing.T) {
	t.Parallel()
	everyoneAndMore := allowing(&policy.Principal{All: true, AWS: policy.Values{roleARN}}, "s3:*")
	noValue := allowing(nil, "s3:*")
	noValue.Condition = policy.Conditions{"StringEquals": {"aws:a": nil}}

	assert.EqualError(t, policy.New(everyoneAndMore, noValue).Validate(), strings.Join([]string{
		"Statement[0].Principal: has \"*\" and other principals; keep one",
		"Statement[1].Condition.StringEquals.aws:a: no value is given; give at least one",
	}, "\n"))
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html#policies-grammar-notes
func TestValidateAs(t *testing.T) {
	t.Parallel()
	identity := allowing(nil, "s3:GetObject")
	resource := allowing(policy.AWS(roleARN), "s3:GetObject")
	trust := resource
	trust.Resource = nil
	named := func(s policy.Statement, sid string) policy.Statement {
		s.Sid = sid
		return s
	}
	tests := map[string]struct {
		kind     policy.Kind
		document policy.Document
		want     string
	}{
		"identity":                       {policy.IdentityPolicy, policy.New(identity), ""},
		"identity with principal":        {policy.IdentityPolicy, policy.New(resource), "Statement[0]: an identity policy cannot have a Principal"},
		"identity without resource":      {policy.IdentityPolicy, policy.New(trust), "Statement[0]: an identity policy cannot have a Principal\nStatement[0]: an identity policy needs a Resource"},
		"identity with a spaced sid":     {policy.IdentityPolicy, policy.New(named(identity, "Allow it")), `Statement[0].Sid: "Allow it" is not made of letters and digits only`},
		"identity with a sid used twice": {policy.IdentityPolicy, policy.New(named(identity, "A"), named(identity, "B"), named(identity, "A")), `Statement[2].Sid: "A" is used twice in this document`},
		"resource":                       {policy.ResourcePolicy, policy.New(resource), ""},
		"resource with a spaced sid":     {policy.ResourcePolicy, policy.New(named(resource, "Enable IAM User Permissions")), ""},
		"resource without principal":     {policy.ResourcePolicy, policy.New(resource, identity), "Statement[1]: a resource policy needs a Principal"},
		"resource without resource":      {policy.ResourcePolicy, policy.New(trust), "Statement[0]: a resource policy needs a Resource"},
		"trust":                          {policy.TrustPolicy, policy.New(trust), ""},
		"trust with resource":            {policy.TrustPolicy, policy.New(resource), "Statement[0]: a trust policy cannot have a Resource"},
		"the common rules too":           {policy.TrustPolicy, policy.New(), "Statement: a policy needs at least one statement"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := tt.document.ValidateAs(tt.kind)
			if tt.want == "" {
				require.NoError(t, err)
				return
			}
			require.EqualError(t, err, tt.want)
		})
	}
}
