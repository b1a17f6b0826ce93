package replicator

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/emulator"
)

// s3Call is a request to the emulator's S3 about one object.
type s3Call struct {
	method  string
	object  ObjectID // the emulator's version id, or none
	query   url.Values
	header  http.Header
	body    []byte
	account string // the access key in the request
}

// anyMD5 is a digest. The emulator requires one for locked objects, but does not
// verify it.
const anyMD5 = "1B2M2Y8AsgTpgAmY7PhCfg=="

// s3 makes a call. Responses that indicate a fault of the emulator are errors.
func (e *Engine) s3(ctx context.Context, c s3Call) (emulator.Answer, error) {
	accessKey, err := e.accounts.KeyOf(ctx, c.account)
	if err != nil {
		return emulator.Answer{}, err
	}
	query := url.Values{}
	for name, values := range c.query {
		query[name] = values
	}
	if c.object.Version != "" {
		query.Set("versionId", c.object.Version)
	}
	header := c.header.Clone()
	if c.method == http.MethodPut {
		if header == nil {
			header = http.Header{}
		}
		header.Set("Content-Md5", anyMD5)
	}
	host, path := emulator.ObjectAddress(c.object.Bucket, c.object.Key)
	answer, err := e.client.Ask(ctx, emulator.Question{
		Method: c.method, Host: host, Path: path, Query: query.Encode(),
		Service: "s3", Region: "us-east-1", AccessKey: accessKey, Header: header, Body: c.body,
	})
	if err != nil {
		return emulator.Answer{}, fmt.Errorf("%s of %s/%s: %w", c.method, c.object.Bucket, c.object.Key, err)
	}
	if answer.Status >= http.StatusInternalServerError {
		return emulator.Answer{}, fmt.Errorf("%s of %s/%s: %w", c.method, c.object.Bucket, c.object.Key, unexpected("S3", answer))
	}
	return answer, nil
}

// must makes a call whose failures are all temporary.
func (e *Engine) must(ctx context.Context, c s3Call) (emulator.Answer, error) {
	answer, err := e.s3(ctx, c)
	if err == nil && answer.Status >= http.StatusMultipleChoices {
		err = fmt.Errorf("%s of %s/%s: %w", c.method, c.object.Bucket, c.object.Key, unexpected("S3", answer))
	}
	return answer, err
}

// emulated returns a version with the emulator's id.
func (e *Engine) emulated(id ObjectID) ObjectID {
	id.Version = e.versions.emulatedOf(id)
	return id
}

// source returns the source version of an order in the emulator.
func (e *Engine) source(o *order) ObjectID { return e.emulated(o.task.event.Object) }

// replicaID returns the version at the destination with its public id.
func (o *order) replicaID() ObjectID {
	id := o.task.event.Object
	id.Bucket = o.destination.Bucket
	return id
}
