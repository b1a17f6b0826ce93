package replication_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// whole is a configuration with one of everything.
func whole() replication.Configuration {
	return replication.Subjects(deployedOnPaper(replication.Topology{
		Source: replication.BucketSpec{Region: "us-east-1"},
		Destinations: []replication.BucketSpec{
			{
				Name: "dr", Region: "us-west-2", StorageClass: "STANDARD_IA",
				AssumeRoleARN: "arn:aws:iam::222222222222:role/deploy", KMSKeyARN: "arn:aws:kms:us-west-2:111111111111:key/1",
			},
		},
		Rules: []replication.RuleSpec{{ID: "critical", Prefix: "finance/", ReplicationTimeControl: ptr(true)}, {ID: "rest"}},
	}))[0].Configuration
}

func TestCheck_AcceptsAWholeConfiguration(t *testing.T) {
	t.Parallel()
	assert.Empty(t, whole().Check())
}

func TestCheck_AcceptsTheFirstVersionOfTheSchema(t *testing.T) {
	t.Parallel()
	configuration := whole()
	configuration.Rules = []replication.ConfigurationRule{{
		ID: "old", Prefix: ptr("logs/"), Status: "Enabled",
		Destination: replication.Destination{Bucket: "arn:aws:s3:::b"},
	}}
	assert.Empty(t, configuration.Check())
}

func TestCheck_RefusesWithS3sOwnCodes(t *testing.T) {
	t.Parallel()
	type rule = replication.ConfigurationRule
	cases := map[string]struct {
		change func(*replication.Configuration, *rule)
		code   string
		path   string
		says   string
	}{
		"no rules": {
			func(c *replication.Configuration, _ *rule) { c.Rules = nil }, "MalformedXML", "Rules", "",
		},
		"a role that is no ARN": {
			func(c *replication.Configuration, _ *rule) { c.Role = "replication" }, "InvalidArgument", "Role", "Invalid Role",
		},
		"an unknown status": {
			func(_ *replication.Configuration, r *rule) { r.Status = "On" }, "MalformedXML", "Rules[0].Status", "",
		},
		"an id that is too long": {
			func(_ *replication.Configuration, r *rule) { r.ID = strings.Repeat("x", 256) }, "InvalidArgument", "Rules[0].ID", "255",
		},
		"two rules of one id": {
			func(c *replication.Configuration, r *rule) { r.ID = c.Rules[1].ID }, "InvalidArgument", "Rules[1].ID", "unique",
		},
		"two rules of one priority": {
			func(c *replication.Configuration, r *rule) { r.Priority = c.Rules[1].Priority }, "InvalidArgument", "Rules[1].Priority", "unique",
		},
		"a filter without a priority": {
			func(_ *replication.Configuration, r *rule) { r.Priority = nil }, "InvalidRequest", "Rules[0].Priority", "Priority must be specified",
		},
		"a filter without delete-marker status": {
			func(_ *replication.Configuration, r *rule) { r.DeleteMarkerReplication = nil },
			"InvalidRequest", "Rules[0].DeleteMarkerReplication", "DeleteMarkerReplication must be specified",
		},
		"neither filter nor prefix": {
			func(_ *replication.Configuration, r *rule) { r.Filter = nil }, "MalformedXML", "Rules[0].Filter", "",
		},
		"filter and prefix": {
			func(_ *replication.Configuration, r *rule) { r.Prefix = ptr("") }, "MalformedXML", "Rules[0].Prefix", "",
		},
		"what needs a filter, without one": {
			func(_ *replication.Configuration, r *rule) { r.Filter, r.Prefix = nil, ptr("") }, "InvalidRequest", "Rules[0]", "need a Filter",
		},
		"a filter of two forms": {
			func(_ *replication.Configuration, r *rule) { r.Filter.Tag = &replication.Tag{Key: "a"} }, "MalformedXML", "Rules[0].Filter", "",
		},
		"And with nothing to join": {
			func(_ *replication.Configuration, r *rule) {
				r.Filter = &replication.Filter{And: &replication.And{Prefix: ptr("x")}}
			}, "MalformedXML", "Rules[0].Filter.And", "",
		},
		"one tag twice": {
			func(_ *replication.Configuration, r *rule) {
				r.DeleteMarkerReplication.Status = "Disabled"
				r.Filter = &replication.Filter{And: &replication.And{Tags: []replication.Tag{{Key: "a"}, {Key: "a"}}}}
			}, "InvalidTag", "Rules[0].Filter.And.Tags", "same key",
		},
		"delete markers with a tag": {
			func(_ *replication.Configuration, r *rule) {
				r.Filter = &replication.Filter{Tag: &replication.Tag{Key: "a", Value: "b"}}
			}, "InvalidRequest", "Rules[0].DeleteMarkerReplication", "not supported if any Tag filter",
		},
		"existing objects": {
			func(_ *replication.Configuration, r *rule) {
				r.ExistingObjectReplication = &replication.Switch{Status: "Enabled"}
			},
			"MalformedXML", "Rules[0].ExistingObjectReplication", "",
		},
		"a replica key without the selection of KMS objects": {
			func(_ *replication.Configuration, r *rule) { r.SourceSelectionCriteria = nil },
			"InvalidRequest", "Rules[0].SourceSelectionCriteria", "SseKmsEncryptedObjects must be specified",
		},
		"the selection of KMS objects without a replica key": {
			func(_ *replication.Configuration, r *rule) { r.Destination.EncryptionConfiguration = nil },
			"InvalidRequest", "Rules[0].Destination.EncryptionConfiguration", "EncryptionConfiguration must be specified",
		},
		"a destination that is no ARN": {
			func(_ *replication.Configuration, r *rule) { r.Destination.Bucket = "b" }, "InvalidArgument", "Rules[0].Destination.Bucket", "",
		},
		"an unknown storage class": {
			func(_ *replication.Configuration, r *rule) { r.Destination.StorageClass = "COLD" }, "MalformedXML", "Rules[0].Destination.StorageClass", "",
		},
		"owner override without an account": {
			func(_ *replication.Configuration, r *rule) { r.Destination.Account = "" }, "InvalidArgument", "Rules[0].Destination.Account", "",
		},
		"an event threshold without replication time control": {
			func(_ *replication.Configuration, r *rule) { r.Destination.ReplicationTime = nil },
			"InvalidArgument", "Rules[0].Destination.Metrics.EventThreshold",
			"Metrics cannot contain an event threshold when ReplicationTime is not specified or Disabled",
		},
		"replication time control without metrics": {
			func(_ *replication.Configuration, r *rule) { r.Destination.Metrics = nil },
			"InvalidRequest", "Rules[0].Destination.Metrics", "Metrics must be enabled",
		},
		"replication time control without an event threshold": {
			func(_ *replication.Configuration, r *rule) { r.Destination.Metrics.EventThreshold = nil },
			"InvalidArgument", "Rules[0].Destination.Metrics.EventThreshold", "must contain",
		},
		"another time than 15 minutes": {
			func(_ *replication.Configuration, r *rule) { r.Destination.ReplicationTime.Time.Minutes = 5 },
			"InvalidArgument", "Rules[0].Destination.ReplicationTime.Time", "15 minutes",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			configuration := whole()
			c.change(&configuration, &configuration.Rules[0])
			faults := configuration.Check()
			require.NotEmpty(t, faults)
			for _, fault := range faults {
				if fault.Code == c.code && fault.Path == c.path && strings.Contains(fault.Message, c.says) {
					return
				}
			}
			assert.Failf(t, "fault not found", "want %s: %s: ...%s...\ngot  %v", c.path, c.code, c.says, faults)
		})
	}
}

func TestCheck_NamesWhatIsAccepted(t *testing.T) {
	t.Parallel()
	configuration := whole()
	rule := &configuration.Rules[0]
	rule.Status, rule.Destination.StorageClass = "On", "COLD"
	for _, fault := range configuration.Check() {
		assert.Equal(t, "MalformedXML", fault.Code)
		assert.NotEmpty(t, fault.Accepted)
		assert.Contains(t, fault.String(), fault.Accepted)
		assert.NotContains(t, fault.Message, fault.Accepted, "the message is S3's own")
	}
}

// S3 keeps the element in configurations that have it, and refuses new ones.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ExistingObjectReplication.html
func TestCheck_TellsAnAnswerFromAPut(t *testing.T) {
	t.Parallel()
	configuration := whole()
	configuration.Rules[0].ExistingObjectReplication = &replication.Switch{Status: replication.Enabled}
	faults := configuration.Check()
	require.Len(t, faults, 1)
	assert.True(t, faults[0].InPutOnly)
}
