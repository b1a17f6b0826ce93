package crr

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// AuditType is the type token of [Audit].
const AuditType = "crr:index:Audit"

// Audit records API calls on replicated buckets. It creates one trail in each of their
// accounts, since AWS charges for additional trails, and one bucket for access logs and
// inventories in each account and region.
type Audit struct {
	pulumi.ResourceState

	// Trails, one for each account.
	Trails []*AuditTrail
	// Records, one for each account and region.
	Records []*BucketRecords

	name   string
	trails map[accountKey]*AuditTrail
	// recorded has the trail of each watched bucket.
	recorded map[*EncryptedBucket]*AuditTrail
}

// AuditArgs are the arguments of [NewAudit].
type AuditArgs struct {
	// Replications to audit. At least one. Required.
	Replications []AuditedReplication
	// Region of the trails, their logs and keys. Optional; the region of an account's
	// first bucket by default, and always if that bucket has its own provider.
	Region string
	// Trail has the options of the trails. Optional.
	Trail TrailArgs
	// Logs configures the retention of logs and other records. Optional.
	Logs LogArgs
	// Tags of every resource that can have them. Optional.
	Tags map[string]string
}

// AuditedReplication is a replicated bucket and the records to keep about its source
// and destinations.
type AuditedReplication struct {
	// Bucket to audit. Required.
	Bucket *ReplicatedBucket
	// Records to keep.
	AuditOptions
}

// AuditOptions selects the records to keep about a replicated bucket.
type AuditOptions struct {
	// Trail records every call on the buckets' objects. Optional.
	Trail bool
	// AccessLogs makes S3 log every request to the buckets, except existing ones.
	// Optional.
	AccessLogs bool
	// Inventory makes S3 list all versions and their replication status in the buckets,
	// except existing ones. Optional; none by default.
	Inventory InventoryFrequency
}

// NewAudit registers the trails and the buckets for records.
func NewAudit(ctx *pulumi.Context, name string, args *AuditArgs, opts ...pulumi.ResourceOption) (*Audit, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("audit %q: %w", name, err)
	}
	component := &Audit{name: name, trails: map[accountKey]*AuditTrail{}, recorded: map[*EncryptedBucket]*AuditTrail{}}
	if err := register(ctx, AuditType, name, component, opts...); err != nil {
		return nil, fmt.Errorf("registering the audit %q: %w", name, err)
	}
	if err := component.createTrails(ctx, args); err != nil {
		return nil, fmt.Errorf("audit %q: %w", name, err)
	}
	if err := component.createRecords(ctx, args); err != nil {
		return nil, fmt.Errorf("audit %q: %w", name, err)
	}
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{})
}

// Validate checks the arguments. The error is a [replication.Problems].
func (a *AuditArgs) Validate() error {
	if a == nil || len(a.Replications) == 0 {
		return replication.Problems{{Path: "replications", Message: "are missing; name the replicated buckets to audit"}}
	}
	problems := a.settings()
	var audited []AuditOptions
	for i, each := range a.Replications {
		audited = append(audited, each.AuditOptions)
		path := fmt.Sprintf("replications[%d]", i)
		if each.Bucket == nil {
			problems.Add(path+".bucket", "is missing")
			continue
		}
		problems = append(problems, each.validate(each.Bucket.allExisting()).Under(path)...)
	}
	return append(problems, a.withoutTrail(audited)...).Err()
}

// CheckAuditSettings checks the settings of an audit before its buckets exist, and
// reports settings without an effect on the audited buckets. The error is a
// [replication.Problems].
func CheckAuditSettings(a *AuditArgs, audited ...AuditOptions) error {
	if a == nil {
		return nil
	}
	return append(a.settings(), a.withoutTrail(audited)...).Err()
}

// withoutTrail rejects settings of trails if there is no trail.
func (a *AuditArgs) withoutTrail(audited []AuditOptions) replication.Problems {
	var problems replication.Problems
	if len(audited) == 0 || slices.ContainsFunc(audited, func(o AuditOptions) bool { return o.Trail }) {
		return nil
	}
	for _, setting := range []struct {
		name string
		set  bool
	}{
		{"name", a.Trail.Name != ""},
		{"region", a.Region != ""},
		{"managementEvents", a.Trail.ManagementEvents != nil},
		{"objectLock", a.Trail.ObjectLock != nil},
		{"cloudWatchLogs", a.Trail.CloudWatchLogs != nil},
		{"readers", len(a.Trail.Readers) > 0},
	} {
		if setting.set {
			problems.Add(setting.name, "is a setting of trails, but no replication has audit: { enabled: true } (Trail in Go); "+
				"enable it in a replication, or remove %s", setting.name)
		}
	}
	return problems
}

func (a *AuditArgs) settings() replication.Problems {
	var problems replication.Problems
	if _, ok := replication.PartitionOf(a.Region); a.Region != "" && !ok {
		problems.Add("region", "%q is not an AWS region", a.Region)
	}
	problems = append(problems, a.Trail.validate()...)
	problems = append(problems, a.Logs.validate()...)
	return append(problems, validateTags(a.Tags).Under("tags")...)
}

// Check reports options that the buckets of a replication can't have. The error is a
// [replication.Problems].
func (o AuditOptions) Check(args *ReplicatedBucketArgs) error {
	allExisting := true
	for _, bucket := range args.namedBuckets() {
		allExisting = allExisting && bucket.args.Existing
	}
	return o.validate(allExisting).Err()
}

func (o AuditOptions) validate(allExisting bool) replication.Problems {
	var problems replication.Problems
	if err := o.Inventory.validate(); err != nil {
		problems.Add("inventory", "%s", err)
	}
	if !allExisting {
		return problems
	}
	const reason = "would change existing buckets, and this replication has no others; enable it in the stack that manages them"
	if o.AccessLogs {
		problems.Add("accessLogs", reason)
	}
	if o.Inventory != "" {
		problems.Add("inventory", reason)
	}
	return problems
}

func (b *ReplicatedBucket) allExisting() bool {
	for _, bucket := range b.buckets {
		if !bucket.existing {
			return false
		}
	}
	return true
}
