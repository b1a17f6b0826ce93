package canary

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/heartbeat"
)

var (
	source = heartbeat.Place{Bucket: "data", Region: "us-east-1"}
	dr     = heartbeat.Place{Bucket: "data-dr", Region: "us-west-2"}
	beat   = heartbeat.Beat{Rule: "all", Destination: "dr"}
)

// world is two buckets, between which objects take some time. No replication
// at all is a delay of zero.
type world struct {
	mu       sync.Mutex
	delay    time.Duration
	writeErr error
	kept     map[string][]sighting
	ages     []time.Duration
}

func (w *world) write(_ context.Context, at heartbeat.Place, _ string, _ map[string]string, now time.Time) (string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.writeErr != nil {
		return "", w.writeErr
	}
	written := sighting{version: now.Format(time.TimeOnly), written: now}
	w.kept[at.Bucket] = append(w.kept[at.Bucket], written)
	if w.delay > 0 {
		time.AfterFunc(w.delay, func() {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.kept[dr.Bucket] = append(w.kept[dr.Bucket], written)
		})
	}
	return written.version, nil
}

func (w *world) newest(_ context.Context, at heartbeat.Place, _ string) (sighting, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := w.kept[at.Bucket]
	if len(all) == 0 {
		return sighting{}, errNone
	}
	return all[len(all)-1], nil
}

func (w *world) oldest(_ context.Context, at heartbeat.Place, _ string) (sighting, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.kept[at.Bucket]) == 0 {
		return sighting{}, errNone
	}
	return w.kept[at.Bucket][0], nil
}

func (w *world) versions(_ context.Context, at heartbeat.Place, _ string) ([]string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var versions []string
	for _, each := range slices.Backward(w.kept[at.Bucket]) {
		versions = append(versions, each.version)
	}
	return versions, nil
}

func (w *world) remove(_ context.Context, at heartbeat.Place, _, version string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	var left []sighting
	for _, each := range w.kept[at.Bucket] {
		if each.version != version {
			left = append(left, each)
		}
	}
	w.kept[at.Bucket] = left
	return nil
}

func (w *world) publish(_ context.Context, _, _ heartbeat.Place, _ string, age time.Duration) error {
	w.ages = append(w.ages, age)
	return nil
}

func newCanary(w *world) *Canary {
	w.kept = map[string][]sighting{}
	return &Canary{
		config: heartbeat.Config{
			Source: source, Destinations: map[string]heartbeat.Place{"dr": dr}, Heartbeats: []heartbeat.Beat{beat}, WaitSeconds: 30,
		},
		store: w, meter: w, now: time.Now, log: slog.New(slog.DiscardHandler),
	}
}

// minutes lets the canary beat once a minute.
func minutes(t *testing.T, c *Canary, n int) {
	t.Helper()
	for range n {
		started := time.Now()
		require.NoError(t, c.Beat(t.Context()))
		time.Sleep(time.Minute - time.Since(started))
	}
}

func TestBeat_PublishesHowLongReplicationTook(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &world{delay: 5500 * time.Millisecond}
		minutes(t, newCanary(w), 3)
		for _, age := range w.ages {
			assert.InDelta(t, 6, age.Seconds(), 0.1, "the age at the first look after the arrival, 1, 3, 6 and 10 seconds after the write")
		}
		assert.Len(t, w.ages, 3)
	})
}

func TestBeat_AgeGrowsWhileNothingArrives(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &world{delay: time.Second}
		c := newCanary(w)
		minutes(t, c, 1)
		w.delay = 0
		minutes(t, c, 3)
		require.Len(t, w.ages, 4)
		assert.Equal(t, []float64{90, 150, 210}, []float64{w.ages[1].Seconds(), w.ages[2].Seconds(), w.ages[3].Seconds()},
			"each minute adds a minute, and the wait is in it")
	})
}

func TestBeat_AgeIsToldWhenTheSourceCannotBeWritten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &world{delay: time.Second}
		c := newCanary(w)
		minutes(t, c, 1)
		w.writeErr = errors.New("the region is gone")
		err := c.Beat(t.Context())
		assert.ErrorIs(t, err, w.writeErr)
		require.Len(t, w.ages, 2)
		assert.Equal(t, time.Minute, w.ages[1], "without a new heartbeat there is nothing to wait for")
	})
}

func TestBeat_WhatNeverArrivedIsAsOldAsTheWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &world{}
		c := newCanary(w)
		minutes(t, c, 3)
		require.Len(t, w.ages, 3)
		assert.Equal(t, []float64{30, 90, 150}, []float64{w.ages[0].Seconds(), w.ages[1].Seconds(), w.ages[2].Seconds()},
			"all that was written since the first one would be lost")
		assert.Len(t, w.kept[source.Bucket], 3, "any of them may still arrive")
	})
}

func TestBeat_WithoutAnyHeartbeatThereIsNoAge(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &world{writeErr: errors.New("no permission")}
		err := newCanary(w).Beat(t.Context())
		require.ErrorIs(t, err, w.writeErr)
		assert.ErrorIs(t, err, errNone)
		assert.Empty(t, w.ages, "no number would be true")
	})
}

func TestHandle_FailsNoDeployment(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCanary(&world{writeErr: errors.New("no permission")})
		assert.NoError(t, c.Handle(t.Context(), heartbeat.Call{Deploying: true}))
		assert.Error(t, c.Handle(t.Context(), heartbeat.Call{}), "Lambda counts the errors of the schedule's calls")
	})
}

func TestBeat_ForgetsWhatANewerOneReplaced(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		delay    time.Duration
		atSource int
	}{
		"that arrives at once":                 {time.Second, 1},
		"that arrives after it was waited for": {40 * time.Second, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := &world{delay: c.delay}
				canary := newCanary(w)
				_ = canary.Beat(t.Context()) // nothing may have arrived yet
				time.Sleep(time.Minute)
				minutes(t, canary, 5)
				assert.Len(t, w.kept[source.Bucket], c.atSource, "what is on its way stays")
				assert.LessOrEqual(t, len(w.kept[dr.Bucket]), c.atSource)
			})
		})
	}
}

func TestBeat_EndsWhenItIsToldTo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		assert.ErrorIs(t, newCanary(&world{}).Beat(ctx), context.DeadlineExceeded)
	})
}
