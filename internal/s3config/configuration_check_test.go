package s3config_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// whole is a configuration with one of everything.
func whole(tb testing.TB) s3config.Configuration {
	tb.Helper()
	data, err := os.ReadFile("testdata/whole.json")
	require.NoError(tb, err)
	configuration, err := s3config.ParseJSON(data)
	require.NoError(tb, err)
	return configuration
}

func TestCheck_AcceptsAWholeConfiguration(t *testing.T) {
	t.Parallel()
	assert.Empty(t, whole(t).Check())
}

func TestCheck_AcceptsTheFirstVersionOfTheSchema(t *testing.T) {
	t.Parallel()
	configuration := whole(t)
	configuration.Rules = []s3config.Rule{{
		ID: "old", Prefix: ptr("logs/"), Status: "Enabled",
		Destination: s3config.Destination{Bucket: "arn:aws:s3:::b"},
	}}
	assert.Empty(t, configuration.Check())
}

func TestCheck_RefusesWithS3sOwnCodes(t *testing.T) {
	t.Parallel()
	type rule = s3config.Rule
	cases := map[string]struct {
		change func(*s3config.Configuration, *rule)
		code   string
		path   string
		says   string
	}{
		"no rules": {
			func(c *s3config.Configuration, _ *rule) { c.Rules = nil }, "MalformedXML", "Rules", "",
		},
		"a role that is no ARN": {
			func(c *s3config.Configuration, _ *rule) { c.Role = "replication" }, "InvalidArgument", "Role", "Invalid Role",
		},
		"an unknown status": {
			func(_ *s3config.Configuration, r *rule) { r.Status = "On" }, "MalformedXML", "Rules[0].Status", "",
		},
		"an id that is too long": {
			func(_ *s3config.Configuration, r *rule) { r.ID = strings.Repeat("x", 256) }, "InvalidArgument", "Rules[0].ID", "255",
		},
		"two rules of one id": {
			func(c *s3config.Configuration, r *rule) { r.ID = c.Rules[1].ID }, "InvalidArgument", "Rules[1].ID", "unique",
		},
		"two rules of one priority": {
			func(c *s3config.Configuration, r *rule) { r.Priority = c.Rules[1].Priority }, "InvalidArgument", "Rules[1].Priority", "unique",
		},
		"a filter without a priority": {
			func(_ *s3config.Configuration, r *rule) { r.Priority = nil }, "InvalidRequest", "Rules[0].Priority", "Priority must be specified",
		},
		"a filter without delete-marker status": {
			func(_ *s3config.Configuration, r *rule) { r.DeleteMarkerReplication = nil },
			"InvalidRequest", "Rules[0].DeleteMarkerReplication", "DeleteMarkerReplication must be specified",
		},
		"neither filter nor prefix": {
			func(_ *s3config.Configuration, r *rule) { r.Filter = nil }, "MalformedXML", "Rules[0].Filter", "",
		},
		"filter and prefix": {
			func(_ *s3config.Configuration, r *rule) { r.Prefix = ptr("") }, "MalformedXML", "Rules[0].Prefix", "",
		},
		"what needs a filter, without one": {
			func(_ *s3config.Configuration, r *rule) { r.Filter, r.Prefix = nil, ptr("") }, "InvalidRequest", "Rules[0]", "need a Filter",
		},
		"a filter of two forms": {
			func(_ *s3config.Configuration, r *rule) { r.Filter.Tag = &s3config.Tag{Key: "a"} }, "MalformedXML", "Rules[0].Filter", "",
		},
		"And with nothing to join": {
			func(_ *s3config.Configuration, r *rule) {
				r.Filter = &s3config.Filter{And: &s3config.And{Prefix: ptr("x")}}
			}, "MalformedXML", "Rules[0].Filter.And", "",
		},
		"one tag twice": {
			func(_ *s3config.Configuration, r *rule) {
				r.DeleteMarkerReplication.Status = "Disabled"
				r.Filter = &s3config.Filter{And: &s3config.And{Tags: []s3config.Tag{{Key: "a"}, {Key: "a"}}}}
			}, "InvalidTag", "Rules[0].Filter.And.Tags", "same key",
		},
		"delete markers with a tag": {
			func(_ *s3config.Configuration, r *rule) {
				r.Filter = &s3config.Filter{Tag: &s3config.Tag{Key: "a", Value: "b"}}
			}, "InvalidRequest", "Rules[0].DeleteMarkerReplication", "not supported if any Tag filter",
		},
		"existing objects": {
			func(_ *s3config.Configuration, r *rule) {
				r.ExistingObjectReplication = &s3config.Switch{Status: "Enabled"}
			},
			"MalformedXML", "Rules[0].ExistingObjectReplication", "",
		},
		"a replica key without the selection of KMS objects": {
			func(_ *s3config.Configuration, r *rule) { r.SourceSelectionCriteria = nil },
			"InvalidRequest", "Rules[0].SourceSelectionCriteria", "SseKmsEncryptedObjects must be specified",
		},
		"the selection of KMS objects without a replica key": {
			func(_ *s3config.Configuration, r *rule) { r.Destination.EncryptionConfiguration = nil },
			"InvalidRequest", "Rules[0].Destination.EncryptionConfiguration", "EncryptionConfiguration must be specified",
		},
		"a destination that is no ARN": {
			func(_ *s3config.Configuration, r *rule) { r.Destination.Bucket = "b" }, "InvalidArgument", "Rules[0].Destination.Bucket", "",
		},
		"an unknown storage class": {
			func(_ *s3config.Configuration, r *rule) { r.Destination.StorageClass = "COLD" }, "MalformedXML", "Rules[0].Destination.StorageClass", "",
		},
		"owner override without an account": {
			func(_ *s3config.Configuration, r *rule) { r.Destination.Account = "" }, "InvalidArgument", "Rules[0].Destination.Account", "",
		},
		"an event threshold without replication time control": {
			func(_ *s3config.Configuration, r *rule) { r.Destination.ReplicationTime = nil },
			"InvalidArgument", "Rules[0].Destination.Metrics.EventThreshold",
			"Metrics cannot contain an event threshold when ReplicationTime is not specified or Disabled",
		},
		"replication time control without metrics": {
			func(_ *s3config.Configuration, r *rule) { r.Destination.Metrics = nil },
			"InvalidRequest", "Rules[0].Destination.Metrics", "Metrics must be enabled",
		},
		"replication time control without an event threshold": {
			func(_ *s3config.Configuration, r *rule) { r.Destination.Metrics.EventThreshold = nil },
			"InvalidArgument", "Rules[0].Destination.Metrics.EventThreshold", "must contain",
		},
		"another time than 15 minutes": {
			func(_ *s3config.Configuration, r *rule) { r.Destination.ReplicationTime.Time.Minutes = 5 },
			"InvalidArgument", "Rules[0].Destination.ReplicationTime.Time", "15 minutes",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			configuration := whole(t)
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
	configuration := whole(t)
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
	configuration := whole(t)
	configuration.Rules[0].ExistingObjectReplication = &s3config.Switch{Status: replication.Enabled}
	faults := configuration.Check()
	require.Len(t, faults, 1)
	assert.True(t, faults[0].InPutOnly)
}

func ptr[T any](value T) *T { return &value }
