package replicator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/messenger"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// The events of replication. S3 does not say when its metrics lose sight of an
// object, which is what OperationNotTracked tells of; here they do when the rule
// that it waits under is gone, disabled or without metrics.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html
const (
	operationFailed          = "s3:Replication:OperationFailedReplication"
	missedThreshold          = "s3:Replication:OperationMissedThreshold"
	replicatedAfterThreshold = "s3:Replication:OperationReplicatedAfterThreshold"
	notTracked               = "s3:Replication:OperationNotTracked"
)

// subscription is one who wants to know of events in a bucket: a topic, a queue
// or a function.
type subscription struct {
	ID       string   `xml:"Id"`
	Topic    string   `xml:"Topic"`
	Queue    string   `xml:"Queue"`
	Function string   `xml:"CloudFunction"`
	Events   []string `xml:"Event"`
	Filters  []struct {
		Name, Value string
	} `xml:"Filter>S3Key>FilterRule"`
}

// notify sends an event to those who want it. S3 sends none for rules without
// metrics. That one can't be sent is logged and else ignored, as S3 does.
func (e *Engine) notify(ctx context.Context, t *task, name, reason string) {
	if t.series == nil || (name != notTracked && t.series.isClosed()) {
		return
	}
	if err := e.send(ctx, t, name, reason); err != nil && ctx.Err() == nil {
		e.options.Log.Warn("a replication event was not sent", "bucket", t.event.Object.Bucket, "event", name, "error", err)
	}
}

func (e *Engine) send(ctx context.Context, t *task, name, reason string) error {
	var configured struct {
		Topics    []subscription `xml:"TopicConfiguration"`
		Queues    []subscription `xml:"QueueConfiguration"`
		Functions []subscription `xml:"CloudFunctionConfiguration"`
	}
	bucket := t.event.Object.Bucket
	if _, err := e.views.gatherer.configuration(ctx, bucket, "notification", &configured); err != nil {
		return err
	}
	v, err := e.views.of(ctx, bucket, "")
	if err != nil {
		return err
	}
	var failures []error // which keep nobody else from knowing
	for _, each := range slices.Concat(configured.Topics, configured.Queues, configured.Functions) {
		if !each.wants(name, t.event.Object.Key) {
			continue
		}
		message, err := json.Marshal(messageOf(t, v, name, each.ID, reason, time.Now()))
		if err != nil {
			return fmt.Errorf("writing the event %s: %w", name, err)
		}
		if err := e.messages.Send(ctx, each.arn(), messenger.Message{
			Service: "s3.amazonaws.com", SourceARN: bucketARN(&v.facts.Source), SourceAccount: v.facts.Source.Account,
			Subject: "Amazon S3 Notification", Body: string(message),
		}); err != nil {
			failures = append(failures, err)
		}
	}
	return errors.Join(failures...)
}

// wants tells whether the subscription is for an event and a key.
func (s subscription) wants(event, key string) bool {
	for _, filter := range s.Filters {
		switch {
		case strings.EqualFold(filter.Name, "prefix") && !strings.HasPrefix(key, filter.Value),
			strings.EqualFold(filter.Name, "suffix") && !strings.HasSuffix(key, filter.Value):
			return false
		}
	}
	return slices.Contains(s.Events, event) || slices.Contains(s.Events, "s3:Replication:*")
}

// arn of the one who wants to know.
func (s subscription) arn() string { return s.Topic + s.Queue + s.Function }

// message is what S3 sends. The emulator's own code for it can't be called from
// outside.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
type message struct {
	Records []messageRecord `json:"Records"`
}

type messageRecord struct {
	EventVersion string             `json:"eventVersion"`
	EventSource  string             `json:"eventSource"`
	Region       string             `json:"awsRegion"`
	Time         string             `json:"eventTime"`
	Name         string             `json:"eventName"`
	UserIdentity map[string]string  `json:"userIdentity"`
	S3           messageS3          `json:"s3"`
	Replication  messageReplication `json:"replicationEventData"`
}

type messageS3 struct {
	SchemaVersion   string         `json:"s3SchemaVersion"`
	ConfigurationID string         `json:"configurationId"`
	Bucket          map[string]any `json:"bucket"`
	Object          map[string]any `json:"object"`
}

type messageReplication struct {
	Rule          string `json:"replicationRuleId"`
	Destination   string `json:"destinationBucket"`
	Operation     string `json:"s3Operation"`
	RequestTime   string `json:"requestTime"`
	FailureReason string `json:"failureReason,omitempty"`
	Threshold     string `json:"threshold,omitempty"`       // seconds
	Time          string `json:"replicationTime,omitempty"` // seconds
}

const messageTime = "2006-01-02T15:04:05.000Z"

func messageOf(t *task, v *view, name, configurationID, reason string, now time.Time) message {
	object := t.event.Object
	source := &v.facts.Source
	record := messageRecord{
		EventVersion: "2.2", EventSource: "aws:s3", Region: source.Region, Time: now.UTC().Format(messageTime),
		Name: strings.TrimPrefix(name, "s3:"), UserIdentity: map[string]string{"principalId": "s3.amazonaws.com"},
		S3: messageS3{
			SchemaVersion: "1.0", ConfigurationID: configurationID,
			Bucket: map[string]any{"name": object.Bucket, "arn": bucketARN(source), "ownerIdentity": map[string]string{"principalId": source.Account}},
			Object: map[string]any{"key": url.QueryEscape(object.Key), "size": t.event.Size, "eTag": strings.Trim(t.event.Header.Get("Etag"), `"`), "versionId": object.Version},
		},
		Replication: messageReplication{
			Rule: t.series.id.rule, Destination: replication.BucketARN(source.Region, t.destination), Operation: operationOf(t.event.Kind),
			RequestTime: t.event.At.UTC().Format(messageTime), FailureReason: reason,
		},
	}
	if name == missedThreshold || name == replicatedAfterThreshold {
		record.Replication.Threshold, record.Replication.Time = seconds(t.series.threshold), seconds(now.Sub(t.event.At))
	}
	return message{Records: []messageRecord{record}}
}

func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', -1, 64) }

// operationOf is S3's name for what was to be replicated. AWS documents
// OBJECT_PUT; the others are named after it.
func operationOf(kind replication.Event) string {
	switch kind {
	case replication.DeleteMarkerMade:
		return "OBJECT_DELETE"
	case replication.TagsChanged:
		return "OBJECT_PUT_TAGGING"
	case replication.ACLChanged:
		return "OBJECT_PUT_ACL"
	case replication.LockChanged:
		return "OBJECT_PUT_RETENTION"
	default:
		return "OBJECT_PUT"
	}
}
