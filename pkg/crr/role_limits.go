package crr

import (
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/internal/awsid"
	"github.com/crr-io/pulumi-aws-crr/internal/plan"
)

// roleLimits are the path and the permissions boundary that an account may require for
// every role.
type roleLimits struct {
	path     string
	boundary pulumi.StringInput
}

// boundaryIn returns the boundary of the role of an account's trail: see
// [plan.Trail.BoundaryIn].
func (a TrailArgs) boundaryIn(account string, ofBucket pulumi.StringInput) (pulumi.StringInput, error) {
	ofTrail := plain[plan.Trail](a)
	found, err := ofTrail.BoundaryIn(account, BucketArgs{PermissionsBoundary: ofBucket}.plan().PermissionsBoundary)
	if err != nil || found == ofTrail.PermissionsBoundary {
		return a.PermissionsBoundary, err
	}
	return ofBucket, nil
}

// limits returns the limits of roles created in the account of a replicating bucket.
func (a RoleArgs) limits(bucket BucketArgs) roleLimits {
	if bucket.PermissionsBoundary != nil {
		return roleLimits{a.Path, bucket.PermissionsBoundary}
	}
	return roleLimits{a.Path, a.PermissionsBoundary}
}

// foreignLimits returns the limits of roles in the account of a bucket that may differ
// from the replication role's account: a boundary is a policy of one account.
func (a RoleArgs) foreignLimits(bucket BucketArgs) roleLimits {
	limits := a.limits(bucket)
	if bucket.PermissionsBoundary == nil && !slices.Contains([]string{"aws", awsid.AccountOf(bucket.AssumeRoleARN)}, awsid.AccountOf(known(a.PermissionsBoundary))) {
		limits.boundary = nil
	}
	return limits
}

// at returns the arguments of a bucket's role: each replicating bucket has its own.
func (a RoleArgs) at(bucket string) RoleArgs {
	a.Name = plan.Role{Name: a.Name}.At(bucket).Name
	return a
}
