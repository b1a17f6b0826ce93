package replicator

import (
	"context"
	"crypto/rand"
	"strconv"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/bucketevents"
	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// The replication events. AWS does not document when S3 sends OperationNotTracked,
// for objects that its metrics no longer track; here it is sent when the rule of a
// pending object is deleted, disabled or without metrics.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html
const (
	operationFailed          = "s3:Replication:OperationFailedReplication"
	missedThreshold          = "s3:Replication:OperationMissedThreshold"
	replicatedAfterThreshold = "s3:Replication:OperationReplicatedAfterThreshold"
	notTracked               = "s3:Replication:OperationNotTracked"

	replicaMade   = "s3:ObjectCreated:Put"
	replicaMarked = "s3:ObjectRemoved:DeleteMarkerCreated"
)

// notify sends an event to the configured targets. S3 sends no events for rules
// without metrics. Delivery failures are logged and otherwise ignored, as in S3.
func (e *Engine) notify(ctx context.Context, t *task, name, reason string) {
	if t.series == nil || (name != notTracked && t.series.isClosed()) {
		return
	}
	if err := e.send(ctx, t, name, reason); err != nil && ctx.Err() == nil {
		e.options.Log.Warn("a replication event was not sent", "bucket", t.event.Object.Bucket, "event", name, "error", err)
	}
}

func (e *Engine) send(ctx context.Context, t *task, name, reason string) error {
	bucket := t.event.Object.Bucket
	configured := e.options.Directory.Bucket(bucket).Notifications
	if configured == nil {
		return nil
	}
	v, err := e.snapshots.of(ctx, bucket, "")
	if err != nil {
		return err
	}
	return bucketevents.Send(ctx, e.messages, configured, eventOf(t, v, name, reason, time.Now()))
}

func eventOf(t *task, v *snapshot, name, reason string, now time.Time) bucketevents.Event {
	object, source := t.event.Object, &v.facts.Source
	event := bucketevents.Event{
		Name: name, Bucket: placeOf(source), Key: object.Key, Version: object.Version, ETag: t.event.Header.Get("Etag"), Size: &t.event.Size,
		At: now, By: principal, From: principal, RequestID: rand.Text(), HostID: rand.Text(),
		Replication: &bucketevents.Replication{
			Rule: t.series.id.rule, Destination: replication.BucketARN(source.Region, t.destination), Operation: operationOf(t.event.Kind),
			RequestTime: t.event.At.UTC().Format(bucketevents.TimeFormat), FailureReason: reason,
		},
	}
	if name == missedThreshold || name == replicatedAfterThreshold {
		event.Replication.Threshold, event.Replication.Time = seconds(t.series.threshold), seconds(now.Sub(t.event.At))
	}
	return event
}

// principal is S3 itself.
const principal = "s3.amazonaws.com"

func placeOf(facts *model.BucketFacts) bucketevents.Bucket {
	return bucketevents.Bucket{Name: facts.Bucket, ARN: bucketARN(facts), Region: facts.Region, Account: facts.Account}
}

// notifyOfReplica sends the events for a replica in its bucket, which are those of
// an upload.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-metrics.html
func (e *Engine) notifyOfReplica(ctx context.Context, o *order, etag string) {
	configured := e.options.Directory.Bucket(o.destination.Bucket).Notifications
	if configured == nil {
		return
	}
	id := o.replicaID()
	event := bucketevents.Event{
		Name: replicaMade, Bucket: placeOf(o.destination), Key: id.Key, Version: id.Version, ETag: etag,
		At: time.Now(), By: principal, From: principal, RequestID: rand.Text(), HostID: rand.Text(),
	}
	if o.task.event.Kind == model.DeleteMarkerMade {
		event.Name = replicaMarked
	} else {
		event.Size = &o.task.event.Size
	}
	if err := bucketevents.Send(ctx, e.messages, configured, event); err != nil && ctx.Err() == nil {
		e.options.Log.Warn("an event of a replica was not sent", "bucket", id.Bucket, "event", event.Name, "error", err)
	}
}

func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', -1, 64) }

// operationOf returns S3's name of an operation. AWS documents OBJECT_PUT; the
// others are named after it.
func operationOf(kind model.Event) string {
	switch kind {
	case model.DeleteMarkerMade:
		return "OBJECT_DELETE"
	case model.TagsChanged:
		return "OBJECT_PUT_TAGGING"
	case model.ACLChanged:
		return "OBJECT_PUT_ACL"
	case model.LockChanged:
		return "OBJECT_PUT_RETENTION"
	default:
		return "OBJECT_PUT"
	}
}
