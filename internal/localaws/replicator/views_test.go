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
	of := func() *view {
		taken, err := s.engine.views.of(t.Context(), "src", "")
		require.NoError(t, err)
		return taken
	}
	first := of()
	assert.Same(t, first, of(), "it is young")

	sighted := s.engine.views.sightingOf("src")
	first.taken = time.Now().Add(-viewAge)
	sighted.looking.Lock()
	assert.Same(t, first, of(), "nobody waits for the one who looks")
	sighted.looking.Unlock()
	second := of()
	assert.NotSame(t, first, second, "who comes first looks again")

	second.taken = time.Now().Add(-2 * viewAge)
	sighted.looking.Lock()
	asked := make(chan *view)
	go func() { asked <- of() }()
	select {
	case <-asked:
		assert.Fail(t, "what is too old is of no use")
	case <-time.After(20 * time.Millisecond):
	}
	sighted.looking.Unlock()
	assert.NotSame(t, second, <-asked)
}

func TestViews_OneOfAnotherKeyIsTakenAtOnce(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	first, err := s.engine.views.of(t.Context(), "src", "")
	require.NoError(t, err)
	second, err := s.engine.views.of(t.Context(), "src", "arn:aws:kms:us-east-1:123456789012:key/k")
	require.NoError(t, err)
	assert.NotSame(t, first, second)
	third, err := s.engine.views.of(t.Context(), "src", "")
	require.NoError(t, err)
	assert.Same(t, second, third, "which shows all that the first did")
}
