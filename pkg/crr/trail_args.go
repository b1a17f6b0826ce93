package crr

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/internal/awsdocs"
	"github.com/crr-io/pulumi-aws-crr/internal/plan"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// AuditTrailArgs are the arguments of [NewAuditTrail].
type AuditTrailArgs struct {
	// Region of the trail, its logs and its key. The trail covers all regions.
	// Required.
	Region string
	// BucketARNs of the watched buckets. At least one. Required.
	BucketARNs []pulumi.StringInput
	// Trail has the options of the trail itself. Optional.
	Trail TrailArgs
	// Logs configures the retention of the logs. Optional.
	Logs LogArgs
	// Tags of every resource that can have them. Optional.
	Tags map[string]string
	// AssumeRoleARN is a role to assume: one of another account. Optional.
	AssumeRoleARN string
	// Provider of the region. Optional; the shared provider of the region by default.
	Provider pulumi.ProviderResource
}

// TrailArgs are the options of a trail.
type TrailArgs struct {
	// Name of the trail. Optional; built from the names of project, stack and component
	// by default. It has no random part, because the policies of bucket and key refer
	// to the trail before it exists.
	Name string
	// ManagementEvents records the management events of the account. Optional; on by
	// default. AWS charges for every additional trail that records them: set it to
	// false if there is one already, such as an organization trail.
	ManagementEvents *bool
	// ObjectLock prevents the deletion of logs during the retention. Optional.
	ObjectLock *replication.ObjectLock
	// CloudWatchLogs sends the events to a log group as well. Optional.
	CloudWatchLogs *CloudWatchLogsArgs
	// RolePath of the role for writing to the log group: "/audit/". Optional.
	RolePath string
	// PermissionsBoundary is the ARN of a policy that limits that role. Optional; for
	// trails of other accounts, [Audit] uses the boundary of their first bucket.
	PermissionsBoundary pulumi.StringInput
	// Readers are ARNs of the IAM roles and users that may decrypt the logs. Optional;
	// by default, IAM policies decide.
	Readers []string
	// DeletionWindowInDays of the key: 7 to 30. Optional; 30 by default.
	DeletionWindowInDays int
}

// CloudWatchLogsArgs configures the log group of a trail.
type CloudWatchLogsArgs struct {
	// RetentionDays of the log group: one of the values that CloudWatch Logs supports.
	// Optional; 365 by default.
	RetentionDays int
}

// Validate checks the arguments. The error is a [replication.Problems].
func (a *AuditTrailArgs) Validate() error {
	if a == nil {
		return replication.Problems{{Path: "args", Message: "are missing; a trail needs a region and buckets"}}
	}
	var problems replication.Problems
	if _, ok := replication.PartitionOf(a.Region); !ok {
		problems.Add("region", "%q is not an AWS region; use the region for the trail's logs", a.Region)
	}
	switch n := len(a.BucketARNs); {
	case n == 0:
		problems.Add("bucketArns", "are missing; name the buckets to watch")
	case n > plan.MaxSelected:
		problems.AddSee(awsdocs.TrailLimits, "bucketArns", "are %d, and a trail can watch at most %d buckets; use several trails", n, plan.MaxSelected)
	}
	if a.AssumeRoleARN != "" && a.Provider != nil {
		problems.Add("assumeRoleArn", "is set together with a provider, which has its own credentials; remove one of them")
	}
	problems = append(problems, plain[plan.Trail](a.Trail).Validate()...)
	problems = append(problems, plain[plan.Logs](a.Logs).Validate()...)
	return append(problems, plan.ValidateTags(a.Tags).Under("tags")...).Err()
}

func (a TrailArgs) recordsManagement() bool { return a.ManagementEvents == nil || *a.ManagementEvents }

// name returns the name of the trail of a component. It must be unique in its account
// and region, which several stacks of a project may share.
func (a TrailArgs) name(ctx *pulumi.Context, component string) string {
	if a.Name != "" {
		return a.Name
	}
	return plan.TrailName(ctx.Project(), ctx.Stack(), component)
}
