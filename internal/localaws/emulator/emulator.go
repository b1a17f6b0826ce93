// Package emulator is a client of the emulator behind the local AWS, for the parts
// of the local AWS that make calls of their own.
package emulator

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/socket"
)

// Administrator is the access key for the local AWS's own calls. The emulator
// doesn't know it and treats it as an administrator of the default account.
const Administrator = "AKIAIOSFODNN7EXAMPLE"

const (
	idleConns      = 64
	idleConnClose  = time.Minute
	maxAnswerBytes = 16 << 20
)

// NewTransport returns a transport to an emulator on this machine.
func NewTransport(address *url.URL) *http.Transport {
	return &http.Transport{
		DialContext:         socket.Dial(address),
		MaxIdleConnsPerHost: idleConns,
		IdleConnTimeout:     idleConnClose,
		DisableCompression:  true, // responses are passed through unchanged
	}
}

// Client calls an emulator.
type Client struct {
	base *url.URL
	http *http.Client
}

// NewClient returns a client with a timeout for each response.
func NewClient(address *url.URL, patience time.Duration) *Client {
	return &Client{base: socket.Base(address), http: &http.Client{
		Transport: NewTransport(address), Timeout: patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// CloseIdleConnections closes idle connections.
func (c *Client) CloseIdleConnections() { c.http.CloseIdleConnections() }

// Question is a request to the emulator.
type Question struct {
	Method, Host, Path string
	Query              string
	Service, Region    string
	// AccessKey is the caller's. Default: the administrator's.
	AccessKey string
	Header    http.Header
	Body      []byte
	// Form replaces Body and its content type.
	Form url.Values
}

// Answer is a complete response of the emulator.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Unexpected returns the error for a response that is invalid in its context.
func (a Answer) Unexpected(service string) error {
	return fmt.Errorf("the emulator's %s answers %d: %.200s", service, a.Status, a.Body)
}

// Ask returns the emulator's response, whatever its status.
func (c *Client) Ask(ctx context.Context, q Question) (Answer, error) {
	request, err := c.request(ctx, q)
	if err != nil {
		return Answer{}, fmt.Errorf("asking the emulator: %w", err)
	}
	response, err := c.http.Do(request) //nolint:bodyclose // ReadAnswer closes it
	if err != nil {
		return Answer{}, fmt.Errorf("asking the emulator: %w", err)
	}
	body, err := ReadAnswer(response)
	return Answer{Status: response.StatusCode, Header: response.Header, Body: body}, err
}

// Copy streams the body of the emulator's response and returns the status. It writes
// nothing for error responses.
func (c *Client) Copy(ctx context.Context, to io.Writer, q Question) (status int, err error) {
	request, err := c.request(ctx, q)
	if err != nil {
		return 0, fmt.Errorf("asking the emulator: %w", err)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return 0, fmt.Errorf("asking the emulator: %w", err)
	}
	defer func() { _ = response.Body.Close() }() // the rest of the body is not needed
	if response.StatusCode == http.StatusOK {
		if _, err := io.Copy(to, response.Body); err != nil {
			return 0, fmt.Errorf("reading the emulator's answer: %w", err)
		}
	}
	return response.StatusCode, nil
}

func (c *Client) request(ctx context.Context, q Question) (*http.Request, error) {
	address := *c.base
	address.Path, address.RawPath, address.RawQuery = q.Path, EscapePath(q.Path), q.Query
	body := q.Body
	if q.Form != nil {
		body = []byte(q.Form.Encode())
	}
	request, err := http.NewRequestWithContext(ctx, q.Method, address.String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if q.Header != nil {
		request.Header = q.Header.Clone()
	}
	if q.Form != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	request.Host = q.Host
	accessKey := q.AccessKey
	if accessKey == "" {
		accessKey = Administrator
	}
	request.Header.Set("Authorization", Authorization(accessKey, q.Region, q.Service))
	return request, nil
}

// EscapePath escapes every character of a path that could end it.
func EscapePath(path string) string {
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		segments[i] = url.PathEscape(segment)
	}
	return strings.Join(segments, "/")
}

// ObjectAddress returns the host and path of an object in the emulator. Bucket names
// with dots have to be in the path.
func ObjectAddress(bucket, key string) (host, path string) {
	if strings.Contains(bucket, ".") {
		return "s3.amazonaws.com", "/" + bucket + "/" + key
	}
	return bucket + ".s3.amazonaws.com", "/" + key
}

// ReadAnswer reads the whole body of a response.
func ReadAnswer(answer *http.Response) ([]byte, error) {
	defer func() { _ = answer.Body.Close() }() // the body was read completely
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswerBytes))
	if err != nil {
		return nil, fmt.Errorf("reading the emulator's answer: %w", err)
	}
	return body, nil
}

// Authorization returns a header in the form of Signature Version 4. Emulators read
// the caller, region and service from it, and do not check the signature.
func Authorization(accessKey, region, service string) string {
	now := time.Now().UTC()
	return fmt.Sprintf("AWS4-HMAC-SHA256 Credential=%s/%s/%s/%s/aws4_request, SignedHeaders=host, Signature=%064d",
		accessKey, now.Format("20060102"), region, service, 0)
}
