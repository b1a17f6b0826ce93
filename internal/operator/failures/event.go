package failures

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// The events of replication, without the "s3:" that subscriptions have.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html
const (
	OperationFailed          = "Replication:OperationFailedReplication"
	MissedThreshold          = "Replication:OperationMissedThreshold"
	ReplicatedAfterThreshold = "Replication:OperationReplicatedAfterThreshold"
	NotTracked               = "Replication:OperationNotTracked"
)

// Event is an event of S3 about one object that failed or was late.
type Event struct {
	Name string    `json:"event"`
	Time time.Time `json:"time"`
	Rule string    `json:"rule"`
	// Bucket and Destination are names of buckets.
	Bucket      string `json:"bucket"`
	Destination string `json:"destination"`
	Key         string `json:"key"`
	Version     string `json:"versionId,omitempty"`
	// Operation that was to be replicated: "OBJECT_PUT".
	Operation string `json:"operation,omitempty"`
	// Reason is S3's failure reason: "DstKmsKeyInvalidState".
	Reason string `json:"reason,omitempty"`
	// Cause and Fix of the reason, if it is known.
	Cause string `json:"cause,omitempty"`
	Fix   string `json:"fix,omitempty"`
}

// ErrNotAnEvent is returned for messages that are not from S3.
var ErrNotAnEvent = errors.New("this is not an event of S3")

// notification is S3's message, or SNS's envelope around one.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
type notification struct {
	Records []record `json:"Records"`
	Test    string   `json:"Event"`   // "s3:TestEvent", when a subscription is made
	Message string   `json:"Message"` // where it came by way of SNS
}

type record struct {
	Name string    `json:"eventName"`
	Time time.Time `json:"eventTime"`
	S3   struct {
		Bucket struct {
			Name string `json:"name"`
		} `json:"bucket"`
		Object struct {
			Key     string `json:"key"`
			Version string `json:"versionId"`
		} `json:"object"`
	} `json:"s3"`
	Replication struct {
		Rule        string `json:"replicationRuleId"`
		Destination string `json:"destinationBucket"`
		Operation   string `json:"s3Operation"`
		Reason      string `json:"failureReason"`
	} `json:"replicationEventData"`
}

// Parse reads the replication events in a message of a queue. It ignores other events
// of S3, and returns an error for messages that are not from S3.
func Parse(message []byte) ([]Event, error) {
	got, err := parse(message)
	if err == nil && got.Message != "" {
		got, err = parse([]byte(got.Message))
	}
	if err != nil {
		return nil, err
	}
	if got.Records == nil && got.Test == "" {
		return nil, ErrNotAnEvent
	}
	var events []Event
	for _, each := range got.Records {
		if strings.HasPrefix(each.Name, "Replication:") {
			events = append(events, each.event())
		}
	}
	return events, nil
}

func parse(message []byte) (notification, error) {
	var got notification
	if err := json.Unmarshal(message, &got); err != nil {
		return got, fmt.Errorf("%w: %w", ErrNotAnEvent, err)
	}
	return got, nil
}

func (r record) event() Event {
	event := Event{
		Name: r.Name, Time: r.Time.UTC(), Rule: r.Replication.Rule, Bucket: r.S3.Bucket.Name, Destination: bucketOf(r.Replication.Destination),
		Key: r.S3.Object.Key, Version: r.S3.Object.Version, Operation: r.Replication.Operation, Reason: r.Replication.Reason,
	}
	if key, err := url.QueryUnescape(event.Key); err == nil { // S3 writes keys as in a query
		event.Key = key
	}
	event.explain()
	return event
}

// bucketOf is the bucket's name in its ARN.
func bucketOf(arn string) string { return arn[strings.LastIndex(arn, ":")+1:] }
