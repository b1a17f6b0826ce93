package front

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strconv"
	"time"
)

const (
	dialTimeout    = 5 * time.Second
	idleConns      = 64
	idleConnClose  = time.Minute
	maxAnswerBytes = 16 << 20
	askTimeout     = 30 * time.Second
)

// backend is the emulator behind the front.
type backend struct {
	base    *url.URL
	client  *http.Client
	forward *httputil.ReverseProxy
}

func newBackend(base *url.URL, log *slog.Logger) *backend {
	transport := &http.Transport{
		DialContext:         (&net.Dialer{Timeout: dialTimeout}).DialContext,
		MaxIdleConnsPerHost: idleConns,
		IdleConnTimeout:     idleConnClose,
		DisableCompression:  true, // answers go back as they came
	}
	b := &backend{base: base, client: &http.Client{Transport: transport, Timeout: askTimeout}}
	b.forward = &httputil.ReverseProxy{
		Transport:      transport,
		Rewrite:        b.rewrite,
		ModifyResponse: amendAnswer,
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			if r.Context().Err() != nil {
				return // the client went away
			}
			log.Error("the emulator does not answer", "host", r.Host, "error", err)
			identify(w)
			writeXML(w, http.StatusServiceUnavailable, errorDocument{
				Code: "ServiceUnavailable", Message: "crr local AWS: the emulator does not answer: " + err.Error(),
			})
		},
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	return b
}

// rewrite leads a request to the emulator as it came, host name, encoding of
// the path and order of the query included, since signatures cover them.
func (b *backend) rewrite(r *httputil.ProxyRequest) {
	r.Out.URL.Scheme = b.base.Scheme
	r.Out.URL.Host = b.base.Host
	r.Out.URL.RawQuery = r.In.URL.RawQuery
	r.Out.Host = r.In.Host
	r.Out.Header.Del("Expect") // the front itself asks the client for the body when the emulator takes it
}

// amendment sees an answer of the emulator before the client does, and may
// change it.
type amendment func(*http.Response) error

type amendmentKey struct{}

// passOn forwards a request to the emulator. The amendment may be nil.
func (b *backend) passOn(w http.ResponseWriter, r *http.Request, amend amendment) {
	if amend != nil {
		r = r.WithContext(context.WithValue(r.Context(), amendmentKey{}, amend))
	}
	b.forward.ServeHTTP(w, r)
}

// replaceAnswer gives an answer of the emulator another body.
func replaceAnswer(answer *http.Response, body []byte) {
	answer.Body = io.NopCloser(bytes.NewReader(body))
	answer.ContentLength = int64(len(body))
	answer.Header.Set("Content-Length", strconv.Itoa(len(body)))
}

// readAnswer reads the whole body of an answer.
func readAnswer(answer *http.Response) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswerBytes))
	if err != nil {
		return nil, fmt.Errorf("reading the emulator's answer: %w", err)
	}
	_ = answer.Body.Close() // it was read
	return body, nil
}

func amendAnswer(answer *http.Response) error {
	amend, ok := answer.Request.Context().Value(amendmentKey{}).(amendment)
	if !ok {
		return nil
	}
	return amend(answer)
}

// question is a request of the front's own to the emulator.
type question struct {
	method, host, path string
	query              string
	service, region    string
	accessKey          string
	form               url.Values
}

// ask returns the status and body of the emulator's answer.
func (b *backend) ask(ctx context.Context, q question) (int, []byte, error) {
	address := *b.base
	address.Path, address.RawQuery = q.path, q.query
	request, err := http.NewRequestWithContext(ctx, q.method, address.String(), bytes.NewReader([]byte(q.form.Encode())))
	if err != nil {
		return 0, nil, fmt.Errorf("asking the emulator: %w", err)
	}
	request.Host = q.host
	request.Header.Set("Authorization", authorization(q.accessKey, q.region, q.service))
	if q.form != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	answer, err := b.client.Do(request)
	if err != nil {
		return 0, nil, fmt.Errorf("asking the emulator: %w", err)
	}
	body, err := readAnswer(answer)
	return answer.StatusCode, body, err
}

// authorization is a header in the form of Signature Version 4. Emulators read
// from it who calls which service where, and do not check the signature.
func authorization(accessKey, region, service string) string {
	now := time.Now().UTC()
	return fmt.Sprintf("AWS4-HMAC-SHA256 Credential=%s/%s/%s/%s/aws4_request, SignedHeaders=host, Signature=%064d",
		accessKey, now.Format("20060102"), region, service, 0)
}
