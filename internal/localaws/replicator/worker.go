package replicator

import (
	"context"
	"errors"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/faults"
	"github.com/crr-io/pulumi-aws-crr/internal/model"
)

const (
	firstRetry = 100 * time.Millisecond
	lastRetry  = 5 * time.Second
)

// result is the result of a task.
type result struct {
	// failure is S3's reason. Empty: it succeeded, or was skipped.
	failure string
	// skipped: the rules no longer apply.
	skipped bool
}

func failed(reason string) result { return result{failure: reason} }

// dispatch passes queues to workers when they are due.
func (e *Engine) dispatch(ctx context.Context, due chan<- *queue) {
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

func (e *Engine) work(ctx context.Context, due <-chan *queue) {
	for l := range due {
		e.advance(ctx, l)
	}
}

// advance tries the first task of a queue.
func (e *Engine) advance(ctx context.Context, l *queue) {
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

// noteRetry logs errors that were not injected.
func (e *Engine) noteRetry(t *task, err error) {
	var injected *faults.Injected
	if !errors.As(err, &injected) {
		e.options.Log.Warn("retrying replication", "bucket", t.event.Object.Bucket, "key", t.event.Object.Key,
			"destination", t.destination, "attempts", t.attempts, "error", err)
	}
}

func backoff(attempts int) time.Duration {
	const doublings = 6 // enough to exceed lastRetry
	return min(firstRetry<<min(attempts-1, doublings), lastRetry)
}

// settle records the result of a task, and sends its events.
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

// perform performs a task. It returns an error if the task is to be retried.
func (e *Engine) perform(ctx context.Context, t *task) (result, error) {
	object, ok := e.ledger.object(t.event.Object)
	if !ok {
		return failed("SrcVersionNotFound"), nil
	}
	object.Event = t.event.Kind
	v, err := e.snapshots.of(ctx, t.event.Object.Bucket, object.KMSKey)
	if err != nil {
		return result{}, err
	}
	order, how := v.judge(object, t.destination)
	if order == nil {
		return how, nil
	}
	order.task = t
	if err := e.inject(ctx, order); err != nil {
		return result{}, err
	}
	switch t.event.Kind {
	case model.DeleteMarkerMade:
		return e.deleteReplica(ctx, order)
	case model.TagsChanged:
		return e.changeTags(ctx, order)
	case model.ACLChanged:
		return e.changeACL(ctx, order)
	case model.LockChanged:
		return e.changeLock(ctx, order)
	default:
		return e.copyObject(ctx, order)
	}
}

// inject injects the active faults into the calls of replication, as into those of
// clients.
func (e *Engine) inject(ctx context.Context, order *order) error {
	if err := e.options.Faults.Inject(ctx, order.source.Region, "GetObjectVersionForReplication"); err != nil {
		return err
	}
	return e.options.Faults.Inject(ctx, order.destination.Region, callAt(order.task.event.Kind))
}

// callAt returns the permission for the call at the destination.
func callAt(kind model.Event) string {
	switch kind {
	case model.DeleteMarkerMade:
		return "ReplicateDelete"
	case model.TagsChanged:
		return "ReplicateTags"
	default:
		return "ReplicateObject"
	}
}
