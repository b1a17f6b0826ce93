package replicator

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/faults"
)

func taskFor(key, version string) *task {
	return &task{event: Event{Object: ObjectID{"src", key, version}, At: time.Now()}, destination: "dst"}
}

func TestSchedule_KeepsTheOrderOfAKey(t *testing.T) {
	t.Parallel()
	s, none := newSchedule(), &faults.Set{}
	now := time.Now()
	s.add(taskFor("k", "1"), now)
	s.add(taskFor("k", "2"), now)
	l := s.next(t.Context(), none)
	assert.Equal(t, "1", s.first(l).event.Object.Version)

	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	assert.Nil(t, s.next(ctx, none), "one task of a key at a time")
	s.again(l, now)
	assert.Equal(t, "1", s.first(s.next(t.Context(), none)).event.Object.Version, "a retry keeps its place")
	s.done(l, 0)
	l = s.next(t.Context(), none)
	assert.Equal(t, "2", s.first(l).event.Object.Version)
	s.done(l, 0)
	assert.Empty(t, s.queues)
}

func TestSchedule_WaitsUntilDue(t *testing.T) {
	t.Parallel()
	s := newSchedule()
	begun := time.Now()
	s.add(taskFor("late", "1"), begun.Add(60*time.Millisecond))
	s.add(taskFor("early", "1"), begun.Add(20*time.Millisecond))
	assert.Equal(t, "early", s.next(t.Context(), &faults.Set{}).id.key)
	assert.GreaterOrEqual(t, time.Since(begun), 20*time.Millisecond)
	assert.Equal(t, "late", s.next(t.Context(), &faults.Set{}).id.key)
	assert.GreaterOrEqual(t, time.Since(begun), 60*time.Millisecond)
}

func TestSchedule_StandsStillWhilePaused(t *testing.T) {
	t.Parallel()
	s, set := newSchedule(), &faults.Set{}
	_, err := set.Add(faults.Fault{Kind: faults.Paused})
	require.NoError(t, err)
	s.add(taskFor("k", "1"), time.Now())
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	assert.Nil(t, s.next(ctx, set))
	time.AfterFunc(20*time.Millisecond, set.ClearAll)
	assert.NotNil(t, s.next(t.Context(), set))
}

func TestSchedule_PausesOneBucketAndGoesOnWithOthers(t *testing.T) {
	t.Parallel()
	s, set := newSchedule(), &faults.Set{}
	_, err := set.Add(faults.Fault{Kind: faults.Paused, Bucket: "src"})
	require.NoError(t, err)
	now := time.Now()
	for i := range 3 {
		s.add(taskFor(fmt.Sprint(i), "1"), now)
	}
	other := taskFor("k", "1")
	other.event.Object.Bucket = "other"
	s.add(other, now.Add(10*time.Millisecond))
	assert.Equal(t, "other", s.next(t.Context(), set).id.bucket)
	_, err = set.Add(faults.Fault{Kind: faults.Latency, Delay: 1})
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	assert.Nil(t, s.next(ctx, set), "another fault does not end the pause")
	set.ClearAll()
	for range 3 {
		assert.Equal(t, "src", s.next(t.Context(), set).id.bucket)
	}
}

// With many writers and workers, every task is done once, and those of a key in
// order.
func TestSchedule_UnderLoad(t *testing.T) {
	t.Parallel()
	const keys, versions = 50, 20
	s := newSchedule()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var mu sync.Mutex
	done := map[string][]string{}
	var workers, writers sync.WaitGroup
	due := make(chan *queue)
	workers.Go(func() {
		defer close(due)
		for l := s.next(ctx, &faults.Set{}); l != nil; l = s.next(ctx, &faults.Set{}) {
			due <- l
		}
	})
	left := keys * versions
	for range 4 {
		workers.Go(func() {
			for l := range due {
				object := s.first(l).event.Object
				mu.Lock()
				done[object.Key] = append(done[object.Key], object.Version)
				if left--; left == 0 {
					stop()
				}
				mu.Unlock()
				s.done(l, 0)
			}
		})
	}
	for key := range keys {
		writers.Go(func() {
			for version := range versions {
				s.add(taskFor(fmt.Sprint(key), fmt.Sprint(version)), time.Now())
			}
		})
	}
	writers.Wait()
	workers.Wait()
	require.Len(t, done, keys)
	for _, got := range done {
		for version := range versions {
			assert.Equal(t, fmt.Sprint(version), got[version])
		}
	}
}

func TestBackoff(t *testing.T) {
	t.Parallel()
	assert.Equal(t, firstRetry, backoff(1))
	assert.Equal(t, 2*firstRetry, backoff(2))
	assert.Equal(t, lastRetry, backoff(7))
	assert.Equal(t, lastRetry, backoff(1000))
}
