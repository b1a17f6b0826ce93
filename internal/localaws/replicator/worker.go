package replicator

import (
	"context"
	"errors"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/faults"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

const (
	firstRetry = 100 * time.Millisecond
	lastRetry  = 5 * time.Second
)

// result is how a task ended.
type result struct {
	// failure is S3's reason. Empty: it succeeded, or was skipped.
	failure string
	// skipped: the rules don't ask for it any more.
	skipped bool
}

func failed(reason string) result { return result{failure: reason} }

// dispatch hands lines to workers as they fall due.
func (e *Engine) dispatch(ctx context.Context, due chan<- *line) {
	defer close(due)
	for {
		l := e.schedule.next(ctx, e.options.Faults)
		if l == nil {
			return
		}
		select {
		case due <- l:
		case <-ctx.Done():
			return
		}
	}
}

func (e *Engine) work(ctx context.Context, due <-chan *line) {
	for l := range due {
		e.advance(ctx, l)
	}
}

// advance tries the first task of a line.
func (e *Engine) advance(ctx context.Context, l *line) {
	t := e.schedule.first(l)
	how, err := e.perform(ctx, t)
	if ctx.Err() != nil {
		return // the engine is closed
	}
	if err != nil {
		t.attempts++
		e.noteRetry(t, err)
		e.schedule.again(l, time.Now().Add(backoff(t.attempts)))
		return
	}
	e.settle(ctx, t, how)
	e.schedule.done(l, e.options.Delay)
}

// noteRetry logs errors that nobody has asked for.
func (e *Engine) noteRetry(t *task, err error) {
	var injected *faults.Injected
	if !errors.As(err, &injected) {
		e.options.Log.Warn("replication is tried again", "bucket", t.event.Object.Bucket, "key", t.event.Object.Key,
			"destination", t.destination, "attempts", t.attempts, "error", err)
	}
}

func backoff(attempts int) time.Duration {
	const doublings = 6 // until it is longer than lastRetry
	return min(firstRetry<<min(attempts-1, doublings), lastRetry)
}

// settle records how a task ended, and tells those who want to know.
func (e *Engine) settle(ctx context.Context, t *task, how result) {
	e.ledger.settle(t.event.Object, t.destination, how)
	missed := t.series.end(t, how, time.Now())
	if how.failure != "" {
		e.options.Log.Info("replication failed", "bucket", t.event.Object.Bucket, "key", t.event.Object.Key,
			"version", t.event.Object.Version, "destination", t.destination, "reason", how.failure)
		e.notify(ctx, t, operationFailed, how.failure)
	} else if missed {
		e.notify(ctx, t, replicatedAfterThreshold, "")
	}
}

// perform does what a task is about. An error means that it is worth trying
// again.
func (e *Engine) perform(ctx context.Context, t *task) (result, error) {
	object, ok := e.ledger.object(t.event.Object)
	if !ok {
		return failed("SrcVersionNotFound"), nil
	}
	object.Event = t.event.Kind
	v, err := e.views.of(ctx, t.event.Object.Bucket, object.KMSKey)
	if err != nil {
		return result{}, err
	}
	order, how := v.judge(object, t.destination)
	if order == nil {
		return how, nil
	}
	order.task = t
	if err := e.strike(ctx, order); err != nil {
		return result{}, err
	}
	switch t.event.Kind {
	case replication.DeleteMarkerMade:
		return e.deleteReplica(ctx, order)
	case replication.TagsChanged:
		return e.changeTags(ctx, order)
	case replication.ACLChanged:
		return e.changeACL(ctx, order)
	case replication.LockChanged:
		return e.changeLock(ctx, order)
	default:
		return e.copyObject(ctx, order)
	}
}

// strike lets faults hit the calls of replication, as they hit other clients'.
func (e *Engine) strike(ctx context.Context, order *order) error {
	if err := e.options.Faults.Strike(ctx, order.source.Region, "GetObjectVersionForReplication"); err != nil {
		return err
	}
	return e.options.Faults.Strike(ctx, order.destination.Region, callAt(order.task.event.Kind))
}

// callAt is the permission for what an event does at the destination.
func callAt(kind replication.Event) string {
	switch kind {
	case replication.DeleteMarkerMade:
		return "ReplicateDelete"
	case replication.TagsChanged:
		return "ReplicateTags"
	default:
		return "ReplicateObject"
	}
}
