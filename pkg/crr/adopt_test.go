package crr_test

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/pulumitest"
	"github.com/crr-io/pulumi-aws-crr/pkg/crr"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

func adopted() *crr.ReplicatedBucketArgs {
	return &crr.ReplicatedBucketArgs{
		Source: crr.BucketArgs{
			Region: "us-east-1", Bucket: "theirs", Existing: true, ReplaceRules: true,
			KMSKeyARN: pulumi.String("arn:aws:kms:us-east-1:111111111111:key/a"),
		},
		Destinations: []crr.DestinationArgs{{Name: "vault", Bucket: crr.BucketArgs{
			Region: "us-west-2", Bucket: "vault", Existing: true,
			KMSKeyARN: pulumi.String("arn:aws:kms:us-west-2:222222222222:key/b"),
		}}},
	}
}

func TestAdopted_BucketsAreLeftAsTheyAre(t *testing.T) {
	t.Parallel()
	recorder := deploy(t, adopted())
	for _, each := range recorder.All() {
		onBucket := strings.HasPrefix(each.Type, "aws:s3/") && each.Type != "aws:s3/bucketReplicationConfig:BucketReplicationConfig"
		assert.False(t, onBucket || strings.HasPrefix(each.Type, "aws:kms/"), "%s changes what is not ours", each.Key())
	}
	rules := recorder.One(t, "aws:s3/bucketReplicationConfig:BucketReplicationConfig", "data-replication")
	assert.Equal(t, "theirs", rules.Inputs["bucket"].StringValue())
	destination := rules.Inputs["rules"].ArrayValue()[0].ObjectValue()["destination"].ObjectValue()
	assert.Equal(t, "222222222222", destination["account"].StringValue(), "the account of the key is the bucket's")
}

func TestAdopted_PoliciesSayWhatTheOtherSideMustGrant(t *testing.T) {
	t.Parallel()
	var resources []string
	_, err := pulumitest.Run(t, func(ctx *pulumi.Context) error {
		bucket, err := crr.NewReplicatedBucket(ctx, "data", adopted())
		if err != nil {
			return err
		}
		ctx.Export("resources", bucket.Policies.ApplyT(func(policies []any) bool {
			for _, policy := range policies {
				resources = append(resources, policy.(map[string]any)["resource"].(string))
			}
			return true
		}))
		return nil
	})
	require.NoError(t, err)
	assert.Equal(t, []string{
		"arn:aws:iam::111111111111:role/data-role-0123456", "arn:aws:s3:::vault", "arn:aws:kms:us-west-2:222222222222:key/b",
	}, resources)
}

func TestAdopted_RoleIsLeftAsItIs(t *testing.T) {
	t.Parallel()
	args := pair()
	args.Role.ARN = "arn:aws:iam::111111111111:role/mine"
	recorder := deploy(t, args)
	assert.Empty(t, recorder.OfType("aws:iam/role:Role"))
	assert.Empty(t, recorder.OfType("aws:iam/rolePolicy:RolePolicy"))
	rules := recorder.One(t, "aws:s3/bucketReplicationConfig:BucketReplicationConfig", "data-replication")
	assert.Equal(t, "arn:aws:iam::111111111111:role/mine", rules.Inputs["role"].StringValue())
}

// Issue A13: S3 has one replication configuration for each bucket, and putting
// one silently replaces what somebody else made.
func TestAdopted_RulesThatAreThereAreNotReplacedWithoutSayingSo(t *testing.T) {
	t.Parallel()
	args := adopted()
	args.Source.ReplaceRules = false
	recorder, err := pulumitest.Run(t, register("data", args))
	assert.ErrorContains(t, err, "source.replaceRules: is needed")
	assert.ErrorContains(t, err, "aws s3api get-bucket-replication --bucket theirs")
	assert.Empty(t, recorder.All())
}

func TestAdopted_RefusesWhatWouldChangeIt(t *testing.T) {
	t.Parallel()
	args := adopted()
	args.Destinations[0].Bucket.ReplaceRules = true
	args.Destinations[0].Bucket.Lifecycle.NoncurrentDays = 3
	args.Destinations[0].Bucket.IntelligentTiering.ArchiveDays = 90
	args.Destinations[0].Bucket.Acceleration = true
	args.Destinations[0].Bucket.ObjectLock = &replication.ObjectLock{Mode: replication.Compliance, Days: 1}
	args.Source.KMSKeyARN = nil
	args.Source.Bucket = ""
	args.Role = crr.RoleArgs{ARN: "arn:aws:iam::111111111111:role/mine", Name: "other"}
	err := args.Validate()
	for _, path := range []string{
		"destinations[0].replaceRules: ", "destinations[0].lifecycle: ", "destinations[0].intelligentTiering: ", "destinations[0].acceleration: ", "destinations[0].objectLock.mode: ",
		"source.kmsKeyArn: ", "source.bucket: ", "role.arn: ",
	} {
		assert.ErrorContains(t, err, path)
	}
}
