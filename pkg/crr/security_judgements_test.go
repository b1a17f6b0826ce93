package crr_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// TestSecurity_JudgementsOfPoliciesFail gives each judgement a policy that it must
// not accept: a property that is there may still say the wrong thing.
func TestSecurity_JudgementsOfPoliciesFail(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		holds     func(resource.PropertyValue) bool
		statement string
	}{
		"plain HTTP refused for objects alone": {
			statements(deniesPlainHTTP),
			`{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::b/*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`,
		},
		"plain HTTP refused for reading alone": {
			statements(deniesPlainHTTP),
			`{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}`,
		},
		"TLS refused": {
			statements(deniesPlainHTTP),
			`{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"],"Condition":{"Bool":{"aws:SecureTransport":"true"}}}`,
		},
		"another account may replace the policy": {
			none(handsOver), `{"Effect":"Allow","Principal":{"AWS":"222222222222"},"Action":"s3:PutBucketPolicy","Resource":"arn:aws:s3:::b"}`,
		},
		"public read access": {
			none(public), `{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}`,
		},
		"every account may read": {
			none(public), `{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}`,
		},
		"a role may decrypt with all keys": {
			none(decryptsWithAllKeys), `{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*"}`,
		},
		"a role may decrypt with all keys of an account": {
			none(decryptsWithAllKeys), `{"Effect":"Allow","Action":"kms:*","Resource":"arn:aws:kms:us-east-1:111111111111:key/*"}`,
		},
		"a role may do all of a service": {
			none(wildcardActions), `{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b"}`,
		},
		"a role may write to every bucket": {
			none(unconfined), `{"Effect":"Allow","Action":["cloudwatch:PutMetricData","s3:PutObject"],"Resource":"*"}`,
		},
		"only the root user can repair the policy": {
			statements(func(all []policy.Statement) bool { return !locksOut(all) }),
			`{"Effect":"Deny","Principal":"*","Action":"s3:PutBucketPolicy","Resource":"arn:aws:s3:::b"}`,
		},
		"no policy at all": {none(public), ``},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			document := `{"Version":"2012-10-17","Statement":[` + c.statement + `]}`
			assert.False(t, c.holds(resource.NewStringProperty(document)))
		})
	}
}
