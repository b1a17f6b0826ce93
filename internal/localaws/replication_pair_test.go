package localaws

import (
	"bytes"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/replicator"
	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

const (
	homeAccount = "123456789012"
	roleName    = "replication"
	roleARN     = "arn:aws:iam::" + homeAccount + ":role/" + roleName
	patience    = 3 * time.Minute // on a busy machine; usually a moment
)

// pair is a deployment as this product creates it: KMS-encrypted buckets in two
// regions, a least-privilege role, and one rule between them.
type pair struct {
	*account
	source, destination model.BucketRef
	configuration       types.ReplicationConfiguration
}

// place creates a bucket with a key of its own.
func (a *account) place(name, region string, lock bool) model.BucketRef {
	a.t.Helper()
	input := &s3.CreateBucketInput{Bucket: &name, ObjectLockEnabledForBucket: &lock}
	if region != "us-east-1" {
		input.CreateBucketConfiguration = &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraint(region)}
	}
	client := a.s3(inRegion(region))
	_, err := client.CreateBucket(a.t.Context(), input)
	require.NoError(a.t, err)
	a.versioning(name, types.BucketVersioningStatusEnabled)
	config := a.config.Copy()
	config.Region = region
	key, err := kms.NewFromConfig(config).CreateKey(a.t.Context(), &kms.CreateKeyInput{})
	require.NoError(a.t, err)
	_, err = client.PutBucketEncryption(a.t.Context(), &s3.PutBucketEncryptionInput{
		Bucket: &name,
		ServerSideEncryptionConfiguration: &types.ServerSideEncryptionConfiguration{Rules: []types.ServerSideEncryptionRule{{
			BucketKeyEnabled: aws.Bool(true),
			ApplyServerSideEncryptionByDefault: &types.ServerSideEncryptionByDefault{
				SSEAlgorithm: types.ServerSideEncryptionAwsKms, KMSMasterKeyID: key.KeyMetadata.Arn,
			},
		}}},
	})
	require.NoError(a.t, err)
	return model.BucketRef{Region: region, Account: homeAccount, BucketARN: "arn:aws:s3:::" + name, KMSKeyARN: *key.KeyMetadata.Arn, ObjectLock: lock}
}

func (a *account) versioning(bucket string, status types.BucketVersioningStatus) {
	a.t.Helper()
	_, err := a.s3().PutBucketVersioning(a.t.Context(), &s3.PutBucketVersioningInput{
		Bucket: &bucket, VersioningConfiguration: &types.VersioningConfiguration{Status: status},
	})
	require.NoError(a.t, err)
}

func nameOf(e model.BucketRef) string { return e.BucketARN[len("arn:aws:s3:::"):] }

// rule returns a rule for a destination, with metrics and all options.
func ruleTo(id string, priority int32, to model.BucketRef) types.ReplicationRule {
	return types.ReplicationRule{
		ID: &id, Priority: &priority, Status: types.ReplicationRuleStatusEnabled, Filter: &types.ReplicationRuleFilter{Prefix: aws.String("")},
		DeleteMarkerReplication: &types.DeleteMarkerReplication{Status: types.DeleteMarkerReplicationStatusEnabled},
		SourceSelectionCriteria: &types.SourceSelectionCriteria{
			SseKmsEncryptedObjects: &types.SseKmsEncryptedObjects{Status: types.SseKmsEncryptedObjectsStatusEnabled},
			ReplicaModifications:   &types.ReplicaModifications{Status: types.ReplicaModificationsStatusEnabled},
		},
		Destination: &types.Destination{
			Bucket: &to.BucketARN, StorageClass: types.StorageClassStandardIa,
			EncryptionConfiguration: &types.EncryptionConfiguration{ReplicaKmsKeyID: &to.KMSKeyARN},
			Metrics:                 &types.Metrics{Status: types.MetricsStatusEnabled},
		},
	}
}

// replicate creates the role and puts the rules.
func (a *account) replicate(source model.BucketRef, role string, rules []types.ReplicationRule, destinations ...model.BucketRef) types.ReplicationConfiguration {
	a.t.Helper()
	client := iam.NewFromConfig(a.config)
	trust := model.TrustPolicy(model.BucketRef{Account: homeAccount}, model.TrustAccount).JSON()
	_, err := client.CreateRole(a.t.Context(), &iam.CreateRoleInput{RoleName: &role, AssumeRolePolicyDocument: &trust})
	require.NoError(a.t, err)
	a.rolePolicy(role, model.RolePolicy(source, destinations))
	configuration := types.ReplicationConfiguration{Role: aws.String("arn:aws:iam::" + homeAccount + ":role/" + role), Rules: rules}
	a.putReplication(nameOf(source), configuration)
	return configuration
}

func (a *account) rolePolicy(role string, document policy.Document) {
	a.t.Helper()
	_, err := iam.NewFromConfig(a.config).PutRolePolicy(a.t.Context(), &iam.PutRolePolicyInput{
		RoleName: &role, PolicyName: aws.String("replication"), PolicyDocument: aws.String(document.JSON()),
	})
	require.NoError(a.t, err)
}

func (a *account) putReplication(bucket string, configuration types.ReplicationConfiguration) {
	a.t.Helper()
	_, err := a.s3().PutBucketReplication(a.t.Context(), &s3.PutBucketReplicationInput{Bucket: &bucket, ReplicationConfiguration: &configuration})
	require.NoError(a.t, err)
}

func newPair(tb testing.TB, options Options) *pair {
	tb.Helper()
	p := &pair{account: newAccountWith(tb, options)}
	p.source, p.destination = p.place("src", "us-east-1", false), p.place("dst", "us-west-2", false)
	p.configuration = p.replicate(p.source, roleName, []types.ReplicationRule{ruleTo("all", 1, p.destination)}, p.destination)
	return p
}

// put writes an object, and returns its id.
func (a *account) put(bucket, key string, changes ...func(*s3.PutObjectInput)) replicator.ObjectID {
	a.t.Helper()
	input := &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: bytes.NewReader([]byte("content of " + key))}
	for _, change := range changes {
		change(input)
	}
	put, err := a.s3().PutObject(a.t.Context(), input)
	require.NoError(a.t, err)
	return replicator.ObjectID{Bucket: bucket, Key: key, Version: aws.ToString(put.VersionId)}
}

func (a *account) head(id replicator.ObjectID) *s3.HeadObjectOutput {
	a.t.Helper()
	head, err := a.s3().HeadObject(a.t.Context(), &s3.HeadObjectInput{
		Bucket: &id.Bucket, Key: &id.Key, VersionId: aws.String(id.Version), ChecksumMode: types.ChecksumModeEnabled,
	})
	require.NoError(a.t, err)
	return head
}

func (a *account) tagsOf(id replicator.ObjectID) map[string]string {
	a.t.Helper()
	got, err := a.s3().GetObjectTagging(a.t.Context(), &s3.GetObjectTaggingInput{Bucket: &id.Bucket, Key: &id.Key, VersionId: &id.Version})
	require.NoError(a.t, err)
	tags := map[string]string{}
	for _, tag := range got.TagSet {
		tags[*tag.Key] = *tag.Value
	}
	return tags
}

// becomes waits for a version's status.
func (a *account) becomes(id replicator.ObjectID, status string) {
	a.t.Helper()
	require.Eventually(a.t, func() bool { return a.server.engine.Status(id) == status }, patience, 5*time.Millisecond,
		"%v is %q, not %s: %v", id, a.server.engine.Status(id), status, a.server.engine.Failures(id))
}

// in returns the same version in another bucket.
func in(bucket string, id replicator.ObjectID) replicator.ObjectID {
	id.Bucket = bucket
	return id
}

// exists reports whether clients see a version.
func (a *account) exists(id replicator.ObjectID) bool {
	a.t.Helper()
	_, err := a.s3().HeadObject(a.t.Context(), &s3.HeadObjectInput{Bucket: &id.Bucket, Key: &id.Key, VersionId: &id.Version})
	return err == nil
}
