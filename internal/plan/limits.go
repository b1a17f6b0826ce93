package plan

import (
	"cmp"
	"fmt"
	"regexp"

	"github.com/crr-io/pulumi-aws-crr/internal/awsdocs"
	"github.com/crr-io/pulumi-aws-crr/internal/awsid"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

var (
	boundaryARN = regexp.MustCompile(`^arn:[\w-]+:iam::(\d{12}|aws):policy/\S+$`)
	rolePath    = regexp.MustCompile(`^/([\x21-\x7e]{1,510}/)?$`)
)

// checkBoundary returns an error if a boundary is not a policy, or belongs to another
// account than the role's. The account is "" if unknown.
func checkBoundary(boundary Text, account string) error {
	text := known(boundary)
	if text == "" {
		return nil
	}
	if !boundaryARN.MatchString(text) {
		return fmt.Errorf("%q is not the ARN of an IAM policy; it looks like arn:aws:iam::<account>:policy/<name>", text)
	}
	if found := awsid.AccountOf(text); found != "aws" && account != "" && found != account {
		return fmt.Errorf("%q is a policy of account %s, but the role is in %s; a boundary must belong to the role's account", text, found, account)
	}
	return nil
}

func checkPath(path string) error {
	if path != "" && !rolePath.MatchString(path) {
		return fmt.Errorf("%q is not a path: it begins and ends with a slash, such as /replication/", path)
	}
	return nil
}

// validateLimits checks the limits of all roles.
func (a *ReplicatedBucket) validateLimits() replication.Problems {
	var problems replication.Problems
	if err := checkPath(a.Role.Path); err != nil {
		problems.AddSee(awsdocs.IAMQuotas, "role.path", "%s", err)
	}
	if err := checkBoundary(a.Role.PermissionsBoundary, ""); err != nil {
		problems.AddSee(awsdocs.PermissionsBoundaries, "role.permissionsBoundary", "%s", err)
		return problems
	}
	rules := a.Topology().ReplicationRules()
	for _, bucket := range a.namedBuckets() {
		account, path := awsid.AccountOf(bucket.args.AssumeRoleARN), a.PathOf(bucket.name)
		if err := checkBoundary(bucket.args.PermissionsBoundary, account); err != nil {
			problems.AddSee(awsdocs.PermissionsBoundaries, path+".permissionsBoundary", "%s", err)
			continue
		}
		if len(RulesFrom(rules, bucket.name)) == 0 || bucket.args.PermissionsBoundary != "" {
			continue
		}
		if err := checkBoundary(a.Role.PermissionsBoundary, account); err != nil {
			problems.AddSee(awsdocs.PermissionsBoundaries, "role.permissionsBoundary", "%s. Set the boundary for the other account in %s.permissionsBoundary", err, path)
		}
	}
	return problems
}

// BoundaryIn returns the boundary of the role of an account's trail. The account's
// first bucket may have one, which is assumed to belong to the account if that is
// unknown.
func (a Trail) BoundaryIn(account string, ofBucket Text) (Text, error) {
	err := checkBoundary(a.PermissionsBoundary, cmp.Or(account, awsid.AccountOf(known(ofBucket))))
	switch {
	case a.PermissionsBoundary == "" || a.CloudWatchLogs == nil || err == nil:
		return a.PermissionsBoundary, nil
	case ofBucket != "":
		return ofBucket, nil
	default:
		return "", replication.Problems{{Path: "permissionsBoundary", See: awsdocs.PermissionsBoundaries, Message: fmt.Sprintf(
			"%s. Set permissionsBoundary of the first audited bucket in the other account", err)}}
	}
}

// CheckBoundaries returns an error if the role of a trail would get a permissions
// boundary of another account. The error is a [replication.Problems].
func (a *AuditSettings) CheckBoundaries(audited ...*ReplicatedBucket) error {
	seen := map[string]bool{}
	for _, replicated := range audited {
		for _, bucket := range replicated.namedBuckets() {
			account := awsid.AccountOf(bucket.args.AssumeRoleARN)
			if seen[account] || bucket.args.OwnProvider {
				continue
			}
			seen[account] = true
			if _, err := a.Trail.BoundaryIn(account, bucket.args.PermissionsBoundary); err != nil {
				return err
			}
		}
	}
	return nil
}
