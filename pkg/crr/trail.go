package crr

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudtrail"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/internal/plan"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// AuditTrailType is the type token of [AuditTrail].
const AuditTrailType = "crr:index:AuditTrail"

// AuditTrail is a CloudTrail trail that records every call on the objects of buckets,
// and the account's management events. It covers all regions of its account. Its logs
// are validated, and have their own key and bucket.
//
// Buckets of another account need a trail there: a trail records the events of its own
// account.
type AuditTrail struct {
	pulumi.ResourceState

	// ARN of the trail.
	ARN pulumi.StringOutput `pulumi:"arn"`
	// LogBucket is the name of the bucket with the logs.
	LogBucket pulumi.StringOutput `pulumi:"logBucket"`
	// KMSKeyARN of the key that the logs are encrypted with.
	KMSKeyARN pulumi.StringOutput `pulumi:"kmsKeyArn"`

	name string
	at   environment
	logs *logBucket
	// settings of the trail and its key.
	settings []deployedSetting
}

// NewAuditTrail registers the trail, its key and its bucket.
func NewAuditTrail(ctx *pulumi.Context, name string, args *AuditTrailArgs, opts ...pulumi.ResourceOption) (*AuditTrail, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("trail %q: %w", name, err)
	}
	if err := plan.CheckNames(plan.TrailNames(name, args.Trail.CloudWatchLogs != nil)).Err(); err != nil {
		return nil, fmt.Errorf("trail %q: %w", name, err)
	}
	component := &AuditTrail{name: name}
	if err := register(ctx, AuditTrailType, name, component, opts...); err != nil {
		return nil, fmt.Errorf("registering the trail %q: %w", name, err)
	}
	var err error
	component.at, err = newEnvironment(ctx, BucketArgs{Region: args.Region, AssumeRoleARN: args.AssumeRoleARN, Provider: args.Provider})
	if err != nil {
		return nil, err
	}
	if err := component.create(ctx, args); err != nil {
		return nil, fmt.Errorf("making the trail %q in %s: %w", name, args.Region, err)
	}
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{
		"arn": component.ARN, "logBucket": component.LogBucket, "kmsKeyArn": component.KMSKeyARN,
	})
}

func (t *AuditTrail) create(ctx *pulumi.Context, args *AuditTrailArgs) error {
	trailName := args.Trail.name(ctx, t.name)
	// document builds a policy once the trail's account is known.
	document := func(build func(trail trailIdentity, text string) policy.Document, more pulumi.StringInput) pulumi.StringOutput {
		return documentOf(func(texts []string) policy.Document {
			return build(trailIdentity{name: trailName, region: args.Region, account: texts[0]}, texts[1])
		}, t.at.account, more)
	}
	key, err := t.createKey(ctx, args, document(func(trail trailIdentity, _ string) policy.Document {
		return trail.keyPolicy(args.Trail)
	}, pulumi.String("")))
	if err != nil {
		return err
	}
	spec := logBucketSpec{logs: args.Logs, tags: args.Tags, keyARN: key.Arn, lock: args.Trail.ObjectLock, waitFor: []pulumi.Resource{key}}
	if t.logs, err = newLogBucket(ctx, t.name+"-logs", t.at, t, spec); err != nil {
		return err
	}
	if err := t.logs.configure(ctx, spec, document(trailIdentity.bucketPolicy, t.logs.Arn)); err != nil {
		return err
	}
	group, err := t.createLogGroup(ctx, args, trailName, key.Arn, document(func(trail trailIdentity, _ string) policy.Document {
		return trail.logRolePolicy()
	}, pulumi.String("")))
	if err != nil {
		return err
	}
	t.LogBucket, t.KMSKeyARN = t.logs.Bucket, key.Arn
	return t.start(ctx, args, trailName, group)
}

func (t *AuditTrail) createKey(ctx *pulumi.Context, args *AuditTrailArgs, keyPolicy pulumi.StringInput) (*kms.Key, error) {
	window := args.Trail.DeletionWindowInDays
	if window == 0 {
		window = defaultDeletionWindow
	}
	key, err := kms.NewKey(ctx, t.name+"-key", &kms.KeyArgs{
		Description:          pulumi.Sprintf("Encrypts the logs of the trail %s", t.name),
		EnableKeyRotation:    pulumi.Bool(true),
		DeletionWindowInDays: pulumi.Int(window),
		Policy:               keyPolicy,
		Tags:                 pulumi.ToStringMap(args.Tags),
	}, t.at.child(t, keepKey(args.Logs.Protect)))
	if err != nil {
		return nil, err
	}
	alias, err := kms.NewAlias(ctx, t.name+"-alias", &kms.AliasArgs{TargetKeyId: key.KeyId}, t.at.child(t))
	if err != nil {
		return nil, err
	}
	t.settings = append(t.settings, keySettings(t.at, key.Arn, alias.Name, keyPolicy)...)
	return key, nil
}

// start registers the trail after everything that it writes to, so that it is deleted
// first: a trail without its bucket retries for thirty days, and AWS charges for that.
func (t *AuditTrail) start(ctx *pulumi.Context, args *AuditTrailArgs, trailName string, group trailLogGroup) error {
	trail, err := cloudtrail.NewTrail(ctx, t.name, &cloudtrail.TrailArgs{
		Name:                       pulumi.String(trailName),
		S3BucketName:               t.logs.Bucket,
		KmsKeyId:                   t.KMSKeyARN,
		IsMultiRegionTrail:         pulumi.Bool(true),
		IncludeGlobalServiceEvents: pulumi.Bool(true),
		EnableLogFileValidation:    pulumi.Bool(true),
		EnableLogging:              pulumi.Bool(true),
		AdvancedEventSelectors:     selectors(args),
		CloudWatchLogsGroupArn:     group.arn,
		CloudWatchLogsRoleArn:      group.roleARN,
		Tags:                       pulumi.ToStringMap(args.Tags),
	}, t.at.child(t, pulumi.DependsOn(append(group.ready, t.logs.ready...)), pulumi.DeleteBeforeReplace(true)))
	if err != nil {
		return err
	}
	t.ARN = trail.Arn
	t.settings = append(t.settings, t.setting(args, group))
	return nil
}

// setting returns the settings of the trail, by CloudTrail's field names.
func (t *AuditTrail) setting(args *AuditTrailArgs, group trailLogGroup) deployedSetting {
	values := map[string]pulumi.StringInput{
		"IsLogging": pulumi.String("true"), "S3BucketName": t.logs.Bucket, "KmsKeyId": t.KMSKeyARN,
		"IsMultiRegionTrail": pulumi.String("true"), "IncludeGlobalServiceEvents": pulumi.String("true"),
		"LogFileValidationEnabled": pulumi.String("true"),
		"EventSelectors": pulumi.StringArray(args.BucketARNs).ToStringArrayOutput().ApplyT(func(arns []string) string {
			return replication.TrailSelects(args.Trail.recordsManagement(), arns)
		}).(pulumi.StringOutput),
	}
	if group.arn != nil {
		values["CloudWatchLogsLogGroupArn"] = group.arn.ToStringPtrOutput().Elem()
		values["CloudWatchLogsRoleArn"] = group.roleARN.ToStringPtrOutput().Elem()
	}
	return setting(replication.TrailSetting, t.at, t.ARN, values)
}

// selectors selects the calls on objects of the buckets, and the management events: a
// trail with selectors records nothing else.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html
func selectors(args *AuditTrailArgs) cloudtrail.TrailAdvancedEventSelectorArray {
	type field = cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs
	equals := func(name, value string) field {
		return field{Field: pulumi.String(name), Equals: pulumi.ToStringArray([]string{value})}
	}
	objects := cloudtrail.TrailAdvancedEventSelectorArgs{
		Name: pulumi.String("Calls on replicated objects"),
		FieldSelectors: cloudtrail.TrailAdvancedEventSelectorFieldSelectorArray{
			equals("eventCategory", "Data"),
			equals("resources.type", "AWS::S3::Object"),
			field{
				Field: pulumi.String("resources.ARN"),
				StartsWiths: pulumi.StringArray(args.BucketARNs).ToStringArrayOutput().
					ApplyT(objectPrefixes).(pulumi.StringArrayOutput),
			},
		},
	}
	if !args.Trail.recordsManagement() {
		return cloudtrail.TrailAdvancedEventSelectorArray{objects}
	}
	return cloudtrail.TrailAdvancedEventSelectorArray{
		cloudtrail.TrailAdvancedEventSelectorArgs{
			Name:           pulumi.String("Management events"),
			FieldSelectors: cloudtrail.TrailAdvancedEventSelectorFieldSelectorArray{equals("eventCategory", "Management")},
		},
		objects,
	}
}
