package crr

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/internal/plan"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// BucketRecordsType is the type token of [BucketRecords].
const BucketRecordsType = "crr:index:BucketRecords"

// BucketRecords is a bucket for S3's records of other buckets in the same account and
// region: server access logs, and inventories with the replication status of every
// object.
//
// It uses SSE-S3 and has no Object Lock, because S3 does not deliver access logs to a
// bucket with Object Lock.
type BucketRecords struct {
	pulumi.ResourceState

	// Bucket is the name of the bucket with the records: access logs below
	// access-logs/<bucket>/, inventories below inventory/<bucket>/.
	Bucket pulumi.StringOutput `pulumi:"bucket"`

	name string
	at   environment
	into *logBucket
	// recorded has the settings of each recorded bucket.
	recorded map[string][]deployedSetting
}

const (
	accessLogPrefix = "access-logs/"
	inventoryPrefix = "inventory/"
	inventoryID     = "replication-status"
)

// NewBucketRecords registers the bucket, and makes S3 write the records of each bucket
// into it.
func NewBucketRecords(ctx *pulumi.Context, name string, args *BucketRecordsArgs, opts ...pulumi.ResourceOption) (*BucketRecords, error) {
	if err := plan.CheckNames(plan.BucketNames(name)).Err(); err != nil {
		return nil, fmt.Errorf("records %q: %w", name, err)
	}
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("records %q: %w", name, err)
	}
	component := &BucketRecords{name: name, recorded: map[string][]deployedSetting{}}
	if err := register(ctx, BucketRecordsType, name, component, opts...); err != nil {
		return nil, fmt.Errorf("registering the records %q: %w", name, err)
	}
	var err error
	component.at, err = newEnvironment(ctx, BucketArgs{Region: args.Region, AssumeRoleARN: args.AssumeRoleARN, Provider: args.Provider})
	if err != nil {
		return nil, err
	}
	if err := component.create(ctx, args); err != nil {
		return nil, fmt.Errorf("making the records %q in %s: %w", name, args.Region, err)
	}
	component.Bucket = component.into.Bucket
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{"bucket": component.Bucket})
}

func (r *BucketRecords) create(ctx *pulumi.Context, args *BucketRecordsArgs) error {
	spec := logBucketSpec{logs: args.Logs, tags: args.Tags}
	var err error
	if r.into, err = newLogBucket(ctx, r.name, r.at, r, spec); err != nil {
		return err
	}
	logged, listed := args.watched()
	// The texts are the account, the bucket, and the buckets with access logs
	// before those with inventories.
	inputs := append(append([]pulumi.StringInput{r.at.account, r.into.Arn}, logged...), listed...)
	if err := r.into.configure(ctx, spec, documentOf(func(texts []string) policy.Document {
		return recordsPolicy(texts[0], texts[1], texts[2:2+len(logged)], texts[2+len(logged):])
	}, inputs...)); err != nil {
		return err
	}
	for _, each := range args.Buckets {
		if err := r.record(ctx, each); err != nil {
			return fmt.Errorf("recording the bucket %q: %w", each.name(), err)
		}
	}
	return nil
}

func (r *BucketRecords) describe(of RecordedBucket, settings ...deployedSetting) {
	r.recorded[of.name()] = append(r.recorded[of.name()], settings...)
}

// record configures a recorded bucket. The settings are deleted with that bucket.
func (r *BucketRecords) record(ctx *pulumi.Context, each RecordedBucket) error {
	bucket, ofBucket := each.settings()
	option := ofBucket(pulumi.DependsOn(r.into.ready))
	if each.AccessLogs {
		if _, err := s3.NewBucketLoggingV2(ctx, each.name()+"-access-logs", &s3.BucketLoggingV2Args{
			Bucket:       bucket,
			TargetBucket: r.into.Bucket,
			TargetPrefix: pulumi.Sprintf(accessLogPrefix+"%s/", bucket),
		}, option); err != nil {
			return err
		}
		r.describe(each, setting(replication.AccessLogSetting, r.at, each.arn(), map[string]pulumi.StringInput{
			"TargetBucket": r.into.Bucket, "TargetPrefix": pulumi.Sprintf(accessLogPrefix+"%s/", bucket),
		}))
	}
	if each.Inventory == "" {
		return nil
	}
	r.describe(each, setting(replication.InventorySetting, r.at, each.arn(), map[string]pulumi.StringInput{
		"Id": pulumi.String(inventoryID), "IsEnabled": pulumi.String("true"), "Frequency": pulumi.String(each.Inventory),
		"Bucket": r.into.Arn, "IncludedObjectVersions": pulumi.String("All"), "Filter.Prefix": pulumi.String(""),
		"OptionalFields": pulumi.String(replication.InventoryFields(inventoryFields())),
	}))
	_, err := s3.NewInventory(ctx, each.name()+"-inventory", &s3.InventoryArgs{
		Bucket:                 bucket,
		Name:                   pulumi.String(inventoryID),
		IncludedObjectVersions: pulumi.String("All"),
		OptionalFields:         pulumi.ToStringArray(inventoryFields()),
		Schedule:               s3.InventoryScheduleArgs{Frequency: pulumi.String(each.Inventory)},
		Destination: s3.InventoryDestinationArgs{Bucket: s3.InventoryDestinationBucketArgs{
			BucketArn:  r.into.Arn,
			AccountId:  r.at.account,
			Format:     pulumi.String("CSV"),
			Prefix:     pulumi.String("inventory"), // S3 adds the bucket's name
			Encryption: s3.InventoryDestinationBucketEncryptionArgs{SseS3: s3.InventoryDestinationBucketEncryptionSseS3Args{}},
		}},
	}, option)
	return err
}

// inventoryFields returns the fields needed to compare source and destination and to
// find objects that did not replicate.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory.html
func inventoryFields() []string {
	return []string{
		"Size", "LastModifiedDate", "StorageClass", "ETag", "ReplicationStatus", "EncryptionStatus", "BucketKeyStatus",
		"ObjectLockRetainUntilDate", "ObjectLockMode", "ObjectLockLegalHoldStatus", "IntelligentTieringAccessTier", "ChecksumAlgorithm",
	}
}

// recordsPolicy allows S3 to write records of these buckets only. Otherwise anyone who
// knows the name of this bucket could have the logs of another bucket delivered here.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/configure-inventory.html
func recordsPolicy(account, bucketARN string, logged, listed []string) policy.Document {
	statements := plan.DenyTransport(bucketARN)
	if len(logged) > 0 {
		statements = append(statements, deliver("AllowAccessLogs", "logging.s3.amazonaws.com", bucketARN+"/"+accessLogPrefix+"*", policy.Conditions{
			"ArnLike":      {"aws:SourceArn": logged},
			"StringEquals": {"aws:SourceAccount": {account}},
		}))
	}
	if len(listed) > 0 {
		statements = append(statements, deliver("AllowInventories", "s3.amazonaws.com", bucketARN+"/"+inventoryPrefix+"*", policy.Conditions{
			"ArnLike":      {"aws:SourceArn": listed},
			"StringEquals": {"aws:SourceAccount": {account}, "s3:x-amz-acl": {"bucket-owner-full-control"}},
		}))
	}
	return policy.New(statements...)
}
