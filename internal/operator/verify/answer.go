package verify

import (
	"context"
	"sync"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/live"
)

// callPatience is how long AWS may take over one question, tries included.
const callPatience = time.Minute

// answer is what AWS said, or why it did not.
type answer[T any] struct {
	value T
	err   error
}

// questions are asked at once.
type questions struct {
	ctx     context.Context
	waiting sync.WaitGroup
}

// ask has a question answered. Codes are those that mean: there is none, whose
// answer is the zero value.
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
