package crr

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/internal/plan"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// LogArgs configures the retention and deletion of logs.
type LogArgs struct {
	// RetentionDays after which a log is permanently deleted. Optional; 365 by default.
	RetentionDays int
	// ForceDestroy deletes all logs with their bucket. Optional. It takes effect after
	// it has been deployed.
	ForceDestroy bool
	// Protect protects the logs' buckets and keys, like [ReplicatedBucketArgs.Protect].
	// Optional.
	Protect bool
}

// logBucket is a bucket that only AWS services write to.
type logBucket struct {
	name string
	env  environment
	*s3.BucketV2
	parent pulumi.Resource
	// ready are the resources that the services must wait for.
	ready    []pulumi.Resource
	settings []deployedSetting
}

// logBucketSpec configures a log bucket.
type logBucketSpec struct {
	logs LogArgs
	tags map[string]string
	// keyARN of the default encryption; nil for SSE-S3.
	keyARN pulumi.StringInput
	lock   *replication.ObjectLock
	// waitFor are the resources that are deleted after the bucket.
	waitFor []pulumi.Resource
}

func newLogBucket(ctx *pulumi.Context, name string, at environment, parent pulumi.Resource, spec logBucketSpec) (*logBucket, error) {
	bucket, err := s3.NewBucketV2(ctx, name, &s3.BucketV2Args{
		ForceDestroy:      pulumi.Bool(forceDestroy(spec.logs.ForceDestroy, spec.lock)),
		ObjectLockEnabled: pulumi.Bool(spec.lock != nil),
		LifecycleRules:    logLifecycle(plain[plan.Logs](spec.logs).Days()), //nolint:staticcheck // deprecated, and chosen: see lifecycleRules
		Tags:              pulumi.ToStringMap(spec.tags),
	}, at.child(parent, keepData(spec.logs.Protect, spec.logs.ForceDestroy), pulumi.DependsOn(spec.waitFor), pulumi.IgnoreChanges([]string{"objectLockEnabled"})))
	if err != nil {
		return nil, fmt.Errorf("making the log bucket %q: %w", name, err)
	}
	return &logBucket{name: name, env: at, BucketV2: bucket, parent: parent}, nil
}

func (b *logBucket) setting(opts ...pulumi.ResourceOption) pulumi.ResourceOption {
	return b.env.child(b.parent, append(opts, pulumi.DeletedWith(b.BucketV2))...)
}

// configure registers the settings and the policy of the bucket.
func (b *logBucket) configure(ctx *pulumi.Context, spec logBucketSpec, bucketPolicy pulumi.StringInput) error {
	settings := bucketSettings{name: b.name, bucket: b.Bucket, option: b.setting}
	versioning, err := settings.version(ctx)
	if err != nil {
		return err
	}
	encryption, err := settings.encrypt(ctx, spec.keyARN, false)
	if err != nil {
		return err
	}
	closed, err := settings.blockPublicAccess(ctx)
	if err != nil {
		return err
	}
	locked, err := settings.lock(ctx, spec.lock, versioning)
	if err != nil {
		return err
	}
	option := b.setting
	if spec.logs.ForceDestroy {
		option = func(opts ...pulumi.ResourceOption) pulumi.ResourceOption { return b.env.child(b.parent, opts...) }
	}
	admitted, err := s3.NewBucketPolicy(ctx, b.name+"-policy", &s3.BucketPolicyArgs{
		Bucket: b.Bucket, Policy: bucketPolicy,
	}, option(pulumi.DependsOn(closed)))
	if err != nil {
		return err
	}
	b.ready = append([]pulumi.Resource{versioning, encryption, admitted}, locked...)
	b.settings = append(retentionSetting(b.env, b.Arn, spec.lock),
		bucketSetting(b.env, b.Arn, spec.keyARN),
		policySetting(replication.BucketPolicySetting, b.env, b.Arn, bucketPolicy),
		lifecycleSetting(b.env, b.Arn, logLifecycle(plain[plan.Logs](spec.logs).Days())),
	)
	return nil
}

// logLifecycle returns the rules that permanently delete logs of a versioned bucket: an
// expired object becomes a noncurrent version first and leaves a delete marker.
func logLifecycle(days int) s3.BucketV2LifecycleRuleArray {
	return append(lifecycleRules(LifecycleArgs{NoncurrentDays: 1}),
		s3.BucketV2LifecycleRuleArgs{
			Id: pulumi.String("expire-logs"), Enabled: pulumi.Bool(true),
			Expirations: s3.BucketV2LifecycleRuleExpirationArray{s3.BucketV2LifecycleRuleExpirationArgs{Days: pulumi.Int(days)}},
		},
		s3.BucketV2LifecycleRuleArgs{
			Id: pulumi.String("expire-delete-markers"), Enabled: pulumi.Bool(true),
			Expirations: s3.BucketV2LifecycleRuleExpirationArray{s3.BucketV2LifecycleRuleExpirationArgs{ExpiredObjectDeleteMarker: pulumi.Bool(true)}},
		},
	)
}

// deliver returns the statement that allows a service to write objects into a bucket
// under a condition.
func deliver(sid, service, objects string, condition policy.Conditions) policy.Statement {
	return policy.Statement{
		Sid: sid, Effect: policy.Allow, Principal: policy.Service(service),
		Action: policy.Values{"s3:PutObject"}, Resource: policy.Values{objects}, Condition: condition,
	}
}
