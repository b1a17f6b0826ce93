package front

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
)

const (
	rule = `<Rule><ID>all</ID><Priority>1</Priority><Filter><Prefix></Prefix></Filter><Status>Enabled</Status>` +
		`<SourceSelectionCriteria><SseKmsEncryptedObjects><Status>Enabled</Status></SseKmsEncryptedObjects></SourceSelectionCriteria>` +
		`<DeleteMarkerReplication><Status>Enabled</Status></DeleteMarkerReplication>` +
		`<Destination><Bucket>arn:aws:s3:::dst</Bucket><StorageClass>STANDARD_IA</StorageClass>` +
		`<EncryptionConfiguration><ReplicaKmsKeyID>arn:aws:kms:us-west-2:123456789012:key/2</ReplicaKmsKeyID></EncryptionConfiguration>` +
		`<Metrics><Status>Enabled</Status></Metrics></Destination></Rule>`
	configuration = `<ReplicationConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Role>arn:aws:iam::123456789012:role/r</Role>` + rule + `</ReplicationConfiguration>`
)

func replicationLab(t *testing.T) *lab {
	t.Helper()
	l := newLab(t)
	l.emulator.AddBucket("src", "Enabled")
	l.emulator.AddBucket("dst", "Enabled")
	l.emulator.AddBucket("plain", "")
	return l
}

func TestReplicationIsKeptWordForWord(t *testing.T) {
	t.Parallel()
	l := replicationLab(t)
	l.refused(404, "ReplicationConfigurationNotFoundError", "The replication configuration was not found", "GET", "/src?replication", "")
	l.must("PUT", "/src?replication", configuration)
	assert.Equal(t, configuration, l.must("GET", "/src?replication", ""))
	l.must("DELETE", "/src?replication", "")
	l.refused(404, "ReplicationConfigurationNotFoundError", "", "GET", "/src?replication", "")
	l.must("PUT", "/src?replication", configuration)
	l.must("DELETE", "/src", "")
	l.emulator.AddBucket("src", "Enabled")
	l.refused(404, "ReplicationConfigurationNotFoundError", "", "GET", "/src?replication", "")
}

func TestRulesGetIDsAndTheNamespace(t *testing.T) {
	t.Parallel()
	l := replicationLab(t)
	nameless := strings.NewReplacer("<ID>all</ID>", "", ` xmlns="http://s3.amazonaws.com/doc/2006-03-01/"`, "").Replace(configuration)
	l.must("PUT", "/src?replication", nameless)
	first := l.must("GET", "/src?replication", "")
	assert.Equal(t, first, l.must("GET", "/src?replication", ""), "an id stays")
	kept, err := s3config.ParseXML([]byte(first))
	require.NoError(t, err)
	assert.Equal(t, s3Namespace, kept.XMLName.Space)
	assert.NotEmpty(t, kept.Rules[0].ID)
	wanted, err := s3config.ParseXML([]byte(configuration))
	require.NoError(t, err)
	kept.Rules[0].ID = wanted.Rules[0].ID
	assert.Equal(t, wanted, kept)
}

func TestReplicationFaults(t *testing.T) {
	t.Parallel()
	l := replicationLab(t)
	change := func(old, replacement string) string { return strings.Replace(configuration, old, replacement, 1) }
	tests := map[string]struct {
		path, body, code, message string
		status                    int
	}{
		"no XML":                  {"/src", "{", "MalformedXML", "not well-formed", 400},
		"another document":        {"/src", "<A/>", "MalformedXML", "not well-formed", 400},
		"no source":               {"/nowhere", configuration, "NoSuchBucket", "", 404},
		"source unversioned":      {"/plain", configuration, "InvalidRequest", "Versioning must be 'Enabled' on the bucket to apply a replication configuration", 400},
		"no destination":          {"/src", change(":::dst", ":::gone"), "InvalidRequest", "Destination bucket must have versioning enabled.", 400},
		"destination unversioned": {"/src", change(":::dst", ":::plain"), "InvalidRequest", "Destination bucket must have versioning enabled.", 400},
		"role is no ARN":          {"/src", change("arn:aws:iam::123456789012:role/r", "r"), "InvalidArgument", "Invalid Role", 400},
		"no priority":             {"/src", change("<Priority>1</Priority>", ""), "InvalidRequest", "Priority must be specified", 400},
		"no delete markers":       {"/src", change("<DeleteMarkerReplication><Status>Enabled</Status></DeleteMarkerReplication>", ""), "InvalidRequest", "DeleteMarkerReplication must be specified", 400},
		"existing objects":        {"/src", change("<Destination>", "<ExistingObjectReplication><Status>Enabled</Status></ExistingObjectReplication><Destination>"), "MalformedXML", "", 400},
		"threshold without time control": {
			"/src", change("<Metrics><Status>Enabled</Status>", "<Metrics><Status>Enabled</Status><EventThreshold><Minutes>15</Minutes></EventThreshold>"),
			"InvalidArgument", "Metrics cannot contain an event threshold when ReplicationTime is not specified or Disabled", 400,
		},
		"an id twice": {"/src", change("</Rule>", "</Rule>"+rule), "InvalidArgument", "", 400},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l.refused(test.status, test.code, test.message, "PUT", test.path+"?replication", test.body)
		})
	}
}

func TestReplicationHoldsVersioning(t *testing.T) {
	t.Parallel()
	const suspended = "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>"
	l := replicationLab(t)
	l.must("PUT", "/src?replication", configuration)
	l.refused(409, "InvalidBucketState", "A replication configuration is present on this bucket, so you cannot change the versioning state.", "PUT", "/src?versioning", suspended)
	l.must("PUT", "/src?versioning", strings.Replace(suspended, "Suspended", "Enabled", 1))
	l.must("PUT", "/dst?versioning", suspended)
	l.must("DELETE", "/src?replication", "")
	l.must("PUT", "/src?versioning", suspended)
	l.refused(400, "MalformedXML", "", "PUT", "/src?versioning", "{")
}

func TestReplicationIsReplaced(t *testing.T) {
	t.Parallel()
	l := replicationLab(t)
	l.must("PUT", "/src?replication", configuration)
	l.must("PUT", "/src?replication", strings.Replace(configuration, "<ID>all</ID>", "<ID>other</ID>", 1))
	assert.Contains(t, l.must("GET", "/src?replication", ""), "<ID>other</ID>")
}
