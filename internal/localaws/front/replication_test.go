package front

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/faults"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/replicator"
	"github.com/crr-io/pulumi-aws-crr/internal/model"
)

// The version ids of one replica.
const (
	publicVersion   = "11111111-1111-4111-8111-111111111111"
	emulatedVersion = "22222222-2222-4222-8222-222222222222"
)

// recorder is a replicator that records events, and has one replica.
type recorder struct {
	mu     sync.Mutex
	events []replicator.Event
	gone   []string
}

func (r *recorder) HandleEvent(event replicator.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, event)
}

func (r *recorder) BucketGone(bucket string) { r.gone = append(r.gone, bucket) }

func (r *recorder) Status(id replicator.ObjectID) string {
	if id.Version == publicVersion {
		return "REPLICA"
	}
	return ""
}

func (r *recorder) Translates() bool { return true }

// replicaModified is the modification time of the replica's source.
var replicaModified = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// Modified finds the newest version by its ETag.
func (r *recorder) Modified(id replicator.ObjectID, etag string, emulated time.Time) time.Time {
	if id.Version == publicVersion || (id.Version == "" && etag == `"replica"`) {
		return replicaModified
	}
	return emulated
}

func (r *recorder) EmulatedVersion(id replicator.ObjectID) string {
	if id.Version == publicVersion {
		return emulatedVersion
	}
	return id.Version
}

func (r *recorder) PublicVersion(emulated replicator.ObjectID) string {
	return string(r.PublicVersions(emulated.Bucket, []byte(emulated.Version)))
}

func (r *recorder) PublicVersions(_ string, document []byte) []byte {
	return bytes.ReplaceAll(document, []byte(emulatedVersion), []byte(publicVersion))
}

// replicatingLab is a lab whose emulator responds to all S3 requests with the same
// headers and body, and records the requests.
type replicatingLab struct {
	*lab
	recorder *recorder
	header   http.Header
	status   int
	body     string
	requests []*http.Request
}

func newReplicatingLab(t *testing.T) *replicatingLab {
	t.Helper()
	l := &replicatingLab{lab: newLab(t), recorder: &recorder{}, header: http.Header{}, status: http.StatusOK}
	own := l.emulator
	own.AddBucket("b", "Enabled")
	own.AddBucket("to", "Enabled")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.Host, "s3") || r.URL.Query().Has("versioning") || r.URL.Query().Has("replication") {
			own.ServeHTTP(w, r)
			return
		}
		if r.URL.Query().Has("object-lock") {
			_, _ = w.Write([]byte("<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>"))
			return
		}
		l.requests = append(l.requests, r)
		for name, values := range l.header {
			w.Header()[name] = values
		}
		w.WriteHeader(l.status)
		_, _ = w.Write([]byte(l.body))
	}))
	t.Cleanup(server.Close)
	address, err := url.Parse(server.URL)
	require.NoError(t, err)
	l.front = New(address, &faults.Set{}, l.front.log)
	t.Cleanup(l.front.backend.client.CloseIdleConnections)
	l.front.Replicate(l.recorder)
	return l
}

func (l *replicatingLab) replicate() {
	l.t.Helper()
	l.must("PUT", "/b?replication", `<ReplicationConfiguration><Role>arn:aws:iam::123456789012:role/r</Role><Rule><ID>all</ID><Status>Enabled</Status>
		<Prefix></Prefix><Destination><Bucket>arn:aws:s3:::to</Bucket></Destination></Rule></ReplicationConfiguration>`)
}

func TestEventsOfUploads(t *testing.T) {
	t.Parallel()
	l := newReplicatingLab(t)
	l.header.Set("X-Amz-Version-Id", "v1")
	l.header.Set("X-Amz-Server-Side-Encryption", "aws:kms")
	l.must("PUT", "/b/k", "content", with("X-Amz-Tagging", "a=b&c="), with("X-Amz-Acl", "private"))
	require.Len(t, l.recorder.events, 1)
	event := l.recorder.events[0]
	assert.Equal(t, model.Written, event.Kind)
	assert.Equal(t, replicator.ObjectID{Bucket: "b", Key: "k", Version: "v1"}, event.Object)
	assert.Equal(t, map[string]string{"a": "b", "c": ""}, event.Tags)
	assert.Equal(t, int64(len("content")), event.Size)
	assert.Equal(t, "aws:kms", event.Header.Get("X-Amz-Server-Side-Encryption"))
	assert.Equal(t, "123456789012", event.Owner)
	assert.Equal(t, http.Header{"X-Amz-Acl": {"private"}}, event.ACL)

	l.must("PUT", "/b/chunked", "5;chunk-signature=x", with("X-Amz-Decoded-Content-Length", "5"))
	assert.Equal(t, int64(5), l.recorder.events[1].Size)
	l.status = http.StatusPreconditionFailed
	l.ask("PUT", "/b/refused", "content")
	assert.Len(t, l.recorder.events, 2, "what is refused did not happen")
}

func TestEventsOfCopiesAskTheEmulator(t *testing.T) {
	t.Parallel()
	l := newReplicatingLab(t)
	l.header.Set("X-Amz-Version-Id", "v1")
	l.body = "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>"
	l.must("PUT", "/b/k", "", with("X-Amz-Copy-Source", "/x/y"))
	assert.Empty(t, l.recorder.events, "nothing replicates from the bucket")
	assert.Len(t, l.requests, 1, "and the emulator is not asked")
	l.replicate()
	l.must("PUT", "/b/k", "", with("X-Amz-Copy-Source", "/x/y"))
	l.must("POST", "/b/k?uploadId=u", "<CompleteMultipartUpload/>")
	require.Len(t, l.recorder.events, 2)
	for _, event := range l.recorder.events {
		assert.Equal(t, model.Written, event.Kind)
		assert.Equal(t, map[string]string{"a": "b"}, event.Tags)
	}
}

func TestEventsOfDeletions(t *testing.T) {
	t.Parallel()
	l := newReplicatingLab(t)
	l.status = http.StatusNoContent
	l.header.Set("X-Amz-Version-Id", "m1")
	l.header.Set("X-Amz-Delete-Marker", "true")
	l.must("DELETE", "/b/k", "")
	l.header.Set("X-Amz-Version-Id", emulatedVersion)
	l.must("DELETE", "/b/k?versionId="+publicVersion, "")
	l.status, l.body = http.StatusOK, "<DeleteResult><Deleted><Key>k</Key><DeleteMarkerVersionId>m2</DeleteMarkerVersionId></Deleted>"+
		"<Deleted><Key>k</Key><VersionId>"+emulatedVersion+"</VersionId></Deleted></DeleteResult>"
	answer := l.must("POST", "/b?delete", "<Delete><Object><Key>k</Key></Object><Object><Key>k</Key><VersionId>"+publicVersion+"</VersionId></Object></Delete>")
	assert.Contains(t, answer, "<VersionId>"+publicVersion+"</VersionId>", "clients see their own ids")
	var got []string
	for _, event := range l.recorder.events {
		got = append(got, string(event.Kind)+" "+event.Object.Version)
	}
	assert.Equal(t, []string{
		"delete-marker m1", "version-delete " + publicVersion, "delete-marker m2", "version-delete " + publicVersion,
	}, got)
	assert.Equal(t, "versionId="+emulatedVersion, l.requests[1].URL.RawQuery, "the emulator is asked for its own")
}

func TestEventsOfChanges(t *testing.T) {
	t.Parallel()
	l := newReplicatingLab(t)
	l.replicate()
	l.header.Set("X-Amz-Version-Id", "newest")
	for path, want := range map[string]string{
		"/b/k?tagging": "tags newest", "/b/k?acl": "acl newest", "/b/k?retention&versionId=null": "object-lock null", "/b/k?legal-hold&versionId=null": "object-lock null",
	} {
		l.recorder.events = nil
		l.must("PUT", path, "<Retention/>")
		require.Len(t, l.recorder.events, 1, path)
		assert.Equal(t, want, string(l.recorder.events[0].Kind)+" "+l.recorder.events[0].Object.Version)
	}
}

func TestStatusesAndVersionIDsThatClientsSee(t *testing.T) {
	t.Parallel()
	l := newReplicatingLab(t)
	l.header.Set("X-Amz-Version-Id", emulatedVersion)
	got := l.ask("HEAD", "/b/k?a=1&versionId="+publicVersion+"&b=2", "")
	assert.Equal(t, "REPLICA", got.Header().Get("X-Amz-Replication-Status"))
	assert.Equal(t, publicVersion, got.Header().Get("X-Amz-Version-Id"))
	assert.Equal(t, "a=1&versionId="+emulatedVersion+"&b=2", l.requests[0].URL.RawQuery)
	l.ask("PUT", "/b/copy", "", with("X-Amz-Copy-Source", "/b/k?versionId="+publicVersion))
	assert.Equal(t, "/b/k?versionId="+emulatedVersion, l.requests[1].Header.Get("X-Amz-Copy-Source"))
	l.body = "<ListVersionsResult><Version><VersionId>" + emulatedVersion + "</VersionId></Version></ListVersionsResult>"
	assert.Contains(t, l.must("GET", "/b?versions", ""), publicVersion)
	l.header.Set("X-Amz-Version-Id", "other")
	assert.Empty(t, l.ask("HEAD", "/b/other", "").Header().Get("X-Amz-Replication-Status"))
}

func TestGenerationCountsAllButObjects(t *testing.T) {
	t.Parallel()
	l := newReplicatingLab(t)
	grows := func(want bool, method, path, body string, changes ...func(*http.Request)) {
		before := l.front.Generation()
		l.ask(method, path, body, changes...)
		assert.Equal(t, want, l.front.Generation() > before, "%s %s", method, path)
	}
	form := with("Content-Type", "application/x-www-form-urlencoded")
	iam := func(r *http.Request) { r.Host = "iam.amazonaws.com" }
	kms := func(r *http.Request) { r.Host = "kms.us-west-2.amazonaws.com" }
	grows(false, "PUT", "/b/k", "content")
	grows(false, "DELETE", "/b/k", "")
	grows(false, "GET", "/b?versioning", "")
	grows(true, "PUT", "/b?cors", "<X/>")
	grows(true, "DELETE", "/b?policy", "")
	grows(true, "POST", "/", "Action=PutRolePolicy", iam, form)
	grows(false, "POST", "/", "Action=GetRole", iam, form)
	grows(true, "POST", "/", "{}", kms, with("X-Amz-Target", "TrentService.DisableKey"))
	grows(false, "POST", "/", "{}", kms, with("X-Amz-Target", "TrentService.Encrypt"))
}

func TestFaultsMayBeOfEveryOperationOfS3(t *testing.T) {
	t.Parallel()
	var set faults.Set
	for _, table := range []map[route]operation{bucketOperations, objectOperations} {
		for _, each := range table {
			_, err := set.Add(faults.Fault{Kind: faults.Latency, Delay: 1, API: each.name})
			assert.NoError(t, err)
		}
	}
}

func TestFaultsHitClients(t *testing.T) {
	t.Parallel()
	l := newReplicatingLab(t)
	add := func(fault faults.Fault) {
		l.front.faults.ClearAll()
		_, err := l.front.faults.Add(fault)
		require.NoError(t, err)
	}
	add(faults.Fault{Kind: faults.Errors, Rate: 1, API: "PutObject"})
	l.refused(http.StatusServiceUnavailable, "SlowDown", "reduce", "PUT", "/b/k", "content")
	assert.Equal(t, http.StatusOK, l.ask("GET", "/b/k", "").Code)
	add(faults.Fault{Kind: faults.RegionDown, Region: "us-west-2"})
	kms := func(r *http.Request) { r.Host = "kms.us-west-2.amazonaws.com" }
	got := l.ask("POST", "/", "{}", kms, with("X-Amz-Target", "TrentService.Encrypt"))
	assert.Equal(t, http.StatusServiceUnavailable, got.Code)
	assert.Contains(t, got.Body.String(), `"__type":"ServiceUnavailable"`)
	got = l.ask("POST", "/", "Action=ListTopics", func(r *http.Request) { r.Host = "sns.us-west-2.amazonaws.com" })
	assert.Contains(t, got.Body.String(), "<Error><Code>ServiceUnavailable</Code>")
	l.front.buckets.update("b", func(b *bucket) { b.region = "us-west-2" })
	l.refused(http.StatusServiceUnavailable, "ServiceUnavailable", "us-west-2 is down", "GET", "/b/k", "")
}
