package replication_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// TestKnownRegion_KnowsThoseOfTheSDK compares the regions and the partitions with
// the data behind the SDK's endpoints, which it exports as a file only.
func TestKnownRegion_KnowsThoseOfTheSDK(t *testing.T) {
	t.Parallel()
	dir, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/aws/aws-sdk-go-v2").Output()
	require.NoError(t, err)
	data, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "internal", "endpoints", "awsrulesfn", "partitions.json"))
	require.NoError(t, err)
	var sdk struct {
		Partitions []struct {
			ID      string
			Regions map[string]any
			Outputs struct{ DNSSuffix string }
		}
	}
	require.NoError(t, json.Unmarshal(data, &sdk))
	var regions []string
	for _, partition := range sdk.Partitions {
		for region := range partition.Regions {
			if strings.HasSuffix(region, "-global") {
				continue // of services that have no regions
			}
			regions = append(regions, region)
			found, ok := replication.PartitionOf(region)
			assert.True(t, ok, region)
			assert.Equal(t, replication.Partition{ID: partition.ID, DNSSuffix: partition.Outputs.DNSSuffix}, found, region)
		}
	}
	assert.ElementsMatch(t, regions, replication.KnownRegions)
	for _, region := range types.BucketLocationConstraint("").Values() {
		if region != types.BucketLocationConstraintEu { // an old name of eu-west-1
			assert.Contains(t, regions, string(region))
		}
	}
}

func TestCheckRegion_RefusesWhatIsCloseToAKnownOne(t *testing.T) {
	t.Parallel()
	require.NoError(t, replication.CheckRegion("eu-central-1"))
	require.NoError(t, replication.CheckRegion("mx-quintana-7"), "it may have opened since")
	require.ErrorContains(t, replication.CheckRegion("us-esat-1"), "did you mean us-east-1?")
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
