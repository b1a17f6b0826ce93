package replication_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// TestPreset_EverySettingCanBeOverridden gives every setting that a preset may
// have, in both ways, next to each of the presets.
func TestPreset_EverySettingCanBeOverridden(t *testing.T) {
	t.Parallel()
	presets := []replication.Preset{replication.Critical, replication.ComplianceData, replication.Logs, replication.Archive}
	settings := map[string]struct {
		set  replication.RuleSpec
		want func(replication.Rule) bool
	}{
		"replication time control on":  {replication.RuleSpec{ReplicationTimeControl: ptr(true)}, func(r replication.Rule) bool { return r.ReplicationTimeControl }},
		"replication time control off": {replication.RuleSpec{ReplicationTimeControl: ptr(false)}, func(r replication.Rule) bool { return !r.ReplicationTimeControl }},
		"metrics off, without replication time control": {
			replication.RuleSpec{Metrics: ptr(false), ReplicationTimeControl: ptr(false)}, func(r replication.Rule) bool { return !r.Metrics },
		},
		"delete markers on":  {replication.RuleSpec{DeleteMarkers: ptr(true)}, func(r replication.Rule) bool { return r.DeleteMarkers }},
		"delete markers off": {replication.RuleSpec{DeleteMarkers: ptr(false)}, func(r replication.Rule) bool { return !r.DeleteMarkers }},
		"a storage class":    {replication.RuleSpec{StorageClass: "STANDARD"}, func(r replication.Rule) bool { return r.StorageClass == "STANDARD" }},
		"disabled":           {replication.RuleSpec{Enabled: ptr(false)}, func(r replication.Rule) bool { return r.Status == "Disabled" }},
	}
	for name, setting := range settings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, preset := range presets {
				spec := setting.set
				spec.ID, spec.Preset = "rule", preset
				topology := replication.Topology{
					Source:       replication.Place{Region: "us-east-1"},
					Destinations: []replication.Place{{Name: "dr", Region: "us-west-2", StorageClass: "STANDARD_IA"}},
					Rules:        []replication.RuleSpec{spec},
				}
				require.NoErrorf(t, topology.Validate().Err(), "preset %s", preset)
				rule := topology.ReplicationRules()[0]
				assert.Truef(t, setting.want(rule), "preset %s: %+v", preset, rule)
			}
		})
	}
}
