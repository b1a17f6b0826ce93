package verify

import (
	"context"
	"sync"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/live"
)

// callPatience is the timeout of one call, retries included.
const callPatience = time.Minute

// answer is the result of a call, or its error.
type answer[T any] struct {
	value T
	err   error
}

// questions is a group of concurrent calls.
type questions struct {
	ctx     context.Context
	waiting sync.WaitGroup
}

// ask calls question concurrently and stores its result. Errors with one of the
// codes in none mean that the setting does not exist: the result is the zero value.
func ask[T any](q *questions, into *answer[T], question func(context.Context) (T, error), none ...string) {
	q.waiting.Go(func() {
		ctx, cancel := context.WithTimeout(q.ctx, callPatience)
		defer cancel()
		value, err := question(ctx)
		if err != nil && hasCode(err, none) {
			err = nil
		}
		*into = answer[T]{value, err}
	})
}

func hasCode(err error, codes []string) bool {
	found := live.Code(err)
	for _, code := range codes {
		if found == code {
			return true
		}
	}
	return false
}
