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
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// objectHandlers are those of operations that replication has to do with.
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
		"PutObjectTagging":        f.changeObject(replication.TagsChanged),
		"DeleteObjectTagging":     f.changeObject(replication.TagsChanged),
		"PutObjectAcl":            f.changeObject(replication.ACLChanged),
		"GetObjectRetention":      f.getObjectRetention,
		"PutObjectRetention":      f.putObjectRetention(f.changeObject(replication.LockChanged)),
		"PutObjectLegalHold":      f.changeObject(replication.LockChanged),
	}
}

// event is one that a call has just brought about.
func (c *call) event(kind replication.Event, version string) replicator.Event {
	return replicator.Event{
		Kind: kind, At: time.Now(), Owner: c.caller.account, ACL: grants(c.request.Header),
		Object: replicator.ObjectID{Bucket: c.bucket, Key: c.key, Version: version},
	}
}

// grants are the headers of a request that grant access.
func grants(header http.Header) http.Header {
	found := http.Header{}
	for name, values := range header {
		if name == "X-Amz-Acl" || strings.HasPrefix(name, "X-Amz-Grant-") {
			found[name] = values
		}
	}
	return found
}

// replicates tells whether a bucket has a replication configuration.
func (f *Front) replicates(bucket string) bool { return f.buckets.get(bucket).replication != nil }

// putObject tells of an upload what its request and its answer say.
func (f *Front) putObject(w http.ResponseWriter, c *call) error {
	f.passOn(w, c, func(answer *http.Response) error {
		if answer.StatusCode != http.StatusOK {
			return nil
		}
		event := c.event(replication.Written, answer.Header.Get("X-Amz-Version-Id"))
		event.Tags = headerTags(c.request.Header)
		event.Size = bodySize(c.request)
		event.Header = answer.Header.Clone()
		f.replicator.Happened(event)
		return c.form.amend(c, answer)
	})
	return nil
}

func headerTags(header http.Header) map[string]string {
	values, err := url.ParseQuery(header.Get("X-Amz-Tagging"))
	if err != nil {
		return nil // S3 has refused the request
	}
	tags := make(map[string]string, len(values))
	for name := range values {
		tags[name] = values.Get(name)
	}
	return tags
}

// bodySize is that of the object in a request, which may come in signed chunks.
func bodySize(r *http.Request) int64 {
	if size, err := strconv.ParseInt(r.Header.Get("X-Amz-Decoded-Content-Length"), 10, 64); err == nil {
		return size
	}
	return max(r.ContentLength, 0)
}

// assembleObject tells of an upload that is not in its request: the emulator is
// asked for what it has become.
func (f *Front) assembleObject(w http.ResponseWriter, c *call) error {
	f.passOn(w, c, func(answer *http.Response) error {
		event := c.event(replication.Written, answer.Header.Get("X-Amz-Version-Id"))
		if answer.StatusCode != http.StatusOK || event.Object.Version == "" {
			return nil // it was not made: an answer 200 may hold an error, too
		}
		if c.operation.name == "CompleteMultipartUpload" {
			event.ACL = f.uploads.take(c.query.Get("uploadId"))
		}
		if !f.replicates(c.bucket) {
			return nil
		}
		head, err := f.askObject(c, http.MethodHead, url.Values{"versionId": {event.Object.Version}})
		if err != nil {
			return err
		}
		event.Header = head.Header
		event.Size, _ = strconv.ParseInt(head.Header.Get("Content-Length"), 10, 64) // an answer without it has no size
		if event.Tags, err = f.objectTags(c, event.Object.Version); err != nil {
			return err
		}
		f.replicator.Happened(event)
		return nil
	})
	return nil
}

// objectTags reads the tags of a version that is no replica.
func (f *Front) objectTags(c *call, version string) (map[string]string, error) {
	answer, err := f.askObject(c, http.MethodGet, url.Values{"tagging": {""}, "versionId": {version}})
	if err != nil {
		return nil, err
	}
	var document struct {
		Tags []replication.Tag `xml:"TagSet>Tag"`
	}
	if err := xml.Unmarshal(answer.Body, &document); err != nil {
		return nil, nil //nolint:nilerr // what has no tags may answer anything
	}
	tags := make(map[string]string, len(document.Tags))
	for _, tag := range document.Tags {
		tags[tag.Key] = tag.Value
	}
	return tags, nil
}

// askObject asks the emulator about the object of a call.
func (f *Front) askObject(c *call, method string, query url.Values) (emulator.Answer, error) {
	host, path := emulator.ObjectAddress(c.bucket, c.key)
	return f.backend.client.Ask(c.request.Context(), emulator.Question{
		Method: method, Host: host, Path: path, Query: query.Encode(),
		Service: "s3", Region: c.regionOrDefault(), AccessKey: f.actingKey(c),
	})
}

// deleteObject tells of a delete marker, or of the end of a version.
func (f *Front) deleteObject(w http.ResponseWriter, c *call) error {
	f.passOn(w, c, func(answer *http.Response) error {
		if answer.StatusCode != http.StatusNoContent {
			return nil
		}
		if version := c.version(); version != "" {
			f.replicator.Happened(c.event(replication.VersionDeleted, version))
		} else if answer.Header.Get("X-Amz-Delete-Marker") == "true" {
			f.replicator.Happened(c.event(replication.DeleteMarkerMade, answer.Header.Get("X-Amz-Version-Id")))
		}
		return nil
	})
	return nil
}

// deletedObjects is as much of the answer to DeleteObjects as says what became
// of each key.
type deletedObjects struct {
	Deleted []struct {
		Key                   string
		VersionID             string `xml:"VersionId"`
		DeleteMarkerVersionID string `xml:"DeleteMarkerVersionId"`
	}
}

// tellDeletions tells of all that a DeleteObjects has done. The emulator lists
// it all, also where the client did not ask for it.
func (f *Front) tellDeletions(c *call, answer *http.Response) error {
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
		event := c.event(replication.VersionDeleted, each.VersionID)
		if each.VersionID == "" {
			event = c.event(replication.DeleteMarkerMade, each.DeleteMarkerVersionID)
		}
		event.Object.Key = each.Key
		if event.Object.Version != "" {
			f.replicator.Happened(event)
		}
	}
	return nil
}

// changeObject tells that something about a version was changed.
func (f *Front) changeObject(kind replication.Event) handler {
	return func(w http.ResponseWriter, c *call) error {
		f.passOn(w, c, func(answer *http.Response) error {
			if answer.StatusCode >= http.StatusMultipleChoices || !f.replicates(c.bucket) {
				return nil
			}
			version := c.version()
			if version == "" {
				head, err := f.askObject(c, http.MethodHead, nil)
				if err != nil {
					return err
				}
				version = f.replicator.PublicVersion(replicator.ObjectID{Bucket: c.bucket, Key: c.key, Version: head.Header.Get("X-Amz-Version-Id")})
			}
			f.replicator.Happened(c.event(kind, version))
			return nil
		})
		return nil
	}
}

// getObject adds the replication status to what GET and HEAD answer, and the time
// of a replica's source.
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
		f.dateAnswer(c, answer, http.TimeFormat)
		return nil
	})
	return nil
}

// getAttributes puts right the form of the time as well.
func (f *Front) getAttributes(w http.ResponseWriter, c *call) error {
	f.passOn(w, c, func(answer *http.Response) error {
		f.dateAnswer(c, answer, listTime)
		return nil
	})
	return nil
}

// shown is the version that an answer is about.
func (c *call) shown(answer *http.Response) replicator.ObjectID {
	return replicator.ObjectID{Bucket: c.bucket, Key: c.key, Version: answer.Header.Get("X-Amz-Version-Id")}
}

// named is the version that a call names.
func (c *call) named() replicator.ObjectID {
	return replicator.ObjectID{Bucket: c.bucket, Key: c.key, Version: c.version()}
}

// dateAnswer shows when an object was modified, which the emulator says in some
// form: a replica when its source was.
func (f *Front) dateAnswer(c *call, answer *http.Response, form string) {
	emulated, err := time.Parse(form, answer.Header.Get("Last-Modified"))
	if err != nil {
		return // it is an answer without
	}
	modified := f.replicator.Modified(c.shown(answer), answer.Header.Get("Etag"), emulated)
	answer.Header.Set("Last-Modified", modified.UTC().Format(http.TimeFormat))
}
