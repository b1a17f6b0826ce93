package replicator

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/emulator"
	"github.com/crr-io/pulumi-aws-crr/internal/model"
)

// copyObject creates a replica of a version.
func (e *Engine) copyObject(ctx context.Context, o *order) (result, error) {
	if e.versions.replicated(o.replicaID()) {
		return result{}, nil
	}
	copied := e.copyWhole
	if isMultipart(o.task.event.Header.Get("Etag")) {
		copied = e.copyParts
	}
	found, err := copied(ctx, o)
	if err == nil && !found {
		return failed("SrcVersionNotFound"), nil
	}
	return result{}, err
}

// create makes a call that creates a version at the destination, records the
// version, and sends its event.
func (e *Engine) create(ctx context.Context, o *order, c s3Call) (emulator.Answer, error) {
	answer, etag, err := e.createVersion(ctx, o, c)
	if err == nil && answer.Status < http.StatusMultipleChoices {
		e.notifyOfReplica(ctx, o, etag)
	}
	return answer, err
}

func (e *Engine) createVersion(ctx context.Context, o *order, c s3Call) (answer emulator.Answer, etag string, err error) {
	known := e.versions.expect(o.target())
	defer known()
	answer, err = e.s3(ctx, c)
	if err == nil && answer.Status < http.StatusMultipleChoices {
		etag = madeETag(answer.Body)
		e.received(o, answer.Header.Get("X-Amz-Version-Id"), etag)
	}
	return answer, etag, err
}

// received records a new version at the destination.
func (e *Engine) received(o *order, emulated, etag string) {
	e.versions.learn(o.replicaID(), emulated)
	e.sourceTimes.learn(o.replicaID(), etag, o.task.event.Header)
	object := o.object
	if o.replica != nil {
		object.StorageClass, object.Encryption, object.KMSKey = o.replica.StorageClass, o.replica.Encryption, o.replica.KMSKey
	}
	e.ledger.arrive(o.replicaID(), object)
}

// isMultipart reports whether an object was uploaded in parts, based on its ETag.
func isMultipart(etag string) bool { return strings.Contains(etag, "-") }

// copyWhole copies an object with its metadata and checksum in one call. It returns
// a failure if the source does not exist.
func (e *Engine) copyWhole(ctx context.Context, o *order) (found bool, err error) {
	header := e.replicaHeader(o, o.task.event.Header)
	header.Set("X-Amz-Copy-Source", copySource(e.source(o)))
	header.Set("X-Amz-Tagging-Directive", "REPLACE") // otherwise moto reads the source's tags in the destination's account
	answer, err := e.create(ctx, o, s3Call{method: http.MethodPut, object: o.target(), account: o.destination.Account, header: header})
	switch {
	case err != nil:
		return false, err
	case answer.Status == http.StatusOK:
		return true, nil
	case answer.Status == http.StatusNotFound && errorCode(answer.Body) == "NoSuchVersion":
		return false, nil
	default:
		return false, fmt.Errorf("copying %s: %w", o.object.Key, unexpected("S3", answer))
	}
}

// madeETag returns the ETag of a new object from the response to a copy or a
// completed upload. With a KMS key it differs from the source's.
func madeETag(body []byte) string {
	var made struct{ ETag string }
	_ = xml.Unmarshal(body, &made) // empty if the response has none
	return made.ETag
}

// target returns the key at the destination.
func (o *order) target() ObjectID {
	return ObjectID{Bucket: o.destination.Bucket, Key: o.task.event.Object.Key}
}

// copySource returns the copy source header of a version.
func copySource(id ObjectID) string {
	source := url.PathEscape(id.Bucket + "/" + id.Key)
	if id.Version != "" {
		source += "?versionId=" + url.QueryEscape(id.Version)
	}
	return source
}

// keptHeaders are the headers of a source object that its replica keeps.
var keptHeaders = []string{
	"X-Amz-Website-Redirect-Location",
	"X-Amz-Object-Lock-Mode", "X-Amz-Object-Lock-Retain-Until-Date", "X-Amz-Object-Lock-Legal-Hold",
}

// encodeTags encodes tags for the x-amz-tagging header.
func encodeTags(tags map[string]string) string {
	values := url.Values{}
	for key, value := range tags {
		values.Set(key, value)
	}
	return values.Encode()
}

// replicaHeader returns the headers of a replica that differ from those of a copy.
func (e *Engine) replicaHeader(o *order, source http.Header) http.Header {
	header := http.Header{}
	for _, name := range keptHeaders {
		if value := source.Get(name); value != "" {
			header.Set(name, value)
		}
	}
	header.Set("X-Amz-Storage-Class", string(o.replica.StorageClass))
	header.Set("X-Amz-Server-Side-Encryption", string(o.replica.Encryption))
	if o.replica.KMSKey != "" {
		header.Set("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id", o.replica.KMSKey)
	}
	if o.replica.Encryption == model.SSEKMS {
		under, err := strconv.ParseBool(source.Get("X-Amz-Server-Side-Encryption-Bucket-Key-Enabled"))
		header.Set("X-Amz-Server-Side-Encryption-Bucket-Key-Enabled", strconv.FormatBool(err == nil && under))
	}
	if o.readsTags && o.writesTags && len(o.task.event.Tags) > 0 {
		header.Set("X-Amz-Tagging", encodeTags(o.task.event.Tags))
	}
	if o.keepsACL {
		for name, values := range o.task.event.ACL {
			header[name] = values
		}
	}
	return header
}
