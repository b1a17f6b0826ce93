package verify

import (
	"testing"

	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// A deployment can't make a bucket again that it adopted.
func TestJudgeBucket_SaysWhoCanMakeItAgain(t *testing.T) {
	t.Parallel()
	for existing, want := range map[bool]string{
		false: "recreate it with `pulumi up --refresh`, or remove its rules: another account can take the name",
		true: "the deployment adopted it, and doesn't create it: recreate it in us-east-1, or remove its rules: " +
			"another account can take the name",
	} {
		p := newPlace(deployedPlace("source", "us-east-1"), "", awsConfig)
		p.Existing, p.region.err = existing, &smithy.GenericAPIError{Code: "NoSuchBucket"}
		found := p.judgeBucket()
		assert.Equal(t, "the bucket "+p.url()+" does not exist", found.reason)
		assert.Equal(t, want, found.fix)
	}
}

// Where all that can be read lets an object through, a condition in the trust policy on
// what AWS does not document is the next cause.
func TestAsk_NamesATrustPolicyThatRestsOnUndocumentedKeys(t *testing.T) {
	t.Parallel()
	const roleARN = "arn:aws:iam::111111111111:role/r"
	trust := func(condition policy.Conditions) policy.Document {
		return policy.New(policy.Statement{
			Effect: policy.Allow, Principal: policy.Service("s3.amazonaws.com"), Action: policy.Values{"sts:AssumeRole"}, Condition: condition,
		})
	}
	for name, test := range map[string]struct {
		trust         policy.Document
		reason        string
		failure, does string
	}{
		"on the account": {
			trust(policy.Conditions{"StringEquals": {"aws:SourceAccount": {"111111111111"}}}),
			"it did not arrive, and all readable settings allow it, except the trust policy of " + roleARN +
				": it allows S3 only if S3 sends aws:SourceAccount, which AWS does not document",
			"AssumeRoleNotPermitted", "StringEqualsIfExists",
		},
		"on nothing": {trust(nil), "it did not arrive, and all readable settings allow it", "", "look elsewhere"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			from := newPlace(deployedPlace("source", "us-east-1"), roleARN, awsConfig)
			from.role.value.trust = test.trust
			f := &flow{from: from}
			found := f.ask(replication.Object{Key: "a"}, "dr", "it did not arrive", "look elsewhere")
			assert.Equal(t, test.reason, found.reason)
			assert.Equal(t, test.failure, found.failure)
			assert.Contains(t, found.fix, test.does)
		})
	}
}
