package crr

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/internal/plan"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// InventoryFrequency is how often S3 lists the objects of a bucket.
type InventoryFrequency string

// The frequencies that S3 supports.
const (
	Daily  InventoryFrequency = "Daily"
	Weekly InventoryFrequency = "Weekly"
)

// BucketRecordsArgs are the arguments of [NewBucketRecords].
type BucketRecordsArgs struct {
	// Region of the buckets and of their records. Required.
	Region string
	// Buckets to keep records of, all in this region and one account. At least one.
	// Required.
	Buckets []RecordedBucket
	// Logs configures the retention of the records. Optional.
	Logs LogArgs
	// Tags of the bucket of the records. Optional.
	Tags map[string]string
	// AssumeRoleARN is a role to assume: one of another account. Optional.
	AssumeRoleARN string
	// Provider of the region. Optional; the shared provider of the region by default.
	Provider pulumi.ProviderResource
}

// RecordedBucket is a bucket and the records to keep about it.
type RecordedBucket struct {
	// Bucket to keep records of, which must not be an existing one. Required unless
	// Trail is set.
	Bucket *EncryptedBucket
	// Trail whose log bucket to keep records of. Required unless Bucket is set.
	Trail *AuditTrail
	// AccessLogs makes S3 log every request. Delivery takes hours and is best effort:
	// access logs complement a trail. Optional.
	AccessLogs bool
	// Inventory makes S3 list all versions with their replication status. Optional;
	// none by default.
	Inventory InventoryFrequency
}

// Validate checks the arguments. The error is a [replication.Problems].
func (a *BucketRecordsArgs) Validate() error {
	if a == nil {
		return replication.Problems{{Path: "args", Message: "are missing; records need a region and buckets"}}
	}
	var problems replication.Problems
	if _, ok := replication.PartitionOf(a.Region); !ok {
		problems.Add("region", "%q is not an AWS region; use the region of the buckets", a.Region)
	}
	if len(a.Buckets) == 0 {
		problems.Add("buckets", "are missing; name the buckets to keep records of")
	}
	for i, each := range a.Buckets {
		problems = append(problems, each.validate(a.Region).Under(fmt.Sprintf("buckets[%d]", i))...)
	}
	if a.AssumeRoleARN != "" && a.Provider != nil {
		problems.Add("assumeRoleArn", "is set together with a provider, which has its own credentials; remove one of them")
	}
	problems = append(problems, plain[plan.Logs](a.Logs).Validate()...)
	return append(problems, plan.ValidateTags(a.Tags).Under("tags")...).Err()
}

func (b RecordedBucket) validate(region string) replication.Problems {
	var problems replication.Problems
	switch {
	case (b.Bucket == nil) == (b.Trail == nil):
		problems.Add("bucket", "is set together with a trail, or both are missing; set one of them")
		return problems
	case b.Bucket != nil && b.Bucket.existing:
		problems.Add("bucket", "is an existing bucket, which is not changed")
	case b.Bucket != nil && b.Bucket.env.region != region:
		problems.Add("bucket", "is in %s, and S3 delivers records only within a region; keep them in %s", b.Bucket.env.region, b.Bucket.env.region)
	}
	if err := plan.CheckInventory(string(b.Inventory)); err != nil {
		problems.Add("inventory", "%s", err)
	}
	return problems
}

func (b RecordedBucket) name() string {
	if b.Trail != nil {
		return b.Trail.logs.name
	}
	return b.Bucket.name
}

// settings returns the bucket's name and the options of its settings.
func (b RecordedBucket) settings() (pulumi.StringInput, func(...pulumi.ResourceOption) pulumi.ResourceOption) {
	if b.Trail != nil {
		return b.Trail.logs.Bucket, b.Trail.logs.setting
	}
	return b.Bucket.madeName, b.Bucket.setting
}

func (b RecordedBucket) arn() pulumi.StringInput {
	if b.Trail != nil {
		return b.Trail.logs.Arn
	}
	return b.Bucket.madeARN
}

// watched returns the ARNs of the buckets with access logs and of those with
// inventories.
func (a *BucketRecordsArgs) watched() (logged, listed []pulumi.StringInput) {
	for _, each := range a.Buckets {
		if each.AccessLogs {
			logged = append(logged, each.arn())
		}
		if each.Inventory != "" {
			listed = append(listed, each.arn())
		}
	}
	return logged, listed
}
