package replication_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

func TestReplicationRules_FillInWhatWasLeftOut(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		rules []replication.RuleSpec
		want  []replication.Rule
	}{
		"no rules: one for each destination, named after it, for the whole bucket": {
			nil,
			[]replication.Rule{
				{ID: "dr", Priority: 2, Destination: "dr", Status: "Enabled", StorageClass: "STANDARD_IA", DeleteMarkers: true, Metrics: true},
				{ID: "eu", Priority: 1, Destination: "eu", Status: "Enabled", DeleteMarkers: true, Metrics: true},
			},
		},
		"a rule for one destination keeps its id": {
			[]replication.RuleSpec{{ID: "critical", Destinations: []string{"eu"}, Prefix: "finance/"}},
			[]replication.Rule{
				{ID: "critical", Priority: 1, Destination: "eu", Prefix: "finance/", Status: "Enabled", DeleteMarkers: true, Metrics: true},
			},
		},
		"a rule for all destinations becomes one for each": {
			[]replication.RuleSpec{{ID: "all", StorageClass: "GLACIER"}},
			[]replication.Rule{
				{ID: "all-dr", Priority: 2, Destination: "dr", Status: "Enabled", StorageClass: "GLACIER", DeleteMarkers: true, Metrics: true},
				{ID: "all-eu", Priority: 1, Destination: "eu", Status: "Enabled", StorageClass: "GLACIER", DeleteMarkers: true, Metrics: true},
			},
		},
		"a rule with tags leaves delete markers behind": {
			[]replication.RuleSpec{{ID: "t", Destinations: []string{"eu"}, Tags: map[string]string{"a": "b"}}},
			[]replication.Rule{
				{ID: "t", Priority: 1, Destination: "eu", Tags: map[string]string{"a": "b"}, Status: "Enabled", Metrics: true},
			},
		},
		"a preset fills in what the rule does not say": {
			[]replication.RuleSpec{
				{ID: "a", Destinations: []string{"eu"}, Preset: replication.ComplianceData},
				{ID: "b", Destinations: []string{"eu"}, Preset: replication.Logs, StorageClass: "STANDARD", DeleteMarkers: ptr(true)},
			},
			[]replication.Rule{
				{ID: "a", Priority: 2, Destination: "eu", Status: "Enabled", ReplicationTimeControl: true, Metrics: true},
				{ID: "b", Priority: 1, Destination: "eu", Status: "Enabled", StorageClass: "STANDARD", DeleteMarkers: true, Metrics: true},
			},
		},
		"several prefixes become a rule each": {
			[]replication.RuleSpec{{ID: "p", Destinations: []string{"eu"}, Prefixes: []string{"a/", "b/"}}},
			[]replication.Rule{
				{ID: "p-1", Priority: 2, Destination: "eu", Prefix: "a/", Status: "Enabled", DeleteMarkers: true, Metrics: true},
				{ID: "p-2", Priority: 1, Destination: "eu", Prefix: "b/", Status: "Enabled", DeleteMarkers: true, Metrics: true},
			},
		},
		"what is switched off stays off": {
			[]replication.RuleSpec{{ID: "off", Destinations: []string{"eu"}, Enabled: ptr(false), DeleteMarkers: ptr(false), Metrics: ptr(false)}},
			[]replication.Rule{{ID: "off", Priority: 1, Destination: "eu", Status: "Disabled"}},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			topology := pair()
			topology.Destinations[0].StorageClass = "STANDARD_IA"
			topology.Destinations = append(topology.Destinations, replication.Place{Name: "eu", Region: "eu-west-1"})
			topology.Rules = c.rules
			assert.Empty(t, topology.Validate())
			assert.Equal(t, c.want, topology.ReplicationRules())
		})
	}
}

func TestReplicationRules_OfAnyValidTopologyAreOnesThatS3Accepts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		topology := drawTopology(t)
		if len(topology.Validate()) > 0 {
			t.Skip("not a valid topology")
		}
		faults := configurationOf(topology).Check()
		if len(faults) > 0 {
			t.Fatalf("valid to us, refused by S3: %v\n%+v", faults, topology)
		}
	})
}

func TestReplicationRules_KeepTheOrderOfTheirAuthor(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		topology := drawTopology(t)
		last := 1 << 30
		for _, rule := range topology.ReplicationRules() {
			if rule.Priority >= last {
				t.Fatalf("priority %d of %s is not below that of the rule before, %d", rule.Priority, rule.ID, last)
			}
			last = rule.Priority
		}
	})
}

func drawTopology(t *rapid.T) replication.Topology {
	topology := replication.Topology{Source: replication.Place{Region: "us-east-1"}}
	names := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c"}), 1, 3, rapid.ID).Draw(t, "destinations")
	for _, name := range names {
		topology.Destinations = append(topology.Destinations, replication.Place{Name: name, Region: "us-west-2"})
	}
	topology.Rules = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) replication.RuleSpec {
		return replication.RuleSpec{
			ID:                     rapid.StringMatching(`[a-z-]{0,3}`).Draw(t, "id"),
			Destinations:           rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c"}), 0, 2).Draw(t, "targets"),
			Prefix:                 rapid.SampledFrom([]string{"", "finance/", "logs/2026/"}).Draw(t, "prefix"),
			Tags:                   rapid.MapOfN(rapid.SampledFrom([]string{"class", "team"}), rapid.String(), 0, 2).Draw(t, "tags"),
			Enabled:                rapid.Ptr(rapid.Bool(), true).Draw(t, "enabled"),
			DeleteMarkers:          rapid.Ptr(rapid.Bool(), true).Draw(t, "deleteMarkers"),
			ReplicationTimeControl: rapid.Bool().Draw(t, "replicationTimeControl"),
			Metrics:                rapid.Ptr(rapid.Bool(), true).Draw(t, "metrics"),
			StorageClass:           rapid.SampledFrom([]replication.StorageClass{"", "STANDARD_IA", "COLD"}).Draw(t, "class"),
		}
	}), 0, 4).Draw(t, "rules")
	return topology
}

// configurationOf writes a topology's rules as S3 would be told, by hand and
// apart from what the components do.
func configurationOf(topology replication.Topology) replication.Configuration {
	configuration := replication.Configuration{Role: "arn:aws:iam::111111111111:role/replication"}
	onOff := map[bool]replication.Status{true: "Enabled", false: "Disabled"}
	for _, rule := range topology.ReplicationRules() {
		filter := &replication.Filter{Prefix: &rule.Prefix}
		if len(rule.Tags) > 0 {
			and := &replication.And{Prefix: &rule.Prefix}
			for key, value := range rule.Tags {
				and.Tags = append(and.Tags, replication.Tag{Key: key, Value: value})
			}
			filter = &replication.Filter{And: and}
		}
		destination := replication.Destination{
			Bucket:       "arn:aws:s3:::bucket-" + rule.Destination,
			StorageClass: rule.StorageClass,
			Metrics:      &replication.Metrics{Status: onOff[rule.Metrics]},
		}
		if rule.ReplicationTimeControl {
			destination.ReplicationTime = &replication.ReplicationTime{Status: "Enabled", Time: replication.Minutes{Minutes: 15}}
			destination.Metrics.EventThreshold = &replication.Minutes{Minutes: 15}
		}
		configuration.Rules = append(configuration.Rules, replication.ConfigurationRule{
			ID: rule.ID, Priority: ptr(rule.Priority), Status: rule.Status, Filter: filter, Destination: destination,
			DeleteMarkerReplication: &replication.Switch{Status: onOff[rule.DeleteMarkers]},
		})
	}
	return configuration
}
