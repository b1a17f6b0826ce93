package replicator

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestViews_AnOldOneDoesWhileSomebodyLooks(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	of := func() *snapshot {
		taken, err := s.engine.snapshots.of(t.Context(), "src", "")
		require.NoError(t, err)
		return taken
	}
	first := of()
	assert.Same(t, first, of(), "it is young")

	sighted := s.engine.snapshots.observationOf("src")
	first.taken = time.Now().Add(-snapshotAge)
	sighted.taking.Lock()
	assert.Same(t, first, of(), "callers don't wait for a new snapshot")
	sighted.taking.Unlock()
	second := of()
	assert.NotSame(t, first, second, "the first caller takes a new one")

	second.taken = time.Now().Add(-2 * snapshotAge)
	sighted.taking.Lock()
	asked := make(chan *snapshot)
	go func() { asked <- of() }()
	select {
	case <-asked:
		assert.Fail(t, "what is too old is of no use")
	case <-time.After(20 * time.Millisecond):
	}
	sighted.taking.Unlock()
	assert.NotSame(t, second, <-asked)
}

func TestViews_OneOfAnotherKeyIsTakenAtOnce(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	first, err := s.engine.snapshots.of(t.Context(), "src", "")
	require.NoError(t, err)
	second, err := s.engine.snapshots.of(t.Context(), "src", "arn:aws:kms:us-east-1:123456789012:key/k")
	require.NoError(t, err)
	assert.NotSame(t, first, second)
	third, err := s.engine.snapshots.of(t.Context(), "src", "")
	require.NoError(t, err)
	assert.Same(t, second, third, "which shows all that the first did")
}
