package signature

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// The reasons for rejecting a request.
var (
	// ErrMissing is returned for a request without a signature.
	ErrMissing = errors.New("the request is not signed")
	// ErrMalformed is returned for a signature that can't be parsed.
	ErrMalformed = errors.New("the signature is incomplete")
	// ErrUnsupported is returned for every scheme but Signature Version 4.
	ErrUnsupported = errors.New("the authorization mechanism is not supported; use AWS4-HMAC-SHA256")
	// ErrUnknownKey is returned for an access key that doesn't exist, or is
	// inactive.
	ErrUnknownKey = errors.New("the access key does not exist")
	// ErrInvalidToken is returned for a session token that doesn't belong to the
	// access key.
	ErrInvalidToken = errors.New("the session token is invalid")
	// ErrExpiredToken is returned for credentials that have expired.
	ErrExpiredToken = errors.New("the session token has expired")
	// ErrMismatch is returned for a signature that doesn't match the secret key.
	ErrMismatch = errors.New("the signature does not match")
	// ErrSkewed is returned for a request whose signing time differs too much from
	// the current time.
	ErrSkewed = errors.New("the difference between the request time and the current time is too large")
	// ErrExpiredURL is returned for a presigned URL that has expired.
	ErrExpiredURL = errors.New("the presigned URL has expired")
)

const (
	algorithm     = "AWS4-HMAC-SHA256"
	unsignedBody  = "UNSIGNED-PAYLOAD"
	amzDate       = "20060102T150405Z"
	maxSkew       = 15 * time.Minute
	maxPresigned  = 7 * 24 * time.Hour
	scopeElements = 5
)

// signed is the signature of a request and what it covers.
type signed struct {
	accessKey, region, service, token string
	headers                           []string
	signature                         string
	at                                time.Time
	presigned                         bool
}

// IsSigned reports whether a request carries a signature of any kind.
func IsSigned(r *http.Request) bool {
	query := r.URL.Query()
	return r.Header.Get("Authorization") != "" || query.Has("X-Amz-Signature") || query.Has("X-Amz-Credential") ||
		query.Has("X-Amz-Algorithm") || query.Has("AWSAccessKeyId") || query.Has("Signature")
}

// Check returns why a request is to be rejected, or nil. The body is signed in
// requests without the header X-Amz-Content-Sha256.
func (k *Keys) Check(r *http.Request, body []byte, now time.Time) error {
	s, err := parse(r)
	if err != nil {
		return err
	}
	credentials, err := k.of(s.accessKey, s.token, now)
	if err != nil {
		return err
	}
	if err := s.timely(r, now); err != nil {
		return err
	}
	computed, err := s.compute(r, credentials, body)
	if err != nil {
		return err
	}
	if subtle.ConstantTimeCompare([]byte(computed), []byte(s.signature)) != 1 {
		return ErrMismatch
	}
	return nil
}

func parse(r *http.Request) (signed, error) {
	query := r.URL.Query()
	inQuery := query.Has("X-Amz-Signature") || query.Has("X-Amz-Credential") || query.Has("X-Amz-Algorithm")
	authorization := r.Header.Values("Authorization")
	switch {
	case query.Has("AWSAccessKeyId") || query.Has("Signature"):
		return signed{}, ErrUnsupported
	case inQuery && len(authorization) > 0, len(authorization) > 1:
		return signed{}, fmt.Errorf("%w: only one auth mechanism is allowed", ErrMalformed)
	case inQuery:
		return parseQuery(query)
	case len(authorization) == 0 || authorization[0] == "":
		return signed{}, ErrMissing
	default:
		return parseHeader(r, authorization[0])
	}
}

func parseQuery(query url.Values) (signed, error) {
	for name, values := range query {
		if strings.HasPrefix(name, "X-Amz-") && len(values) > 1 {
			return signed{}, fmt.Errorf("%w: %s is there twice", ErrMalformed, name)
		}
	}
	if query.Get("X-Amz-Algorithm") != algorithm {
		return signed{}, ErrUnsupported
	}
	s := signed{presigned: true, token: query.Get("X-Amz-Security-Token"), signature: query.Get("X-Amz-Signature")}
	return s.complete(query.Get("X-Amz-Credential"), query.Get("X-Amz-SignedHeaders"), query.Get("X-Amz-Date"))
}

func parseHeader(r *http.Request, authorization string) (signed, error) {
	scheme, rest, _ := strings.Cut(authorization, " ")
	if scheme != algorithm {
		return signed{}, ErrUnsupported
	}
	parts := map[string]string{}
	for part := range strings.SplitSeq(rest, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		if _, twice := parts[name]; twice {
			return signed{}, fmt.Errorf("%w: %s is there twice", ErrMalformed, name)
		}
		parts[name] = value
	}
	date := r.Header.Get("X-Amz-Date")
	if date == "" {
		if at, err := http.ParseTime(r.Header.Get("Date")); err == nil {
			date = at.UTC().Format(amzDate)
		}
	}
	s := signed{token: r.Header.Get("X-Amz-Security-Token"), signature: parts["Signature"]}
	return s.complete(parts["Credential"], parts["SignedHeaders"], date)
}

// complete parses the credential, ACCESSKEY/DATE/REGION/SERVICE/aws4_request, the
// names of the signed headers and the time.
func (s signed) complete(credential, headers, date string) (signed, error) {
	scope := strings.Split(credential, "/")
	at, err := time.Parse(amzDate, date)
	if err != nil || len(scope) != scopeElements || scope[4] != "aws4_request" || scope[1] != at.Format("20060102") || s.signature == "" {
		return signed{}, ErrMalformed
	}
	s.accessKey, s.region, s.service, s.at = scope[0], scope[2], scope[3], at
	s.headers = strings.Split(headers, ";")
	if !slices.Contains(s.headers, "host") {
		return signed{}, fmt.Errorf("%w: the header host is not signed", ErrMalformed)
	}
	return s, nil
}

func (s signed) timely(r *http.Request, now time.Time) error {
	if !s.presigned {
		if s.at.Sub(now).Abs() > maxSkew {
			return ErrSkewed
		}
		return nil
	}
	seconds, err := strconv.Atoi(r.URL.Query().Get("X-Amz-Expires"))
	expires := time.Duration(seconds) * time.Second
	switch {
	case err != nil || seconds < 1 || expires > maxPresigned:
		return fmt.Errorf("%w: X-Amz-Expires must be between 1 and 604800", ErrMalformed)
	case now.After(s.at.Add(expires)), s.at.Sub(now) > maxSkew:
		return ErrExpiredURL
	}
	return nil
}

// compute returns the expected signature.
func (s signed) compute(r *http.Request, credentials aws.Credentials, body []byte) (string, error) {
	again := &http.Request{Method: r.Method, Host: r.Host, Header: http.Header{}, URL: &url.URL{Scheme: "https", Host: r.Host, RawQuery: r.URL.RawQuery}}
	if r.TLS == nil {
		again.URL.Scheme = "http"
	}
	again.URL.Opaque = "//" + r.Host + r.URL.EscapedPath()
	for _, name := range s.headers {
		switch name {
		case "host":
		case "content-length":
			again.ContentLength = r.ContentLength
		default:
			if values := r.Header.Values(name); len(values) > 0 {
				again.Header[http.CanonicalHeaderKey(name)] = values
			}
		}
	}
	credentials.SessionToken = "" // in a header, or in the query
	signer := v4.NewSigner(func(o *v4.SignerOptions) {
		o.DisableURIPathEscaping = s.service == "s3"
		o.DisableHeaderHoisting = true
	})
	if !s.presigned {
		if err := signer.SignHTTP(context.Background(), credentials, again, payloadHash(r, body), s.service, s.region, s.at); err != nil {
			return "", fmt.Errorf("computing the signature: %w", err)
		}
		_, computed, _ := strings.Cut(again.Header.Get("Authorization"), "Signature=")
		return computed, nil
	}
	query := again.URL.Query()
	query.Del("X-Amz-Signature")
	again.URL.RawQuery = query.Encode()
	hash := unsignedBody
	if s.service != "s3" || r.Header.Get("X-Amz-Content-Sha256") != "" {
		hash = payloadHash(r, body)
	}
	address, _, err := signer.PresignHTTP(context.Background(), credentials, again, hash, s.service, s.region, s.at)
	if err != nil {
		return "", fmt.Errorf("computing the signature: %w", err)
	}
	_, computed, _ := strings.Cut(address, "&X-Amz-Signature=")
	return computed, nil
}

func payloadHash(r *http.Request, body []byte) string {
	if stated := r.Header.Get("X-Amz-Content-Sha256"); stated != "" {
		return stated
	}
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

// CheckForm is [Keys.Check] for an upload by a browser's form, whose policy is
// signed. https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-post-example.html
func (k *Keys) CheckForm(fields http.Header, now time.Time) error {
	if fields.Get("Awsaccesskeyid") != "" || fields.Get("X-Amz-Algorithm") != algorithm {
		return ErrUnsupported
	}
	s := signed{token: fields.Get("X-Amz-Security-Token"), signature: fields.Get("X-Amz-Signature")}
	s, err := s.complete(fields.Get("X-Amz-Credential"), "host", fields.Get("X-Amz-Date"))
	if err != nil {
		return err
	}
	credentials, err := k.of(s.accessKey, s.token, now)
	if err != nil {
		return err
	}
	signature := []byte("AWS4" + credentials.SecretAccessKey)
	for _, text := range []string{s.at.Format("20060102"), s.region, s.service, "aws4_request", fields.Get("Policy")} {
		mac := hmac.New(sha256.New, signature)
		mac.Write([]byte(text))
		signature = mac.Sum(nil)
	}
	if subtle.ConstantTimeCompare([]byte(hex.EncodeToString(signature)), []byte(s.signature)) != 1 {
		return ErrMismatch
	}
	return nil
}
