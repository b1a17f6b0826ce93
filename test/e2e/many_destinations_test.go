package e2e

import (
	"fmt"
	"path"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// TestManyDestinations adds destinations before the others until the role's inline
// policy is full, so that one moves to another policy.
func TestManyDestinations(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	numbers := []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
	// abandoned are buckets that may be deleted with their objects.
	var abandoned []string
	deploy := func(numbers ...int) replication.Descriptor {
		l.project(manyDestinations(numbers, abandoned))
		l.up()
		l.mustRun("pulumi", "preview", "--refresh", "--expect-no-changes", "--stack", "test")
		return l.descriptors()[0]
	}
	attached := func(d replication.Descriptor) int {
		found, err := l.in("us-east-1").iam.ListAttachedRolePolicies(t.Context(), &iam.ListAttachedRolePoliciesInput{RoleName: aws.String(path.Base(d.RoleARN))})
		require.NoError(t, err)
		return len(found.AttachedPolicies)
	}
	assert.Zero(t, attached(deploy(numbers...)))

	deployed := deploy(append([]int{11}, numbers...)...)
	assert.Equal(t, 1, attached(deployed))
	for _, destination := range []replication.DeployedBucket{deployed.Destinations[0], deployed.Destinations[10]} {
		l.assertReplicates("us-east-1", deployed.Source.Bucket, destination.Region, destination.Bucket, "to-"+destination.Name)
	}

	abandoned = []string{deployed.Destinations[0].Bucket, deployed.Destinations[1].Bucket}
	deployed = deploy(numbers[1:]...)
	assert.Zero(t, attached(deployed))
	l.assertReplicates("us-east-1", deployed.Source.Bucket, deployed.Destinations[0].Region, deployed.Destinations[0].Bucket, "to-fewer")
	l.mustRun("pulumi", "destroy", "--yes", "--skip-preview", "--stack", "test")
}

func manyDestinations(numbers []int, abandoned []string) string {
	var all []string
	for _, n := range numbers {
		all = append(all, fmt.Sprintf("{ name: d%d, region: %s }", n, []string{"us-west-2", "eu-west-1"}[n%2]))
	}
	return "config:\n  crr:forceDestroy: true\n  crr:abandonBuckets: [" + strings.Join(abandoned, ", ") + "]\n  crr:replications: [{ name: data, source: { region: us-east-1 }, destinations: [" + strings.Join(all, ", ") + "] }]\n"
}
