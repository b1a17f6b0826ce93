package e2e

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestAdopt_ExistingBucketsGetRulesAndNothingElse makes buckets and keys outside
// of Pulumi, replicates between them, and takes the replication away again.
func TestAdopt_ExistingBucketsGetRulesAndNothingElse(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	sourceKey, destinationKey := makeBucket(t, l, "us-east-1", "theirs"), makeBucket(t, l, "us-west-2", "copies")
	l.project(fmt.Sprintf(`
config:
  crr:replications:
    - name: data
      source: { region: us-east-1, bucket: theirs, existing: true, replaceRules: true, kmsKeyArn: %q }
      destinations: [{ name: dr, region: us-west-2, bucket: copies, existing: true, kmsKeyArn: %q }]
    - name: more
      source: { region: us-east-1 }
      destinations: [{ name: dr, region: us-west-2, bucket: copies, existing: true, kmsKeyArn: %q }]
`, sourceKey, destinationKey, destinationKey))
	l.up()
	l.mustRun("pulumi", "preview", "--refresh", "--expect-no-changes", "--stack", "test")

	configured, err := l.in("us-east-1").s3.GetBucketReplication(t.Context(), &s3.GetBucketReplicationInput{Bucket: aws.String("theirs")})
	require.NoError(t, err)
	assert.Equal(t, destinationKey, aws.ToString(configured.ReplicationConfiguration.Rules[0].Destination.EncryptionConfiguration.ReplicaKmsKeyID))
	_, err = l.in("us-west-2").s3.GetBucketPolicy(t.Context(), &s3.GetBucketPolicyInput{Bucket: aws.String("copies")})
	assertCode(t, "NoSuchBucketPolicy", err)

	l.mustRun("pulumi", "destroy", "--yes", "--skip-preview", "--stack", "test")
	_, err = l.in("us-east-1").s3.GetBucketReplication(t.Context(), &s3.GetBucketReplicationInput{Bucket: aws.String("theirs")})
	assertCode(t, "ReplicationConfigurationNotFoundError", err)
	_, err = l.in("us-east-1").s3.HeadBucket(t.Context(), &s3.HeadBucketInput{Bucket: aws.String("theirs")})
	assert.NoError(t, err, "an adopted bucket must survive")
}

// makeBucket makes a versioned bucket and a key, and returns the key's ARN.
func makeBucket(t *testing.T, l *lab, region, bucket string) string {
	t.Helper()
	c := l.in(region)
	key, err := c.kms.CreateKey(t.Context(), &kms.CreateKeyInput{})
	require.NoError(t, err)
	input := &s3.CreateBucketInput{Bucket: &bucket}
	if region != "us-east-1" {
		input.CreateBucketConfiguration = &s3types.CreateBucketConfiguration{LocationConstraint: s3types.BucketLocationConstraint(region)}
	}
	_, err = c.s3.CreateBucket(t.Context(), input)
	require.NoError(t, err)
	_, err = c.s3.PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{
		Bucket: &bucket, VersioningConfiguration: &s3types.VersioningConfiguration{Status: "Enabled"},
	})
	require.NoError(t, err)
	return aws.ToString(key.KeyMetadata.Arn)
}
