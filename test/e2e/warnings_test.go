package e2e

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestWarnings_AreDiagnosticsOfAPreview previews a configuration that causes two
// warnings, with the real engine.
func TestWarnings_AreDiagnosticsOfAPreview(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.project(`
config:
  crr:protect: true
  crr:forceDestroy: true
  crr:replications:
    - name: data
      source: { region: us-east-1 }
      destinations: [{ name: dr, region: us-west-2 }]
      rules: [{ id: all }, { id: some, prefix: some/ }]
`)
	_, diagnostics, _ := strings.Cut(l.mustRun("pulumi", "preview", "--stack", "test"), "Diagnostics:")
	for _, warning := range []string{
		"warning: replications[0].rules[1]: the rule never applies", "warning: forceDestroy: has no effect while protect is on",
	} {
		assert.Equalf(t, 1, strings.Count(diagnostics, warning), "%s\n%s", warning, diagnostics)
	}
	assert.Contains(t, diagnostics, "crr:index:ReplicatedBucket (data):")
}
