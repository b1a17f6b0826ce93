package bucketevents

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTargetsWantEvents(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		target     Target
		event, key string
		want       bool
	}{
		"the event":          {Target{Events: []string{"s3:ObjectCreated:Put"}}, "s3:ObjectCreated:Put", "k", true},
		"another":            {Target{Events: []string{"s3:ObjectCreated:Put"}}, "s3:ObjectCreated:Copy", "k", false},
		"all of a kind":      {Target{Events: []string{"s3:Replication:*"}}, "s3:Replication:OperationNotTracked", "k", true},
		"one that is longer": {Target{Events: []string{"s3:ObjectRemoved:Delete"}}, "s3:ObjectRemoved:DeleteMarkerCreated", "k", false},
		"filters":            {Target{Events: []string{"s3:ObjectTagging:*"}, Filters: []Filter{{"Prefix", "a/"}, {"suffix", ".txt"}}}, "s3:ObjectTagging:Put", "a/b.txt", true},
		"another suffix":     {Target{Events: []string{"s3:ObjectTagging:*"}, Filters: []Filter{{"Prefix", "a/"}, {"suffix", ".txt"}}}, "s3:ObjectTagging:Put", "a/b.pdf", false},
		"another prefix":     {Target{Events: []string{"s3:ObjectTagging:*"}, Filters: []Filter{{"Prefix", "a/"}, {"suffix", ".txt"}}}, "s3:ObjectTagging:Put", "b.txt", false},
	}
	for name, test := range tests {
		assert.Equal(t, test.want, test.target.Wants(test.event, test.key), name)
	}
}

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
func TestRecordsOfEvents(t *testing.T) {
	t.Parallel()
	size := int64(9)
	event := Event{
		Name: "s3:ObjectCreated:Put", Bucket: Bucket{"b", "arn:aws:s3:::b", "us-east-1", "123456789012"}, Key: "a b@c", Version: "v", ETag: `"e"`, Size: &size,
		At: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC), By: "AWS:AIDA", From: "127.0.0.1", RequestID: "r", HostID: "h",
	}
	first, second := event.Record("id"), event.Record("id")
	assert.Less(t, first.S3.Object.Sequencer, second.S3.Object.Sequencer)
	first.S3.Object.Sequencer = "s"
	text, err := json.Marshal(first)
	require.NoError(t, err)
	assert.JSONEq(t, `{"eventVersion":"2.1","eventSource":"aws:s3","awsRegion":"us-east-1","eventTime":"2026-11-21T12:00:00.000Z","eventName":"ObjectCreated:Put",
		"userIdentity":{"principalId":"AWS:AIDA"},"requestParameters":{"sourceIPAddress":"127.0.0.1"},"responseElements":{"x-amz-request-id":"r","x-amz-id-2":"h"},
		"s3":{"s3SchemaVersion":"1.0","configurationId":"id","bucket":{"name":"b","ownerIdentity":{"principalId":"123456789012"},"arn":"arn:aws:s3:::b"},
		"object":{"key":"a+b%40c","size":9,"eTag":"e","versionId":"v","sequencer":"s"}}}`, string(text))
	for name, version := range map[string]string{"s3:ObjectTagging:Put": "2.3", "s3:ObjectAcl:Put": "2.3", "s3:Replication:OperationNotTracked": "2.2"} {
		event.Name = name
		record := event.Record("id")
		assert.Equal(t, version, record.EventVersion, name)
		assert.Empty(t, record.S3.Object.Sequencer, name)
	}
}
