package e2e

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// grantOnBucket adds statements to the policy of a bucket, as its owner would.
func (c clients) grantOnBucket(t *testing.T, bucket string, added policy.Document) {
	t.Helper()
	present, err := c.s3.GetBucketPolicy(t.Context(), &s3.GetBucketPolicyInput{Bucket: &bucket})
	require.NoError(t, err)
	_, err = c.s3.PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{Bucket: &bucket, Policy: withStatements(t, present.Policy, added)})
	require.NoError(t, err)
}

// grantOnKey adds statements to the policy of a key.
func (c clients) grantOnKey(t *testing.T, key string, added policy.Document) {
	t.Helper()
	name := aws.String("default")
	present, err := c.kms.GetKeyPolicy(t.Context(), &kms.GetKeyPolicyInput{KeyId: &key, PolicyName: name})
	require.NoError(t, err)
	_, err = c.kms.PutKeyPolicy(t.Context(), &kms.PutKeyPolicyInput{KeyId: &key, PolicyName: name, Policy: withStatements(t, present.Policy, added)})
	require.NoError(t, err)
}

func withStatements(t *testing.T, present *string, added policy.Document) *string {
	t.Helper()
	document, err := policy.Parse([]byte(aws.ToString(present)))
	require.NoError(t, err)
	document.Statement = append(document.Statement, added.Statement...)
	return aws.String(document.JSON())
}
