package compare

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/cannedlist"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// A bucket whose objects can't be read is asked for some of them, not for each and
// again: the calls are counted, since their waits would take hours.
func TestRun_ManyHeadErrorsAreFewCalls(t *testing.T) {
	t.Parallel()
	server, at := serve(t, keys(5000), cannedlist.Slice{})
	var heads atomic.Int64
	server.Before = func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodHead {
			heads.Add(1)
			w.WriteHeader(http.StatusInternalServerError)
		}
		return r.Method == http.MethodHead
	}
	var found collected
	summary, err := Run(t.Context(), at, []replication.Descriptor{deployed()}, found.options(Options{Current: true}))
	require.NoError(t, err)
	assert.False(t, summary.Answered())
	unknown := summary.Destinations[0].Reasons[noAnswer]
	assert.Greater(t, unknown, int64(2000), "each is counted, asked or not")
	// Those that are under way when the first ones fail are not stopped.
	assert.Less(t, heads.Load(), int64(headAttempts*(doubtful+16)+hopeless+16)+unknown/sampled)
	assert.True(t, strings.Contains(found[len(found)-1].Detail, "was not asked for") || strings.Contains(found[len(found)-1].Detail, "reading s3://data/"))
}

func TestTrouble_EndsWithTheFirstAnswer(t *testing.T) {
	t.Parallel()
	var heads trouble
	down := errUnanswered{}
	for range hopeless {
		heads.learn(down)
	}
	asked := 0
	for range sampled {
		if attempts, err := heads.attempts(); err == nil {
			assert.Equal(t, 1, attempts)
			asked++
		}
	}
	assert.Equal(t, 1, asked)
	heads.learn(nil)
	attempts, err := heads.attempts()
	require.NoError(t, err)
	assert.Equal(t, headAttempts, attempts)
}

// errUnanswered is an error of the network.
type errUnanswered struct{}

func (errUnanswered) Error() string   { return "no route" }
func (errUnanswered) Timeout() bool   { return true }
func (errUnanswered) Temporary() bool { return true }
