package crr

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/internal/awsid"
	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/plan"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// EncryptedBucketType is the type token of [EncryptedBucket].
const EncryptedBucketType = "crr:index:EncryptedBucket"

// EncryptedBucketArgs are the arguments of [NewEncryptedBucket].
type EncryptedBucketArgs struct {
	// Bucket configures the bucket. Its Region is required.
	Bucket BucketArgs
	// ReplicationRoleARNs are the roles that may write replicas into the
	// bucket. Optional.
	ReplicationRoleARNs []pulumi.StringInput
	// Protect keeps the bucket and its key. Optional.
	Protect bool
	// Tags of the bucket and its key. Optional.
	Tags map[string]string

	// formerNames of the component, including those that follow from its parent's
	// former names.
	formerNames []string
}

// EncryptedBucket is a versioned, private bucket that encrypts with a customer managed
// KMS key and denies uploads with other encryption. Its outputs resolve when all
// settings are in effect; the outputs of the source of a [ReplicatedBucket] resolve
// when replication is configured.
type EncryptedBucket struct {
	pulumi.ResourceState

	// Bucket is the bucket's name.
	Bucket pulumi.StringOutput `pulumi:"bucket"`
	// ARN of the bucket.
	ARN pulumi.StringOutput `pulumi:"arn"`
	// Region of the bucket.
	Region pulumi.StringOutput `pulumi:"region"`
	// AccountID of the bucket's owner.
	AccountID pulumi.StringOutput `pulumi:"accountId"`
	// KMSKeyARN is the key that the bucket encrypts with.
	KMSKeyARN pulumi.StringOutput `pulumi:"kmsKeyArn"`
	// KMSKeyID is the id of that key, or "" if you supplied the key.
	KMSKeyID pulumi.StringOutput `pulumi:"kmsKeyId"`
	// KMSAliasName is the alias of that key, or "" if you supplied the key.
	KMSAliasName pulumi.StringOutput `pulumi:"kmsAliasName"`

	name       string
	bucketName string // "" if generated
	env        environment
	bucket     pulumi.Resource
	// madeName and madeARN are known as soon as the bucket exists, for the resources of
	// its settings.
	madeName, madeARN pulumi.StringOutput
	// decryptKeyARNs are further keys that objects are encrypted with: from the
	// arguments, and keys that this stack created earlier.
	decryptKeyARNs []pulumi.StringInput
	objectLock     bool
	keyChanges     bool
	existing       bool
	// keyless buckets encrypt with SSE-S3.
	keyless bool
	// longest describes the bucket for policies, with generated names at their maximum
	// length.
	longest model.BucketRef
	// boundary of the roles created in the bucket's account, or nil.
	boundary pulumi.StringInput
	// ready are the resources that replication from or to the bucket must wait for: S3
	// rejects replication without versioning, and objects would fail before the policy
	// is set.
	ready []pulumi.Resource
	// settings of the bucket and its key, if they are created here.
	settings []deployedSetting
}

// NewEncryptedBucket registers the bucket and, unless the arguments have one, its key.
func NewEncryptedBucket(
	ctx *pulumi.Context, name string, args *EncryptedBucketArgs, opts ...pulumi.ResourceOption,
) (*EncryptedBucket, error) {
	if args == nil {
		args = &EncryptedBucketArgs{}
	}
	if err := args.validate(name); err != nil {
		return nil, fmt.Errorf("bucket %q: %w", name, err)
	}
	lookups, err := args.Bucket.lookups(ctx, "")
	if err != nil {
		return nil, fmt.Errorf("bucket %q: %w", name, err)
	}
	if err := runLookups(ctx, lookups).Err(); err != nil {
		return nil, fmt.Errorf("bucket %q: %w", name, err)
	}
	checked := []checkedBucket{{path: name, names: append([]string{name}, args.formerNames...), args: args.Bucket}}
	if err := providersOf(ctx).check(ctx, checked).Err(); err != nil {
		return nil, fmt.Errorf("bucket %q: %w", name, err)
	}
	component := &EncryptedBucket{
		name: name, bucketName: args.Bucket.Bucket, objectLock: args.Bucket.ObjectLock != nil, keyChanges: args.Bucket.AllowKeyChanges,
		existing: args.Bucket.Existing,
		keyless:  args.Bucket.plan().Keyless(), decryptKeyARNs: args.Bucket.checkedDecryptKeys(),
	}
	if err := register(ctx, EncryptedBucketType, name, component, append(opts, aliases(args.formerNames))...); err != nil {
		return nil, fmt.Errorf("registering the bucket %q: %w", name, err)
	}
	if component.env, err = newEnvironment(ctx, args.Bucket); err != nil {
		return nil, err
	}
	component.longest, component.boundary = args.Bucket.plan().Placeholder(name), args.Bucket.PermissionsBoundary
	if err := component.create(ctx, name, args); err != nil {
		return nil, fmt.Errorf("making the bucket %q in %s: %w", name, args.Bucket.Region, err)
	}
	component.resolveAfter(ctx, component.ready...)
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{
		"bucket": component.Bucket, "arn": component.ARN, "region": component.Region, "accountId": component.AccountID,
		"kmsKeyArn": component.KMSKeyARN, "kmsKeyId": component.KMSKeyID, "kmsAliasName": component.KMSAliasName,
		// For the checks of the next update: see edits.go and provider_names.go.
		"provider": component.env.provider.URN(),
		"named":    pulumi.Bool(args.Bucket.Bucket != "" && !args.Bucket.Existing),
		"retained": pulumi.Bool(true), "protected": pulumi.Bool(args.Protect),
	})
}

// resolveAfter makes the outputs with the bucket's name wait for resources.
func (b *EncryptedBucket) resolveAfter(ctx *pulumi.Context, resources ...pulumi.Resource) {
	b.Bucket, b.ARN = outputAfter(ctx, b.madeName, resources), outputAfter(ctx, b.madeARN, resources)
}

// outputAfter returns an output that waits for resources. In a preview it does not wait
// for resources to be created, so that it stays known.
func outputAfter(ctx *pulumi.Context, output pulumi.StringOutput, resources []pulumi.Resource) pulumi.StringOutput {
	if ctx.DryRun() {
		return pulumi.OutputWithDependencies(ctx.Context(), output, resources...).(pulumi.StringOutput)
	}
	waited := pulumi.StringArray{output}
	for _, resource := range resources {
		if custom, is := resource.(pulumi.CustomResource); is {
			waited = append(waited, custom.ID().ToStringOutput())
		}
	}
	return waited.ToStringArrayOutput().Index(pulumi.Int(0))
}

func (args *EncryptedBucketArgs) validate(name string) error {
	bucket := args.Bucket.plan()
	problems := append(plan.CheckNames(bucket.Names(name, "name")), bucket.Validate()...)
	problems = append(problems, bucket.Spec("").Validate()...)
	return append(problems, plan.ValidateTags(args.Tags).Under("tags")...).Err()
}

func (b *EncryptedBucket) create(ctx *pulumi.Context, name string, args *EncryptedBucketArgs) error {
	b.Region = pulumi.String(args.Bucket.Region).ToStringOutput()
	b.AccountID = b.env.account
	if args.Bucket.Existing {
		b.adopt(args.Bucket)
		return nil
	}
	key, err := b.createKey(ctx, name, args)
	if err != nil {
		return err
	}
	// The bucket depends on the key, so that the key is deleted last: without it,
	// remaining objects could never be read again.
	//
	// The provider would replace a bucket whose objectLockEnabled changes, although S3
	// can enable Object Lock on existing buckets since November 2023. The lock
	// configuration does that.
	bucket, err := s3.NewBucketV2(ctx, name, &s3.BucketV2Args{
		Bucket:            optional(args.Bucket.Bucket),
		ForceDestroy:      pulumi.Bool(forceDestroy(args.Bucket.ForceDestroy, args.Bucket.ObjectLock)),
		ObjectLockEnabled: pulumi.Bool(args.Bucket.ObjectLock != nil),
		LifecycleRules:    lifecycleRules(args.Bucket.Lifecycle), //nolint:staticcheck // deprecated, and chosen: see lifecycleRules
		Tags:              pulumi.ToStringMap(args.Tags),
	}, b.env.child(b, keepData(args.Protect, args.Bucket.ForceDestroy), pulumi.DependsOn(key), pulumi.IgnoreChanges([]string{"objectLockEnabled"})))
	if err != nil {
		return err
	}
	b.madeName, b.madeARN, b.bucket = bucket.Bucket, bucket.Arn, bucket
	b.settings = append(b.settings, lifecycleSetting(b.env, b.madeARN, lifecycleRules(args.Bucket.Lifecycle)))
	b.settings = append(b.settings, retentionSetting(b.env, b.madeARN, args.Bucket.ObjectLock)...)
	b.settings = append(b.settings, tieringSetting(b.env, b.madeARN, args.Bucket.IntelligentTiering)...)
	return b.configure(ctx, name, args)
}

// adopt uses an existing bucket unchanged. Unless the arguments set its account, it
// belongs to the account of its key, which the credentials need not have access to.
func (b *EncryptedBucket) adopt(args BucketArgs) {
	b.madeName = pulumi.String(args.Bucket).ToStringOutput()
	if args.BucketName != nil {
		b.madeName = args.BucketName.ToStringOutput()
	}
	b.madeARN = b.madeName.ApplyT(func(name string) string { return replication.BucketARN(args.Region, name) }).(pulumi.StringOutput)
	b.useKey(args)
	switch {
	case args.account != nil:
		b.AccountID = args.account.ToStringOutput()
	case args.AccountID != "":
		b.AccountID = pulumi.String(args.AccountID).ToStringOutput()
	case !b.keyless:
		b.AccountID = b.KMSKeyARN.ApplyT(awsid.AccountOf).(pulumi.StringOutput)
	}
}

// Adopted returns the arguments for using this bucket as a destination of replicated
// buckets of the same program: several sources may replicate into one bucket. Their
// replication waits until the bucket is ready.
func (b *EncryptedBucket) Adopted() BucketArgs {
	args := BucketArgs{
		Region: b.env.region, Bucket: b.bucketName, Existing: true, account: b.AccountID, made: !b.existing,
	}
	if b.bucketName == "" {
		args.BucketName = b.Bucket
	}
	if !b.keyless {
		args.KMSKeyARN = pulumi.StringArray{b.KMSKeyARN, b.Bucket}.ToStringArrayOutput().Index(pulumi.Int(0))
	}
	if b.objectLock {
		args.ObjectLock = &replication.ObjectLock{}
	}
	if b.env.assumeRoleARN == nil {
		args.Provider = b.env.provider
	} else {
		args.AssumeRoleARN, args.ExternalID = *b.env.assumeRoleARN, b.env.externalID
	}
	return args
}

// configure registers the settings of the bucket.
func (b *EncryptedBucket) configure(ctx *pulumi.Context, name string, args *EncryptedBucketArgs) error {
	settings := bucketSettings{name: name, bucket: b.madeName, option: b.setting}
	versioning, err := settings.version(ctx)
	if err != nil {
		return err
	}
	encryption, err := settings.encrypt(ctx, b.KMSKeyARN, true)
	if err != nil {
		return err
	}
	closed, err := settings.blockPublicAccess(ctx)
	if err != nil {
		return err
	}
	bucketPolicy, err := b.setPolicy(ctx, name, args, closed)
	if err != nil {
		return err
	}
	b.ready = []pulumi.Resource{versioning, encryption, bucketPolicy}
	locked, err := settings.lock(ctx, args.Bucket.ObjectLock, versioning)
	if err != nil {
		return err
	}
	b.ready = append(b.ready, locked...)
	if err := settings.tier(ctx, args.Bucket.IntelligentTiering); err != nil {
		return err
	}
	return settings.accelerate(ctx, args.Bucket.Acceleration)
}

// setting returns the options of a setting of the bucket. It is deleted with the bucket
// and not reverted before: there is no point in suspending versioning or encryption of
// a bucket that is about to be deleted or retained.
func (b *EncryptedBucket) setting(opts ...pulumi.ResourceOption) pulumi.ResourceOption {
	return b.env.child(b, append(opts, pulumi.DeletedWith(b.bucket))...)
}

func (b *EncryptedBucket) setPolicy(
	ctx *pulumi.Context, name string, args *EncryptedBucketArgs, closed []pulumi.Resource,
) (pulumi.Resource, error) {
	options := []pulumi.ResourceOption{pulumi.DependsOn(closed)}
	if !args.Bucket.ForceDestroy {
		// A retained bucket keeps its policy.
		options = append(options, pulumi.DeletedWith(b.bucket))
	}
	document := pulumi.All(b.policyBucket(), b.env.caller, texts(args.ReplicationRoleARNs)).ApplyT(func(known []any) string {
		return plan.BucketPolicy(args.Bucket.plan(), known[0].(model.BucketRef), known[1].(string), known[2].([]string)).JSON()
	}).(pulumi.StringOutput)
	b.settings = append(b.settings, policySetting(replication.BucketPolicySetting, b.env, b.madeARN, document))
	return s3.NewBucketPolicy(ctx, name+"-policy", &s3.BucketPolicyArgs{
		Bucket: b.madeName, Policy: document,
	}, b.env.child(b, options...))
}

// keepKey returns the options of a key. Encrypted data can't be read without it, so
// Pulumi never schedules its deletion.
func keepKey(protect bool) pulumi.ResourceOption { return keepData(protect, false) }

// keepData returns the options of a resource that contains data. It is retained when it
// is removed from the program, unless mayGo.
func keepData(protect, mayGo bool) pulumi.ResourceOption {
	var options []pulumi.ResourceOption
	if protect {
		options = append(options, pulumi.Protect(true))
	}
	if protect || !mayGo {
		options = append(options, pulumi.RetainOnDelete(true))
	}
	return pulumi.Composite(options...)
}

// forceDestroy returns the value for the provider. On a bucket with Object Lock it
// would bypass governance mode, so such a bucket must be emptied first.
func forceDestroy(asked bool, lock *replication.ObjectLock) bool { return asked && lock == nil }

// aliases returns the option with the former names of a resource.
func aliases(formerNames []string) pulumi.ResourceOption {
	former := []pulumi.Alias{}
	for _, name := range formerNames {
		former = append(former, pulumi.Alias{Name: pulumi.String(name)})
	}
	return pulumi.Aliases(former)
}

// optional returns nil for an empty text.
func optional(text string) pulumi.StringPtrInput {
	if text == "" {
		return nil
	}
	return pulumi.String(text)
}

// documentOf builds a policy document from inputs once all of them are known.
func documentOf(build func(texts []string) policy.Document, inputs ...pulumi.StringInput) pulumi.StringOutput {
	return pulumi.StringArray(inputs).ToStringArrayOutput().ApplyT(func(texts []string) string {
		return build(texts).JSON()
	}).(pulumi.StringOutput)
}

// checkedKey fails the deployment if a key that was unknown during validation turns out
// to be invalid for a bucket in the region.
func checkedKey(key pulumi.StringInput, region string) pulumi.StringOutput {
	return key.ToStringOutput().ApplyT(func(arn string) (string, error) {
		return arn, awsid.CheckKMSKeyARN(arn, region)
	}).(pulumi.StringOutput)
}
