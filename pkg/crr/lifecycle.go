package crr

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// incompleteUploadDays after which incomplete multipart uploads are aborted. Their
// parts cost money and don't appear in listings.
const incompleteUploadDays = 7

// lifecycleRules returns the rules for the bucket resource. The provider recommends a
// separate resource, but that one polls S3 for 55 seconds after every change, although
// lifecycle rules run daily.
func lifecycleRules(args LifecycleArgs) s3.BucketV2LifecycleRuleArray {
	rules := s3.BucketV2LifecycleRuleArray{s3.BucketV2LifecycleRuleArgs{
		Id:                                 pulumi.String("abort-stale-uploads"),
		Enabled:                            pulumi.Bool(true),
		AbortIncompleteMultipartUploadDays: pulumi.Int(incompleteUploadDays),
	}}
	if len(args.Transitions) > 0 {
		transitions := s3.BucketV2LifecycleRuleTransitionArray{}
		for _, transition := range args.Transitions {
			transitions = append(transitions, s3.BucketV2LifecycleRuleTransitionArgs{
				Days: pulumi.Int(transition.Days), StorageClass: pulumi.String(transition.StorageClass),
			})
		}
		rules = append(rules, s3.BucketV2LifecycleRuleArgs{
			Id: pulumi.String("move-to-colder-classes"), Enabled: pulumi.Bool(true), Transitions: transitions,
		})
	}
	if len(args.NoncurrentTransitions) > 0 {
		transitions := s3.BucketV2LifecycleRuleNoncurrentVersionTransitionArray{}
		for _, transition := range args.NoncurrentTransitions {
			transitions = append(transitions, s3.BucketV2LifecycleRuleNoncurrentVersionTransitionArgs{
				Days: pulumi.Int(transition.Days), StorageClass: pulumi.String(transition.StorageClass),
			})
		}
		rules = append(rules, s3.BucketV2LifecycleRuleArgs{
			Id: pulumi.String("move-noncurrent-versions"), Enabled: pulumi.Bool(true), NoncurrentVersionTransitions: transitions,
		})
	}
	if args.NoncurrentDays == 0 {
		return rules
	}
	return append(rules, s3.BucketV2LifecycleRuleArgs{
		Id:      pulumi.String("expire-noncurrent-versions"),
		Enabled: pulumi.Bool(true),
		NoncurrentVersionExpirations: s3.BucketV2LifecycleRuleNoncurrentVersionExpirationArray{
			s3.BucketV2LifecycleRuleNoncurrentVersionExpirationArgs{Days: pulumi.Int(args.NoncurrentDays)},
		},
	})
}
