package replication_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-what-is-isnot-replicated.html
func TestExplain_SaysWhereAnObjectStops(t *testing.T) {
	t.Parallel()
	from := func(bucket string, rules ...replication.ConfigurationRule) replication.Subject {
		return replication.Subject{Configuration: rulesOf(rules...), Facts: replication.Facts{Source: replication.BucketFacts{Bucket: bucket}}}
	}
	with := func(rule replication.ConfigurationRule, filter *replication.Filter) replication.ConfigurationRule {
		rule.Filter = filter
		return rule
	}
	for name, test := range map[string]struct {
		next  replication.Subject
		event replication.Event
		stops bool
	}{
		"a rule for the object":          {from("dr", ruleTo("third", "on", 1)), "", true},
		"a delete marker":                {from("dr", ruleTo("third", "on", 1)), replication.DeleteMarkerMade, true},
		"the second rule":                {from("dr", with(ruleTo("third", "a", 2), prefixed("logs/")), with(ruleTo("third", "b", 1), prefixed("finance/"))), "", true},
		"a rule for other prefixes":      {from("dr", with(ruleTo("third", "on", 1), prefixed("logs/"))), "", false},
		"a rule for other tags":          {from("dr", tagRule("third", "on", 1, tagged("", "class", "low"))), "", false},
		"the way back":                   {from("dr", ruleTo("data", "back", 1)), "", false},
		"a bucket that is reached":       {from("dr", ruleTo("eu", "on", 1)), "", false},
		"the rules of another bucket":    {from("other", ruleTo("third", "on", 1)), "", false},
		"a change that may travel apart": {from("dr", ruleTo("third", "on", 1)), replication.TagsChanged, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := fineQuestion()
			q.others = []replication.ConfigurationRule{ruleTo("eu", "eu", 2)}
			q.object.Event = test.event
			explanation := q.ask()
			explanation.NoteChains("data", []replication.Subject{test.next})
			assert.Equal(t, test.stops, contains(reasonIDs(explanation.Decisions[0].Notes), "chain-stops"))
		})
	}
}

func contains(list []string, text string) bool {
	for _, each := range list {
		if each == text {
			return true
		}
	}
	return false
}

func TestSubject_SyncsReplicasOf(t *testing.T) {
	t.Parallel()
	syncs := func(rule replication.ConfigurationRule) replication.ConfigurationRule {
		rule.SourceSelectionCriteria = &replication.SourceSelectionCriteria{ReplicaModifications: &replication.Switch{Status: replication.Enabled}}
		return rule
	}
	part := syncs(ruleTo("data", "part", 2))
	part.Filter = prefixed("a/")
	for name, test := range map[string]struct {
		rules []replication.ConfigurationRule
		want  replication.Fact
	}{
		"none":           {nil, replication.No},
		"to another":     {[]replication.ConfigurationRule{syncs(ruleTo("eu", "a", 1))}, replication.No},
		"without sync":   {[]replication.ConfigurationRule{ruleTo("data", "a", 1)}, replication.No},
		"the bucket":     {[]replication.ConfigurationRule{syncs(ruleTo("data", "a", 1))}, replication.Yes},
		"a part":         {[]replication.ConfigurationRule{part}, replication.Unknown},
		"some rules not": {[]replication.ConfigurationRule{syncs(ruleTo("data", "a", 1)), ruleTo("data", "b", 3)}, replication.Unknown},
	} {
		subject := replication.Subject{Configuration: rulesOf(test.rules...)}
		assert.Equal(t, test.want, subject.SyncsReplicasOf("data"), name)
	}
}
