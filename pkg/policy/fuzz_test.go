package policy_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// seeds are documents of all sorts, good and bad.
var seeds = []string{
	bucketPolicy, rolePolicy, keyPolicy,
	`{"Statement":{"Effect":"Deny","NotPrincipal":{"AWS":"111111111111","Service":["s3.amazonaws.com"]},"NotAction":"s3:*","NotResource":"*"}}`,
	`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"CanonicalUser":"79a5"},"Action":"*","Resource":"arn:aws:s3:::b/${aws:username, 'x'}${*}"}]}`,
	conditioned(`{"ForAllValues:StringNotLikeIfExists":{"aws:TagKeys":["a*","?"]},"BinaryEquals":{"a:b":"QQ=="},"DateLessThan":{"aws:CurrentTime":1893456000}}`),
	conditioned(`{"NotIpAddress":{"aws:SourceIp":["203.0.113.0/24","2001:db8::/32"]},"NumericEquals":{"s3:max-keys":-1e3}}`),
	`{"Statement":[{"Effect":"Allow","Effect":"Deny"}]}`,
	`{"Statement":[[[[[]]]]]}`, `{"Version":`, `null`, `"*"`, "\xff", `{"Statement":"\ud800"}`,
}

// What Parse accepts can be written and read again without loss, and is valid; what it refuses, it refuses in words.
func FuzzParse(f *testing.F) {
	for _, seed := range seeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := policy.Parse(data)
		if err != nil {
			var malformed *policy.MalformedError
			require.ErrorAs(t, err, &malformed)
			assert.NotEmpty(t, err.Error())
			return
		}
		require.NoError(t, d.Validate())
		again, err := policy.Parse([]byte(d.JSON()))
		require.NoError(t, err)
		assert.Equal(t, d, again)
	})
}

// Whatever the document and the request, evaluation ends with an answer, the same answer each time, and a policy that
// denies everything is never outweighed.
func FuzzEvaluate(f *testing.F) {
	for i, seed := range seeds {
		caller := callers[i%len(callers)]
		f.Add([]byte(seed), caller, "s3:PutObject", object, account1, "s3:TlsVersion", "1.1", i%2 == 0)
		f.Add([]byte(seed), caller, "kms:Decrypt", keyARN, "", "aws:PrincipalArn", roleARN, i%2 == 1)
	}
	f.Fuzz(func(t *testing.T, data []byte, caller, action, resource, account, key, value string, isKey bool) {
		d, err := policy.Parse(data)
		if err != nil {
			return
		}
		r := policy.Request{
			Principal: caller, Action: action, Resource: resource, ResourceAccount: account,
			Context: map[string][]string{key: {value}},
		}
		p := policy.Policies{Identity: []policy.Document{d}, Boundary: &d, Resource: &d, KeyPolicy: isKey}
		decision := policy.Evaluate(p, r)
		assert.NotEmpty(t, decision.String())
		assert.Equal(t, decision.Allowed, policy.Evaluate(p, r).Allowed)

		r.Incomplete = true
		if open := policy.Evaluate(p, r); open.Reason == policy.Unknown {
			assert.NotEmpty(t, open.MissingKeys)
		} else {
			assert.Equal(t, decision.Allowed, open.Allowed, "that nothing else is there is one of the possibilities")
		}

		p.Resource = doc(denying(policy.Anyone(), "*"))
		assert.False(t, policy.Evaluate(p, r).Allowed)
	})
}
