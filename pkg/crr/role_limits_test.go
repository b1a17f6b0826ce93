package crr_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/pulumitest"
	"github.com/crr-io/pulumi-aws-crr/pkg/crr"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

const (
	boundaryHere  = "arn:aws:iam::111111111111:policy/boundary"
	boundaryThere = "arn:aws:iam::222222222222:policy/boundary"
)

func TestRoles_AllGetThePathAndTheBoundary(t *testing.T) {
	t.Parallel()
	limitsOf := func(role pulumitest.Resource) [2]string {
		var limits [2]string
		for i, key := range []string{"path", "permissionsBoundary"} {
			if text, given := role.Inputs.Mappable()[key].(string); given {
				limits[i] = text
			}
		}
		return limits
	}
	watched := func() *crr.ReplicatedBucketArgs {
		args := pair()
		args.Canary = &crr.CanaryOptions{Code: pulumi.NewAssetArchive(nil)}
		args.Role = crr.RoleArgs{Path: "/replication/", PermissionsBoundary: pulumi.String(boundaryHere)}
		return args
	}
	const there = "arn:aws:iam::222222222222:role/deploy"
	cases := map[string]struct {
		change func(*crr.ReplicatedBucketArgs)
		want   map[string]string
	}{
		"within an account": {
			func(*crr.ReplicatedBucketArgs) {},
			map[string]string{"data-role": boundaryHere, "data-canary-role": boundaryHere},
		},
		"with a reader in another account": {
			func(args *crr.ReplicatedBucketArgs) { args.Destinations[0].Bucket.AssumeRoleARN = there },
			map[string]string{"data-role": boundaryHere, "data-canary-role": boundaryHere, "data-canary-dr-reader": ""},
		},
		"with a boundary of the other account": {
			func(args *crr.ReplicatedBucketArgs) {
				args.Direction = replication.TwoWay
				args.Destinations[0].Bucket.AssumeRoleARN, args.Destinations[0].Bucket.PermissionsBoundary = there, pulumi.String(boundaryThere)
			},
			map[string]string{
				"data-role": boundaryHere, "data-canary-role": boundaryHere, "data-canary-dr-reader": boundaryThere,
				"data-dr-role": boundaryThere, "data-dr-canary-role": boundaryThere, "data-dr-canary-source-reader": "",
			},
		},
		"with a boundary that AWS manages": {
			func(args *crr.ReplicatedBucketArgs) {
				args.Role.PermissionsBoundary = pulumi.String("arn:aws:iam::aws:policy/PowerUserAccess")
				args.Destinations[0].Bucket.AssumeRoleARN = there
			},
			map[string]string{
				"data-role": "arn:aws:iam::aws:policy/PowerUserAccess", "data-canary-role": "arn:aws:iam::aws:policy/PowerUserAccess",
				"data-canary-dr-reader": "arn:aws:iam::aws:policy/PowerUserAccess",
			},
		},
		"of the canary of a role that is brought along": {
			func(args *crr.ReplicatedBucketArgs) {
				args.Role.ARN = pulumi.String("arn:aws:iam::111111111111:role/mine")
			},
			map[string]string{"data-canary-role": boundaryHere},
		},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := watched()
			test.change(args)
			roles := deploy(t, args).OfType("aws:iam/role:Role")
			assert.Len(t, roles, len(test.want))
			for _, role := range roles {
				assert.Equal(t, [2]string{"/replication/", test.want[role.Name]}, limitsOf(role), role.Name)
			}
		})
	}
	t.Run("of a trail", func(t *testing.T) {
		t.Parallel()
		recorder, err := pulumitest.Run(t, func(ctx *pulumi.Context) error {
			_, err := crr.NewAuditTrail(ctx, "trail", &crr.AuditTrailArgs{
				Region: "us-east-1", BucketARNs: []pulumi.StringInput{pulumi.String("arn:aws:s3:::data")},
				Trail: crr.TrailArgs{CloudWatchLogs: &crr.CloudWatchLogsArgs{}, RolePath: "/replication/", PermissionsBoundary: pulumi.String(boundaryHere)},
			})
			return err
		})
		require.NoError(t, err)
		assert.Equal(t, [2]string{"/replication/", boundaryHere}, limitsOf(recorder.One(t, "aws:iam/role:Role", "trail-events-role")))
	})
}

func TestRoles_RefuseBoundariesAndPathsThatCannotBe(t *testing.T) {
	t.Parallel()
	across := func() *crr.ReplicatedBucketArgs {
		args := pair()
		args.Direction = replication.TwoWay
		args.Destinations[0].Bucket.AssumeRoleARN = "arn:aws:iam::222222222222:role/deploy"
		return args
	}
	cases := map[string]struct {
		change func(*crr.ReplicatedBucketArgs)
		want   string
	}{
		"of another account": {
			func(args *crr.ReplicatedBucketArgs) { args.Role.PermissionsBoundary = pulumi.String(boundaryHere) },
			`role.permissionsBoundary: "` + boundaryHere + `" is a policy of account 111111111111, but the role is in 222222222222; a boundary must belong to the role's account. ` +
				"Set the boundary for the other account in destinations[0].permissionsBoundary",
		},
		"of another account than the place": {
			func(args *crr.ReplicatedBucketArgs) {
				args.Destinations[0].Bucket.PermissionsBoundary = pulumi.String(boundaryHere)
			},
			`destinations[0].permissionsBoundary: "` + boundaryHere + `" is a policy of account 111111111111`,
		},
		"no policy": {
			func(args *crr.ReplicatedBucketArgs) {
				args.Role.PermissionsBoundary = pulumi.String("arn:aws:iam::111111111111:role/boundary")
			},
			`role.permissionsBoundary: "arn:aws:iam::111111111111:role/boundary" is not the ARN of an IAM policy`,
		},
		"no path": {
			func(args *crr.ReplicatedBucketArgs) { args.Role.Path = "replication" },
			`role.path: "replication" is not a path: it begins and ends with a slash`,
		},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := across()
			test.change(args)
			var problems replication.Problems
			require.ErrorAs(t, args.Validate(), &problems)
			require.Len(t, problems, 1)
			assert.Contains(t, problems[0].String(), test.want)
		})
	}
}
