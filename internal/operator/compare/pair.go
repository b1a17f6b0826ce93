package compare

import (
	"context"
	"slices"
	"sync"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// samples is the number of findings of each reason in a summary.
const samples = 3

// pair is a source and one of its destinations.
type pair struct {
	replication string
	source      replication.DeployedBucket
	destination replication.DeployedBucket
	judge       judge
	// unread is the error of reading the source's live rules.
	unread error
	// match opens both lists after a key, in parts that have no key in common.
	match func(ctx context.Context, after string, part func(source, destination cursor) error) error
	// splits reports whether ranges of the lists can be read at once.
	splits bool

	mu sync.Mutex
	// done is what finished spans have counted.
	done    Tally
	samples map[Reason][]Finding
}

// matchLists lists both sides, in one part.
func (p *pair) matchLists(ctx context.Context, after string, part func(source, destination cursor) error) error {
	return part(newStream(ctx, p.judge.source, after), newStream(ctx, p.judge.destination, after))
}

// matchReports reads the reports of both sides.
func matchReports(source, destination *report) func(context.Context, string, func(source, destination cursor) error) error {
	return func(ctx context.Context, _ string, part func(source, destination cursor) error) error {
		return ordinary.match(source.feed(ctx), destination.feed(ctx), 0, part)
	}
}

// finish keeps what a span has counted.
func (p *pair) finish(tally Tally) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done.add(tally)
}

// sample keeps the first findings of each reason. After a comparison was
// resumed, one may come again.
func (p *pair) sample(finding Finding) {
	p.mu.Lock()
	defer p.mu.Unlock()
	kept := p.samples[finding.Reason]
	again := slices.ContainsFunc(kept, func(other Finding) bool { return other.Key == finding.Key && other.Version == finding.Version })
	if len(kept) < samples && !again {
		p.samples[finding.Reason] = append(kept, finding)
	}
}

// place names a bucket for people.
func place(p replication.DeployedBucket) string { return "s3://" + p.Bucket }
