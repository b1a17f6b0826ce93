package replicator

import (
	"container/heap"
	"context"
	"sync"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/faults"
)

// task is what one event calls for at one destination.
type task struct {
	event       Event
	destination string
	series      *series // nil: the rule has no metrics
	attempts    int
}

// line is a queue of the tasks for one key and one destination. One of them at
// a time is being worked on, the first.
type line struct {
	id    lineID
	tasks []*task
	due   time.Time
}

type lineID struct{ bucket, key, destination string }

// schedule hands out lines when their first task is due.
type schedule struct {
	mu    sync.Mutex
	lines map[lineID]*line
	ready dueLines
	// paused are due, and out of buckets that nothing is replicated out of now.
	paused []*line
	wake   chan struct{}
	// seen tells whether the faults are still those that lines were paused by.
	seen <-chan struct{}
}

func newSchedule() *schedule {
	return &schedule{lines: map[lineID]*line{}, wake: make(chan struct{}, 1)}
}

// add puts a task at the end of its line.
func (s *schedule) add(t *task, due time.Time) {
	id := lineID{t.event.Object.Bucket, t.event.Object.Key, t.destination}
	s.mu.Lock()
	defer s.mu.Unlock()
	if l, ok := s.lines[id]; ok {
		l.tasks = append(l.tasks, t)
		return
	}
	l := &line{id: id, tasks: []*task{t}, due: due}
	s.lines[id] = l
	s.push(l)
}

func (s *schedule) push(l *line) {
	heap.Push(&s.ready, l)
	select {
	case s.wake <- struct{}{}:
	default: // it is going to wake up already
	}
}

// next waits until a line is due, and takes it out. It returns nil when the
// context ends.
func (s *schedule) next(ctx context.Context, pause *faults.Set) *line {
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

// longest time to sleep when nothing is to be done.
const idle = time.Hour

// pop takes out the first line that is due, and puts those aside that are due
// and paused. Where there is none, it returns how long to wait.
func (s *schedule) pop(now time.Time, paused func(bucket string) bool) (*line, time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.ready) > 0 {
		if wait := s.ready[0].due.Sub(now); wait > 0 {
			return nil, wait
		}
		l := heap.Pop(&s.ready).(*line)
		if !paused(l.id.bucket) {
			return l, 0
		}
		s.paused = append(s.paused, l)
	}
	return nil, idle
}

// resume takes back the lines that were put aside.
func (s *schedule) resume() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.paused {
		heap.Push(&s.ready, l)
	}
	s.paused = nil
}

// first is the task of a line that is to be worked on.
func (s *schedule) first(l *line) *task {
	s.mu.Lock()
	defer s.mu.Unlock()
	return l.tasks[0]
}

// done takes the first task off a line. The next one is due after the delay.
func (s *schedule) done(l *line, delay time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l.tasks[0] = nil
	l.tasks = l.tasks[1:]
	if len(l.tasks) == 0 {
		delete(s.lines, l.id)
		return
	}
	l.due = l.tasks[0].event.At.Add(delay)
	s.push(l)
}

// again has a line's first task tried later.
func (s *schedule) again(l *line, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l.due = at
	s.push(l)
}

// dueLines is a heap of lines, the one that is due first on top.
type dueLines []*line

func (d dueLines) Len() int           { return len(d) }
func (d dueLines) Less(i, j int) bool { return d[i].due.Before(d[j].due) }
func (d dueLines) Swap(i, j int)      { d[i], d[j] = d[j], d[i] }

func (d *dueLines) Push(l any) { *d = append(*d, l.(*line)) }

func (d *dueLines) Pop() any {
	old := *d
	last := old[len(old)-1]
	old[len(old)-1] = nil
	*d = old[:len(old)-1]
	return last
}
