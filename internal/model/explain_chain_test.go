package model_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-what-is-isnot-replicated.html
func TestExplain_SaysWhereAnObjectStops(t *testing.T) {
	t.Parallel()
	from := func(bucket string, rules ...s3config.Rule) model.Subject {
		return model.Subject{Configuration: rulesOf(rules...), Facts: model.Facts{Source: model.BucketFacts{Bucket: bucket}}}
	}
	with := func(rule s3config.Rule, filter *s3config.Filter) s3config.Rule {
		rule.Filter = filter
		return rule
	}
	for name, test := range map[string]struct {
		next  model.Subject
		event model.Event
		stops bool
	}{
		"a rule for the object":          {from("dr", ruleTo("third", "on", 1)), "", true},
		"a delete marker":                {from("dr", ruleTo("third", "on", 1)), model.DeleteMarkerMade, true},
		"the second rule":                {from("dr", with(ruleTo("third", "a", 2), prefixed("logs/")), with(ruleTo("third", "b", 1), prefixed("finance/"))), "", true},
		"a rule for other prefixes":      {from("dr", with(ruleTo("third", "on", 1), prefixed("logs/"))), "", false},
		"a rule for other tags":          {from("dr", tagRule("third", "on", 1, tagged("", "class", "low"))), "", false},
		"the way back":                   {from("dr", ruleTo("data", "back", 1)), "", false},
		"a bucket that is reached":       {from("dr", ruleTo("eu", "on", 1)), "", false},
		"the rules of another bucket":    {from("other", ruleTo("third", "on", 1)), "", false},
		"a change that may travel apart": {from("dr", ruleTo("third", "on", 1)), model.TagsChanged, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := fineQuestion()
			q.others = []s3config.Rule{ruleTo("eu", "eu", 2)}
			q.object.Event = test.event
			explanation := q.ask()
			explanation.NoteChains("data", []model.Subject{test.next})
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
	syncs := func(rule s3config.Rule) s3config.Rule {
		rule.SourceSelectionCriteria = &s3config.SourceSelectionCriteria{ReplicaModifications: &s3config.Switch{Status: replication.Enabled}}
		return rule
	}
	part := syncs(ruleTo("data", "part", 2))
	part.Filter = prefixed("a/")
	for name, test := range map[string]struct {
		rules []s3config.Rule
		want  model.Fact
	}{
		"none":           {nil, model.No},
		"to another":     {[]s3config.Rule{syncs(ruleTo("eu", "a", 1))}, model.No},
		"without sync":   {[]s3config.Rule{ruleTo("data", "a", 1)}, model.No},
		"the bucket":     {[]s3config.Rule{syncs(ruleTo("data", "a", 1))}, model.Yes},
		"a part":         {[]s3config.Rule{part}, model.Unknown},
		"some rules not": {[]s3config.Rule{syncs(ruleTo("data", "a", 1)), ruleTo("data", "b", 3)}, model.Unknown},
	} {
		subject := model.Subject{Configuration: rulesOf(test.rules...)}
		assert.Equal(t, test.want, subject.SyncsReplicasOf("data"), name)
	}
}
