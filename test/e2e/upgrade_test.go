package e2e

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestUpgrade_KeepsBucketsAndKeysOfEarlierReleases previews the configurations of
// earlier releases with their states. A recorded state is
// testdata/states/<commit>-<name>.json.gz, from `pulumi stack export`, and its
// configuration is the YAML file beside it. Record new ones with each release.
func TestUpgrade_KeepsBucketsAndKeysOfEarlierReleases(t *testing.T) {
	t.Parallel()
	needTools(t)
	states, err := filepath.Glob("testdata/states/*.json.gz")
	require.NoError(t, err)
	require.NotEmpty(t, states)
	for _, state := range states {
		recorded := strings.TrimSuffix(state, ".json.gz")
		t.Run(filepath.Base(recorded), func(t *testing.T) {
			t.Parallel()
			_, stack, _ := strings.Cut(filepath.Base(recorded), "-")
			l := newLab(t)
			config, err := os.ReadFile(recorded + ".yaml")
			require.NoError(t, err)
			l.project("config: {}\n") // the program; its stack is not the recorded one
			// The function is irrelevant here: it is given rather than built.
			l.write("Pulumi."+stack+".yaml", strings.Replace(string(config), "canary: {enabled: true}",
				fmt.Sprintf("canary: { enabled: true, code: %q }", l.canary()), 1))
			l.write("state.json", unzipped(t, state))
			l.mustRun("pulumi", "stack", "init", stack)
			l.mustRun("pulumi", "stack", "import", "--stack", stack, "--file", "state.json")
			for _, step := range l.previewed(stack) {
				if strings.Contains(step.URN, "aws:lambda/invocation:Invocation") {
					continue // a call of the canary, which a new configuration repeats
				}
				deletes := strings.Contains(step.Op, "delete") || strings.Contains(step.Op, "replace")
				assert.Falsef(t, deletes, "%s of %s", step.Op, step.URN)
			}
		})
	}
}

// previewedStep is the operation on a resource in a preview.
type previewedStep struct{ Op, URN string }

func (l *lab) previewed(stack string) []previewedStep {
	l.t.Helper()
	output, err := l.run("sh", "-c", "pulumi preview --json --stack "+stack+" 2>preview.err || { cat preview.err; false; }")
	require.NoError(l.t, err, output)
	var preview struct{ Steps []previewedStep }
	require.NoError(l.t, json.Unmarshal([]byte(output), &preview), output)
	require.NotEmpty(l.t, preview.Steps)
	return preview.Steps
}

func unzipped(t *testing.T, path string) string {
	t.Helper()
	file, err := os.Open(path)
	require.NoError(t, err)
	defer func() { _ = file.Close() }()
	reader, err := gzip.NewReader(file)
	require.NoError(t, err)
	data, err := io.ReadAll(reader)
	require.NoError(t, err)
	return string(data)
}
