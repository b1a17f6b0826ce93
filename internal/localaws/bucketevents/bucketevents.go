// Package bucketevents implements S3 event notifications: their configuration,
// messages and delivery.
package bucketevents

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/messenger"
)

// Configuration is the notification configuration of a bucket.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html
type Configuration struct {
	XMLName     xml.Name  `xml:"NotificationConfiguration"`
	Topics      []Target  `xml:"TopicConfiguration"`
	Queues      []Target  `xml:"QueueConfiguration"`
	Functions   []Target  `xml:"CloudFunctionConfiguration"`
	EventBridge *struct{} `xml:"EventBridgeConfiguration"`
}

// Target is a topic, a queue or a function, with its events.
type Target struct {
	ID       string   `xml:"Id"`
	Topic    string   `xml:"Topic"`
	Queue    string   `xml:"Queue"`
	Function string   `xml:"CloudFunction"`
	Events   []string `xml:"Event"`
	Filters  []Filter `xml:"Filter>S3Key>FilterRule"`
}

// Filter is a prefix or suffix filter on keys.
type Filter struct{ Name, Value string }

// Targets returns all targets except EventBridge. A nil configuration has none.
func (c *Configuration) Targets() []Target {
	if c == nil {
		return nil
	}
	return slices.Concat(c.Topics, c.Queues, c.Functions)
}

// ARN returns the ARN of the topic, queue or function.
func (t Target) ARN() string { return t.Topic + t.Queue + t.Function }

// Filter returns the value of the filter with a name, or "".
func (t Target) Filter(name string) string {
	for _, each := range t.Filters {
		if strings.EqualFold(each.Name, name) {
			return each.Value
		}
	}
	return ""
}

// Wants reports whether the target is to be notified of an event of a key.
func (t Target) Wants(event, key string) bool {
	return slices.ContainsFunc(t.Events, func(wanted string) bool { return Includes(wanted, event) }) &&
		strings.HasPrefix(key, t.Filter("prefix")) && strings.HasSuffix(key, t.Filter("suffix"))
}

// Includes reports whether an event pattern such as "s3:ObjectCreated:*" includes
// another.
func Includes(event, another string) bool {
	every, many := strings.CutSuffix(event, "*")
	return event == another || many && strings.HasPrefix(another, every)
}

// Bucket is the bucket of an event.
type Bucket struct{ Name, ARN, Region, Account string }

// Record is an event in a message. Its version is the one that was recorded on AWS.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
type Record struct {
	EventVersion      string            `json:"eventVersion"`
	EventSource       string            `json:"eventSource"`
	Region            string            `json:"awsRegion"`
	Time              string            `json:"eventTime"`
	Name              string            `json:"eventName"`
	UserIdentity      Principal         `json:"userIdentity"`
	RequestParameters map[string]string `json:"requestParameters"`
	ResponseElements  map[string]string `json:"responseElements"`
	S3                Entity            `json:"s3"`
	Replication       *Replication      `json:"replicationEventData,omitempty"`
}

// Principal is the identity that caused an event, or the owner of a bucket.
type Principal struct {
	ID string `json:"principalId"`
}

// Entity is the subject of an event.
type Entity struct {
	SchemaVersion   string `json:"s3SchemaVersion"`
	ConfigurationID string `json:"configurationId"`
	Bucket          struct {
		Name  string    `json:"name"`
		Owner Principal `json:"ownerIdentity"`
		ARN   string    `json:"arn"`
	} `json:"bucket"`
	Object Object `json:"object"`
}

// Object is the object of an event. Keys are form-encoded.
type Object struct {
	Key       string `json:"key"`
	Size      *int64 `json:"size,omitempty"`
	ETag      string `json:"eTag,omitempty"`
	Version   string `json:"versionId,omitempty"`
	Sequencer string `json:"sequencer,omitempty"`
}

// Replication has the additional fields of replication events.
type Replication struct {
	Rule          string `json:"replicationRuleId"`
	Destination   string `json:"destinationBucket"`
	Operation     string `json:"s3Operation"`
	RequestTime   string `json:"requestTime"`
	FailureReason string `json:"failureReason,omitempty"`
	Threshold     string `json:"threshold,omitempty"`       // seconds
	Time          string `json:"replicationTime,omitempty"` // seconds
}

// Event is an event in a bucket.
type Event struct {
	// Name, such as "s3:ObjectCreated:Put".
	Name    string
	Bucket  Bucket
	Key     string // not encoded
	Version string // "" or "null" without versioning
	ETag    string
	// Size is omitted if it is nil.
	Size *int64
	At   time.Time
	// By is the principal, and From the source address of the request.
	By, From string
	// RequestID and HostID are those of the response to the request.
	RequestID, HostID string
	Replication       *Replication
}

// TimeFormat is the time format of messages.
const TimeFormat = "2006-01-02T15:04:05.000Z"

// started and events make sequencers that also increase across restarts.
var (
	started = time.Now().UnixNano()
	events  atomic.Int64
)

// Record returns the event in the form used in messages.
func (e *Event) Record(configurationID string) Record {
	record := Record{
		EventVersion: "2.1", EventSource: "aws:s3", Region: e.Bucket.Region, Time: e.At.UTC().Format(TimeFormat), Name: strings.TrimPrefix(e.Name, "s3:"),
		UserIdentity: Principal{e.By}, RequestParameters: map[string]string{"sourceIPAddress": e.From},
		ResponseElements: map[string]string{"x-amz-request-id": e.RequestID, "x-amz-id-2": e.HostID},
		S3: Entity{
			SchemaVersion: "1.0", ConfigurationID: configurationID,
			Object: Object{Key: url.QueryEscape(e.Key), Size: e.Size, ETag: strings.Trim(e.ETag, `"`)},
		},
		Replication: e.Replication,
	}
	record.S3.Bucket.Name, record.S3.Bucket.ARN, record.S3.Bucket.Owner.ID = e.Bucket.Name, e.Bucket.ARN, e.Bucket.Account
	if e.Version != "null" {
		record.S3.Object.Version = e.Version
	}
	switch kind, _, _ := strings.Cut(record.Name, ":"); kind {
	case "Replication":
		record.EventVersion = "2.2"
	case "ObjectTagging", "ObjectAcl":
		record.EventVersion = "2.3"
	default:
		record.S3.Object.Sequencer = fmt.Sprintf("%016X", started+events.Add(1))
	}
	return record
}

const (
	service = "s3.amazonaws.com"
	subject = "Amazon S3 Notification"
)

// Send sends an event to the targets that want it. An undeliverable target does not
// prevent the delivery to others.
func Send(ctx context.Context, by *messenger.Messenger, configured *Configuration, event Event) error {
	var failures []error
	for _, target := range configured.Targets() {
		if !target.Wants(event.Name, event.Key) {
			continue
		}
		body, err := json.Marshal(map[string]any{"Records": []Record{event.Record(target.ID)}})
		if err != nil {
			return fmt.Errorf("writing the event %s: %w", event.Name, err)
		}
		failures = append(failures, send(ctx, by, target, event.Bucket, body))
	}
	return errors.Join(failures...)
}

// SendTest sends the test message that S3 sends to topics and queues when they are
// configured.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
func SendTest(ctx context.Context, by *messenger.Messenger, configured *Configuration, event Event) error {
	body, err := json.Marshal(struct{ Service, Event, Time, Bucket, RequestId, HostId string }{
		"Amazon S3", "s3:TestEvent", event.At.UTC().Format(TimeFormat), event.Bucket.Name, event.RequestID, event.HostID,
	})
	if err != nil {
		return fmt.Errorf("writing the test event: %w", err)
	}
	var failures []error
	for _, target := range configured.Targets() {
		if target.Function == "" {
			failures = append(failures, send(ctx, by, target, event.Bucket, body))
		}
	}
	return errors.Join(failures...)
}

func send(ctx context.Context, by *messenger.Messenger, to Target, of Bucket, body []byte) error {
	return by.Send(ctx, to.ARN(), messenger.Message{Service: service, SourceARN: of.ARN, SourceAccount: of.Account, Subject: subject, Body: string(body)})
}
