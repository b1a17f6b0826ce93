package plan

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/awsdocs"
	"github.com/crr-io/pulumi-aws-crr/internal/awsid"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// CheckAuditSettings checks the settings of an audit before its buckets exist, and
// reports settings without an effect on the audited buckets. The error is a
// [replication.Problems].
func CheckAuditSettings(a *AuditSettings, audited ...Audit) error {
	if a == nil {
		return nil
	}
	return append(a.Validate(), a.WithoutTrail(audited)...).Err()
}

// WithoutTrail rejects settings of trails if there is no trail.
func (a *AuditSettings) WithoutTrail(audited []Audit) replication.Problems {
	var problems replication.Problems
	if len(audited) == 0 || slices.ContainsFunc(audited, func(o Audit) bool { return o.Trail }) {
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

// Validate reports settings that no audit can have.
func (a *AuditSettings) Validate() replication.Problems {
	var problems replication.Problems
	if _, ok := replication.PartitionOf(a.Region); a.Region != "" && !ok {
		problems.Add("region", "%q is not an AWS region", a.Region)
	}
	problems = append(problems, a.Trail.Validate()...)
	problems = append(problems, a.Logs.Validate()...)
	return append(problems, ValidateTags(a.Tags).Under("tags")...)
}

// Check reports options that the buckets of a replication can't have. The error is a
// [replication.Problems].
func (o Audit) Check(args *ReplicatedBucket) error {
	allExisting := true
	for _, bucket := range args.namedBuckets() {
		allExisting = allExisting && bucket.args.Existing
	}
	return o.Validate(allExisting).Err()
}

// Validate reports records that can't be kept, of a replicated bucket whose buckets all
// exist already or not.
func (o Audit) Validate(allExisting bool) replication.Problems {
	var problems replication.Problems
	if err := CheckInventory(o.Inventory); err != nil {
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

// defaultLogDays is one year, the usual minimum for audits.
const defaultLogDays = 365

// Validate reports a retention that no log can have.
func (a Logs) Validate() replication.Problems {
	var problems replication.Problems
	if a.RetentionDays < 0 {
		problems.Add("retentionDays", "%d is not a number of days; use 1 or more, or omit it for %d", a.RetentionDays, defaultLogDays)
	}
	return problems
}

// Days returns the retention of the logs.
func (a Logs) Days() int {
	if a.RetentionDays == 0 {
		return defaultLogDays
	}
	return a.RetentionDays
}

// CheckInventory reports an interval at which S3 does not list the objects of a bucket.
func CheckInventory(frequency string) error {
	if frequency != "" && frequency != "Daily" && frequency != "Weekly" {
		return fmt.Errorf("%q is not an inventory frequency; use Daily or Weekly", frequency)
	}
	return nil
}

const (
	maxTrailName = 128
	// MaxSelected is the maximum number of buckets, within the 500 values of a trail's
	// selectors.
	MaxSelected = 497
)

// Days returns the retention of the log group.
func (a CloudWatchLogs) Days() int {
	if a.RetentionDays == 0 {
		return defaultLogDays
	}
	return a.RetentionDays
}

var (
	trailNames    = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z._-]+[0-9A-Za-z]$`)
	trailAdjacent = regexp.MustCompile(`[._-]{2,}`)

	logGroupDays = []int{
		1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
	}
)

// Validate reports options that no trail can have.
func (a Trail) Validate() replication.Problems {
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
	if logs := a.CloudWatchLogs; logs != nil && !slices.Contains(logGroupDays, logs.Days()) {
		problems.AddSee(awsdocs.LogRetention, "cloudWatchLogs.retentionDays", "%d is not supported; CloudWatch Logs accepts %v", logs.RetentionDays, logGroupDays)
	}
	return problems
}

// TrailName returns the name of the trail of a component. It must be unique in its
// account and region, which several stacks of a project may share.
func TrailName(project, stack, component string) string {
	name := trailAdjacent.ReplaceAllString(strings.Join([]string{project, stack, component}, "-"), "-")
	return strings.Trim(name[:min(len(name), maxTrailName)], "._-")
}

func (a Trail) validateLimits() replication.Problems {
	var problems replication.Problems
	if err := checkPath(a.RolePath); err != nil {
		problems.AddSee(awsdocs.IAMQuotas, "path", "%s", err)
	}
	if err := checkBoundary(a.PermissionsBoundary, ""); err != nil {
		problems.AddSee(awsdocs.PermissionsBoundaries, "permissionsBoundary", "%s", err)
	}
	if a.CloudWatchLogs == nil && (a.RolePath != "" || a.PermissionsBoundary != "") {
		problems.Add("cloudWatchLogs", "is missing, but path or permissionsBoundary is set: a trail has a role only for writing to CloudWatch Logs; "+
			"add cloudWatchLogs: {}, or remove path and permissionsBoundary")
	}
	return problems
}
