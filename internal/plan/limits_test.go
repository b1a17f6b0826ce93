package plan_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/crr-io/pulumi-aws-crr/internal/plan"
)

func TestAuditSettings_RefusesLimitsOfNoRole(t *testing.T) {
	t.Parallel()
	err := plan.CheckAuditSettings(&plan.AuditSettings{Trail: plan.Trail{RolePath: "/audit/"}})
	assert.ErrorContains(t, err, "cloudWatchLogs: is missing, but path or permissionsBoundary is set")
}

// The boundary of a role is a policy of the role's account.
func TestAuditSettings_CheckBoundaries(t *testing.T) {
	t.Parallel()
	const here, there = "arn:aws:iam::111111111111:policy/boundary", "arn:aws:iam::222222222222:policy/boundary"
	pair := func(boundary plan.Text, role string) *plan.ReplicatedBucket {
		return &plan.ReplicatedBucket{
			Source: plan.Bucket{Region: "us-east-1"},
			Destinations: []plan.Destination{{Name: "dr", Bucket: plan.Bucket{
				Region: "us-west-2", AssumeRoleARN: role, PermissionsBoundary: boundary,
			}}},
		}
	}
	const deploy = "arn:aws:iam::222222222222:role/deploy"
	audit := &plan.AuditSettings{Trail: plan.Trail{CloudWatchLogs: &plan.CloudWatchLogs{}, PermissionsBoundary: here}}
	assert.NoError(t, audit.CheckBoundaries(pair("", "")), "one account")
	assert.NoError(t, audit.CheckBoundaries(pair(there, deploy)), "the bucket has a boundary of its account")
	assert.ErrorContains(t, audit.CheckBoundaries(pair("", deploy)), "permissionsBoundary: ", "no boundary of the other account")
}
