package compare

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// comparison compares pairs by ranges of keys that several workers take on.
type comparison struct {
	pairs   []*pair
	workers int
	// calls holds one for each call about a single version that is under way.
	calls chan struct{}
	// found is called with each difference, one call at a time.
	found     func(Finding) error
	reporting sync.Mutex
	// counted is the number of versions of all lists, for progress.
	counted atomic.Int64

	mu      sync.Mutex
	changed *sync.Cond
	waiting []*span
	active  map[*span]bool
}

func newComparison(pairs []*pair, workers int, found func(Finding) error) *comparison {
	c := &comparison{
		pairs: pairs, workers: workers, calls: make(chan struct{}, workers), found: found, active: map[*span]bool{},
	}
	c.changed = sync.NewCond(&c.mu)
	for _, p := range pairs {
		p.done, p.samples = newTally(), map[Reason][]Finding{}
	}
	return c
}

// whole are the ranges of a comparison that begins: the buckets.
func (c *comparison) whole() {
	for _, p := range c.pairs {
		c.waiting = append(c.waiting, newSpan(p, "", ""))
	}
}

// run compares until all is done, an error, or the end of the context.
func (c *comparison) run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	defer context.AfterFunc(ctx, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.changed.Broadcast()
	})()
	for range c.workers {
		group.Go(func() error { return c.work(ctx) })
	}
	return group.Wait()
}

func (c *comparison) work(ctx context.Context) error {
	for {
		s, err := c.take(ctx)
		if s == nil || err != nil {
			return err
		}
		if err := c.compare(ctx, s); err != nil {
			return err
		}
		c.finish(s)
	}
}

// take returns a range to work on: a waiting one, or a part of one that another
// worker compares. It returns nil when all is done.
func (c *comparison) take(ctx context.Context) (*span, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case len(c.waiting) > 0:
			s := c.waiting[0]
			c.waiting = c.waiting[1:]
			c.active[s] = true
			return s, nil
		case len(c.active) == 0:
			return nil, nil
		}
		part, err := c.split(ctx)
		if part != nil || err != nil {
			return part, err
		}
	}
}

// split takes a part of a long range, or waits until something changes. The lock is
// held on entry and on return.
func (c *comparison) split(ctx context.Context) (*span, error) {
	for s := range c.active {
		if !s.pair.splits {
			continue
		}
		after, upto, ok := s.claim()
		if !ok {
			continue
		}
		c.mu.Unlock()
		key, found, err := splitKey(ctx, s.pair.judge.source, after, upto)
		c.mu.Lock()
		s.release()
		if err != nil || !found {
			return nil, err
		}
		part, ok := s.splitAt(key)
		if !ok {
			return nil, nil
		}
		c.active[part] = true
		return part, nil
	}
	c.changed.Wait()
	return nil, nil
}

func (c *comparison) finish(s *span) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.active, s)
	s.pair.finish(s.tally)
	c.changed.Broadcast()
}

// compare compares one range of keys.
func (c *comparison) compare(ctx context.Context, s *span) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // of the lists, which are read ahead
	b := &batch{comparison: c, pair: s.pair, ctx: ctx, tally: newTally(), settled: map[Reason]int64{}}
	last := s.after
	commit := func() error {
		tally, err := b.done()
		if err == nil {
			s.commit(last, tally)
			c.counted.Add(tally.Source + tally.Destination)
			c.changed.Broadcast()
		}
		return err
	}
	err := s.pair.match(ctx, s.after, func(source, destination cursor) error {
		j := join{
			source: side{cursor: source, name: place(s.pair.source)}, destination: side{cursor: destination, name: place(s.pair.destination)},
			enter: s.enter, match: b.match,
			leave: func(key string) error {
				last = key
				if !b.full() {
					return nil
				}
				return commit()
			},
		}
		return j.run()
	})
	if err != nil {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err() // the lists ended for that
	}
	return commit()
}

// call makes a call about a single version, limited by calls.
func (c *comparison) call(ctx context.Context, do func() error) error {
	select {
	case c.calls <- struct{}{}:
		defer func() { <-c.calls }()
		return do()
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c *comparison) report(finding Finding) error {
	c.reporting.Lock()
	defer c.reporting.Unlock()
	if err := c.found(finding); err != nil {
		return fmt.Errorf("writing a difference: %w", err)
	}
	return nil
}
