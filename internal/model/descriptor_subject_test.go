package model_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// descriptorOf is the descriptor of a topology, as a deployment would write it.
func descriptorOf(topology replication.Topology, accounts ...string) replication.Descriptor {
	place := func(at replication.BucketSpec, name string, i int) replication.DeployedBucket {
		return replication.DeployedBucket{
			Name: name, Bucket: "data-" + name, ARN: replication.BucketARN(at.Region, "data-"+name), Region: at.Region,
			AccountID: accounts[min(i, len(accounts)-1)], RoleARN: "arn:aws:iam::222222222222:role/back",
			KMSKeyARN: "arn:aws:kms:" + at.Region + ":" + accounts[min(i, len(accounts)-1)] + ":key/22222222-2222-2222-2222-222222222222",
		}
	}
	descriptor := replication.Descriptor{
		Version: 1, Name: "data", Direction: topology.Direction, RoleARN: roleARN,
		Source: place(topology.Source, replication.SourceName, 0), Rules: topology.ReplicationRules(),
		Alarms: []replication.Alarm{{Name: "failed", Metric: "OperationsFailedReplication", Region: topology.Source.Region}},
	}
	for i, each := range topology.Destinations {
		descriptor.Destinations = append(descriptor.Destinations, place(each, each.Name, i+1))
	}
	return descriptor
}

func TestSubjects_OneWay(t *testing.T) {
	t.Parallel()
	topology := pair()
	topology.Rules = []replication.RuleSpec{
		{ID: "timed", Prefix: "a/", ReplicationTimeControl: ptr(true)},
		{ID: "tagged", Tags: map[string]string{"class": "critical"}},
		{ID: "both", Prefix: "b/", Tags: map[string]string{"x": "1", "y": "2"}, Metrics: ptr(false)},
		{ID: "rest", StorageClass: "STANDARD_IA"},
	}
	subjects := model.Subjects(descriptorOf(topology, "111111111111"))
	require.Len(t, subjects, 1)
	assert.Equal(t, "data", subjects[0].Name)
	assert.Empty(t, subjects[0].Configuration.Check(), "S3 takes what the descriptor stands for")
	assert.Len(t, subjects[0].Configuration.Rules, 4)
	assert.Nil(t, subjects[0].Configuration.Rules[0].Destination.AccessControlTranslation)
	assert.Equal(t, "class", subjects[0].Configuration.Rules[1].Filter.Tag.Key)
	assert.Equal(t, "us-west-2", subjects[0].Facts.Destinations["data-dr"].Region)
	assert.Equal(t, model.No, subjects[0].Monitoring.Notifies)
}

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-for-metadata-changes.html
func TestSubjects_BothWays(t *testing.T) {
	t.Parallel()
	topology := pair()
	topology.Direction = replication.TwoWay
	subjects := model.Subjects(descriptorOf(topology, "111111111111", "222222222222"))
	require.Len(t, subjects, 2)
	assert.Equal(t, "data-from-dr", subjects[1].Name)
	assert.Equal(t, "arn:aws:iam::222222222222:role/back", subjects[1].Configuration.Role)
	assert.Equal(t, "arn:aws:s3:::data-source", subjects[1].Configuration.Rules[0].Destination.Bucket)
	assert.Equal(t, "111111111111", subjects[1].Configuration.Rules[0].Destination.Account)
	for _, subject := range subjects {
		explanation := model.NewExplainer(subject.Configuration, subject.Facts).Explain(
			model.Object{Key: "a", Event: model.TagsChanged, Replica: true})
		assert.Equal(t, model.Replicates, explanation.Decisions[0].Verdict, "changes of replicas travel back")
	}
	assert.NotContains(t, lintIDs(model.Lint(subjects...)), "two-way-without-sync")
}

// Whatever topology is valid, S3 takes the configuration that its descriptor
// stands for.
func TestSubjects_AreWhatS3Takes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		topology := pair()
		topology.Destinations = append(topology.Destinations, replication.BucketSpec{Name: "eu", Region: "eu-west-1"})
		topology.Direction = rapid.SampledFrom([]replication.Direction{"", replication.OneWay, replication.TwoWay}).Draw(t, "direction")
		for i := range rapid.IntRange(0, 4).Draw(t, "rules") {
			topology.Rules = append(topology.Rules, replication.RuleSpec{
				ID: string(rune('a' + i)), Prefix: rapid.SampledFrom(somePrefixes).Draw(t, "prefix"), Tags: randomTags(t, "tags"),
				Destinations:           rapid.SampledFrom([][]string{nil, {"dr"}, {"eu", "dr"}}).Draw(t, "destinations"),
				ReplicationTimeControl: rapid.Ptr(rapid.Bool(), true).Draw(t, "timed"), StorageClass: rapid.SampledFrom(someClasses).Draw(t, "class"),
			})
		}
		if topology.Validate() != nil {
			t.Skip("not a valid topology")
		}
		for _, subject := range model.Subjects(descriptorOf(topology, "111111111111", "222222222222")) {
			assert.Empty(t, subject.Configuration.Check())
		}
	})
}
