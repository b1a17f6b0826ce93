package front

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/faults"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/internal/fakeaws"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/replicator"
)

// lab is a front with a fake emulator.
type lab struct {
	t        *testing.T
	emulator *fakeaws.Emulator
	front    *Front
}

func newLab(t *testing.T) *lab {
	t.Helper()
	emulator := fakeaws.New()
	server := httptest.NewServer(emulator)
	t.Cleanup(server.Close)
	address, err := url.Parse(server.URL)
	require.NoError(t, err)
	l := &lab{t: t, emulator: emulator, front: New(address, &faults.Set{}, slog.New(slog.DiscardHandler))}
	t.Cleanup(l.front.backend.client.CloseIdleConnections)
	return l
}

// ask sends an administrator's request to path-style S3, over TLS. Changes modify
// the request.
func (l *lab) ask(method, path, body string, changes ...func(*http.Request)) *httptest.ResponseRecorder {
	l.t.Helper()
	r := httptest.NewRequest(method, "https://s3.us-east-1.amazonaws.com"+path, strings.NewReader(body))
	r.Header.Set("Authorization", authorization("AKIAADMIN", "us-east-1"))
	for _, change := range changes {
		change(r)
	}
	r.URL.Scheme, r.URL.Host, r.RequestURI = "", "", r.URL.RequestURI()
	w := httptest.NewRecorder()
	l.front.ServeHTTP(w, r)
	return w
}

// must is ask for a request that succeeds.
func (l *lab) must(method, path, body string, changes ...func(*http.Request)) string {
	l.t.Helper()
	w := l.ask(method, path, body, changes...)
	require.Less(l.t, w.Code, 300, "%s %s: %s", method, path, w.Body)
	return w.Body.String()
}

// refused is ask for a request that S3 rejects with a status, a code and words.
func (l *lab) refused(status int, code, message, method, path, body string, changes ...func(*http.Request)) {
	l.t.Helper()
	w := l.ask(method, path, body, changes...)
	assert.Equal(l.t, status, w.Code, "%s", w.Body)
	assert.Contains(l.t, w.Body.String(), "<Code>"+code+"</Code>")
	assert.Contains(l.t, unescape(w.Body.String()), message)
	assert.NotEmpty(l.t, w.Header().Get("X-Amz-Request-Id"))
}

func unescape(text string) string {
	return strings.NewReplacer("&#34;", `"`, "&#39;", "'", "&lt;", "<", "&gt;", ">").Replace(text)
}

func anonymously(r *http.Request) { r.Header.Del("Authorization") }
func overHTTP(r *http.Request)    { r.TLS = nil }

func as(accessKey string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Authorization", authorization(accessKey, "us-east-1")) }
}

func with(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func TestOtherServicesPassThrough(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.ask("POST", "/", "Action=ListTopics", func(r *http.Request) { r.Host = "sns.us-east-1.amazonaws.com" })
	require.Len(t, l.emulator.Requests(), 1)
	assert.Equal(t, "sns.us-east-1.amazonaws.com", l.emulator.Requests()[0].Host)
}

func TestCallersAreUsersOfIAM(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	body := l.must("POST", "/", "Action=GetCallerIdentity", func(r *http.Request) { r.Host = "sts.us-east-1.amazonaws.com" })
	assert.Contains(t, body, "<Arn>arn:aws:iam::123456789012:user/moto</Arn>")
}

// Signatures cover the host, the encoding of the path and the query.
func TestRequestsReachTheEmulatorAsTheyCame(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.emulator.AddBucket("b", "")
	l.must("PUT", "/a%2Fb%20c+d?x=1;y&z=%2F", "content", func(r *http.Request) { r.Host = "b.s3.us-west-2.amazonaws.com" },
		with("Expect", "100-continue"), with("X-Amz-Meta-Owner", "me"))
	requests := l.emulator.Requests()
	require.Len(t, requests, 1)
	got := requests[0]
	assert.Equal(t, "b.s3.us-west-2.amazonaws.com", got.Host)
	assert.Equal(t, "/a%2Fb%20c+d?x=1;y&z=%2F", got.RequestURI)
	assert.Equal(t, "me", got.Header.Get("X-Amz-Meta-Owner"))
	assert.Equal(t, int64(len("content")), got.ContentLength)
	assert.Empty(t, got.Header.Get("X-Forwarded-For"))
}

// The emulator would guess the route of an unsigned request, and authorize it again.
func TestAllowedAnonymousRequestsAreSignedForTheEmulator(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.must("PUT", "/b", "")
	l.must("PUT", "/b?policy", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}]}`)
	l.must("GET", "/b/us_east/k", "", anonymously)
	requests := l.emulator.Requests()
	assert.Contains(t, requests[len(requests)-1].Header.Get("Authorization"), "/us-east-1/s3/aws4_request")
}

// An upload of any size is streamed.
func TestBodiesAreStreamed(t *testing.T) {
	t.Parallel()
	half := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.Host, "sts.") {
			fakeaws.New().ServeHTTP(w, r)
			return
		}
		first := make([]byte, 1<<16)
		_, err := io.ReadFull(r.Body, first)
		assert.NoError(t, err)
		close(half) // the rest is sent only now
		rest, err := io.Copy(io.Discard, r.Body)
		assert.NoError(t, err)
		assert.Equal(t, int64(1<<16), rest)
	}))
	defer server.Close()
	address, err := url.Parse(server.URL)
	require.NoError(t, err)
	f := New(address, &faults.Set{}, slog.New(slog.DiscardHandler))
	defer f.backend.client.CloseIdleConnections()
	reader, writer := io.Pipe()
	go func() {
		_, _ = writer.Write(make([]byte, 1<<16))
		<-half
		_, _ = writer.Write(make([]byte, 1<<16))
		_ = writer.Close()
	}()
	r := httptest.NewRequest("PUT", "https://b.s3.amazonaws.com/k", reader)
	r.Header.Set("Authorization", authorization("AKIA", "us-east-1"))
	r.Header.Set("Content-Encoding", "aws-chunked")
	r.ContentLength = 2 << 16
	w := httptest.NewRecorder()
	f.ServeHTTP(w, r)
	assert.Equal(t, http.StatusOK, w.Code)
}

func TestClientsThatDoNotWait(t *testing.T) {
	t.Parallel()
	reached, left := make(chan struct{}), make(chan struct{})
	emulator := fakeaws.New()
	emulator.AddBucket("src", "Enabled")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/src/key" {
			close(reached)
			<-left
		}
		emulator.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	address, err := url.Parse(server.URL)
	require.NoError(t, err)
	f := New(address, &faults.Set{}, slog.New(slog.DiscardHandler))
	events := &recordedEvents{}
	f.replicator = events

	ctx, leave := context.WithCancel(t.Context())
	go func() {
		<-reached
		leave()
		close(left)
	}()
	r := httptest.NewRequestWithContext(ctx, "PUT", "https://s3.us-east-1.amazonaws.com/src/key", strings.NewReader("data"))
	r.Header.Set("Authorization", authorization("AKIAADMIN", "us-east-1"))
	f.ServeHTTP(httptest.NewRecorder(), r)
	require.Len(t, events.all, 1, "the object was written, so S3 replicates it")
	assert.Equal(t, "key", events.all[0].Object.Key)
}

// recordedEvents replicates nothing, and records the events.
type recordedEvents struct {
	noop

	all []replicator.Event
}

func (r *recordedEvents) HandleEvent(event replicator.Event) { r.all = append(r.all, event) }

func TestEmulatorGone(t *testing.T) {
	t.Parallel()
	f := New(&url.URL{Scheme: "http", Host: "127.0.0.1:1"}, &faults.Set{}, slog.New(slog.DiscardHandler))
	r := httptest.NewRequest("POST", "https://sns.us-east-1.amazonaws.com/", nil)
	w := httptest.NewRecorder()
	f.ServeHTTP(w, r)
	assert.Equal(t, http.StatusServiceUnavailable, w.Code, "clients try again")
	assert.Contains(t, w.Body.String(), "the emulator does not answer")
}

func TestWhatTheEmulatorWouldTakeForSomethingElse(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.must("PUT", "/b", "")
	l.refused(501, "NotImplemented", "DeleteBucketMetricsConfiguration", "DELETE", "/b?metrics&id=x", "")
	l.refused(405, "MethodNotAllowed", "not allowed", "DELETE", "/b?versioning", "")
}

func TestRefusedHeadHasNoBody(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.must("PUT", "/b", "")
	l.must("PUT", "/b?policy", denyAll)
	w := l.ask("HEAD", "/b/k", "")
	assert.Equal(t, http.StatusForbidden, w.Code)
	assert.Empty(t, w.Body.Bytes())
}

func TestReadBodyLeavesTheRequestWhole(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest("PUT", "/", bytes.NewReader([]byte("text")))
	body, err := readRequest(r)
	require.NoError(t, err)
	again, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	assert.Equal(t, body, again)
	_, err = readRequest(httptest.NewRequest("PUT", "/", bytes.NewReader(make([]byte, maxDocumentBytes+1))))
	assert.ErrorContains(t, err, "EntityTooLarge")
}

// SDKs retry status 500, and parse the error in the format of the service.
func TestFront_FailuresOfTheEmulatorAreInternal(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }))
	defer server.Close()
	address, err := url.Parse(server.URL)
	require.NoError(t, err)
	front := New(address, &faults.Set{}, slog.New(slog.DiscardHandler))
	defer front.backend.client.CloseIdleConnections()
	for host, want := range map[string]string{
		"kms": `"__type":"InternalFailure"`, "iam": "<Code>InternalFailure</Code>", "lambda": `"message":"`,
	} {
		r := httptest.NewRequest("POST", "https://"+host+".us-east-1.amazonaws.com/", strings.NewReader("{}"))
		r.Header.Set("Authorization", authorization("AKIASOMEBODY", "us-east-1"))
		if host == "kms" {
			r.Header.Set("X-Amz-Target", "TrentService.EnableKeyRotation")
		}
		w := httptest.NewRecorder()
		front.ServeHTTP(w, r)
		assert.Equal(t, http.StatusInternalServerError, w.Code, host)
		assert.Contains(t, w.Body.String(), want, host)
	}
}
