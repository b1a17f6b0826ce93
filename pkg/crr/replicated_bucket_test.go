package crr_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/pulumitest"
	"github.com/crr-io/pulumi-aws-crr/pkg/crr"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// pair returns the smallest use of the component.
func pair() *crr.ReplicatedBucketArgs {
	return &crr.ReplicatedBucketArgs{
		Source:       crr.BucketArgs{Region: "us-east-1"},
		Destinations: []crr.DestinationArgs{{Name: "dr", Bucket: crr.BucketArgs{Region: "us-west-2"}}},
	}
}

// everything asks for all there is.
func everything() *crr.ReplicatedBucketArgs {
	return &crr.ReplicatedBucketArgs{
		Source: crr.BucketArgs{
			Region: "us-east-1", Bucket: "my-data", DeletionWindowInDays: 7, ForceDestroy: true,
			Lifecycle: crr.LifecycleArgs{NoncurrentDays: 90},
		},
		Destinations: []crr.DestinationArgs{
			{Name: "dr", Bucket: crr.BucketArgs{Region: "us-west-2"}, StorageClass: "STANDARD_IA"},
			{Name: "eu", Bucket: crr.BucketArgs{
				Region: "eu-west-1", KMSKeyARN: pulumi.String("arn:aws:kms:eu-west-1:111111111111:key/mine"),
			}},
		},
		Rules: []crr.RuleArgs{
			{ID: "critical", Destinations: []string{"dr"}, Prefix: "finance/", Tags: map[string]string{"class": "critical"}, ReplicationTimeControl: pulumi.BoolRef(true)},
			{ID: "tagged", Destinations: []string{"eu"}, Tags: map[string]string{"class": "public"}, StorageClass: "GLACIER_IR"},
			{ID: "rest"},
		},
		Role: crr.RoleArgs{PermissionsBoundary: pulumi.String("arn:aws:iam::111111111111:policy/boundary")},
		Monitoring: crr.MonitoringArgs{
			LatencySeconds: 600, Emails: []string{"ops@example.com"},
			TopicARNs: map[string]pulumi.StringInput{"us-west-2": pulumi.String("arn:aws:sns:us-west-2:111111111111:oncall")},
		},
		Protect: true,
		Tags:    map[string]string{"team": "storage"},
	}
}

// acrossAccounts replicates into another account, in both directions.
func acrossAccounts() *crr.ReplicatedBucketArgs {
	args := pair()
	args.Direction = replication.TwoWay
	args.Destinations[0].Bucket.AssumeRoleARN = "arn:aws:iam::222222222222:role/deploy"
	return args
}

// monitored returns watched in every way, in two accounts and both directions.
func monitored() *crr.ReplicatedBucketArgs {
	args := acrossAccounts()
	args.Rules = []crr.RuleArgs{
		{ID: "critical", Prefix: "finance/", ReplicationTimeControl: pulumi.BoolRef(true), Thresholds: replication.Thresholds{LatencySeconds: 60, PendingBytes: 1 << 30}},
		{ID: "rest"},
	}
	args.Source.Notifications = []crr.NotificationArgs{{
		Events: []string{"s3:ObjectCreated:*"}, Prefix: "in/", Suffix: ".csv",
		TargetArgs: crr.TargetArgs{FunctionARN: pulumi.String("arn:aws:lambda:us-east-1:111111111111:function:load")},
	}}
	args.Monitoring = crr.MonitoringArgs{
		PendingOperations: 1000,
		Emails:            []string{"ops@example.com"},
		QueueARNs:         []pulumi.StringInput{pulumi.String("arn:aws:sqs:us-east-1:111111111111:oncall")},
		FunctionARNs:      []pulumi.StringInput{pulumi.String("arn:aws:lambda:eu-west-1:111111111111:function:page:live")},
		Webhooks:          []pulumi.StringInput{pulumi.String("https://example.com/hook?token=1")},
		Events: map[string]crr.EventTargetArgs{
			"us-east-1": {AlarmTopic: true},
			"us-west-2": {TargetArgs: crr.TargetArgs{QueueARN: pulumi.String("arn:aws:sqs:us-west-2:222222222222:late")}},
		},
		FailureQueue: true,
	}
	return args
}

func register(name string, args *crr.ReplicatedBucketArgs) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		bucket, err := crr.NewReplicatedBucket(ctx, name, args)
		if err != nil {
			return err
		}
		ctx.Export("descriptor", bucket.Descriptor)
		return nil
	}
}

func deploy(t *testing.T, args *crr.ReplicatedBucketArgs) *pulumitest.Recorder {
	t.Helper()
	recorder, err := pulumitest.Run(t, register("data", args))
	require.NoError(t, err)
	return recorder
}

func TestReplicatedBucket_Snapshots(t *testing.T) {
	t.Parallel()
	cases := map[string]*crr.ReplicatedBucketArgs{"pair": pair(), "everything": everything(), "two-way-across-accounts": acrossAccounts(), "monitored": monitored()}
	for name, args := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pulumitest.Golden(t, name, deploy(t, args))
		})
	}
}

func TestReplicatedBucket_CanBePreviewedBeforeAnythingIsKnown(t *testing.T) {
	t.Parallel()
	for _, args := range []*crr.ReplicatedBucketArgs{everything(), monitored()} {
		preview, err := pulumitest.Run(t, register("data", args), pulumitest.Preview)
		require.NoError(t, err)
		assert.Len(t, preview.All(), len(deploy(t, args).All()), "a preview must show what an update makes")
	}
}

func TestReplicatedBucket_EveryResourceIsBelowTheComponent(t *testing.T) {
	t.Parallel()
	recorder := deploy(t, everything())
	parents := map[string]string{}
	for _, each := range recorder.All() {
		parents[each.Key()] = each.Parent
	}
	for _, each := range recorder.All() {
		if strings.HasPrefix(each.Type, "pulumi:providers:") || each.Type == crr.ReplicatedBucketType {
			continue
		}
		top := each.Key()
		for parents[top] != "" {
			top = parents[top]
		}
		if shared := strings.HasPrefix(top, "crr:index:NotificationTopic crr-alarms-") || strings.Contains(top, " crr-messages-"); shared {
			continue // by all components of the program
		}
		assert.Equal(t, crr.ReplicatedBucketType+" data", top, "%s hangs in the air", each.Key())
	}
}

func TestReplicatedBucket_EachPlaceUsesTheProviderOfItsRegion(t *testing.T) {
	t.Parallel()
	for _, each := range deploy(t, everything()).All() {
		if !strings.HasPrefix(each.Type, "aws:") {
			continue
		}
		want := "crr-us-east-1"
		switch {
		case strings.Contains(each.Parent, "data-dr"), strings.HasSuffix(each.Name, "-dr-latency"), strings.HasSuffix(each.Name, "critical-latency"),
			strings.Contains(each.Name, "us-west-2"):
			want = "crr-us-west-2"
		case strings.Contains(each.Parent, "data-eu"), strings.HasSuffix(each.Name, "-eu-latency"), strings.HasSuffix(each.Name, "tagged-latency"),
			strings.Contains(each.Name, "eu-west-1"):
			want = "crr-eu-west-1"
		}
		assert.Equal(t, want, each.Provider, each.Key())
	}
}

func TestReplicatedBucket_ThreeOverTheSameRegionsShareTwoProviders(t *testing.T) {
	t.Parallel()
	recorder, err := pulumitest.Run(t, func(ctx *pulumi.Context) error {
		for _, name := range []string{"one", "two", "three"} {
			if _, err := crr.NewReplicatedBucket(ctx, name, pair()); err != nil {
				return err
			}
		}
		return nil
	})
	require.NoError(t, err)
	assert.Len(t, recorder.OfType("pulumi:providers:aws"), 2)
}

func TestReplicatedBucket_UsesProvidersThatAreBroughtAlong(t *testing.T) {
	t.Parallel()
	recorder, err := pulumitest.Run(t, func(ctx *pulumi.Context) error {
		mine, err := aws.NewProvider(ctx, "mine", &aws.ProviderArgs{Region: pulumi.String("us-west-2")})
		if err != nil {
			return err
		}
		args := pair()
		args.Destinations[0].Bucket.Provider = mine
		_, err = crr.NewReplicatedBucket(ctx, "data", args)
		return err
	})
	require.NoError(t, err)
	assert.Equal(t, "mine", recorder.One(t, "aws:s3/bucketV2:BucketV2", "data-dr").Provider)
	assert.Equal(t, "crr-us-east-1", recorder.One(t, "aws:s3/bucketV2:BucketV2", "data-source").Provider)
}

func TestReplicatedBucket_ReplicationWaitsForAllThatS3Asks(t *testing.T) {
	t.Parallel()
	configuration := deploy(t, pair()).One(t, "aws:s3/bucketReplicationConfig:BucketReplicationConfig", "data-replication")
	for reason, key := range map[string]string{
		"S3 refuses a source that is not versioned":              "aws:s3/bucketVersioningV2:BucketVersioningV2 data-source-versioning",
		"S3 refuses a destination that is not versioned":         "aws:s3/bucketVersioningV2:BucketVersioningV2 data-dr-versioning",
		"objects fail while the role may do nothing":             "aws:iam/rolePolicy:RolePolicy data-role-policy",
		"objects fail before the destination allows the role":    "aws:s3/bucketPolicy:BucketPolicy data-dr-policy",
		"replicas would get the wrong key before the default is": "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2 data-dr-encryption",
	} {
		assert.Contains(t, configuration.DependsOn, key, reason)
	}
}

func TestReplicatedBucket_BucketPolicyWaitsForThePublicAccessBlock(t *testing.T) {
	t.Parallel()
	policy := deploy(t, pair()).One(t, "aws:s3/bucketPolicy:BucketPolicy", "data-source-policy")
	assert.Contains(t, policy.DependsOn, "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock data-source-public-access",
		"S3 answers OperationAborted to two changes of a bucket's access at once")
}

// TestReplicatedBucket_KeepsWhatHoldsData looks at what stays when it leaves the
// program, and at what can't be deleted at all.
func TestReplicatedBucket_KeepsWhatHoldsData(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		protect, force      bool
		protected, retained []string
	}{
		"by default": {
			protected: []string{"deletion-protection"}, retained: []string{"bucket", "key", "alias"},
		},
		"with forceDestroy": {force: true, retained: []string{"key"}},
		"with protect": {
			protect: true, protected: []string{"deletion-protection", "bucket", "key"}, retained: []string{"bucket", "key", "alias"},
		},
		"with both": {
			protect: true, force: true, protected: []string{"deletion-protection", "bucket", "key"}, retained: []string{"bucket", "key"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := pair()
			args.Protect, args.Source.ForceDestroy, args.Destinations[0].Bucket.ForceDestroy = c.protect, c.force, c.force
			kinds := map[string]string{
				"aws:s3/bucketV2:BucketV2": "bucket", "aws:kms/key:Key": "key", "aws:kms/alias:Alias": "alias",
				crr.DeletionProtectionType: "deletion-protection",
			}
			for _, each := range deploy(t, args).All() {
				assert.Equal(t, slices.Contains(c.protected, kinds[each.Type]), each.Protect, "protect of %s", each.Key())
				assert.Equal(t, slices.Contains(c.retained, kinds[each.Type]), each.RetainOnDelete, "retain of %s", each.Key())
				if each.Type == "aws:s3/bucketPolicy:BucketPolicy" {
					assert.Equal(t, !c.force, each.DeletedWith != "", "%s stays with a bucket that stays", each.Key())
				}
			}
		})
	}
}

func TestReplicatedBucket_ProtectReachesTopicsAndQueues(t *testing.T) {
	t.Parallel()
	args := monitored()
	args.Protect = true
	for _, each := range deploy(t, args).All() {
		if slices.Contains([]string{"aws:kms/key:Key", "aws:sns/topic:Topic", "aws:sqs/queue:Queue"}, each.Type) {
			assert.True(t, each.Protect, each.Key())
			assert.True(t, each.RetainOnDelete, each.Key())
		}
	}
}

func TestReplicatedBucket_RetainsEveryKeyWithoutProtect(t *testing.T) {
	t.Parallel()
	args := monitored()
	keys := deploy(t, args).OfType("aws:kms/key:Key")
	assert.Len(t, keys, 6)
	for _, key := range keys {
		assert.True(t, key.RetainOnDelete, key.Name)
		assert.False(t, key.Protect, key.Name)
	}
}

func TestReplicatedBucket_TheDeletionWindowReachesEveryKey(t *testing.T) {
	t.Parallel()
	args := monitored()
	args.Source.DeletionWindowInDays, args.Destinations[0].Bucket.DeletionWindowInDays = 12, 12
	for _, key := range deploy(t, args).OfType("aws:kms/key:Key") {
		assert.InDelta(t, 12, key.Inputs["deletionWindowInDays"].NumberValue(), 0, key.Name)
	}
}

func TestReplicatedBucket_MakesNoKeyWhereOneIsBroughtAlong(t *testing.T) {
	t.Parallel()
	args := everything()
	args.Monitoring.Emails, args.Monitoring.TopicARNs = nil, nil
	recorder := deploy(t, args)
	var keys []string
	for _, key := range recorder.OfType("aws:kms/key:Key") {
		keys = append(keys, key.Name)
	}
	assert.Equal(t, []string{"data-dr-key", "data-source-key"}, keys)
	encryption := recorder.One(t, "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2", "data-eu-encryption")
	assert.Contains(t, fmt.Sprint(encryption.Inputs.Mappable()), "key/mine")
}

func TestReplicatedBucket_RefusesAKeyOfAnotherRegionThatWasNotKnownBefore(t *testing.T) {
	t.Parallel()
	_, err := pulumitest.Run(t, func(ctx *pulumi.Context) error {
		args := pair()
		args.Source.KMSKeyARN = pulumi.String("arn:aws:kms:eu-west-1:111111111111:key/k").ToStringOutput()
		_, err := crr.NewReplicatedBucket(ctx, "data", args)
		return err
	})
	assert.ErrorContains(t, err, "a bucket in us-east-1 needs a key of us-east-1")
}

func TestReplicatedBucket_RegistersNothingWhereSomethingIsWrong(t *testing.T) {
	t.Parallel()
	args := everything()
	args.Source.Region = ""
	args.Destinations[0].Name = "eu"
	args.Destinations[1].Bucket.DeletionWindowInDays = 3
	args.Source.Lifecycle.NoncurrentDays = -1
	args.Monitoring.Emails = []string{"nobody"}
	args.Monitoring.TopicARNs["us-west-2"] = pulumi.String("arn:aws:sns:eu-west-1:111111111111:oncall")
	args.Monitoring.TopicARNs["ap-south-1"] = pulumi.String("arn:aws:sns:ap-south-1:111111111111:oncall")
	args.Tags["aws:x"] = "y"
	recorder, err := pulumitest.Run(t, register("data", args))
	assert.Empty(t, recorder.All())
	for _, path := range []string{
		"source.region: ", "destinations[1].name: ", "destinations[1].deletionWindowInDays: ", "source.lifecycle.noncurrentDays: ",
		"monitoring.emails[0]: ", "monitoring.topicArns.us-west-2: ", "monitoring.topicArns.ap-south-1: ", "tags.aws:x: ",
	} {
		assert.ErrorContains(t, err, path)
	}
}

func TestReplicatedBucket_WithoutArgumentsIsAnErrorAndNoPanic(t *testing.T) {
	t.Parallel()
	recorder, err := pulumitest.Run(t, register("data", nil))
	require.ErrorContains(t, err, "needs a source and a destination")
	assert.Empty(t, recorder.All())
}
