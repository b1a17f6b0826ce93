package crr

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/internal/plan"
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
	settings := a.settings()
	problems := settings.Validate()
	var audited []plan.Audit
	for i, each := range a.Replications {
		options := plain[plan.Audit](each.AuditOptions)
		audited = append(audited, options)
		path := fmt.Sprintf("replications[%d]", i)
		if each.Bucket == nil {
			problems.Add(path+".bucket", "is missing")
			continue
		}
		problems = append(problems, options.Validate(each.Bucket.allExisting()).Under(path)...)
	}
	return append(problems, settings.WithoutTrail(audited)...).Err()
}

// settings returns the settings of the trails and the logs as plain values.
func (a *AuditArgs) settings() *plan.AuditSettings {
	return &plan.AuditSettings{Region: a.Region, Trail: plain[plan.Trail](a.Trail), Logs: plain[plan.Logs](a.Logs), Tags: a.Tags}
}

func (b *ReplicatedBucket) allExisting() bool {
	for _, bucket := range b.buckets {
		if !bucket.existing {
			return false
		}
	}
	return true
}
