package front

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strconv"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/emulator"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/socket"
)

const askTimeout = 30 * time.Second

// backend is the client of the emulator behind the front.
type backend struct {
	base    *url.URL
	client  *emulator.Client
	forward *httputil.ReverseProxy
}

func newBackend(address *url.URL, log *slog.Logger) *backend {
	b := &backend{base: socket.Base(address), client: emulator.NewClient(address, askTimeout)}
	b.forward = &httputil.ReverseProxy{
		Transport:      emulator.NewTransport(address),
		Rewrite:        b.rewrite,
		ModifyResponse: amendAnswer,
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			if gone(r) {
				return
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

// rewrite directs a request to the emulator without changing its host name, path
// encoding and query order, because signatures cover them.
func (b *backend) rewrite(r *httputil.ProxyRequest) {
	r.Out.URL.Scheme = b.base.Scheme
	r.Out.URL.Host = b.base.Host
	r.Out.URL.RawQuery = r.In.URL.RawQuery
	r.Out.Host = r.In.Host
	r.Out.Header.Del("Expect") // the front itself requests the body from the client when the emulator reads it
}

// amendment processes a response of the emulator before the client gets it, and may
// modify it.
type amendment func(*http.Response) error

type amendmentKey struct{}

// passOn forwards a request to the emulator. The amendment may be nil.
func (b *backend) passOn(w http.ResponseWriter, r *http.Request, amend amendment) {
	if amend != nil {
		r = r.WithContext(context.WithValue(r.Context(), amendmentKey{}, amend))
	}
	b.forward.ServeHTTP(w, r)
}

// replaceAnswer replaces the body of a response.
func replaceAnswer(answer *http.Response, body []byte) {
	answer.Body = io.NopCloser(bytes.NewReader(body))
	answer.ContentLength = int64(len(body))
	answer.Header.Set("Content-Length", strconv.Itoa(len(body)))
}

// readAnswer reads the whole body of a response.
func readAnswer(answer *http.Response) ([]byte, error) { return emulator.ReadAnswer(answer) }

func amendAnswer(answer *http.Response) error {
	amend, ok := answer.Request.Context().Value(amendmentKey{}).(amendment)
	if !ok {
		return nil
	}
	return amend(answer)
}

// ask sends a request of the front's own, and returns the status and body of the
// response.
func (b *backend) ask(ctx context.Context, q emulator.Question) (int, []byte, error) {
	answer, err := b.client.Ask(ctx, q)
	return answer.Status, answer.Body, err
}

// authorization returns a header for S3 that satisfies the emulator.
func authorization(accessKey, region string) string {
	return emulator.Authorization(accessKey, region, "s3")
}
