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

// batch is what a worker has found since it last told.
type batch struct {
	comparison *comparison
	pair       *pair
	ctx        context.Context
	tally      Tally
	settled    map[Reason]int64 // by the lists
	doubts     []doubt
}

// doubt is what the lists do not settle.
type doubt struct {
	source, destination *Version
}

// match takes a version with its counterpart from the join.
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

// settle looks into all doubts at once, and tells of them in their order.
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
		if err := b.tell(finding); err != nil {
			return err
		}
	}
	clear(b.doubts) // they keep the pages in memory that they are from
	b.doubts = b.doubts[:0]
	return nil
}

// tell counts a finding, and hands it on if it says anything.
func (b *batch) tell(finding Finding) error {
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
	return b.comparison.tell(finding)
}

// done is what was counted, once all is settled. The batch begins anew.
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
