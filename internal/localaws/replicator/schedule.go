package replicator

import (
	"container/heap"
	"context"
	"sync"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/faults"
)

// task is the work for one event at one destination.
type task struct {
	event       Event
	destination string
	series      *series // nil: the rule has no metrics
	attempts    int
}

// queue has the tasks for one key and one destination. Only the first one is
// processed at a time.
type queue struct {
	id    queueID
	tasks []*task
	due   time.Time
}

type queueID struct{ bucket, key, destination string }

// schedule returns queues when their first task is due.
type schedule struct {
	mu     sync.Mutex
	queues map[queueID]*queue
	ready  dueQueues
	// paused are due queues of buckets whose replication is paused.
	paused []*queue
	wake   chan struct{}
	// seen is closed when the faults have changed since queues were paused.
	seen <-chan struct{}
}

func newSchedule() *schedule {
	return &schedule{queues: map[queueID]*queue{}, wake: make(chan struct{}, 1)}
}

// add appends a task to its queue.
func (s *schedule) add(t *task, due time.Time) {
	id := queueID{t.event.Object.Bucket, t.event.Object.Key, t.destination}
	s.mu.Lock()
	defer s.mu.Unlock()
	if l, ok := s.queues[id]; ok {
		l.tasks = append(l.tasks, t)
		return
	}
	l := &queue{id: id, tasks: []*task{t}, due: due}
	s.queues[id] = l
	s.push(l)
}

func (s *schedule) push(l *queue) {
	heap.Push(&s.ready, l)
	select {
	case s.wake <- struct{}{}:
	default: // a wake-up is already pending
	}
}

// next waits until a queue is due, and removes it from the schedule. It returns nil
// when the context ends.
func (s *schedule) next(ctx context.Context, pause *faults.Set) *queue {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for ctx.Err() == nil {
		paused, changed := pause.Paused()
		if changed != s.seen {
			s.resume()
			s.seen = changed
		}
		l, wait := s.pop(time.Now(), paused)
		if l != nil {
			return l
		}
		timer.Reset(wait)
		select {
		case <-ctx.Done():
		case <-changed:
		case <-s.wake:
		case <-timer.C:
		}
	}
	return nil
}

// idle is the longest time to sleep without due tasks.
const idle = time.Hour

// pop removes the first queue that is due, and puts aside those that are due and
// paused. If there is none, it returns how long to wait.
func (s *schedule) pop(now time.Time, paused func(bucket string) bool) (*queue, time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.ready) > 0 {
		if wait := s.ready[0].due.Sub(now); wait > 0 {
			return nil, wait
		}
		l := heap.Pop(&s.ready).(*queue)
		if !paused(l.id.bucket) {
			return l, 0
		}
		s.paused = append(s.paused, l)
	}
	return nil, idle
}

// resume reschedules the queues that were put aside.
func (s *schedule) resume() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.paused {
		heap.Push(&s.ready, l)
	}
	s.paused = nil
}

// first returns the first task of a queue.
func (s *schedule) first(l *queue) *task {
	s.mu.Lock()
	defer s.mu.Unlock()
	return l.tasks[0]
}

// done removes the first task of a queue. The next one is due after the delay.
func (s *schedule) done(l *queue, delay time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l.tasks[0] = nil
	l.tasks = l.tasks[1:]
	if len(l.tasks) == 0 {
		delete(s.queues, l.id)
		return
	}
	l.due = l.tasks[0].event.At.Add(delay)
	s.push(l)
}

// again reschedules the first task of a queue.
func (s *schedule) again(l *queue, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l.due = at
	s.push(l)
}

// dueQueues is a heap of queues, ordered by due time.
type dueQueues []*queue

func (d dueQueues) Len() int           { return len(d) }
func (d dueQueues) Less(i, j int) bool { return d[i].due.Before(d[j].due) }
func (d dueQueues) Swap(i, j int)      { d[i], d[j] = d[j], d[i] }

func (d *dueQueues) Push(l any) { *d = append(*d, l.(*queue)) }

func (d *dueQueues) Pop() any {
	old := *d
	last := old[len(old)-1]
	old[len(old)-1] = nil
	*d = old[:len(old)-1]
	return last
}
