package crr_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/pkg/crr"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// fanOut replicates to a number of destinations.
func fanOut(n int) *crr.ReplicatedBucketArgs {
	args := &crr.ReplicatedBucketArgs{Source: crr.BucketArgs{Region: "us-east-1"}, Role: crr.RoleArgs{Path: "/replication/"}}
	for i := range n {
		args.Destinations = append(args.Destinations, crr.DestinationArgs{
			Name: fmt.Sprintf("d%02d", i), Bucket: crr.BucketArgs{Region: []string{"us-west-2", "eu-west-1"}[i%2]},
		})
	}
	return args
}

func TestReplicationRole_SplitsPoliciesThatAreTooLong(t *testing.T) {
	t.Parallel()
	for n, managed := range map[int]int{1: 0, 10: 0, 11: 1, 30: 4} {
		t.Run(fmt.Sprintf("%d destinations", n), func(t *testing.T) {
			t.Parallel()
			deployed := deploy(t, fanOut(n))
			inline := deployed.One(t, "aws:iam/rolePolicy:RolePolicy", "data-role-policy")
			size := len(inline.Inputs["policy"].StringValue())
			assert.LessOrEqual(t, size, 10240)
			policies := deployed.OfType("aws:iam/policy:Policy")
			require.Len(t, policies, managed)
			written := strings.Count(inline.Inputs["policy"].StringValue(), `"s3:ReplicateObject"`)
			for _, each := range policies {
				text := each.Inputs["policy"].StringValue()
				assert.LessOrEqual(t, len(text), 6144)
				assert.Equal(t, "/replication/", each.Inputs["path"].StringValue())
				written += strings.Count(text, `"s3:ReplicateObject"`)
				attached := deployed.One(t, "aws:iam/rolePolicyAttachment:RolePolicyAttachment", each.Name)
				assert.Equal(t, "data-role-0123456", attached.Inputs["role"].StringValue())
				// A destination that moves between policies is never in none of them.
				assert.Contains(t, inline.DependsOn, attached.Key())
				assert.Contains(t, deployed.One(t, "aws:s3/bucketReplicationConfig:BucketReplicationConfig", "data-replication").DependsOn, attached.Key())
			}
			assert.Equal(t, n, written, "destinations that the role may write to")
		})
	}
}

func TestReplicationRole_ReplacesManagedPoliciesThatAreForOtherDestinations(t *testing.T) {
	t.Parallel()
	before, after := deploy(t, fanOut(12)), deploy(t, fanOut(13))
	old := before.OfType("aws:iam/policy:Policy")
	require.Len(t, old, 1)
	require.Len(t, after.OfType("aws:iam/policy:Policy"), 1)
	assert.NotEqual(t, old[0].Name, after.OfType("aws:iam/policy:Policy")[0].Name, "a policy that changes in place would be without what moved")
}

func TestValidate_ChecksSizes(t *testing.T) {
	t.Parallel()
	statements := func(n int) []policy.Statement {
		var all []policy.Statement
		for i := range n {
			all = append(all, policy.Statement{
				Sid: fmt.Sprintf("Reader%d", i), Effect: policy.Allow, Principal: policy.AWS(fmt.Sprintf("arn:aws:iam::111111111111:role/%s%d", strings.Repeat("r", 50), i)),
				Action: policy.Values{"s3:GetObject"},
			})
		}
		return all
	}
	cases := map[string]struct {
		change func(*crr.ReplicatedBucketArgs)
		want   string
	}{
		"a role with too many destinations": {
			func(args *crr.ReplicatedBucketArgs) { *args = *fanOut(60) },
			"destinations: are 60, and the role that replicates from source would need 9 managed policies in addition to its inline policy. A role gets up to 5",
		},
		"a bucket policy": {
			func(args *crr.ReplicatedBucketArgs) { args.Destinations[0].Bucket.Statements = statements(100) },
			"destinations[0].statements: the policy of a bucket would have ",
		},
		"a replication configuration": {
			func(args *crr.ReplicatedBucketArgs) {
				args.Destinations[0].Bucket.Bucket = "replicas"
				for i := range 1000 {
					tags := map[string]string{}
					for j := range 8 {
						tags[fmt.Sprintf("%s%d", strings.Repeat("k", 120), j)] = strings.Repeat("v", 250)
					}
					args.Rules = append(args.Rules, crr.RuleArgs{ID: fmt.Sprint("r", i), Prefix: fmt.Sprint(strings.Repeat("p", 1000), i), Tags: tags})
				}
			},
			"rules: from source are too many or too long: the replication configuration of a bucket would have ",
		},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := pair()
			test.change(args)
			var problems replication.Problems
			require.ErrorAs(t, args.Validate(), &problems)
			require.Len(t, problems, 1)
			assert.Contains(t, problems[0].String(), test.want)
			assert.Contains(t, problems[0].See, "https://docs.aws.amazon.com/")
		})
	}
	t.Run("a role that is brought along", func(t *testing.T) {
		t.Parallel()
		args := fanOut(60)
		args.Role = crr.RoleArgs{ARN: pulumi.String("arn:aws:iam::111111111111:role/mine")}
		assert.NoError(t, args.Validate())
	})
	t.Run("what just fits", func(t *testing.T) {
		t.Parallel()
		args := pair()
		args.Source.Statements = statements(50)
		args.Destinations[0].Bucket.KMSKeyARN = pulumi.String("arn:aws:kms:us-west-2:111111111111:key/mine")
		assert.NoError(t, args.Validate())
	})
}
