package pulumitest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"
	"gotest.tools/v3/golden"
)

// Golden compares everything that was registered with testdata/<name>.golden.
// `go test ./pkg/crr -update` rewrites the file.
func Golden(t *testing.T, name string, recorder *Recorder) {
	t.Helper()
	var text strings.Builder
	for _, each := range recorder.All() {
		text.WriteString(describe(t, each))
	}
	golden.Assert(t, text.String(), name+".golden")
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
