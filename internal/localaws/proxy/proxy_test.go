package proxy

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// serve runs a proxy with a handler and returns its client.
func serve(t *testing.T, aws http.HandlerFunc) *http.Client {
	t.Helper()
	authority, err := OpenAuthority(t.TempDir())
	require.NoError(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p := New(authority, aws, slog.New(slog.DiscardHandler))
	served := make(chan error, 1)
	go func() { served <- p.Serve(listener) }()
	transport := &http.Transport{
		Proxy:           http.ProxyURL(&url.URL{Scheme: "http", Host: listener.Addr().String()}),
		TLSClientConfig: &tls.Config{RootCAs: authority.Pool()},
	}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		p.Close()
		assert.NoError(t, <-served)
	})
	return &http.Client{Transport: transport}
}

// describe responds with the request that the handler got.
func describe(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	fmt.Fprintf(w, "%s %s %s tls=%t body=%s", r.Method, r.Host, r.URL, r.TLS != nil, body)
}

func get(t *testing.T, client *http.Client, address string) (int, string) {
	t.Helper()
	answer, err := client.Get(address)
	require.NoError(t, err)
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return answer.StatusCode, string(body)
}

func TestProxySpeaksForAWS(t *testing.T) {
	t.Parallel()
	client := serve(t, describe)
	for address, want := range map[string]string{
		"https://bucket.s3.us-west-2.amazonaws.com/a%20key?x=1":    "GET bucket.s3.us-west-2.amazonaws.com /a%20key?x=1 tls=true body=",
		"https://123456789012.s3-control.eu-west-1.amazonaws.com/": "GET 123456789012.s3-control.eu-west-1.amazonaws.com / tls=true body=",
		"http://s3.amazonaws.com/bucket/key":                       "GET s3.amazonaws.com /bucket/key tls=false body=",
	} {
		status, body := get(t, client, address)
		assert.Equal(t, http.StatusOK, status)
		assert.Equal(t, want, body)
	}
}

func TestProxyReachesNothingElse(t *testing.T) {
	t.Parallel()
	client := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("the request reached AWS") })
	status, body := get(t, client, "http://example.com/")
	assert.Equal(t, http.StatusForbidden, status)
	assert.Contains(t, body, "example.com is not a host name of AWS")
	_, err := client.Get("https://example.com/") //nolint:bodyclose // there is no answer
	assert.ErrorContains(t, err, "Forbidden")
}

func TestProxyExplainsItselfToWhoTakesItForAServer(t *testing.T) {
	t.Parallel()
	client := serve(t, describe)
	proxyURL, err := client.Transport.(*http.Transport).Proxy(nil)
	require.NoError(t, err)
	status, body := get(t, http.DefaultClient, proxyURL.String())
	assert.Equal(t, http.StatusBadRequest, status)
	assert.Contains(t, body, "HTTPS_PROXY")
}

func TestConnectionsAreKept(t *testing.T) {
	t.Parallel()
	client := serve(t, describe)
	reused := 0
	for range 3 {
		request, err := http.NewRequest(http.MethodPut, "https://s3.amazonaws.com/b/k", strings.NewReader("content"))
		require.NoError(t, err)
		request = request.WithContext(httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
			GotConn: func(info httptrace.GotConnInfo) {
				if info.Reused {
					reused++
				}
			},
		}))
		answer, err := client.Do(request)
		require.NoError(t, err)
		_, err = io.Copy(io.Discard, answer.Body)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
	}
	assert.Equal(t, 2, reused)
}

// A rejected upload is rejected before its body is sent, if the client waits for
// that.
func TestExpectContinue(t *testing.T) {
	t.Parallel()
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/refused" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		describe(w, r)
	})
	client.Transport.(*http.Transport).ExpectContinueTimeout = 10e9
	for path, want := range map[string]struct {
		status int
		sent   bool
	}{"/refused": {http.StatusForbidden, false}, "/taken": {http.StatusOK, true}} {
		body := &countingReader{Reader: bytes.NewReader(make([]byte, 1000))}
		request, err := http.NewRequest(http.MethodPut, "https://b.s3.amazonaws.com"+path, body)
		require.NoError(t, err)
		request.Header.Set("Expect", "100-continue")
		request.ContentLength = 1000
		answer, err := client.Do(request)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		assert.Equal(t, want.status, answer.StatusCode, path)
		assert.Equal(t, want.sent, body.read > 0, path)
	}
}

type countingReader struct {
	io.Reader
	read int
}

func (r *countingReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	r.read += n
	return n, err
}
