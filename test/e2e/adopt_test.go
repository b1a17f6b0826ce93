package e2e

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// TestAdopt_ExistingBucketsGetRulesAndNothingElse creates buckets, keys and a role
// outside of Pulumi, replicates between them, changes the replication, and removes
// it.
func TestAdopt_ExistingBucketsGetRulesAndNothingElse(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	sourceKey, destinationKey := makeBucket(t, l.in("us-east-1"), "us-east-1", "theirs"), makeBucket(t, l.in("us-west-2"), "us-west-2", "copies")
	role := makeRole(t, l.in("us-east-1"), "theirs-too")
	config := fmt.Sprintf(`
config:
  crr:forceDestroy: true
  crr:replications:
    - name: data
      source: { region: us-east-1, bucket: theirs, existing: true, replaceRules: true, kmsKeyArn: %q }
      destinations: [{ name: dr, region: us-west-2, bucket: copies, existing: true, kmsKeyArn: %q }]
      role: { arn: %q }
    - name: more
      source: { region: us-east-1 }
      destinations: [{ name: dr, region: us-west-2, bucket: copies, existing: true, kmsKeyArn: %q }]
`, sourceKey, destinationKey, role, destinationKey)
	l.project(config)
	l.up()
	l.mustRun("pulumi", "preview", "--refresh", "--expect-no-changes", "--stack", "test")
	configured, err := l.in("us-east-1").s3.GetBucketReplication(t.Context(), &s3.GetBucketReplicationInput{Bucket: aws.String("theirs")})
	require.NoError(t, err)
	assert.Equal(t, role, aws.ToString(configured.ReplicationConfiguration.Role))
	assert.Equal(t, destinationKey, aws.ToString(configured.ReplicationConfiguration.Rules[0].Destination.EncryptionConfiguration.ReplicaKmsKeyID))

	// A destination is added, another one gets a different class, and there is one
	// more rule.
	l.project(strings.Replace(config, "destinations: [{ name: dr,", `rules: [{ id: finance, destinations: [dr], prefix: finance/ }, { id: rest }]
      destinations: [{ name: eu, region: eu-west-1 }, { name: dr, storageClass: STANDARD_IA,`, 1))
	l.up()
	l.mustRun("pulumi", "preview", "--refresh", "--expect-no-changes", "--stack", "test")
	configured, err = l.in("us-east-1").s3.GetBucketReplication(t.Context(), &s3.GetBucketReplicationInput{Bucket: aws.String("theirs")})
	require.NoError(t, err)
	assert.Len(t, configured.ReplicationConfiguration.Rules, 3)
	_, err = l.in("us-west-2").s3.GetBucketPolicy(t.Context(), &s3.GetBucketPolicyInput{Bucket: aws.String("copies")})
	assertCode(t, "NoSuchBucketPolicy", err)
	_, err = l.in("us-east-1").iam.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{
		RoleName: aws.String("theirs-too"), PolicyName: aws.String("granted"), PolicyDocument: aws.String(l.policies()[role].JSON()),
	})
	require.NoError(t, err)
	l.settle()
	l.assertReplicates("us-east-1", "theirs", "us-west-2", "copies", "of-one-source")
	l.assertReplicates("us-east-1", l.descriptors()[1].Source.Bucket, "us-west-2", "copies", "of-another")

	l.mustRun("pulumi", "destroy", "--yes", "--skip-preview", "--stack", "test")
	_, err = l.in("us-east-1").s3.GetBucketReplication(t.Context(), &s3.GetBucketReplicationInput{Bucket: aws.String("theirs")})
	assertCode(t, "ReplicationConfigurationNotFoundError", err)
	_, err = l.in("us-east-1").s3.HeadBucket(t.Context(), &s3.HeadBucketInput{Bucket: aws.String("theirs")})
	assert.NoError(t, err, "an adopted bucket must survive")
	policies, err := l.in("us-east-1").iam.ListRolePolicies(t.Context(), &iam.ListRolePoliciesInput{RoleName: aws.String("theirs-too")})
	require.NoError(t, err, "an adopted role must survive")
	assert.Equal(t, []string{"granted"}, policies.PolicyNames, "an adopted role is left as it is")
}

// TestAdopt_TheOtherSideGrantsWhatTheStackSays replicates to an account that the
// stack does not manage, and grants there the statements that the stack exports.
func TestAdopt_TheOtherSideGrantsWhatTheStackSays(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	owner := l.inAccount("222222222222", "us-west-2")
	key := makeBucket(t, owner, "us-west-2", "partner-copies")
	ownersPolicy := policy.New(policy.Statement{
		Sid: "OwnersOwn", Effect: policy.Deny, Principal: policy.Anyone(), Action: policy.Values{"s3:*"},
		Resource:  policy.Values{"arn:aws:s3:::partner-copies", "arn:aws:s3:::partner-copies/*"},
		Condition: policy.Conditions{"Bool": {"aws:SecureTransport": {"false"}}},
	}).JSON()
	_, err := owner.s3.PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{Bucket: aws.String("partner-copies"), Policy: &ownersPolicy})
	require.NoError(t, err)
	config := `
config:
  crr:forceDestroy: true
  crr:replications:
    - name: data
      source: { region: us-east-1 }
      destinations:
        - { name: partner, region: us-west-2, bucket: partner-copies, existing: true, kmsKeyArn: %q }
        - { name: eu, region: eu-west-1 }
`
	l.project(fmt.Sprintf(config, key))
	l.up()
	l.mustRun("pulumi", "preview", "--refresh", "--expect-no-changes", "--stack", "test")
	// A destination is removed, the other gets a different class, and there is one
	// more rule.
	l.project(fmt.Sprintf(strings.NewReplacer(
		"        - { name: eu, region: eu-west-1 }", "      rules: [{ id: finance, prefix: finance/ }, { id: rest }]",
		"{ name: partner,", "{ name: partner, storageClass: STANDARD_IA,").Replace(config), key))
	l.up()
	l.leave()
	l.mustRun("pulumi", "preview", "--refresh", "--expect-no-changes", "--stack", "test")

	documents := l.policies()
	_, err = owner.kms.PutKeyPolicy(t.Context(), &kms.PutKeyPolicyInput{
		KeyId: &key, PolicyName: aws.String("default"), Policy: aws.String(documents[key].JSON()),
	})
	assertCode(t, "MalformedPolicyDocumentException", err)

	source := l.descriptors()[0].Source.Bucket
	home := l.in("us-east-1")
	home.put(t, source, "too-early")
	home.settles(t, source, "too-early", s3types.ReplicationStatusFailed)

	owner.grantOnBucket(t, "partner-copies", documents["arn:aws:s3:::partner-copies"])
	owner.grantOnKey(t, key, documents[key])
	home.put(t, source, "granted")
	home.settles(t, source, "granted", s3types.ReplicationStatusCompleted)
	assert.Equal(t, s3types.ReplicationStatusReplica, owner.status(t, "partner-copies", "granted"))
	l.mustRun("pulumi", "destroy", "--yes", "--skip-preview", "--stack", "test")
}

// policies returns the statements that the stack exports, by the resource to add
// them to.
func (l *lab) policies() map[string]policy.Document {
	l.t.Helper()
	var grants []struct{ Resource, Note, Document string }
	require.NoError(l.t, json.Unmarshal([]byte(l.mustRun("pulumi", "stack", "output", "policies", "--json", "--stack", "test")), &grants))
	documents := map[string]policy.Document{}
	for _, grant := range grants {
		document, err := policy.Parse([]byte(grant.Document))
		require.NoError(l.t, err)
		documents[grant.Resource] = document
	}
	return documents
}

// makeRole creates a role that S3 may assume and that has no permissions, and
// returns its ARN.
func makeRole(t *testing.T, c clients, name string) string {
	t.Helper()
	role, err := c.iam.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: aws.String(
		`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sts:AssumeRole"}]}`)})
	require.NoError(t, err)
	return aws.ToString(role.Role.Arn)
}

// makeBucket creates a versioned bucket and a key, and returns the key's ARN.
func makeBucket(t *testing.T, c clients, region, bucket string) string {
	t.Helper()
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
