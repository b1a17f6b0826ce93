package crr_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
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
	args.Role.ARN = pulumi.String("arn:aws:iam::111111111111:role/mine")
	recorder := deploy(t, args)
	assert.Empty(t, recorder.OfType("aws:iam/role:Role"))
	assert.Empty(t, recorder.OfType("aws:iam/rolePolicy:RolePolicy"))
	rules := recorder.One(t, "aws:s3/bucketReplicationConfig:BucketReplicationConfig", "data-replication")
	assert.Equal(t, "arn:aws:iam::111111111111:role/mine", rules.Inputs["role"].StringValue())
}

// Issue A13: S3 has one replication configuration for each bucket, and putting one
// silently replaces existing rules.
func TestAdopted_RulesThatAreThereAreNotReplacedWithoutSayingSo(t *testing.T) {
	t.Parallel()
	args := adopted()
	args.Source.ReplaceRules = false
	recorder, err := pulumitest.Run(t, register("data", args))
	assert.ErrorContains(t, err, "source.replaceRules: is required")
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
	args.Source.Bucket = ""
	args.Source.AccountID = "1234"
	args.Role = crr.RoleArgs{ARN: pulumi.String("arn:aws:iam::111111111111:role/mine"), Name: "other"}
	err := args.Validate()
	for _, path := range []string{
		"destinations[0].replaceRules: ", "destinations[0].lifecycle: ", "destinations[0].intelligentTiering: ", "destinations[0].acceleration: ", "destinations[0].objectLock.mode: ",
		"source.accountId: ", "source.bucket: ", "role.arn: ",
	} {
		assert.ErrorContains(t, err, path)
	}
}

// rolePolicyText returns the policy of a replication role.
func rolePolicyText(t *testing.T, recorder *pulumitest.Recorder, name string) string {
	t.Helper()
	return recorder.One(t, rolePolicyType, name).Inputs["policy"].StringValue()
}

// SSE-S3 is the default of every bucket since January 2023, and replicates without KMS.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html
func TestAdopted_BucketsWithoutAKey(t *testing.T) {
	t.Parallel()
	key := pulumi.String("arn:aws:kms:us-west-2:222222222222:key/b")
	cases := map[string]struct {
		change func(*crr.ReplicatedBucketArgs)
		// selects says that the rule opts KMS in, and account is that of the rule's
		// destination where it is not the source's.
		selects bool
		account string
		uses    []string // keys in the role's policy
	}{
		"both encrypt with SSE-S3": {
			change: func(args *crr.ReplicatedBucketArgs) { args.Destinations[0].Bucket.KMSKeyARN = nil },
		},
		"the destination's account is named": {
			change: func(args *crr.ReplicatedBucketArgs) {
				args.Destinations[0].Bucket.KMSKeyARN, args.Destinations[0].Bucket.AccountID = nil, "333333333333"
			},
			account: "333333333333",
		},
		"the destination has a key": {
			change: func(args *crr.ReplicatedBucketArgs) { args.Destinations[0].Bucket.KMSKeyARN = key }, selects: true,
			account: "222222222222", uses: []string{string(key)},
		},
		"the bucket is in another account than its key": {
			change: func(args *crr.ReplicatedBucketArgs) {
				args.Destinations[0].Bucket.KMSKeyARN, args.Destinations[0].Bucket.AccountID = key, "333333333333"
			},
			selects: true, account: "333333333333", uses: []string{string(key)},
		},
		"two-way": {
			change: func(args *crr.ReplicatedBucketArgs) {
				args.Direction = replication.TwoWay
				args.Destinations[0].Bucket.KMSKeyARN, args.Destinations[0].Bucket.ReplaceRules = nil, true
			},
		},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := adopted()
			args.Source.KMSKeyARN = nil
			test.change(args)
			recorder := deploy(t, args)
			rule := firstRule(recorder.One(t, configurationType, "data-replication"))
			destination := rule["destination"].ObjectValue()
			assert.Equal(t, test.selects, destination.HasValue("encryptionConfiguration"))
			criteria := rule["sourceSelectionCriteria"]
			assert.Equal(t, test.selects, criteria.IsObject() && criteria.ObjectValue().HasValue("sseKmsEncryptedObjects"))
			assert.Equal(t, args.Direction == replication.TwoWay, criteria.IsObject() && criteria.ObjectValue().HasValue("replicaModifications"))
			account := ""
			if destination.HasValue("account") {
				account = destination["account"].StringValue()
			}
			assert.Equal(t, test.account, account)
			text := rolePolicyText(t, recorder, "data-role-policy")
			for _, key := range test.uses {
				assert.Contains(t, text, key)
			}
			assert.Equal(t, len(test.uses) > 0, strings.Contains(text, "kms:"), text)
		})
	}
}

func TestAdopted_KMSObjectsNeedAKeyForTheirReplicas(t *testing.T) {
	t.Parallel()
	const fix = "kmsKeyArn: is missing: objects of "
	for name, test := range map[string]struct {
		change func(*crr.ReplicatedBucketArgs)
		path   string
	}{
		"a source with a key": {func(args *crr.ReplicatedBucketArgs) { args.Destinations[0].Bucket.KMSKeyARN = nil }, "destinations[0]."},
		"a source with older keys": {func(args *crr.ReplicatedBucketArgs) {
			args.Source.KMSKeyARN, args.Destinations[0].Bucket.KMSKeyARN = nil, nil
			args.Source.DecryptKeyARNs = []pulumi.StringInput{pulumi.String("arn:aws:kms:us-east-1:111111111111:key/old")}
		}, "destinations[0]."},
		"a source that is made": {func(args *crr.ReplicatedBucketArgs) {
			args.Source = crr.BucketArgs{Region: "us-east-1"}
			args.Destinations[0].Bucket.KMSKeyARN = nil
		}, "destinations[0]."},
		"the way back": {func(args *crr.ReplicatedBucketArgs) {
			args.Direction, args.Source.KMSKeyARN, args.Destinations[0].Bucket.ReplaceRules = replication.TwoWay, nil, true
		}, "source."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := adopted()
			test.change(args)
			recorder, err := pulumitest.Run(t, register("data", args))
			assert.ErrorContains(t, err, test.path+fix)
			assert.Empty(t, recorder.All())
		})
	}
}

func TestDecryptKeys_TheRoleMayDecryptWithAll(t *testing.T) {
	t.Parallel()
	args := pair()
	args.Source.DecryptKeyARNs = []pulumi.StringInput{
		pulumi.String("arn:aws:kms:us-east-1:111111111111:key/old"),
		pulumi.String("arn:aws:kms:us-east-1:333333333333:key/theirs").ToStringOutput(),
	}
	var grants []string
	recorder, err := pulumitest.Run(t, func(ctx *pulumi.Context) error {
		bucket, err := crr.NewReplicatedBucket(ctx, "data", args)
		if err != nil {
			return err
		}
		ctx.Export("policies", bucket.Policies.ApplyT(func(policies []any) bool {
			for _, policy := range policies {
				grants = append(grants, fmt.Sprint(policy.(map[string]any)["resource"]))
			}
			return true
		}))
		return nil
	})
	require.NoError(t, err)
	text := rolePolicyText(t, recorder, "data-role-policy")
	assert.Contains(t, text, `["arn:aws:kms:region-of-provider:111111111111:key/id-of-data-source-key","arn:aws:kms:us-east-1:111111111111:key/old",`+
		`"arn:aws:kms:us-east-1:333333333333:key/theirs"]`)
	assert.Contains(t, grants, "arn:aws:kms:us-east-1:333333333333:key/theirs", "the key of another account must let the role in")
	assert.NotContains(t, grants, "arn:aws:kms:us-east-1:111111111111:key/old")
}

func TestDecryptKeys_ThoseThatHaveNoEffectAreRefused(t *testing.T) {
	t.Parallel()
	args := adopted()
	args.Source.DecryptKeyARNs = []pulumi.StringInput{
		pulumi.String("alias/old"), pulumi.String("arn:aws:kms:eu-west-1:111111111111:key/a"), args.Source.KMSKeyARN,
		pulumi.String("arn:aws:kms:us-east-1:111111111111:key/b"), pulumi.String("arn:aws:kms:us-east-1:111111111111:key/b"),
	}
	args.Destinations[0].Bucket.DecryptKeyARNs = []pulumi.StringInput{pulumi.String("arn:aws:kms:us-west-2:111111111111:key/c")}
	err := args.Validate()
	for _, problem := range []string{
		`source.decryptKeyArns[0]: "alias/old" is an alias`, "source.decryptKeyArns[1]: the key", "source.decryptKeyArns[2]: ",
		"source.decryptKeyArns[4]: ", "destinations[0].decryptKeyArns: is only for a replicating bucket",
	} {
		assert.ErrorContains(t, err, problem)
	}
}

// A bucket that another resource of the program makes has a name only once it is
// deployed.
func TestAdopted_BucketsOfTheSameProgram(t *testing.T) {
	t.Parallel()
	recorder, err := pulumitest.RunBeside(t, nil, func(ctx *pulumi.Context) error {
		made, err := s3.NewBucketV2(ctx, "made", &s3.BucketV2Args{})
		if err != nil {
			return err
		}
		args := adopted()
		args.Source.Bucket, args.Source.BucketName = "", made.Bucket
		role, err := iam.NewRole(ctx, "mine", &iam.RoleArgs{AssumeRolePolicy: pulumi.String("{}")})
		if err != nil {
			return err
		}
		args.Role.ARN = role.Arn
		_, err = crr.NewReplicatedBucket(ctx, "data", args)
		return err
	})
	require.NoError(t, err)
	rules := recorder.One(t, configurationType, "data-replication")
	assert.Equal(t, "made-0123456", rules.Inputs["bucket"].StringValue())
	assert.Equal(t, "arn:aws:iam::111111111111:role/mine-0123456", rules.Inputs["role"].StringValue())
	assert.Empty(t, recorder.OfType("aws:iam/rolePolicy:RolePolicy"))
}

func TestAdopted_NamesThatAreOutputsAreForExistingBuckets(t *testing.T) {
	t.Parallel()
	args := adopted()
	args.Source.BucketName = pulumi.String("theirs").ToStringOutput()
	args.Destinations[0].Bucket.Existing = false
	args.Destinations[0].Bucket.BucketName = args.Source.BucketName
	err := args.Validate()
	assert.ErrorContains(t, err, `source.bucket: "theirs" is set together with bucketName`)
	assert.ErrorContains(t, err, "destinations[0].bucketName: is for an existing bucket")
}

// The import in docs/configuration/existing-buckets.md.
func TestImport_ATransformationImportsTheBucket(t *testing.T) {
	t.Parallel()
	imported := func(args *pulumi.ResourceTransformationArgs) *pulumi.ResourceTransformationResult {
		if args.Type != "aws:s3/bucketV2:BucketV2" || args.Name != "data-source" {
			return nil
		}
		return &pulumi.ResourceTransformationResult{Props: args.Props, Opts: append(args.Opts, pulumi.Import(pulumi.ID("my-bucket")))}
	}
	recorder, err := pulumitest.Run(t, func(ctx *pulumi.Context) error {
		_, err := crr.NewReplicatedBucket(ctx, "data", &crr.ReplicatedBucketArgs{
			Source:       crr.BucketArgs{Region: "us-east-1", Bucket: "my-bucket"},
			Destinations: []crr.DestinationArgs{{Name: "dr", Bucket: crr.BucketArgs{Region: "us-west-2"}}},
		}, pulumi.Transformations([]pulumi.ResourceTransformation{imported}))
		return err
	})
	require.NoError(t, err)
	for _, bucket := range recorder.OfType("aws:s3/bucketV2:BucketV2") {
		assert.Equal(t, map[string]string{"data-source": "my-bucket"}[bucket.Name], bucket.ImportID)
	}
}
