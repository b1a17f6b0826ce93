package model_test

import (
	"encoding/xml"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/crr-io/pulumi-aws-crr/internal/awsid"
	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
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
			topology.Destinations = append(topology.Destinations, replication.BucketSpec{Name: "eu", Region: "eu-west-1"})
			topology.Rules = c.rules
			assert.Empty(t, topology.Validate())
			assert.Equal(t, c.want, topology.ReplicationRules())
		})
	}
}

// What is drawn is deployed on paper and written as the provider writes it, and
// then judged as the local AWS judges a PutBucketReplication.
func TestReplicationRules_OfAnyValidTopologyAreOnesThatS3Accepts(t *testing.T) {
	t.Parallel()
	drawn := map[string]bool{}
	rapid.Check(t, func(t *rapid.T) {
		topology := drawTopology(t)
		if len(topology.Validate()) > 0 {
			t.Skip("not a valid topology")
		}
		for _, subject := range model.Subjects(deployedOnPaper(topology)) {
			body, err := xml.Marshal(subject.Configuration)
			require.NoError(t, err)
			configuration, err := s3config.ParseXML(body)
			require.NoError(t, err)
			assert.Empty(t, configuration.Check(), "valid to us, refused by S3: %+v", topology)
		}
		for kind, is := range kindsOf(topology) {
			drawn[kind] = drawn[kind] || is
		}
	})
	for kind := range kindsOf(replication.Topology{}) {
		assert.Contains(t, drawn, kind)
		assert.True(t, drawn[kind], "no valid topology was drawn that is %s", kind)
	}
}

func TestReplicationRules_KeepTheOrderOfTheirAuthor(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		topology := drawTopology(t)
		last := map[string]int{}
		for _, rule := range topology.ReplicationRules() {
			if before, more := last[rule.From()]; more && rule.Priority >= before {
				t.Fatalf("priority %d of %s is not below that of the rule before, %d", rule.Priority, rule.ID, before)
			}
			last[rule.From()] = rule.Priority
		}
		written, again := model.Subjects(deployedOnPaper(topology)), model.Subjects(deployedOnPaper(topology))
		assert.Equal(t, written, again, "tags come in an order of their own, too")
	})
}

// kindsOf topology are what there is to be drawn, and whether it is one.
func kindsOf(topology replication.Topology) map[string]bool {
	kinds := map[string]bool{
		"two-way": topology.Direction == replication.TwoWay, "of several destinations": len(topology.Destinations) > 1,
		"across accounts": false, "with keys of its own": false, "locked": topology.Source.ObjectLock != nil, "in China": topology.Source.Region == "cn-north-1",
		"with presets": false, "with several prefixes": false, "with tags": false, "within 15 minutes": false, "without rules": len(topology.Rules) == 0,
	}
	for _, place := range topology.Destinations {
		kinds["across accounts"] = kinds["across accounts"] || place.AssumeRoleARN != topology.Source.AssumeRoleARN
		kinds["with keys of its own"] = kinds["with keys of its own"] || place.KMSKeyARN != ""
	}
	for _, rule := range topology.Rules {
		kinds["with presets"] = kinds["with presets"] || rule.Preset != ""
		kinds["with several prefixes"] = kinds["with several prefixes"] || len(rule.Prefixes) > 1
		kinds["with tags"] = kinds["with tags"] || len(rule.Tags) > 0
		kinds["within 15 minutes"] = kinds["within 15 minutes"] || (rule.ReplicationTimeControl != nil && *rule.ReplicationTimeControl)
	}
	return kinds
}

// drawTopology draws what is mostly valid: one in so many choices is wrong.
func drawTopology(t *rapid.T) replication.Topology {
	regions := rapid.SampledFrom([][]string{{"us-east-1", "us-west-2", "eu-west-1"}, {"us-east-1", "us-west-2", "eu-west-1"}, {"cn-north-1", "cn-northwest-1"}}).Draw(t, "partition")
	locked := rapid.Bool().Draw(t, "locked")
	topology := replication.Topology{
		Direction: rapid.SampledFrom([]replication.Direction{"", replication.OneWay, replication.TwoWay}).Draw(t, "direction"),
		Source:    drawPlace(t, regions[:1], locked),
	}
	names := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c"}), 1, 3, rapid.ID).Draw(t, "destinations")
	for _, name := range names {
		place := drawPlace(t, regions, locked)
		place.Name = name
		place.StorageClass = rapid.SampledFrom([]replication.StorageClass{"", "STANDARD_IA", "GLACIER_IR"}).Draw(t, "class")
		topology.Destinations = append(topology.Destinations, place)
	}
	topology.Rules = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) replication.RuleSpec { return drawRule(t, names) }), 0, 3).Draw(t, "rules")
	return topology
}

// wrong draws whether something is to be wrong, which it seldom is.
func wrong(t *rapid.T, what string) bool { return rapid.IntRange(0, 9).Draw(t, what+" wrong") == 9 }

func drawPlace(t *rapid.T, regions []string, locked bool) replication.BucketSpec {
	region := rapid.SampledFrom(regions).Draw(t, "region")
	partition, _ := replication.PartitionOf(region)
	account := rapid.SampledFrom([]string{"", "222222222222"}).Draw(t, "account")
	place := replication.BucketSpec{Region: region}
	if account != "" {
		place.AssumeRoleARN = "arn:" + partition.ID + ":iam::" + account + ":role/deploy"
	}
	if rapid.Bool().Draw(t, "a key of its own") {
		place.KMSKeyARN = "arn:" + partition.ID + ":kms:" + region + ":111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	}
	if locked != wrong(t, "lock") {
		place.ObjectLock = rapid.SampledFrom([]*replication.ObjectLock{{}, {Mode: replication.Governance, Days: 1}}).Draw(t, "lock")
	}
	return place
}

func drawRule(t *rapid.T, destinations []string) replication.RuleSpec {
	rule := replication.RuleSpec{
		ID:                     rapid.SampledFrom([]string{"all", "all-a", "critical", "logs", "rest"}).Draw(t, "id"),
		Preset:                 rapid.SampledFrom([]replication.Preset{"", "", replication.Critical, replication.ComplianceData, replication.Logs, replication.Archive}).Draw(t, "preset"),
		Enabled:                rapid.Ptr(rapid.Bool(), true).Draw(t, "enabled"),
		Prefix:                 rapid.SampledFrom([]string{"", "finance/", "logs/2026/"}).Draw(t, "prefix"),
		ReplicationTimeControl: rapid.Ptr(rapid.Bool(), true).Draw(t, "replicationTimeControl"),
		StorageClass:           rapid.SampledFrom([]replication.StorageClass{"", "STANDARD_IA"}).Draw(t, "class"),
	}
	if rapid.Bool().Draw(t, "several prefixes") {
		rule.Prefix, rule.Prefixes = "", rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"", "a/", "b/", strings.Repeat("ä", 512)}), 1, 3, rapid.ID).Draw(t, "prefixes")
	}
	if rapid.Bool().Draw(t, "one destination") {
		rule.Destinations = []string{rapid.SampledFrom(destinations).Draw(t, "destination")}
	}
	if rapid.Bool().Draw(t, "tagged") {
		rule.Tags = rapid.MapOfN(rapid.SampledFrom([]string{"class", "team"}), rapid.String(), 0, 2).Draw(t, "tags")
	}
	if len(rule.Tags) == 0 || rapid.Bool().Draw(t, "markers") {
		rule.DeleteMarkers = rapid.Ptr(rapid.Bool(), true).Draw(t, "deleteMarkers")
	}
	if rule.ReplicationTimeControl == nil || !*rule.ReplicationTimeControl {
		rule.Metrics = rapid.Ptr(rapid.Bool(), true).Draw(t, "metrics")
	}
	for _, spoil := range []func(){
		func() { rule.ID = strings.Repeat("i", rapid.IntRange(250, 256).Draw(t, "length")) },
		func() { rule.Destinations = []string{"nowhere"} },
		func() { rule.StorageClass = "COLD" },
		func() { rule.Prefix = strings.Repeat("ä", 513) },
		func() { rule.Tags = map[string]string{"aws:owner": "S3"} },
		func() { rule.Prefix = "both/" },
	} {
		if wrong(t, "rule") {
			spoil()
		}
	}
	return rule
}

// deployedOnPaper is the descriptor of a topology as it would be deployed.
func deployedOnPaper(topology replication.Topology) replication.Descriptor {
	place := func(name string, p replication.BucketSpec) replication.DeployedBucket {
		deployed := replication.DeployedBucket{
			Name: name, Bucket: "bucket-" + name, ARN: replication.BucketARN(p.Region, "bucket-"+name), Region: p.Region,
			AccountID: "111111111111", KMSKeyARN: p.KMSKeyARN, ObjectLock: p.ObjectLock != nil,
		}
		if account := awsid.AccountOf(p.AssumeRoleARN); account != "" {
			deployed.AccountID = account
		}
		if deployed.KMSKeyARN == "" {
			deployed.KMSKeyARN = "arn:aws:kms:" + p.Region + ":" + deployed.AccountID + ":key/made"
		}
		deployed.RoleARN = "arn:aws:iam::" + deployed.AccountID + ":role/from-" + name
		return deployed
	}
	descriptor := replication.Descriptor{
		Name: "data", Direction: topology.Direction, Source: place(replication.SourceName, topology.Source), RoleARN: roleARN,
		Rules: topology.ReplicationRules(),
	}
	for _, destination := range topology.Destinations {
		descriptor.Destinations = append(descriptor.Destinations, place(destination.Name, destination))
	}
	return descriptor
}
