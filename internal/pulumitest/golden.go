package pulumitest

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pmezard/go-difflib/difflib"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing with them")

// Golden compares everything that was registered with testdata/<name>.golden.
// `go test ./pkg/crr -update` rewrites the file.
func Golden(t *testing.T, name string, recorder *Recorder) {
	t.Helper()
	var text strings.Builder
	for _, each := range recorder.All() {
		text.WriteString(describe(t, each))
	}
	Same(t, filepath.Join("testdata", name+".golden"), text.String())
}

// Same compares a text with a file that was written from it once, and writes the
// file with -update.
func Same(t *testing.T, path, text string) {
	t.Helper()
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644)) //nolint:gosec // for all to read
	}
	want, err := os.ReadFile(path)
	require.NoErrorf(t, err, "run the test with -update to write %s", path)
	diff, err := difflib.GetUnifiedDiffString(difflib.UnifiedDiff{
		A: difflib.SplitLines(string(want)), B: difflib.SplitLines(text), FromFile: path, ToFile: "now", Context: 4,
	})
	require.NoError(t, err)
	assert.Emptyf(t, diff, "%s no longer says what is registered; if the change is meant, run the test with -update", path)
}

func describe(t *testing.T, each Resource) string {
	t.Helper()
	var text strings.Builder
	fmt.Fprintf(&text, "%s\n", each.Key())
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&text, "  %s: %s\n", name, value)
		}
	}
	line("parent", each.Parent)
	line("provider", each.Provider)
	for _, key := range each.DependsOn {
		line("after", key)
	}
	line("goes with", each.DeletedWith)
	if each.Protect || each.RetainOnDelete {
		line("options", fmt.Sprintf("protect %t, retain on delete %t", each.Protect, each.RetainOnDelete))
	}
	inputs, err := json.MarshalIndent(readable(each.Inputs), "  ", "  ")
	require.NoError(t, err)
	fmt.Fprintf(&text, "  %s\n\n", inputs)
	return text.String()
}

// readable turns policy documents, which are JSON in a text, into what they say.
func readable(inputs resource.PropertyMap) map[string]any {
	plain := inputs.Mappable()
	for key, value := range plain {
		var document map[string]any
		if text, ok := value.(string); ok && json.Unmarshal([]byte(text), &document) == nil {
			plain[key] = document
		}
	}
	return plain
}
