package crr

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

const (
	seeTrailName = "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-trail-naming-requirements.html"
	seeSelectors = "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html"
	seeRetention = "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html"

	maxTrailName = 128
	// maxSelected is how many buckets the 500 values of a trail's selectors leave
	// room for.
	maxSelected = 497
)

// AuditTrailArgs says what to record, and where.
type AuditTrailArgs struct {
	// Region of the trail, its logs and its key. The trail covers all regions.
	// Required.
	Region string
	// BucketARNs of the buckets whose objects are watched. At least one.
	// Required.
	BucketARNs []pulumi.StringInput
	// Trail has the options of the trail itself. Optional.
	Trail TrailArgs
	// Logs says how long the logs are kept. Optional.
	Logs LogArgs
	// Tags of every resource that can have them. Optional.
	Tags map[string]string
	// AssumeRoleARN is a role to assume: one of another account. Optional.
	AssumeRoleARN string
	// Provider of the region. Optional; the region's shared one when left out.
	Provider pulumi.ProviderResource
}

// TrailArgs are the options of a trail.
type TrailArgs struct {
	// Name of the trail. Optional; made of the names of project, stack and
	// component when left out. It cannot have a random part: the policies of bucket
	// and key name the trail before there is one.
	Name string
	// ManagementEvents are what is done in the account besides reading and writing
	// data. Optional; recorded when left out. AWS charges for the second and every
	// further trail of an account that records them: set it to false where there is
	// one already, such as an organization's.
	ManagementEvents *bool
	// ObjectLock keeps logs from being deleted before their time. Optional.
	ObjectLock *replication.ObjectLock
	// CloudWatchLogs sends the events to a log group as well. Optional.
	CloudWatchLogs *CloudWatchLogsArgs
	// RolePath of the role that CloudTrail writes to the log group with:
	// "/audit/". Optional.
	RolePath string
	// PermissionsBoundary is the ARN of a policy that limits that role. Optional;
	// [Audit] gives the trails of other accounts that of their first bucket.
	PermissionsBoundary pulumi.StringInput
	// Readers are ARNs of the IAM roles and users who may decrypt the logs.
	// Optional; when left out, IAM decides.
	Readers []string
	// DeletionWindowInDays of the key: 7 to 30. Optional; 30 when left out.
	DeletionWindowInDays int
}

// CloudWatchLogsArgs is about the log group of a trail.
type CloudWatchLogsArgs struct {
	// RetentionDays of the log group: one of those that CloudWatch Logs has.
	// Optional; 365 when left out.
	RetentionDays int
}

func (a CloudWatchLogsArgs) days() int {
	if a.RetentionDays == 0 {
		return defaultLogDays
	}
	return a.RetentionDays
}

// Validate finds everything about the arguments that cannot work. The error is a
// [replication.Problems].
func (a *AuditTrailArgs) Validate() error {
	if a == nil {
		return replication.Problems{{Path: "args", Message: "are missing; a trail needs a region and buckets"}}
	}
	var problems replication.Problems
	if _, ok := replication.PartitionOf(a.Region); !ok {
		problems.Add("region", "%q is not a region of AWS; name that of the trail's logs", a.Region)
	}
	switch n := len(a.BucketARNs); {
	case n == 0:
		problems.Add("bucketArns", "are missing; name the buckets to watch")
	case n > maxSelected:
		problems.AddSee(seeSelectors, "bucketArns", "are %d, and a trail can watch at most %d buckets; make several trails", n, maxSelected)
	}
	if a.AssumeRoleARN != "" && a.Provider != nil {
		problems.Add("assumeRoleArn", "is given, and a provider too, which has credentials of its own; leave one out")
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
		problems.AddSee(seeTrailName, "name", "%q is not the name of a trail: 3 to %d letters, digits, dots, underscores and hyphens, "+
			"a letter or digit at both ends, and no two of the others together", a.Name, maxTrailName)
	}
	problems = append(problems, a.validateLimits()...)
	if err := CheckDeletionWindow(a.DeletionWindowInDays); err != nil {
		problems.AddSee(seeKeyDeletion, "deletionWindowInDays", "%s", err)
	}
	for i, reader := range a.Readers {
		if !strings.HasPrefix(reader, "arn:") || replication.AccountOf(reader) == "" {
			problems.Add(fmt.Sprintf("readers[%d]", i), "%q is not the ARN of a role or user; it looks like arn:aws:iam::<account>:role/<name>", reader)
		}
	}
	problems = append(problems, a.ObjectLock.Validate().Under("objectLock")...)
	if logs := a.CloudWatchLogs; logs != nil && !slices.Contains(logGroupDays, logs.days()) {
		problems.AddSee(seeRetention, "cloudWatchLogs.retentionDays", "%d is not possible; CloudWatch Logs takes %v", logs.RetentionDays, logGroupDays)
	}
	return problems
}

func (a TrailArgs) validateLimits() replication.Problems {
	var problems replication.Problems
	if err := checkPath(a.RolePath); err != nil {
		problems.AddSee(seeIAMNames, "path", "%s", err)
	}
	if err := checkBoundary(a.PermissionsBoundary, ""); err != nil {
		problems.AddSee(seeBoundaries, "permissionsBoundary", "%s", err)
	}
	if a.CloudWatchLogs == nil && (a.RolePath != "" || a.PermissionsBoundary != nil) {
		problems.Add("cloudWatchLogs", "is missing, and the role has a path or a boundary: a trail has a role only to write to CloudWatch Logs; "+
			"add cloudWatchLogs: {}, or leave path and permissionsBoundary out")
	}
	return problems
}

func (a TrailArgs) recordsManagement() bool { return a.ManagementEvents == nil || *a.ManagementEvents }

// name of the trail of a component. It must be unique in its account and region,
// and stacks of one project may share an account.
func (a TrailArgs) name(ctx *pulumi.Context, component string) string {
	if a.Name != "" {
		return a.Name
	}
	name := trailAdjacent.ReplaceAllString(strings.Join([]string{ctx.Project(), ctx.Stack(), component}, "-"), "-")
	return strings.Trim(name[:min(len(name), maxTrailName)], "._-")
}
