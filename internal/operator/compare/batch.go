package compare

import (
	"context"

	"golang.org/x/sync/errgroup"
)

const (
	// batchSize is how many versions are counted at once.
	batchSize = pageSize
	// doubtsAtOnce is how many versions may wait to be looked into.
	doubtsAtOnce = 256
)

// batch collects a worker's findings until they are counted.
type batch struct {
	comparison *comparison
	pair       *pair
	ctx        context.Context
	tally      Tally
	settled    map[Reason]int64 // by the lists
	doubts     []doubt
}

// doubt is a version that the lists do not settle.
type doubt struct {
	source, destination *Version
}

// match receives a version with its counterpart from the join.
func (b *batch) match(source, destination *Version) error {
	if source != nil {
		b.tally.Source++
	}
	if destination != nil {
		b.tally.Destination++
	}
	if source != nil && destination != nil {
		if reason, ok := b.pair.judge.listed(source, destination); ok {
			b.settled[reason]++
			return nil
		}
	}
	b.doubts = append(b.doubts, doubt{source, destination})
	if len(b.doubts) < doubtsAtOnce {
		return nil
	}
	return b.settle()
}

func (b *batch) full() bool { return b.tally.Source+b.tally.Destination >= 2*batchSize }

// settle examines all doubts concurrently and reports them in order.
func (b *batch) settle() error {
	findings := make([]Finding, len(b.doubts))
	group, ctx := errgroup.WithContext(b.ctx)
	for i, each := range b.doubts {
		group.Go(func() error {
			return b.comparison.call(ctx, func() (err error) {
				findings[i], err = b.pair.judge.examine(ctx, each.source, each.destination)
				return err
			})
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for _, finding := range findings {
		if err := b.report(finding); err != nil {
			return err
		}
	}
	clear(b.doubts) // they keep the pages in memory that they are from
	b.doubts = b.doubts[:0]
	return nil
}

// report counts a finding and passes it on unless the versions are the same.
func (b *batch) report(finding Finding) error {
	b.tally.Reasons[finding.Reason]++
	if finding.Reason == alike {
		return nil
	}
	finding.Replication, finding.Destination = b.pair.replication, b.pair.destination.Name
	finding.Retry = retryOf(b.pair.source, finding)
	b.pair.sample(finding)
	if finding.Verdict == Same || finding.Verdict == NotSelected {
		return nil
	}
	return b.comparison.report(finding)
}

// done settles all doubts, returns the counts and resets the batch.
func (b *batch) done() (Tally, error) {
	if err := b.settle(); err != nil {
		return Tally{}, err
	}
	tally := b.tally
	for reason, count := range b.settled {
		tally.Reasons[reason] += count
	}
	b.tally = newTally()
	clear(b.settled)
	return tally, nil
}
