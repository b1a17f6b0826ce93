package replication_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/assert"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// The SDK names the regions where buckets can be asked for. us-east-1 is where
// they are made when nobody asks, and EU an old name of eu-west-1.
func TestKnownRegion_KnowsThoseOfTheSDK(t *testing.T) {
	t.Parallel()
	regions := []string{"us-east-1"}
	for _, region := range types.BucketLocationConstraint("").Values() {
		if region != types.BucketLocationConstraintEu {
			regions = append(regions, string(region))
		}
	}
	assert.ElementsMatch(t, regions, replication.KnownRegions)
	for _, region := range regions {
		_, inPartition := replication.PartitionOf(region)
		assert.True(t, inPartition, region)
	}
}

func TestKnownRegion_FindsTheOneThatWasMeant(t *testing.T) {
	t.Parallel()
	for region, want := range map[string]string{
		"us-esat-1": "us-east-1", "us-west-99": "us-west-1", "eu-nort-1": "eu-north-1", "cn-nroth-1": "cn-north-1",
		"mx-quintana-7": "",
	} {
		known, meant := replication.KnownRegion(region)
		assert.False(t, known, region)
		assert.Equal(t, want, meant, region)
	}
}
