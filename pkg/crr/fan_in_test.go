package crr_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/pulumitest"
	"github.com/crr-io/pulumi-aws-crr/pkg/crr"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// intoOne replicates from several regions into one bucket of the same program.
func intoOne(t *testing.T, logs crr.BucketArgs, regions ...string) (*pulumitest.Recorder, error) {
	t.Helper()
	logs.KMSKeyARN = pulumi.String("arn:aws:kms:us-west-2:111111111111:key/1") // since the mocks' keys are of no region
	return pulumitest.Run(t, func(ctx *pulumi.Context) error {
		bucket, err := crr.NewEncryptedBucket(ctx, "logs", &crr.EncryptedBucketArgs{Bucket: logs})
		if err != nil {
			return err
		}
		for _, region := range regions {
			if _, err := crr.NewReplicatedBucket(ctx, region, &crr.ReplicatedBucketArgs{
				Source:       crr.BucketArgs{Region: region, ObjectLock: logs.ObjectLock},
				Destinations: []crr.DestinationArgs{{Name: "logs", Bucket: bucket.Adopted()}},
			}); err != nil {
				return err
			}
		}
		return nil
	})
}

// S3 refuses a replication configuration before its destination is versioned.
func TestFanIn_SourcesWaitForTheBucketThatTheyShare(t *testing.T) {
	t.Parallel()
	recorder, err := intoOne(t, crr.BucketArgs{Region: "us-west-2", Bucket: "all-logs"}, "us-east-1", "eu-west-1")
	require.NoError(t, err)
	for _, region := range []string{"us-east-1", "eu-west-1"} {
		rules := recorder.One(t, "aws:s3/bucketReplicationConfig:BucketReplicationConfig", region+"-replication")
		for _, ready := range []string{
			"aws:s3/bucketVersioningV2:BucketVersioningV2 logs-versioning",
			"aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2 logs-encryption",
			"aws:s3/bucketPolicy:BucketPolicy logs-policy",
		} {
			assert.Contains(t, rules.DependsOn, ready, region)
		}
		destination := rules.Inputs["rules"].ArrayValue()[0].ObjectValue()["destination"].ObjectValue()
		assert.Equal(t, "arn:aws:s3:::all-logs", destination["bucket"].StringValue())
	}
	assert.Len(t, recorder.OfType("aws:s3/bucketV2:BucketV2"), 3, "a bucket in each region, and the one that they share")
}

func TestFanIn_LocksTravelIntoALockedBucket(t *testing.T) {
	t.Parallel()
	lock := &replication.ObjectLock{Mode: replication.Governance, Days: 1}
	_, err := intoOne(t, crr.BucketArgs{Region: "us-west-2", Bucket: "all-logs", ObjectLock: lock}, "us-east-1")
	assert.NoError(t, err)
}

func TestFanIn_TheBucketMayHaveAGeneratedName(t *testing.T) {
	t.Parallel()
	recorder, err := intoOne(t, crr.BucketArgs{Region: "us-west-2"}, "us-east-1")
	require.NoError(t, err)
	rules := recorder.One(t, "aws:s3/bucketReplicationConfig:BucketReplicationConfig", "us-east-1-replication")
	assert.Contains(t, rules.DependsOn, "aws:s3/bucketVersioningV2:BucketVersioningV2 logs-versioning")
	destination := rules.Inputs["rules"].ArrayValue()[0].ObjectValue()["destination"].ObjectValue()
	assert.Equal(t, "arn:aws:s3:::logs-0123456", destination["bucket"].StringValue())
}
