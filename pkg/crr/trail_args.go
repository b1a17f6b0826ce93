package crr

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/internal/awsdocs"
	"github.com/crr-io/pulumi-aws-crr/internal/awsid"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

const (
	maxTrailName = 128
	// maxSelected is the maximum number of buckets, within the 500 values of a trail's
	// selectors.
	maxSelected = 497
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

func (a CloudWatchLogsArgs) days() int {
	if a.RetentionDays == 0 {
		return defaultLogDays
	}
	return a.RetentionDays
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
	case n > maxSelected:
		problems.AddSee(awsdocs.TrailLimits, "bucketArns", "are %d, and a trail can watch at most %d buckets; use several trails", n, maxSelected)
	}
	if a.AssumeRoleARN != "" && a.Provider != nil {
		problems.Add("assumeRoleArn", "is set together with a provider, which has its own credentials; remove one of them")
	}
	problems = append(problems, a.Trail.validate()...)
	problems = append(problems, a.Logs.validate()...)
	return append(problems, validateTags(a.Tags).Under("tags")...).Err()
}

var (
	trailNames    = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z._-]+[0-9A-Za-z]$`)
	trailAdjacent = regexp.MustCompile(`[._-]{2,}`)

	logGroupDays = []int{
		1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
	}
)

func (a TrailArgs) validate() replication.Problems {
	var problems replication.Problems
	if a.Name != "" && (!trailNames.MatchString(a.Name) || len(a.Name) > maxTrailName || trailAdjacent.MatchString(a.Name)) {
		problems.AddSee(awsdocs.TrailNames, "name", "%q is not a valid trail name: 3 to %d letters, digits, dots, underscores and hyphens, "+
			"beginning and ending with a letter or digit, without adjacent dots, underscores or hyphens", a.Name, maxTrailName)
	}
	problems = append(problems, a.validateLimits()...)
	if err := CheckDeletionWindow(a.DeletionWindowInDays); err != nil {
		problems.AddSee(awsdocs.KeyDeletion, "deletionWindowInDays", "%s", err)
	}
	for i, reader := range a.Readers {
		if !strings.HasPrefix(reader, "arn:") || awsid.AccountOf(reader) == "" {
			problems.Add(fmt.Sprintf("readers[%d]", i), "%q is not the ARN of a role or user; it looks like arn:aws:iam::<account>:role/<name>", reader)
		}
	}
	problems = append(problems, a.ObjectLock.Validate().Under("objectLock")...)
	if logs := a.CloudWatchLogs; logs != nil && !slices.Contains(logGroupDays, logs.days()) {
		problems.AddSee(awsdocs.LogRetention, "cloudWatchLogs.retentionDays", "%d is not supported; CloudWatch Logs accepts %v", logs.RetentionDays, logGroupDays)
	}
	return problems
}

func (a TrailArgs) validateLimits() replication.Problems {
	var problems replication.Problems
	if err := checkPath(a.RolePath); err != nil {
		problems.AddSee(awsdocs.IAMQuotas, "path", "%s", err)
	}
	if err := checkBoundary(a.PermissionsBoundary, ""); err != nil {
		problems.AddSee(awsdocs.PermissionsBoundaries, "permissionsBoundary", "%s", err)
	}
	if a.CloudWatchLogs == nil && (a.RolePath != "" || a.PermissionsBoundary != nil) {
		problems.Add("cloudWatchLogs", "is missing, but path or permissionsBoundary is set: a trail has a role only for writing to CloudWatch Logs; "+
			"add cloudWatchLogs: {}, or remove path and permissionsBoundary")
	}
	return problems
}

func (a TrailArgs) recordsManagement() bool { return a.ManagementEvents == nil || *a.ManagementEvents }

// name returns the name of the trail of a component. It must be unique in its account
// and region, which several stacks of a project may share.
func (a TrailArgs) name(ctx *pulumi.Context, component string) string {
	if a.Name != "" {
		return a.Name
	}
	name := trailAdjacent.ReplaceAllString(strings.Join([]string{ctx.Project(), ctx.Stack(), component}, "-"), "-")
	return strings.Trim(name[:min(len(name), maxTrailName)], "._-")
}
