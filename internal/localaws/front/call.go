package front

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
)

// maxDocumentBytes limits the bodies that the front reads itself: configurations,
// policies and lists of keys. Objects are streamed.
const maxDocumentBytes = 8 << 20

// call is an S3 request with its operation, target and caller.
type call struct {
	target
	request   *http.Request
	query     url.Values
	operation operation
	caller    caller
	policies  callerPolicies
	form      *form // nil: not an upload by a form
}

func newCall(r *http.Request, t target) *call {
	query := r.URL.Query()
	return &call{target: t, request: r, query: query, operation: parseOperation(r, t, query)}
}

func (c *call) credential() credential {
	found := parseCredential(c.request, c.query)
	if c.form != nil && found.accessKey != "" {
		found.authType = "POST"
	}
	return found
}

// version returns the object version in the call, or "".
func (c *call) version() string { return c.query.Get("versionId") }

func (c *call) regionOrDefault() string {
	if c.region != "" {
		return c.region
	}
	return "us-east-1"
}

func (c *call) readBody() ([]byte, error) { return readRequest(c.request) }

// readRequest reads the body of a request, and restores it for the next reader.
func readRequest(r *http.Request) ([]byte, error) { return readLimited(r, maxDocumentBytes) }

// readLimited is readRequest with another size limit.
func readLimited(r *http.Request, limit int64) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
	if err != nil {
		return nil, fmt.Errorf("reading the request: %w", err)
	}
	if int64(len(body)) > limit {
		return nil, badRequest("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
	}
	replaceRequest(r, body)
	return body, nil
}

// inflate decompresses the body of a request. SDKs compress some requests to
// services other than S3.
func inflate(r *http.Request) error {
	if r.Header.Get("Content-Encoding") != "gzip" {
		return nil
	}
	reader, err := gzip.NewReader(r.Body)
	if err != nil {
		return fmt.Errorf("reading the compressed request: %w", err)
	}
	r.Body = io.NopCloser(reader)
	r.Header.Del("Content-Encoding")
	_, err = readRequest(r)
	return err
}

// replaceRequest replaces the body of a request.
func replaceRequest(r *http.Request, body []byte) {
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.ContentLength = int64(len(body))
	r.TransferEncoding = nil
	r.Header.Set("Content-Length", strconv.Itoa(len(body)))
}
