package stacks

import (
	"reflect"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/pkg/crr"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// Audit selects the records to keep about a replication's buckets.
type Audit struct {
	// Enabled makes a trail record every call on the objects.
	Enabled    bool   `config:"enabled"`
	AccessLogs bool   `config:"accessLogs"`
	Inventory  string `config:"inventory"`
}

// AuditSettings are the settings of the stack's trails and records: there is one trail
// for each account, regardless of the number of replications.
type AuditSettings struct {
	Region           string          `config:"region"`
	Name             string          `config:"name"`
	ManagementEvents *bool           `config:"managementEvents"`
	RetentionDays    int             `config:"retentionDays"`
	ObjectLock       *ObjectLock     `config:"objectLock"`
	CloudWatchLogs   *CloudWatchLogs `config:"cloudWatchLogs"`
	Readers          []string        `config:"readers"`
	// Path and PermissionsBoundary of the role that writes to CloudWatch Logs.
	Path                string `config:"path"`
	PermissionsBoundary string `config:"permissionsBoundary"`
}

// CloudWatchLogs configures the log group of a trail.
type CloudWatchLogs struct {
	RetentionDays int `config:"retentionDays"`
}

func (a Audit) options() crr.AuditOptions {
	return crr.AuditOptions{Trail: a.Enabled, AccessLogs: a.AccessLogs, Inventory: crr.InventoryFrequency(a.Inventory)}
}

func (c Config) validateAudit() replication.Problems {
	var audited []crr.AuditOptions
	var trails []*crr.ReplicatedBucketArgs
	for _, r := range c.Replications {
		if options := r.Audit.options(); options != (crr.AuditOptions{}) {
			audited = append(audited, options)
		}
		if r.Audit.Enabled {
			trails = append(trails, c.args(r))
		}
	}
	problems := problemsOf(crr.CheckAuditSettings(c.auditArgs(nil), audited...))
	problems = append(problems, problemsOf(c.auditArgs(nil).CheckBoundaries(trails...))...)
	if len(audited) == 0 && !reflect.ValueOf(c.Audit).IsZero() {
		problems.Add("", "has settings, but no replication is audited; add audit: { enabled: true } to a replication, or remove them")
	}
	return problems
}

func (c Config) auditArgs(audited []crr.AuditedReplication) *crr.AuditArgs {
	args := &crr.AuditArgs{
		Replications: audited,
		Region:       c.Audit.Region,
		Trail: crr.TrailArgs{
			Name:                 c.Audit.Name,
			ManagementEvents:     c.Audit.ManagementEvents,
			ObjectLock:           c.Audit.ObjectLock.args(),
			Readers:              c.Audit.Readers,
			RolePath:             c.Audit.Path,
			PermissionsBoundary:  optional(c.Audit.PermissionsBoundary),
			DeletionWindowInDays: c.DeletionWindowInDays,
		},
		Logs: crr.LogArgs{RetentionDays: c.Audit.RetentionDays, ForceDestroy: c.ForceDestroy, Protect: c.Protect},
		Tags: c.Tags,
	}
	if logs := c.Audit.CloudWatchLogs; logs != nil {
		args.Trail.CloudWatchLogs = &crr.CloudWatchLogsArgs{RetentionDays: logs.RetentionDays}
	}
	return args
}

// audit registers the trails and records of the replications, and returns the
// descriptors of all buckets in order.
func (c Config) audit(ctx *pulumi.Context, buckets []*crr.ReplicatedBucket) (pulumi.MapArray, error) {
	var audited []crr.AuditedReplication
	descriptors := pulumi.MapArray{}
	for i, bucket := range buckets {
		descriptors = append(descriptors, bucket.Descriptor)
		if options := c.Replications[i].Audit.options(); options != (crr.AuditOptions{}) {
			audited = append(audited, crr.AuditedReplication{Bucket: bucket, AuditOptions: options})
		}
	}
	if len(audited) == 0 {
		return descriptors, nil
	}
	audit, err := crr.NewAudit(ctx, "audit", c.auditArgs(audited))
	if err != nil {
		return nil, err
	}
	for i, bucket := range buckets {
		descriptors[i] = audit.Describe(bucket)
	}
	return descriptors, nil
}
