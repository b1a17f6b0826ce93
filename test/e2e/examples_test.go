package e2e

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestExamples_BuildAndPreview builds every example as a program in its own module,
// as a user of the library would, and previews it.
func TestExamples_BuildAndPreview(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	root := filepath.Join(repository(t), "examples")
	projects, err := filepath.Glob(filepath.Join(root, "*", "Pulumi.yaml"))
	require.NoError(t, err)
	require.NotEmpty(t, projects)
	// The example of adoption reads the resources that it adopts.
	makeBucket(t, l.in("us-east-1"), "us-east-1", "our-data")
	makeBucket(t, l.inAccount("222222222222", "us-west-2"), "us-west-2", "their-copies")
	for _, project := range projects {
		name := filepath.Base(filepath.Dir(project))
		t.Run(name, func(t *testing.T) {
			program := filepath.Join(l.dir, name)
			output, err := runIn(t, root, os.Environ(), "go", "build", "-o", program, "./"+name)
			require.NoError(t, err, output)

			l.write("Pulumi.yaml", "name: "+name+"\nruntime: { name: go, options: { binary: "+program+" } }\n")
			l.mustRun("pulumi", "stack", "select", "--create", "test")
			preview := l.mustRun("pulumi", "preview", "--stack", "test")
			assert.Contains(t, preview, "crr:index:ReplicatedBucket")
			assert.Contains(t, preview, "to create")
		})
	}
}
