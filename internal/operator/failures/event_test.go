package failures

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// failed is what S3 sends.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-metrics-events.html
const failed = `{"Records":[{
	"eventVersion":"2.2","eventSource":"aws:s3","awsRegion":"us-east-1","eventTime":"2026-03-14T11:59:30.123Z",
	"eventName":"Replication:OperationFailedReplication",
	"s3":{"s3SchemaVersion":"1.0","configurationId":"x","bucket":{"name":"src","arn":"arn:aws:s3:::src"},
		"object":{"key":"finance%2Fq3+final.pdf","size":3,"versionId":"v1"}},
	"replicationEventData":{"replicationRuleId":"all","destinationBucket":"arn:aws:s3:::dst","s3Operation":"OBJECT_PUT",
		"requestTime":"2026-03-14T11:59:29.000Z","failureReason":"DstKmsKeyInvalidState"}}]}`

func TestParse_ReadsAFailureAndSaysWhatItMeans(t *testing.T) {
	t.Parallel()
	events, err := Parse([]byte(failed))
	require.NoError(t, err)
	require.Len(t, events, 1)
	event := events[0]
	assert.Contains(t, event.Cause, "disabled")
	assert.Contains(t, event.Fix, "enable-key")
	event.Cause, event.Fix = "", ""
	assert.Equal(t, Event{
		Name: OperationFailed, Time: time.Date(2026, 3, 14, 11, 59, 30, 123_000_000, time.UTC), Rule: "all", Bucket: "src", Destination: "dst",
		Key: "finance/q3 final.pdf", Version: "v1", Operation: "OBJECT_PUT", Reason: "DstKmsKeyInvalidState",
	}, event)
}

func TestParse_OpensTheEnvelopeOfSNS(t *testing.T) {
	t.Parallel()
	envelope, err := json.Marshal(map[string]string{"Type": "Notification", "Message": failed})
	require.NoError(t, err)
	events, err := Parse(envelope)
	require.NoError(t, err)
	require.Len(t, events, 1)
	assert.Equal(t, "finance/q3 final.pdf", events[0].Key)
}

func TestParse_LeavesOtherEventsOut(t *testing.T) {
	t.Parallel()
	for _, message := range []string{
		`{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"src"}`,
		`{"Records":[{"eventName":"ObjectCreated:Put","eventTime":"2026-03-14T11:59:30.123Z"}]}`,
	} {
		events, err := Parse([]byte(message))
		assert.NoError(t, err, message)
		assert.Empty(t, events, message)
	}
}

func TestParse_RefusesWhatS3DidNotWrite(t *testing.T) {
	t.Parallel()
	for _, message := range []string{"", "hello", "{}", "[]", `{"Message":"hello"}`, `{"Records":[{"eventTime":"yesterday"}]}`} {
		_, err := Parse([]byte(message))
		assert.ErrorIs(t, err, ErrNotAnEvent, "%q", message)
	}
}

// An unknown reason is shown as it is; S3 may have new ones.
func TestParse_KeepsAReasonThatIsNotKnown(t *testing.T) {
	t.Parallel()
	events, err := Parse([]byte(`{"Records":[{"eventName":"Replication:OperationFailedReplication","replicationEventData":{"failureReason":"MoonPhase"}}]}`))
	require.NoError(t, err)
	assert.Equal(t, "MoonPhase", events[0].Reason)
	assert.Empty(t, events[0].Cause)
}

func FuzzParse_AnswersOrRefuses(f *testing.F) {
	for _, seed := range []string{failed, `{"Message":"{}"}`, `{"Records":null,"Event":"s3:TestEvent"}`, `{"Records":[{"s3":{"object":{"key":"%zz"}},"eventName":"Replication:"}]}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, message []byte) {
		events, err := Parse(message)
		if err != nil {
			assert.ErrorIs(t, err, ErrNotAnEvent)
			assert.Empty(t, events)
			return
		}
		for _, event := range events {
			assert.Contains(t, event.Name, "Replication:", "other events are left out")
			_, err := json.Marshal(event)
			assert.NoError(t, err)
		}
	})
}
