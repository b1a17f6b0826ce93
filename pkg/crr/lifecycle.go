package crr

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// staleUploadDays after which the parts of an upload that nobody finished are
// deleted. They cost money and no listing shows them.
const staleUploadDays = 7

func (b *EncryptedBucket) setLifecycle(ctx *pulumi.Context, name string, args LifecycleArgs, versioning pulumi.Resource) error {
	_, err := s3.NewBucketLifecycleConfigurationV2(ctx, name+"-lifecycle", &s3.BucketLifecycleConfigurationV2Args{
		Bucket: b.Bucket,
		Rules:  lifecycleRules(args),
		// The default of S3 for new configurations, said outright: left out, a
		// configuration from before it shows a difference for ever.
		TransitionDefaultMinimumObjectSize: pulumi.String("all_storage_classes_128K"),
	}, b.place.child(b, pulumi.DependsOn([]pulumi.Resource{versioning})))
	return err
}

func lifecycleRules(args LifecycleArgs) s3.BucketLifecycleConfigurationV2RuleArray {
	rules := s3.BucketLifecycleConfigurationV2RuleArray{wholeBucket("abort-stale-uploads", s3.BucketLifecycleConfigurationV2RuleArgs{
		AbortIncompleteMultipartUpload: s3.BucketLifecycleConfigurationV2RuleAbortIncompleteMultipartUploadArgs{
			DaysAfterInitiation: pulumi.Int(staleUploadDays),
		},
	})}
	if args.NoncurrentDays == 0 {
		return rules
	}
	return append(rules, wholeBucket("expire-noncurrent-versions", s3.BucketLifecycleConfigurationV2RuleArgs{
		NoncurrentVersionExpiration: s3.BucketLifecycleConfigurationV2RuleNoncurrentVersionExpirationArgs{
			NoncurrentDays: pulumi.Int(args.NoncurrentDays),
		},
	}))
}

// wholeBucket makes a rule one for all objects. The filter must be there: S3
// wants exactly one of filter and prefix.
func wholeBucket(id string, rule s3.BucketLifecycleConfigurationV2RuleArgs) s3.BucketLifecycleConfigurationV2RuleArgs {
	rule.Id = pulumi.String(id)
	rule.Status = pulumi.String("Enabled")
	rule.Filter = s3.BucketLifecycleConfigurationV2RuleFilterArgs{Prefix: pulumi.String("")}
	return rule
}
