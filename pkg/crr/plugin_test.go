package crr_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/pulumitest"
	"github.com/crr-io/pulumi-aws-crr/pkg/crr"
)

// TestPlugin_ServesEveryTypeAndPropertyThatIsRegistered holds what the components
// register against the schema of the plugin that stands in for pulumi-aws. That
// the schema has every input of the Go SDK's types, at every depth, is a test of
// the tools module: TestTableMatchesSDK.
func TestPlugin_ServesEveryTypeAndPropertyThatIsRegistered(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../../tools/pulumi-resource-aws/schema.json")
	require.NoError(t, err)
	var schema struct {
		Resources map[string]struct {
			InputProperties map[string]json.RawMessage `json:"inputProperties"`
		} `json:"resources"`
	}
	require.NoError(t, json.Unmarshal(data, &schema))

	locked := everything()
	locked.Source.Acceleration = true
	locked.Source.IntelligentTiering = crr.IntelligentTieringArgs{ArchiveDays: 90, DeepArchiveDays: 180}
	for _, recorder := range []*pulumitest.Recorder{
		deploy(t, everything()), deploy(t, acrossAccounts()), deploy(t, locked), withCanary(t, monitored()), runAudit(t, fullAudit(), allRecords, pair()),
	} {
		for _, each := range recorder.All() {
			if !strings.HasPrefix(each.Type, "aws:") {
				continue
			}
			served, ok := schema.Resources[each.Type]
			if !assert.True(t, ok, "the plugin does not serve %s; add a line to tools/internal/awstypes/table.go", each.Type) {
				continue
			}
			for _, key := range each.Inputs.StableKeys() {
				assert.Contains(t, served.InputProperties, string(key), "%s has no input %s", each.Type, key)
			}
		}
	}
}
