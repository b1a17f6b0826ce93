package model

import (
	"slices"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// BucketChecks are what must hold of the policies at a deployed place, whatever it
// replicates to: what its bucket's policy must refuse, unless the bucket was
// there before, and the trust policy of the role that replicates from it, if one
// does. What clients may do is not among them, since statements of the user's
// own may narrow that down, nor whether buckets of other accounts may be
// replicated with the role, since a deployment may choose that. For a trust policy
// that depends on S3 to name the bucket see [TrustDependsOn].
func BucketChecks(p replication.DeployedBucket, roleARN string) []Check {
	end := refOf(p)
	return slices.DeleteFunc(Checks(roleARN, TrustAnyAccount, end, end), func(check Check) bool {
		switch check.Target {
		case SourceBucket:
			return p.Existing || check.Want != Denied || check.Caller == Role || check.Caller == UnrestrictedRole
		case RoleTrust:
			return roleARN == "" || check.Name == assumeUnnamed
		default:
			return true
		}
	})
}

// TrustDependsOn returns the condition keys without which the trust policy of the
// role that replicates from the place keeps S3 out. AWS does not document that S3
// sends aws:SourceAccount or aws:SourceArn.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html
func TrustDependsOn(p replication.DeployedBucket, roleARN string, trust policy.Document) []string {
	end := refOf(p)
	for _, violation := range (Documents{Trust: trust}).Prove(Checks(roleARN, TrustAnyAccount, end, end)) {
		if violation.Check.Name == assumeUnnamed {
			var keys []string
			for _, statement := range trust.Statement {
				keys = append(keys, statement.Condition.Keys()...)
			}
			slices.Sort(keys)
			return slices.Compact(keys)
		}
	}
	return nil
}
