package e2e

import (
	"bytes"
	"context"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

const pairConfig = `
config:
  crr:tags: { team: storage }
  crr:forceDestroy: true
  crr:deletionWindowInDays: 7
  crr:replications:
    - name: data
      source: { region: us-east-1, lifecycle: { noncurrentDays: 30 } }
      destinations: [{ name: dr, region: us-west-2, storageClass: STANDARD_IA }]
      monitoring: { emails: [ops@example.com] }
`

// TestDeployment runs through the lifecycle of a deployment: each step needs the
// previous ones.
func TestDeployment(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.project(pairConfig)
	l.up()
	deployed := l.descriptors()[0]

	t.Run("a second up changes nothing", func(t *testing.T) {
		l.mustRun("pulumi", "up", "--yes", "--skip-preview", "--expect-no-changes", "--stack", "test")
	})
	t.Run("a refresh finds nothing changed", func(t *testing.T) {
		l.mustRun("pulumi", "preview", "--refresh", "--expect-no-changes", "--stack", "test")
	})
	t.Run("the resources are what the seed asks for", func(t *testing.T) { readBack(t, l, deployed) })
	t.Run("uploads go through the bucket's key or not at all", func(t *testing.T) { uploads(t, l, deployed) })
	t.Run("objects replicate whatever their keys", func(t *testing.T) { replicateAwkwardKeys(t, l, deployed) })
	// A versioned bucket can be deleted only when every version and delete marker
	// has been deleted. The provider requests encoded keys, and without the encoding
	// it would delete other keys than those of the previous step.
	t.Run("destroy leaves nothing behind, whatever was put", func(t *testing.T) {
		objects := l.in(deployed.Source.Region).s3
		for range 2 {
			_, err := objects.PutObject(t.Context(), &s3.PutObjectInput{
				Bucket: &deployed.Source.Bucket, Key: aws.String("twice"), Body: bytes.NewReader([]byte("data")),
			})
			require.NoError(t, err)
		}
		_, err := objects.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: &deployed.Source.Bucket, Key: aws.String("twice")})
		require.NoError(t, err)
		l.mustRun("pulumi", "destroy", "--yes", "--skip-preview", "--stack", "test")
		for _, region := range []string{"us-east-1", "us-west-2"} {
			assert.Empty(t, l.in(region).leftovers(t.Context(), t), "left in %s", region)
		}
	})
}

// awkwardKeys are misread in a partially encoded list.
var awkwardKeys = []string{"100%", "a%2Fb", "a b+c%ü/ö", "plus+plus", "blank end ", "ümläute/日本", "a&b<c>"}

func replicateAwkwardKeys(t *testing.T, l *lab, d replication.Descriptor) {
	t.Helper()
	source, destination := d.Source, d.Destinations[0]
	for _, key := range awkwardKeys {
		_, err := l.in(source.Region).s3.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &source.Bucket, Key: &key, Body: bytes.NewReader([]byte("data"))})
		require.NoError(t, err, key)
	}
	for _, key := range awkwardKeys {
		assert.EventuallyWithT(t, func(t *assert.CollectT) {
			replica, err := l.in(destination.Region).s3.HeadObject(context.Background(), &s3.HeadObjectInput{Bucket: &destination.Bucket, Key: &key})
			require.NoError(t, err, key)
			assert.Equal(t, s3types.ReplicationStatusReplica, replica.ReplicationStatus, key)
		}, time.Minute, 200*time.Millisecond)
	}
}

// readBack checks the configuration through the AWS SDK.
func readBack(t *testing.T, l *lab, d replication.Descriptor) {
	t.Helper()
	ctx := t.Context()
	source, destination := d.Source, d.Destinations[0]

	configured, err := l.in(source.Region).s3.GetBucketReplication(ctx, &s3.GetBucketReplicationInput{Bucket: &source.Bucket})
	require.NoError(t, err)
	require.Len(t, configured.ReplicationConfiguration.Rules, 1)
	rule := configured.ReplicationConfiguration.Rules[0]
	assert.Equal(t, d.RoleARN, aws.ToString(configured.ReplicationConfiguration.Role))
	assert.Equal(t, s3types.ReplicationRuleStatusEnabled, rule.Status)
	assert.Equal(t, d.Rules[0].ID, aws.ToString(rule.ID))
	assert.Equal(t, int32(1), aws.ToInt32(rule.Priority))
	assert.NotNil(t, rule.Filter, "without a filter the rule is of the old schema")
	assert.Equal(t, s3types.DeleteMarkerReplicationStatusEnabled, rule.DeleteMarkerReplication.Status)
	assert.Equal(t, s3types.SseKmsEncryptedObjectsStatusEnabled, rule.SourceSelectionCriteria.SseKmsEncryptedObjects.Status)
	assert.Equal(t, destination.ARN, aws.ToString(rule.Destination.Bucket))
	assert.Equal(t, destination.KMSKeyARN, aws.ToString(rule.Destination.EncryptionConfiguration.ReplicaKmsKeyID))
	assert.Equal(t, s3types.StorageClassStandardIa, rule.Destination.StorageClass)
	assert.Equal(t, s3types.MetricsStatusEnabled, rule.Destination.Metrics.Status)
	assert.Nil(t, rule.Destination.Metrics.EventThreshold, "S3 refuses a threshold without replication time control")

	for _, place := range []replication.DeployedBucket{source, destination} {
		readBackBucket(ctx, t, l.in(place.Region), place)
	}
	readBackRole(ctx, t, l.in(source.Region), d)
	readBackAlarms(ctx, t, l, d)
}

func readBackBucket(ctx context.Context, t *testing.T, c clients, place replication.DeployedBucket) {
	t.Helper()
	versioning, err := c.s3.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: &place.Bucket})
	require.NoError(t, err)
	assert.Equal(t, s3types.BucketVersioningStatusEnabled, versioning.Status, place.Name)

	encryption, err := c.s3.GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{Bucket: &place.Bucket})
	require.NoError(t, err)
	rule := encryption.ServerSideEncryptionConfiguration.Rules[0]
	assert.Equal(t, s3types.ServerSideEncryptionAwsKms, rule.ApplyServerSideEncryptionByDefault.SSEAlgorithm, place.Name)
	assert.Equal(t, place.KMSKeyARN, aws.ToString(rule.ApplyServerSideEncryptionByDefault.KMSMasterKeyID), place.Name)
	assert.True(t, aws.ToBool(rule.BucketKeyEnabled), place.Name)

	block, err := c.s3.GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{Bucket: &place.Bucket})
	require.NoError(t, err)
	closed := block.PublicAccessBlockConfiguration
	assert.True(t, *closed.BlockPublicAcls && *closed.BlockPublicPolicy && *closed.IgnorePublicAcls && *closed.RestrictPublicBuckets, place.Name)

	ownership, err := c.s3.GetBucketOwnershipControls(ctx, &s3.GetBucketOwnershipControlsInput{Bucket: &place.Bucket})
	require.NoError(t, err)
	assert.Equal(t, s3types.ObjectOwnershipBucketOwnerEnforced, ownership.OwnershipControls.Rules[0].ObjectOwnership, place.Name)

	bucketPolicy, err := c.s3.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: &place.Bucket})
	require.NoError(t, err)
	assert.Contains(t, aws.ToString(bucketPolicy.Policy), "DenyInsecureTransport", place.Name)

	rotation, err := c.kms.GetKeyRotationStatus(ctx, &kms.GetKeyRotationStatusInput{KeyId: &place.KMSKeyARN})
	require.NoError(t, err)
	assert.True(t, rotation.KeyRotationEnabled, place.Name)
	aliases, err := c.kms.ListAliases(ctx, &kms.ListAliasesInput{KeyId: &place.KMSKeyARN})
	require.NoError(t, err)
	assert.Len(t, aliases.Aliases, 1, "the key of %s has an alias", place.Name)
}

func readBackRole(ctx context.Context, t *testing.T, c clients, d replication.Descriptor) {
	t.Helper()
	roles, err := c.iam.ListRoles(ctx, &iam.ListRolesInput{})
	require.NoError(t, err)
	roles.Roles = slices.DeleteFunc(roles.Roles, func(role iamtypes.Role) bool { return isOfLab(aws.ToString(role.RoleName)) })
	require.Len(t, roles.Roles, 1)
	assert.Equal(t, d.RoleARN, aws.ToString(roles.Roles[0].Arn))
	names, err := c.iam.ListRolePolicies(ctx, &iam.ListRolePoliciesInput{RoleName: roles.Roles[0].RoleName})
	require.NoError(t, err)
	require.Len(t, names.PolicyNames, 1)
	document, err := c.iam.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: roles.Roles[0].RoleName, PolicyName: &names.PolicyNames[0]})
	require.NoError(t, err)
	for _, part := range []string{"s3:GetObjectVersionForReplication", "s3:ReplicateObject", d.Source.KMSKeyARN, d.Destinations[0].KMSKeyARN} {
		assert.Contains(t, unescape(t, aws.ToString(document.PolicyDocument)), part)
	}
}

func readBackAlarms(ctx context.Context, t *testing.T, l *lab, d replication.Descriptor) {
	t.Helper()
	require.Len(t, d.Alarms, 2)
	for _, alarm := range d.Alarms {
		found, err := l.in(alarm.Region).cw.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{alarm.Name}})
		require.NoError(t, err)
		require.Len(t, found.MetricAlarms, 1, alarm.Name)
		watched := found.MetricAlarms[0]
		assert.Equal(t, alarm.Metric, aws.ToString(watched.MetricName))
		assert.ElementsMatch(t, []cwtypes.Dimension{
			{Name: aws.String("SourceBucket"), Value: &d.Source.Bucket},
			{Name: aws.String("DestinationBucket"), Value: &d.Destinations[0].Bucket},
			{Name: aws.String("RuleId"), Value: &d.Rules[0].ID},
		}, watched.Dimensions)
	}
	require.Len(t, d.CompositeAlarms, 2)
	for _, alarm := range d.CompositeAlarms {
		found, err := l.in(alarm.Region).cw.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{
			AlarmNames: []string{alarm.Name}, AlarmTypes: []cwtypes.AlarmType{cwtypes.AlarmTypeCompositeAlarm},
		})
		require.NoError(t, err)
		require.Len(t, found.CompositeAlarms, 1, alarm.Name)
		tells := found.CompositeAlarms[0]
		for _, name := range alarm.Alarms {
			assert.Contains(t, aws.ToString(tells.AlarmRule), name)
		}
		require.Len(t, tells.AlarmActions, 1, "it must notify")
		assert.Equal(t, tells.AlarmActions, tells.OKActions, "and that it is over")
		assert.Contains(t, tells.AlarmActions[0], ":"+alarm.Region+":", "a topic of another region is refused")
	}
}

// uploads checks access. Uploads that rely on default encryption are accepted.
func uploads(t *testing.T, l *lab, d replication.Descriptor) {
	t.Helper()
	encrypted := l.in(d.Source.Region).s3
	plain := clientsOf(configOf(t, l.env, d.Source.Region), "http").s3
	foreignKey := "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000000"
	cases := map[string]struct {
		client *s3.Client
		put    s3.PutObjectInput
		code   string
	}{
		"default encryption is accepted": {encrypted, s3.PutObjectInput{}, ""},
		"the bucket's key is accepted": {
			encrypted, s3.PutObjectInput{ServerSideEncryption: "aws:kms", SSEKMSKeyId: &d.Source.KMSKeyARN}, "",
		},
		"plain HTTP is refused":          {plain, s3.PutObjectInput{}, "AccessDenied"},
		"SSE-S3 is refused":              {encrypted, s3.PutObjectInput{ServerSideEncryption: "AES256"}, "AccessDenied"},
		"a foreign key is refused":       {encrypted, s3.PutObjectInput{ServerSideEncryption: "aws:kms", SSEKMSKeyId: &foreignKey}, "AccessDenied"},
		"the AWS managed key is refused": {encrypted, s3.PutObjectInput{ServerSideEncryption: "aws:kms"}, "AccessDenied"},
		"a key of the customer's is refused": {encrypted, s3.PutObjectInput{
			SSECustomerAlgorithm: aws.String("AES256"), SSECustomerKey: aws.String("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="),
			SSECustomerKeyMD5: aws.String("hRasmdxgYDKV3nvbahU1MA=="),
		}, "AccessDenied"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			c.put.Bucket, c.put.Key, c.put.Body = &d.Source.Bucket, aws.String(name), bytes.NewReader([]byte("data"))
			put, err := c.client.PutObject(t.Context(), &c.put)
			assertCode(t, c.code, err)
			if c.code != "" {
				return
			}
			assert.Equal(t, d.Source.KMSKeyARN, aws.ToString(put.SSEKMSKeyId))
			head, err := c.client.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: &d.Source.Bucket, Key: aws.String(name)})
			require.NoError(t, err)
			assert.Equal(t, s3types.ServerSideEncryptionAwsKms, head.ServerSideEncryption)
			assert.Equal(t, d.Source.KMSKeyARN, aws.ToString(head.SSEKMSKeyId))
		})
	}
}

func assertCode(t *testing.T, code string, err error) {
	t.Helper()
	if code == "" {
		require.NoError(t, err)
		return
	}
	var api smithy.APIError
	require.ErrorAs(t, err, &api, "want %s", code)
	assert.Equal(t, code, api.ErrorCode())
}

// unescape reverses the URL encoding of documents in IAM's responses.
func unescape(t *testing.T, text string) string {
	t.Helper()
	plain, err := url.QueryUnescape(text)
	require.NoError(t, err)
	return plain
}
