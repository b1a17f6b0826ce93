package front

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/bucketevents"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/replicator"
)

// Notify makes the front send the events of buckets, in place of the emulator. It
// must be called before the first request.
func (f *Front) Notify() { f.notifies = true }

// notifying returns the notification configuration of a bucket if the front sends
// its events, or nil.
func (f *Front) notifying(bucket string) *bucketevents.Configuration {
	if kept := f.buckets.get(bucket).notifications; f.notifies && len(kept.Targets()) > 0 {
		return kept
	}
	return nil
}

// newEvent returns an event for the response to a call.
func (f *Front) newEvent(c *call, name string, answer http.Header) bucketevents.Event {
	kept := f.buckets.get(c.bucket)
	from, _, err := net.SplitHostPort(c.request.RemoteAddr)
	if err != nil {
		from = "127.0.0.1"
	}
	event := bucketevents.Event{
		Name: name, Key: c.key, Version: answer.Get("X-Amz-Version-Id"), At: time.Now(), By: "AWS:" + c.caller.userID, From: from,
		Bucket:    bucketevents.Bucket{Name: c.bucket, ARN: c.bucketARN(), Region: kept.region, Account: kept.owner},
		RequestID: answer.Get("X-Amz-Request-Id"), HostID: answer.Get("X-Amz-Id-2"),
	}
	if event.RequestID == "" || event.HostID == "" {
		event.RequestID, event.HostID = newIDs()
	}
	return event
}

// notify sends an event. A delivery failure does not fail the request.
func (f *Front) notify(c *call, event bucketevents.Event) {
	ctx := context.WithoutCancel(c.request.Context())
	if err := bucketevents.Send(ctx, f.messages, f.notifying(c.bucket), event); err != nil {
		f.log.Warn("an event was not sent", "bucket", c.bucket, "event", event.Name, "error", err)
	}
}

// notifyOfTargets sends S3's test message to new targets.
func (f *Front) notifyOfTargets(c *call, configured *bucketevents.Configuration, answer http.Header) {
	if !f.notifies {
		return
	}
	ctx := context.WithoutCancel(c.request.Context())
	if err := bucketevents.SendTest(ctx, f.messages, configured, f.newEvent(c, "", answer)); err != nil {
		f.log.Warn("a test event was not sent", "bucket", c.bucket, "error", err)
	}
}

// created sends the event of a created object.
func (f *Front) created(c *call, name string, answer http.Header, etag string, size int64) {
	if f.notifying(c.bucket) == nil {
		return
	}
	event := f.newEvent(c, "s3:ObjectCreated:"+name, answer)
	event.ETag, event.Size = etag, &size
	f.notify(c, event)
}

// emptyETag is the ETag of a delete marker.
const emptyETag = "d41d8cd98f00b204e9800998ecf8427e"

// removed sends the event of a delete marker, or of a deleted version.
func (f *Front) removed(c *call, answer http.Header, key, version string, marker bool) {
	event := f.newEvent(c, "s3:ObjectRemoved:Delete", answer)
	event.Key, event.Version = key, version
	if marker {
		event.Name, event.ETag = "s3:ObjectRemoved:DeleteMarkerCreated", emptyETag
	}
	f.notify(c, event)
}

// present reports whether there is a version to delete, or an object without
// versions: S3 sends no event if nothing is deleted. It asks the emulator only if
// the bucket has notifications.
func (f *Front) present(c *call, key, version string) (bool, error) {
	if f.notifying(c.bucket) == nil {
		return false, nil
	}
	of := *c
	of.key = key
	var query url.Values
	if version != "" {
		query = url.Values{"versionId": {f.replicator.EmulatedVersion(replicator.ObjectID{Bucket: c.bucket, Key: key, Version: version})}}
	}
	answer, err := f.askObject(&of, http.MethodHead, query)
	return answer.Status == http.StatusOK || answer.Status == http.StatusMethodNotAllowed, err // HEAD of a delete marker fails
}
