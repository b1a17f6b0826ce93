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
					Source:       replication.BucketSpec{Region: "us-east-1"},
					Destinations: []replication.BucketSpec{{Name: "dr", Region: "us-west-2", StorageClass: "STANDARD_IA"}},
					Rules:        []replication.RuleSpec{spec},
				}
				require.NoErrorf(t, topology.Validate().Err(), "preset %s", preset)
				rule := topology.ReplicationRules()[0]
				assert.Truef(t, setting.want(rule), "preset %s: %+v", preset, rule)
			}
		})
	}
}

func TestPreset_IsForObjectsOfItsClass(t *testing.T) {
	t.Parallel()
	ruleOf := func(spec replication.RuleSpec) (replication.Topology, func() replication.Rule) {
		spec.ID = "rule"
		topology := replication.Topology{
			Source: replication.BucketSpec{Region: "us-east-1"}, Destinations: []replication.BucketSpec{{Name: "dr", Region: "us-west-2"}},
			Rules: []replication.RuleSpec{spec},
		}
		return topology, func() replication.Rule { return topology.ReplicationRules()[0] }
	}
	for name, test := range map[string]struct {
		spec replication.RuleSpec
		tags map[string]string
		want string
	}{
		"the class":             {spec: replication.RuleSpec{Preset: "logs", ClassTag: "data-class"}, tags: map[string]string{"data-class": "logs"}},
		"the class and a tag":   {spec: replication.RuleSpec{Preset: "logs", ClassTag: "data-class", Tags: map[string]string{"a": "b"}}, tags: map[string]string{"data-class": "logs", "a": "b"}},
		"no class":              {spec: replication.RuleSpec{Preset: "logs"}},
		"no preset":             {spec: replication.RuleSpec{ClassTag: "data-class"}, want: "rules[0].classTag: is given without a preset"},
		"another class":         {spec: replication.RuleSpec{Preset: "logs", ClassTag: "c", Tags: map[string]string{"c": "archive"}}, want: `rules[0].classTag: asks for "c"="logs"`},
		"with delete markers":   {spec: replication.RuleSpec{Preset: "critical", ClassTag: "c", DeleteMarkers: ptr(true)}, want: "delete-marker replication cannot be used with a tag filter"},
		"not the name of a tag": {spec: replication.RuleSpec{Preset: "critical", ClassTag: "aws:class"}, want: "cannot be a tag of an object"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			topology, rule := ruleOf(test.spec)
			err := topology.Validate().Err()
			if test.want != "" {
				assert.ErrorContains(t, err, test.want)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, test.tags, rule().Tags)
		})
	}
}
