package compare

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/cannedlist"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// keys of a bucket, of different kinds, with a few versions and delete markers.
func keys(count int) cannedlist.Slice {
	var objects []cannedlist.Object
	for i := range count {
		key := fmt.Sprintf([]string{"flat-%06d", "logs/2026/%06d", "a & <b> é/%d", "日本/%06d"}[i%4], i)
		object := cannedlist.Object{Key: key, Version: fmt.Sprint("v", i), ETag: fmt.Sprint("e", i), Size: int64(i), Status: "COMPLETED"}
		if i%10 == 0 {
			objects = append(objects, cannedlist.Object{Key: key, Version: fmt.Sprint("m", i), Marker: true})
		}
		objects = append(objects, object)
	}
	return cannedlist.Sorted(objects...)
}

// without leaves out every nth.
func without(bucket cannedlist.Slice, nth int) cannedlist.Slice {
	var rest cannedlist.Slice
	for i, object := range bucket {
		if i%nth != 0 {
			rest = append(rest, object)
		}
	}
	return rest
}

func TestRun_TheSame(t *testing.T) {
	t.Parallel()
	for _, current := range []bool{false, true} {
		bucket := keys(20_000)
		_, at := serve(t, bucket, bucket)
		var found collected
		summary, err := Run(t.Context(), at, []replication.Descriptor{deployed()}, found.options(Options{Current: current}))
		require.NoError(t, err)
		assert.True(t, summary.Same)
		assert.Empty(t, found)
		want := int64(len(bucket))
		if current {
			want = 18_000
		}
		assert.Equal(t, map[string]int64{"source": want, "destination": want}, summary.Destinations[0].Versions)
	}
}

func TestRun_FindsWhatIsMissingAndExtraInEveryRange(t *testing.T) {
	t.Parallel()
	bucket := keys(20_000)
	source, destination := without(bucket, 101), without(bucket, 97)
	server, at := serve(t, source, destination)
	var found collected
	summary, err := Run(t.Context(), at, []replication.Descriptor{deployed()}, found.options(Options{}))
	require.NoError(t, err)
	var want []string
	for i, object := range bucket {
		switch here, there := i%101 != 0, i%97 != 0; {
		case here && !there && object.Marker:
			want = append(want, "delete-marker-missing "+object.Version)
		case here && !there:
			want = append(want, "deleted-there "+object.Version)
		case there && !here && object.Marker:
			want = append(want, "delete-marker-there "+object.Version)
		}
	}
	var got []string
	for _, finding := range found {
		got = append(got, string(finding.Reason)+" "+finding.Version)
	}
	assert.ElementsMatch(t, want, got)
	assert.Positive(t, summary.Destinations[0].Reasons[replicatesBack], "objects that are only there have the status COMPLETED, like all")
	assert.False(t, summary.Same)
	assert.Greater(t, server.Calls.Load(), int64(2*len(bucket)/pageSize), "ranges were split")
}

func TestRun_NotVersioned(t *testing.T) {
	t.Parallel()
	server, at := serve(t, keys(1), keys(1))
	server.Before = func(w http.ResponseWriter, r *http.Request) bool {
		if !r.URL.Query().Has("versioning") {
			return false
		}
		_, err := w.Write([]byte("<VersioningConfiguration/>"))
		return assert.NoError(t, err)
	}
	var found collected
	_, err := Run(t.Context(), at, []replication.Descriptor{deployed()}, found.options(Options{}))
	assert.ErrorContains(t, err, "s3://data is unversioned")
	assert.ErrorContains(t, err, "--current")
	_, err = Run(t.Context(), at, []replication.Descriptor{deployed()}, found.options(Options{Current: true}))
	assert.NoError(t, err)
}

// Attributes that AWS refuses to return never count as equal.
func TestRun_WhatIsNotKnownIsNoPass(t *testing.T) {
	t.Parallel()
	server, at := serve(t, keys(10), cannedlist.Slice{})
	server.Before = func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodHead {
			w.WriteHeader(http.StatusForbidden)
		}
		return r.Method == http.MethodHead
	}
	var found collected
	summary, err := Run(t.Context(), at, []replication.Descriptor{deployed()}, found.options(Options{Current: true}))
	require.NoError(t, err)
	assert.False(t, summary.Same)
	assert.False(t, summary.Answered())
	assert.False(t, summary.Differs(), "it may be the same, or not")
	assert.Contains(t, found[0].Detail, "use credentials that may do this")
}

// A page that was cut off on its way is asked for again.
func TestRun_AnswersAreCutOff(t *testing.T) {
	t.Parallel()
	bucket := keys(3000)
	server, at := serve(t, bucket, bucket)
	var cut atomic.Int64
	server.Before = func(w http.ResponseWriter, r *http.Request) bool {
		if !r.URL.Query().Has("versions") || cut.Add(1) > 2 {
			return false
		}
		_, err := w.Write([]byte("<ListVersionsResult><Version><Key>flat-0"))
		return assert.NoError(t, err)
	}
	var found collected
	summary, err := Run(t.Context(), at, []replication.Descriptor{deployed()}, found.options(Options{}))
	require.NoError(t, err)
	assert.True(t, summary.Same)
	assert.Equal(t, int64(len(bucket)), summary.Destinations[0].Versions["source"])
}

// Where replication goes both ways, what was written at the destination is
// compared on the way back, and not called extra.
func TestRun_BothWays(t *testing.T) {
	t.Parallel()
	shared := cannedlist.Object{Key: "a", Version: "1", Status: "COMPLETED"}
	there := cannedlist.Sorted(shared, cannedlist.Object{Key: "b", Version: "2", Status: "PENDING"}, cannedlist.Object{Key: "c", Version: "3", Marker: true})
	_, at := serve(t, cannedlist.Sorted(shared), there)
	descriptor := deployed()
	back := descriptor.Rules[0]
	back.Source, back.Destination = "dr", "source"
	descriptor.Direction, descriptor.Rules = replication.TwoWay, append(descriptor.Rules, back)
	var found collected
	summary, err := Run(t.Context(), at, []replication.Descriptor{descriptor}, found.options(Options{}))
	require.NoError(t, err)
	assert.Equal(t, map[Reason]int64{alike: 1, replicatesBack: 2}, summary.Destinations[0].Reasons)
	assert.Equal(t, map[Reason]int64{alike: 1, onItsWay: 1, markerMissing: 1}, summary.Destinations[1].Reasons)
}

// A region that does not answer ends the comparison, which can go on later.
func TestRun_AListFails(t *testing.T) {
	t.Parallel()
	bucket := keys(10)
	server, at := serve(t, bucket, bucket)
	server.Before = func(w http.ResponseWriter, r *http.Request) bool {
		denied := r.URL.Query().Has("versions") && strings.HasPrefix(r.URL.Path, "/data-dr")
		if denied {
			w.WriteHeader(http.StatusForbidden)
			_, err := w.Write([]byte("<Error><Code>AccessDenied</Code></Error>"))
			assert.NoError(t, err)
		}
		return denied
	}
	file := filepath.Join(t.TempDir(), "state.json")
	var found collected
	_, err := Run(t.Context(), at, []replication.Descriptor{deployed()}, found.options(Options{Resume: file}))
	assert.ErrorContains(t, err, "listing s3://data-dr")
	assert.ErrorContains(t, err, "use credentials that may do this in the account 111111111111")
	assert.ErrorContains(t, err, "to continue")
	assert.FileExists(t, file)
}
