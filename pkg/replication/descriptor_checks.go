package replication

import (
	"slices"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// Checks are what must hold of the policies at a deployed place, whatever it
// replicates to: what its bucket's policy must refuse, unless the bucket was
// there before, and the trust policy of the role that replicates from it, if one
// does. What clients may do is not among them, since statements of the user's
// own may narrow that down, nor whether buckets of other accounts may be
// replicated with the role, since a deployment may choose that. For a trust policy
// that depends on S3 to name the bucket see [DeployedPlace.TrustDependsOn].
func (p DeployedPlace) Checks(roleARN string) []Check {
	end := p.end()
	return slices.DeleteFunc(Checks(roleARN, TrustAnyAccount, end, end), func(check Check) bool {
		switch check.Target {
		case SourceBucket:
			return p.Existing || check.Want != Refused || check.Caller == Role || check.Caller == WidenedRole
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
func (p DeployedPlace) TrustDependsOn(roleARN string, trust policy.Document) []string {
	end := p.end()
	for _, violation := range (Documents{Trust: trust}).Prove(Checks(roleARN, TrustAnyAccount, end, end)) {
		if violation.Check.Name == assumeUnnamed {
			return conditionKeys(trust)
		}
	}
	return nil
}

// conditionKeys are those of S3's own calls that a trust policy has.
func conditionKeys(trust policy.Document) []string {
	var keys []string
	for _, statement := range trust.Statement {
		for _, byKey := range statement.Condition {
			for key := range byKey {
				keys = append(keys, key)
			}
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// RoleOf is the role that replicates from a place, and "" where nothing does.
func (d Descriptor) RoleOf(place DeployedPlace) string {
	if len(d.targets(place.Name)) == 0 {
		return ""
	}
	return d.roleOf(place)
}
