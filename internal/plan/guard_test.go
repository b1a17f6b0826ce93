package plan

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

const ci = "arn:aws:sts::111111111111:assumed-role/ci/run-1"

func exceptedBy(t *testing.T, guard *Guard, deployer string) policy.Values {
	t.Helper()
	statements := guard.statements(model.BucketRef{BucketARN: "arn:aws:s3:::data"}, deployer)
	require.Len(t, statements, 1)
	return statements[0].Condition["ArnNotLike"]["aws:PrincipalArn"]
}

func TestGuard_LetsWhoeverDeploysThrough(t *testing.T) {
	t.Parallel()
	assert.Equal(t, policy.Values{"arn:aws:iam::111111111111:role/ci", "arn:aws:iam::111111111111:role/*/ci"}, exceptedBy(t, &Guard{}, ci))
	assert.Equal(t, policy.Values{"arn:aws:iam::111111111111:user/ann", "arn:aws:iam::111111111111:role/break-glass"},
		exceptedBy(t, &Guard{Except: []string{"arn:aws:iam::111111111111:role/break-glass"}}, "arn:aws:iam::111111111111:user/ann"))
}

// A laptop and a CI that take turns would else find a change each time.
func TestGuard_IsTheSameWhoeverOfThoseNamedDeploys(t *testing.T) {
	t.Parallel()
	for name, named := range map[string]string{
		"a role":              "arn:aws:iam::111111111111:role/ci",
		"a role with a path":  "arn:aws:iam::111111111111:role/automation/ci",
		"roles by their path": "arn:aws:iam::111111111111:role/aws-reserved/*/c*",
		"all of an account":   "arn:aws:iam::111111111111:role/*",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			guard := &Guard{Except: []string{named, "arn:aws:iam::111111111111:user/ann"}}
			assert.Equal(t, policy.Values(guard.Except), exceptedBy(t, guard, ci))
			assert.Equal(t, policy.Values(guard.Except), exceptedBy(t, guard, "arn:aws:iam::111111111111:user/ann"))
		})
	}
}
