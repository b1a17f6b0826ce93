package front

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/emulator"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/replicator"
	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
)

// objectHandlers returns the handlers of the operations that concern replication.
func (f *Front) objectHandlers() map[string]handler {
	return map[string]handler{
		"PutObject":               f.putObject,
		"CopyObject":              f.assembleObject,
		"CreateMultipartUpload":   f.createUpload,
		"AbortMultipartUpload":    f.abortUpload,
		"CompleteMultipartUpload": f.assembleObject,
		"DeleteObject":            f.deleteObject,
		"GetObject":               f.getObject,
		"HeadObject":              f.getObject,
		"GetObjectAttributes":     f.getAttributes,
		"ListObjects":             f.list,
		"ListObjectVersions":      f.list,
		"ListMultipartUploads":    f.list,
		"PutObjectTagging":        f.changeObject(model.TagsChanged),
		"DeleteObjectTagging":     f.changeObject(model.TagsChanged),
		"PutObjectAcl":            f.changeObject(model.ACLChanged),
		"GetObjectRetention":      f.getObjectRetention,
		"PutObjectRetention":      f.putObjectRetention(f.changeObject(model.LockChanged)),
		"PutObjectLegalHold":      f.changeObject(model.LockChanged),
	}
}

// event returns an event caused by a call.
func (c *call) event(kind model.Event, version string) replicator.Event {
	return replicator.Event{
		Kind: kind, At: time.Now(), Owner: c.caller.account, ACL: grants(c.request.Header),
		Object: replicator.ObjectID{Bucket: c.bucket, Key: c.key, Version: version},
	}
}

// grants returns the headers of a request that grant access.
func grants(header http.Header) http.Header {
	found := http.Header{}
	for name, values := range header {
		if name == "X-Amz-Acl" || strings.HasPrefix(name, "X-Amz-Grant-") {
			found[name] = values
		}
	}
	return found
}

// replicates reports whether a bucket has a replication configuration.
func (f *Front) replicates(bucket string) bool { return f.buckets.get(bucket).replication != nil }

// putObject publishes an upload, described by its request and response.
func (f *Front) putObject(w http.ResponseWriter, c *call) error {
	sum := summing(c.request)
	f.passOn(w, c, func(answer *http.Response) error {
		if answer.StatusCode != http.StatusOK {
			return nil
		}
		if sum != nil {
			setChecksum(answer.Header, sum())
		}
		event := c.event(model.Written, answer.Header.Get("X-Amz-Version-Id"))
		event.Tags = headerTags(c.request.Header)
		event.Size = bodySize(c.request)
		event.Header = answer.Header.Clone()
		f.replicator.HandleEvent(event)
		name := "Put"
		if c.form != nil {
			name = "Post"
		}
		f.created(c, name, answer.Header, answer.Header.Get("Etag"), event.Size)
		if err := f.showExpiration(c, answer, expiring{size: event.Size, tags: func() (map[string]string, error) { return event.Tags, nil }}); err != nil {
			return err
		}
		return c.form.amend(c, answer)
	})
	return nil
}

func headerTags(header http.Header) map[string]string {
	values, err := url.ParseQuery(header.Get("X-Amz-Tagging"))
	if err != nil {
		return nil // S3 has rejected the request
	}
	tags := make(map[string]string, len(values))
	for name := range values {
		tags[name] = values.Get(name)
	}
	return tags
}

// bodySize returns the size of the object in a request, which may be sent in signed
// chunks.
func bodySize(r *http.Request) int64 {
	if size, err := strconv.ParseInt(r.Header.Get("X-Amz-Decoded-Content-Length"), 10, 64); err == nil {
		return size
	}
	return max(r.ContentLength, 0)
}

// noVersion is the version id of objects written without versioning.
const noVersion = "null"

// assembleObject publishes an upload without the object in its request: it reads the
// result from the emulator.
func (f *Front) assembleObject(w http.ResponseWriter, c *call) error {
	f.passOn(w, c, func(answer *http.Response) error {
		if answer.StatusCode != http.StatusOK {
			return nil
		}
		event := c.event(model.Written, answer.Header.Get("X-Amz-Version-Id"))
		if c.operation.name == "CompleteMultipartUpload" {
			event.ACL = f.uploads.take(c.query.Get("uploadId"))
		}
		if !f.replicates(c.bucket) && f.buckets.get(c.bucket).lifecycle == nil && f.notifying(c.bucket) == nil {
			return nil
		}
		var query url.Values
		if version := event.Object.Version; version != "" && version != noVersion {
			query = url.Values{"versionId": {version}}
		}
		head, err := f.askObject(c, http.MethodHead, query)
		if err != nil {
			return err
		}
		if head.Status != http.StatusOK {
			return nil // no object: a response with status 200 may contain an error
		}
		event.Header = head.Header
		event.Size, _ = strconv.ParseInt(head.Header.Get("Content-Length"), 10, 64) // zero without the header
		if event.Tags, err = f.objectTags(c, event.Object.Version); err != nil {
			return err
		}
		if event.Object.Version != "" && event.Object.Version != noVersion {
			f.replicator.HandleEvent(event)
		}
		name, copied := strings.CutSuffix(c.operation.name, "Object")
		if !copied {
			name = c.operation.name
		}
		f.created(c, name, answer.Header, head.Header.Get("Etag"), event.Size)
		return f.showExpiration(c, answer, expiring{size: event.Size, tags: func() (map[string]string, error) { return event.Tags, nil }})
	})
	return nil
}

// objectTags reads the tags of a version that is not a replica.
func (f *Front) objectTags(c *call, version string) (map[string]string, error) {
	query := url.Values{"tagging": {""}}
	if version != "" && version != noVersion {
		query.Set("versionId", version)
	}
	answer, err := f.askObject(c, http.MethodGet, query)
	if err != nil {
		return nil, err
	}
	var document struct {
		Tags []s3config.Tag `xml:"TagSet>Tag"`
	}
	if err := xml.Unmarshal(answer.Body, &document); err != nil {
		return nil, nil //nolint:nilerr // the response for an object without tags may be anything
	}
	tags := make(map[string]string, len(document.Tags))
	for _, tag := range document.Tags {
		tags[tag.Key] = tag.Value
	}
	return tags, nil
}

// askObject sends a request about the object of a call to the emulator.
func (f *Front) askObject(c *call, method string, query url.Values) (emulator.Answer, error) {
	host, path := emulator.ObjectAddress(c.bucket, c.key)
	return f.backend.client.Ask(c.request.Context(), emulator.Question{
		Method: method, Host: host, Path: path, Query: query.Encode(),
		Service: "s3", Region: c.regionOrDefault(), AccessKey: f.actingKey(c),
	})
}

// deleteObject publishes a delete marker or a deleted version.
func (f *Front) deleteObject(w http.ResponseWriter, c *call) error {
	present, err := f.present(c, c.key, c.version())
	if err != nil {
		return err
	}
	f.passOn(w, c, func(answer *http.Response) error {
		if answer.StatusCode != http.StatusNoContent {
			return nil
		}
		version, marked := c.version(), answer.Header.Get("X-Amz-Delete-Marker") == "true"
		switch {
		case version != "":
			f.replicator.HandleEvent(c.event(model.VersionDeleted, version))
		case marked:
			version = answer.Header.Get("X-Amz-Version-Id")
			f.replicator.HandleEvent(c.event(model.DeleteMarkerMade, version))
		}
		if marker := marked && c.version() == ""; present || marker {
			f.removed(c, answer.Header, c.key, version, marker)
		}
		return nil
	})
	return nil
}

// deletedObjects has the fields of a DeleteObjects response about deleted keys.
type deletedObjects struct {
	Deleted []struct {
		Key                   string
		VersionID             string `xml:"VersionId"`
		DeleteMarkerVersionID string `xml:"DeleteMarkerVersionId"`
	}
}

// publishDeletions publishes everything that a DeleteObjects has deleted. The
// emulator lists it even for quiet requests.
func (f *Front) publishDeletions(c *call, answer *http.Response, present map[objectRef]bool) error {
	if answer.StatusCode != http.StatusOK {
		return nil
	}
	body, err := readAnswer(answer)
	if err != nil {
		return err
	}
	replaceAnswer(answer, body)
	var done deletedObjects
	if err := xml.Unmarshal(body, &done); err != nil {
		return nil //nolint:nilerr // it is no list of deletions
	}
	for _, each := range done.Deleted {
		event, marker := c.event(model.VersionDeleted, each.VersionID), each.VersionID == "" && each.DeleteMarkerVersionID != ""
		if marker {
			event = c.event(model.DeleteMarkerMade, each.DeleteMarkerVersionID)
		}
		event.Object.Key = each.Key
		if event.Object.Version != "" {
			f.replicator.HandleEvent(event)
		}
		if marker || present[objectRef{Key: each.Key, VersionID: each.VersionID}] {
			f.removed(c, answer.Header, each.Key, event.Object.Version, marker)
		}
	}
	return nil
}

// changeObject publishes a change to a version.
func (f *Front) changeObject(kind model.Event) handler {
	return func(w http.ResponseWriter, c *call) error {
		f.passOn(w, c, func(answer *http.Response) error {
			notified := changeEvents[c.operation.name]
			if f.notifying(c.bucket) == nil {
				notified = ""
			}
			if answer.StatusCode >= http.StatusMultipleChoices || !f.replicates(c.bucket) && notified == "" {
				return nil
			}
			var query url.Values
			version := c.version()
			if version != "" {
				query = url.Values{"versionId": {f.replicator.EmulatedVersion(c.named())}}
			}
			var etag string
			if version == "" || notified != "" {
				head, err := f.askObject(c, http.MethodHead, query)
				if err != nil {
					return err
				}
				version = f.replicator.PublicVersion(replicator.ObjectID{Bucket: c.bucket, Key: c.key, Version: head.Header.Get("X-Amz-Version-Id")})
				etag = head.Header.Get("Etag")
			}
			if f.replicates(c.bucket) {
				f.replicator.HandleEvent(c.event(kind, version))
			}
			if notified != "" {
				event := f.newEvent(c, notified, answer.Header)
				event.Version, event.ETag = version, etag
				f.notify(c, event)
			}
			return nil
		})
		return nil
	}
}

// changeEvents are the events that S3 sends for changes.
var changeEvents = map[string]string{
	"PutObjectTagging": "s3:ObjectTagging:Put", "DeleteObjectTagging": "s3:ObjectTagging:Delete", "PutObjectAcl": "s3:ObjectAcl:Put",
}

// getObject adds the replication status, and the modification time of a replica, to
// responses of GET and HEAD.
func (f *Front) getObject(w http.ResponseWriter, c *call) error {
	f.passOn(w, c, func(answer *http.Response) error {
		if answer.StatusCode >= http.StatusBadRequest {
			return nil
		}
		if err := f.decrypt(c, answer); err != nil || answer.StatusCode >= http.StatusBadRequest {
			return err
		}
		if status := f.replicator.Status(c.shown(answer)); status != "" {
			answer.Header.Set("X-Amz-Replication-Status", status)
		}
		if err := f.showChecksum(c, answer); err != nil {
			return err
		}
		f.dateAnswer(c, answer, http.TimeFormat)
		modified, _ := time.Parse(http.TimeFormat, answer.Header.Get("Last-Modified")) // zero without the header
		return f.showExpiration(c, answer, expiring{size: wholeSize(answer), modified: modified})
	})
	return nil
}

// wholeSize returns the size of the object, even if the response has only a part.
func wholeSize(answer *http.Response) int64 {
	text := answer.Header.Get("Content-Length")
	if _, whole, ranged := strings.Cut(answer.Header.Get("Content-Range"), "/"); ranged {
		text = whole
	}
	size, _ := strconv.ParseInt(text, 10, 64) // zero without the header
	return size
}

// getAttributes also corrects the time format.
func (f *Front) getAttributes(w http.ResponseWriter, c *call) error {
	f.passOn(w, c, func(answer *http.Response) error {
		f.dateAnswer(c, answer, listTime)
		return nil
	})
	return nil
}

// shown returns the version in a response.
func (c *call) shown(answer *http.Response) replicator.ObjectID {
	return replicator.ObjectID{Bucket: c.bucket, Key: c.key, Version: answer.Header.Get("X-Amz-Version-Id")}
}

// named returns the version in a call.
func (c *call) named() replicator.ObjectID {
	return replicator.ObjectID{Bucket: c.bucket, Key: c.key, Version: c.version()}
}

// dateAnswer sets the Last-Modified header, which the emulator has in the given
// format. For a replica it is the time of its source.
func (f *Front) dateAnswer(c *call, answer *http.Response, form string) {
	emulated, err := time.Parse(form, answer.Header.Get("Last-Modified"))
	if err != nil {
		return // the response has no time
	}
	modified := f.replicator.Modified(c.shown(answer), answer.Header.Get("Etag"), emulated)
	answer.Header.Set("Last-Modified", modified.UTC().Format(http.TimeFormat))
}
