package localaws

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	asking "github.com/crr-io/pulumi-aws-crr/internal/localaws/emulator"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/faults"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/replicator"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/socket"
)

// breaker forwards to a real moto and breaks one call to the destination, the first
// of its kind.
func breaker(t *testing.T, method, query string) (address string, broke *atomic.Bool) {
	t.Helper()
	behind := newAccount(t).server.emulator.URL()
	broke = &atomic.Bool{}
	forward := &httputil.ReverseProxy{Transport: asking.NewTransport(behind), Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(socket.Base(behind))
		r.Out.Host = r.In.Host
	}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hit := r.Method == method && strings.HasPrefix(r.Host, "dst.") && strings.Contains(r.URL.RawQuery, query)
		if hit && broke.CompareAndSwap(false, true) {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		forward.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL, broke
}

// Whichever call breaks, there is one replica in the end, and it is locked.
func TestReplication_OfPartsIsTriedAgainWithoutASecondReplica(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ method, query string }{
		{http.MethodPost, "uploads"},
		{http.MethodPut, "partNumber"},
		{http.MethodPost, "uploadId"},
		{http.MethodPut, "retention"},
		{http.MethodPut, "legal-hold"},
	} {
		t.Run(c.query, func(t *testing.T) {
			t.Parallel()
			address, broke := breaker(t, c.method, c.query)
			a := newAccountWith(t, Options{Backend: address})
			source, destination := a.place("src", "us-east-1", true), a.place("dst", "us-west-2", true)
			a.replicate(source, roleName, []types.ReplicationRule{ruleTo("all", 1, destination)}, destination)
			_, err := a.server.Faults().Add(faults.Fault{Kind: faults.Paused})
			require.NoError(t, err)
			begun, err := a.s3().CreateMultipartUpload(t.Context(), &s3.CreateMultipartUploadInput{Bucket: aws.String("src"), Key: aws.String("k")})
			require.NoError(t, err)
			id := a.complete("src", "k", *begun.UploadId, []byte("one part"))
			until := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
			a.lock(id, until)
			a.server.Faults().ClearAll()
			a.becomes(id, replicator.Completed)
			assert.True(t, broke.Load(), "a call was broken")
			assert.Equal(t, map[string][]string{"k": {id.Version}}, a.versions("dst", ""))
			replica := a.head(in("dst", id))
			assert.Equal(t, types.ObjectLockModeGovernance, replica.ObjectLockMode)
			assert.Equal(t, until, aws.ToTime(replica.ObjectLockRetainUntilDate).UTC())
			assert.Equal(t, types.ObjectLockLegalHoldStatusOn, replica.ObjectLockLegalHoldStatus)
		})
	}
}

// lock sets the retention and a legal hold of a version.
func (a *account) lock(id replicator.ObjectID, until time.Time) {
	a.t.Helper()
	_, err := a.s3().PutObjectRetention(a.t.Context(), &s3.PutObjectRetentionInput{
		Bucket: &id.Bucket, Key: &id.Key, VersionId: &id.Version,
		Retention: &types.ObjectLockRetention{Mode: types.ObjectLockRetentionModeGovernance, RetainUntilDate: &until},
	})
	require.NoError(a.t, err)
	_, err = a.s3().PutObjectLegalHold(a.t.Context(), &s3.PutObjectLegalHoldInput{
		Bucket: &id.Bucket, Key: &id.Key, VersionId: &id.Version, LegalHold: &types.ObjectLockLegalHold{Status: types.ObjectLockLegalHoldStatusOn},
	})
	require.NoError(a.t, err)
}
