package policy_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

func TestJSONIsCompactAndOrdered(t *testing.T) {
	t.Parallel()
	d := policy.New(
		policy.Statement{
			Sid:       "ReplicationObjects",
			Effect:    policy.Allow,
			Principal: policy.AWS(foreignRole),
			Action:    policy.Values{"s3:ReplicateObject", "s3:ReplicateDelete"},
			Resource:  policy.Values{bucket + "/*"},
			Condition: policy.Conditions{
				"StringLike":   {"s3:b": {"1", "2"}, "s3:a": {"x"}},
				"ArnLike":      {"aws:SourceArn": {bucket}},
				"StringEquals": {"s3:c": {"<&>"}},
			},
		},
		policy.Statement{
			Effect:       policy.Deny,
			NotPrincipal: policy.Anyone(),
			NotAction:    policy.Values{"s3:Get*"},
			NotResource:  policy.Values{"*"},
		},
	)
	d.ID = "example"

	const want = `{"Version":"2012-10-17","Id":"example","Statement":[` +
		`{"Sid":"ReplicationObjects","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::222222222222:role/reader"},` +
		`"Action":["s3:ReplicateObject","s3:ReplicateDelete"],"Resource":"arn:aws:s3:::source/*",` +
		`"Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:s3:::source"},"StringEquals":{"s3:c":"<&>"},` +
		`"StringLike":{"s3:a":"x","s3:b":["1","2"]}}},` +
		`{"Effect":"Deny","NotPrincipal":"*","NotAction":"s3:Get*","NotResource":"*"}]}`
	for range 20 { // maps iterate in another order each time
		require.Equal(t, want, d.JSON())
	}
}

func TestPrincipalJSON(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		principal *policy.Principal
		want      string
	}{
		"anyone":           {policy.Anyone(), `"*"`},
		"one role":         {policy.AWS(roleARN), `{"AWS":"` + roleARN + `"}`},
		"two accounts":     {policy.AWS(account1, account2), `{"AWS":["111111111111","222222222222"]}`},
		"a service":        {policy.Service("s3.amazonaws.com"), `{"Service":"s3.amazonaws.com"}`},
		"several at once":  {&policy.Principal{Service: policy.Values{"a.amazonaws.com"}, AWS: policy.Values{"*"}}, `{"AWS":"*","Service":"a.amazonaws.com"}`},
		"a canonical user": {&policy.Principal{CanonicalUser: policy.Values{"79a5"}}, `{"CanonicalUser":"79a5"}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := json.Marshal(tt.principal)
			require.NoError(t, err)
			assert.Equal(t, tt.want, string(got))
		})
	}
}

// A document inside another JSON value is written and read like one by itself.
func TestDocumentInsideOtherJSON(t *testing.T) {
	t.Parallel()
	type role struct{ Trust policy.Document }
	want := role{Trust: policy.New(allowing(policy.Service("s3.amazonaws.com"), "sts:AssumeRole"))}

	text, err := json.Marshal(want)
	require.NoError(t, err)
	var got role
	require.NoError(t, json.Unmarshal(text, &got))
	assert.Equal(t, want, got)

	assert.ErrorContains(t, json.Unmarshal([]byte(`{"Trust":{"Statement":[]}}`), &got), "at least one statement")
}

func TestStatementByItself(t *testing.T) {
	t.Parallel()
	var s policy.Statement
	require.NoError(t, json.Unmarshal([]byte(`{"Effect":"Allow","Action":"s3:*","Resource":"*"}`), &s))
	assert.Equal(t, allowing(nil, "s3:*"), s)

	assert.EqualError(t, json.Unmarshal([]byte(`{"Effect":"Allow","Resource":"*"}`), &s),
		"Statement: neither Action nor NotAction is given; give one")
	assert.EqualError(t, json.Unmarshal([]byte(`{"Effect":"Allow","Actions":"s3:*"}`), &s),
		"Statement.Actions: unknown element; did you mean Action? "+
			"(known are Action, Condition, Effect, NotAction, NotPrincipal, NotResource, Principal, Resource, Sid)")
	assert.ErrorContains(t, s.UnmarshalJSON([]byte(`{`)), "not valid JSON")
}

// The parts of a statement can stand in other JSON by themselves, such as in a stack's config.
func TestPartsByThemselves(t *testing.T) {
	t.Parallel()
	var part struct {
		Who  *policy.Principal
		What policy.Values
		When policy.Conditions
	}
	require.NoError(t, json.Unmarshal([]byte(`{"Who":{"AWS":"111111111111"},"What":"s3:*","When":{"Bool":{"aws:a":true}}}`), &part))
	assert.Equal(t, policy.AWS(account1), part.Who)
	assert.Equal(t, policy.Values{"s3:*"}, part.What)
	assert.Equal(t, policy.Conditions{"Bool": {"aws:a": {"true"}}}, part.When)

	require.ErrorContains(t, json.Unmarshal([]byte(`{"Who":"me"}`), &part), `Principal: expected "*" or an object`)
	require.ErrorContains(t, json.Unmarshal([]byte(`{"Who":{"AWS":"me"}}`), &part), `Principal.AWS: "me" is not a principal`)
	assert.ErrorContains(t, json.Unmarshal([]byte(`{"What":{}}`), &part), "expected a string or a number or true or false, found an object")
}
