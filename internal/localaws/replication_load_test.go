package localaws

import (
	"bytes"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/faults"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/replicator"
)

// patient clients retry as long as a fault lasts.
func patient(o *s3.Options) {
	o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts, o.MaxBackoff, o.RateLimiter = 0, time.Second, ratelimit.None
	})
}

// load puts objects concurrently with patient clients, and reports each acknowledged
// one.
func (a *account) load(clients, objects int, acknowledged func(replicator.ObjectID)) {
	var wait sync.WaitGroup
	for client := range clients {
		wait.Go(func() {
			api := a.s3(patient)
			for i := client; i < objects; i += clients {
				key := fmt.Sprintf("load/%02d/%05d", client, i)
				put, err := api.PutObject(a.t.Context(), &s3.PutObjectInput{
					Bucket: aws.String("src"), Key: &key, Body: bytes.NewReader([]byte(key)),
				})
				if !assert.NoError(a.t, err, key) {
					return
				}
				acknowledged(replicator.ObjectID{Bucket: "src", Key: key, Version: aws.ToString(put.VersionId)})
			}
		})
	}
	wait.Wait()
}

// trouble switches faults on and off, and removes a permission and restores it,
// until it is stopped. It restores everything in the end, and reports its own
// objects.
func (p *pair) trouble(stop <-chan struct{}, acknowledged func(replicator.ObjectID)) {
	set := p.server.Faults()
	for round := 0; ; round++ {
		switch round % 6 {
		case 0:
			_, _ = set.Add(faults.Fault{Kind: faults.Errors, Rate: 0.2})
		case 1:
			_, _ = set.Add(faults.Fault{Kind: faults.RegionDown, Region: "us-west-2"})
		case 2:
			p.without("s3:ReplicateObject")()
			// Independent of the emulator's load: the permission stays removed until
			// a failure shows.
			id := p.put("src", fmt.Sprintf("refused/%d", round))
			acknowledged(id)
			assert.Eventually(p.t, func() bool { return p.server.engine.Status(id) == replicator.Failed }, time.Minute, 10*time.Millisecond, "%v never fails", id)
		case 3:
			_, _ = set.Add(faults.Fault{Kind: faults.Paused})
		case 4:
			_, _ = set.Add(faults.Fault{Kind: faults.Latency, API: "ReplicateObject", Delay: 0.02})
		case 5:
			_, _ = set.Add(faults.Fault{Kind: faults.RegionDown, Region: "us-east-1"})
		}
		over := false
		select {
		case <-stop:
			over = true
		case <-time.After(500 * time.Millisecond):
		}
		set.ClearAll()
		if round%6 == 2 {
			p.wholeRole()
		}
		if over {
			return
		}
	}
}

// Despite the faults each put is acknowledged once and written once, and ends
// COMPLETED, with one version at the destination, or FAILED with a reason, and none.
// `make race` runs it under the race detector.
func TestReplication_LosesNothingUnderFaults(t *testing.T) {
	t.Parallel()
	const clients, objects = 32, 10_000
	p := newPair(t, Options{})
	var mu sync.Mutex
	var acknowledged []replicator.ObjectID
	remember := func(id replicator.ObjectID) {
		mu.Lock()
		defer mu.Unlock()
		acknowledged = append(acknowledged, id)
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() { defer close(stopped); p.trouble(stop, remember) }()
	p.load(clients, objects, remember)
	close(stop)
	<-stopped
	require.GreaterOrEqual(t, len(acknowledged), objects, "every fault ends before the clients' patience does")

	engine := p.server.engine
	// On a slow machine there is progress, too.
	for left, since := len(acknowledged)+1, time.Now(); left > 0; time.Sleep(100 * time.Millisecond) {
		pending := 0
		for _, id := range acknowledged {
			if engine.Status(id) == replicator.Pending {
				pending++
			}
		}
		if pending < left {
			left, since = pending, time.Now()
		}
		require.Less(t, time.Since(since), 2*time.Minute, "%d objects are pending, and nothing happens", pending)
	}
	written, completed, failed := map[string][]string{}, map[string][]string{}, 0
	for _, id := range acknowledged {
		written[id.Key] = append(written[id.Key], id.Version)
		switch status := engine.Status(id); status {
		case replicator.Completed:
			completed[id.Key] = append(completed[id.Key], id.Version)
		case replicator.Failed:
			failed++
			assert.Equal(t, map[string]string{"dst": "DstPutObjectNotPermitted"}, engine.Failures(id))
		default:
			assert.Fail(t, "neither completed nor failed", "%v is %q", id, status)
		}
	}
	assert.NotEmpty(t, completed)
	assert.NotZero(t, failed, "the right was away for a while")
	p.holds("src", written)
	p.holds("dst", completed)
	t.Logf("%d acknowledged, %d completed, %d failed", len(acknowledged), len(completed), failed)
}

// holds compares all versions in a bucket with the expected ones.
func (a *account) holds(bucket string, want map[string][]string) {
	a.t.Helper()
	got := a.versions(bucket, "")
	for key, versions := range got {
		if !slices.Equal(versions, want[key]) {
			assert.Fail(a.t, "not what should be there", "%s/%s has the versions %v, not %v", bucket, key, versions, want[key])
		}
	}
	for key := range want {
		if _, ok := got[key]; !ok {
			assert.Fail(a.t, "missing", "%s/%s", bucket, key)
		}
	}
}

// versions lists the ids of all versions by key.
func (a *account) versions(bucket, prefix string) map[string][]string {
	a.t.Helper()
	found := map[string][]string{}
	pages := s3.NewListObjectVersionsPaginator(a.s3(), &s3.ListObjectVersionsInput{Bucket: &bucket, Prefix: &prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(a.t.Context())
		require.NoError(a.t, err)
		for _, version := range page.Versions {
			found[*version.Key] = append(found[*version.Key], *version.VersionId)
		}
	}
	return found
}

// stopwatch measures how long objects take to arrive, with a resolution of a few
// milliseconds.
type stopwatch struct {
	engine *replicator.Engine

	mu      sync.Mutex
	started map[replicator.ObjectID]time.Time
	took    []time.Duration
}

func (s *stopwatch) start(id replicator.ObjectID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.started[id] = time.Now()
}

// look returns the number of arrived objects.
func (s *stopwatch) look() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, started := range s.started {
		if s.engine.Status(id) == replicator.Completed {
			s.took = append(s.took, time.Since(started))
			delete(s.started, id)
		}
	}
	return len(s.took)
}

// BenchmarkReplication puts 10,000 small objects and waits until all have arrived.
// It is limited by the emulator, which handles one request at a time from clients
// and replication.
//
//	CRR_E2E=1 go test -run '^$' -bench Replication -benchtime 1x ./internal/localaws
func BenchmarkReplication(b *testing.B) {
	const clients, objects = 16, 10_000
	for b.Loop() {
		p := newPair(b, Options{})
		watch := &stopwatch{engine: p.server.engine, started: map[replicator.ObjectID]time.Time{}}
		begun := time.Now()
		go p.load(clients, objects, watch.start)
		for watch.look() < objects {
			time.Sleep(5 * time.Millisecond)
		}
		took := time.Since(begun)
		slices.Sort(watch.took)
		b.ReportMetric(float64(len(watch.took))/took.Seconds(), "objects/s")
		b.ReportMetric(watch.took[len(watch.took)/2].Seconds(), "p50-s")
		b.ReportMetric(watch.took[len(watch.took)*99/100].Seconds(), "p99-s")
	}
}
