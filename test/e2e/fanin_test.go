package e2e

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestFanIn runs the example of several sources with a shared destination through
// its lifecycle: created, changed, unchanged, and destroyed.
func TestFanIn(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	program := filepath.Join(l.dir, "fan-in")
	output, err := runIn(t, filepath.Join(repository(t), "examples"), os.Environ(), "go", "build", "-o", program, "./fan-in")
	require.NoError(t, err, output)
	l.write("Pulumi.yaml", "name: fan-in\nruntime: { name: go, options: { binary: "+program+" } }\n")
	for _, regions := range [][]string{{"us-east-1", "eu-west-1"}, {"us-east-1", "ap-south-1"}} {
		l.write("Pulumi.test.yaml", "config: { fan-in:forceDestroy: true, fan-in:regions: ["+regions[0]+", "+regions[1]+"] }\n")
		l.mustRun("pulumi", "stack", "select", "--create", "test")
		l.up()
		l.mustRun("pulumi", "preview", "--refresh", "--expect-no-changes", "--stack", "test")
		for i, deployed := range l.descriptors() {
			assert.Equal(t, regions[i], deployed.Source.Region)
			l.assertReplicates(deployed.Source.Region, deployed.Source.Bucket, "us-west-2", "example-logs-of-all-regions", regions[i]+"/access.log")
		}
	}
	l.mustRun("pulumi", "destroy", "--yes", "--skip-preview", "--stack", "test")
	for _, region := range []string{"us-east-1", "eu-west-1", "ap-south-1", "us-west-2"} {
		require.Empty(t, l.in(region).leftovers(t.Context(), t))
	}
}
