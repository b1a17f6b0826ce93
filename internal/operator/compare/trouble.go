package compare

import (
	"net/http"
	"sync"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/live"
)

const (
	// doubtful is after how many calls in a row that AWS did not answer each is made
	// once only, and hopeless after how many none is made but for a sample.
	doubtful, hopeless = 8, 64
	// sampled is every which call is made then, to see whether AWS answers again.
	sampled = 64
)

// trouble counts calls in a row that AWS did not answer: with three attempts each, and
// waits between them, thousands of objects that can't be read would take hours.
type trouble struct {
	mu          sync.Mutex
	inARow, not int
	last        error
}

// attempts at the next call, or why it is not made.
func (t *trouble) attempts() (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.inARow < doubtful:
		return headAttempts, nil
	case t.inARow < hopeless:
		return 1, nil
	}
	if t.not++; t.not%sampled == 0 {
		return 1, nil
	}
	return 0, t.last
}

// learn from the result of a call. A refusal is an answer.
func (t *trouble) learn(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if status := statusOf(err); err == nil || status < http.StatusInternalServerError && status != http.StatusTooManyRequests && !live.Temporary(err) {
		t.inARow = 0
		return
	}
	t.inARow++
	t.last = err
}
