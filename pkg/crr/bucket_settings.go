package crr

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// bucketSettings registers the separate resources for the settings of a bucket, named
// after the bucket's resource.
type bucketSettings struct {
	name   string
	bucket pulumi.StringInput
	// option returns the options of a setting, with further ones appended.
	option func(...pulumi.ResourceOption) pulumi.ResourceOption
}

func (s bucketSettings) version(ctx *pulumi.Context) (pulumi.Resource, error) {
	return s3.NewBucketVersioningV2(ctx, s.name+"-versioning", &s3.BucketVersioningV2Args{
		Bucket:                  s.bucket,
		VersioningConfiguration: s3.BucketVersioningV2VersioningConfigurationArgs{Status: pulumi.String("Enabled")},
	}, s.option())
}

// encrypt sets the default encryption: a KMS key, or SSE-S3 if keyARN is nil.
func (s bucketSettings) encrypt(ctx *pulumi.Context, keyARN pulumi.StringInput, bucketKey bool) (pulumi.Resource, error) {
	algorithm := "aws:kms"
	if keyARN == nil {
		algorithm = "AES256"
	}
	return s3.NewBucketServerSideEncryptionConfigurationV2(ctx, s.name+"-encryption", &s3.BucketServerSideEncryptionConfigurationV2Args{
		Bucket: s.bucket,
		Rules: s3.BucketServerSideEncryptionConfigurationV2RuleArray{s3.BucketServerSideEncryptionConfigurationV2RuleArgs{
			BucketKeyEnabled: pulumi.Bool(bucketKey),
			ApplyServerSideEncryptionByDefault: s3.BucketServerSideEncryptionConfigurationV2RuleApplyServerSideEncryptionByDefaultArgs{
				SseAlgorithm:   pulumi.String(algorithm),
				KmsMasterKeyId: optionalInput(keyARN),
			},
		}},
	}, s.option())
}

// blockPublicAccess blocks public access and disables ACLs. It returns the resources
// that a bucket policy must wait for: S3 rejects concurrent changes of a bucket's
// access.
func (s bucketSettings) blockPublicAccess(ctx *pulumi.Context) ([]pulumi.Resource, error) {
	block, err := s3.NewBucketPublicAccessBlock(ctx, s.name+"-public-access", &s3.BucketPublicAccessBlockArgs{
		Bucket:                s.bucket,
		BlockPublicAcls:       pulumi.Bool(true),
		BlockPublicPolicy:     pulumi.Bool(true),
		IgnorePublicAcls:      pulumi.Bool(true),
		RestrictPublicBuckets: pulumi.Bool(true),
	}, s.option())
	if err != nil {
		return nil, err
	}
	ownership, err := s3.NewBucketOwnershipControls(ctx, s.name+"-ownership", &s3.BucketOwnershipControlsArgs{
		Bucket: s.bucket,
		Rule:   s3.BucketOwnershipControlsRuleArgs{ObjectOwnership: pulumi.String("BucketOwnerEnforced")},
	}, s.option())
	return []pulumi.Resource{block, ownership}, err
}

// lock enables Object Lock with its default retention. It returns the resources that
// must exist before objects are written.
func (s bucketSettings) lock(ctx *pulumi.Context, lock *replication.ObjectLock, versioning pulumi.Resource) ([]pulumi.Resource, error) {
	if lock == nil {
		return nil, nil
	}
	args := &s3.BucketObjectLockConfigurationV2Args{Bucket: s.bucket}
	if lock.Mode != "" {
		args.Rule = s3.BucketObjectLockConfigurationV2RuleArgs{
			DefaultRetention: s3.BucketObjectLockConfigurationV2RuleDefaultRetentionArgs{
				Mode: pulumi.String(lock.Mode), Days: pulumi.Int(lock.Days),
			},
		}
	}
	locked, err := s3.NewBucketObjectLockConfigurationV2(ctx, s.name+"-object-lock", args, s.option(pulumi.DependsOn([]pulumi.Resource{versioning})))
	return []pulumi.Resource{locked}, err
}

func (s bucketSettings) accelerate(ctx *pulumi.Context, acceleration bool) error {
	if !acceleration {
		return nil
	}
	_, err := s3.NewBucketAccelerateConfigurationV2(ctx, s.name+"-acceleration", &s3.BucketAccelerateConfigurationV2Args{
		Bucket: s.bucket,
		Status: pulumi.String("Enabled"),
	}, s.option())
	return err
}
