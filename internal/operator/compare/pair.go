package compare

import (
	"context"
	"sync"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// samples is how many findings of each reason a summary shows.
const samples = 3

// pair is a source and one of its destinations.
type pair struct {
	replication string
	source      replication.DeployedPlace
	destination replication.DeployedPlace
	judge       judge
	// lists opens both lists after a key.
	lists func(ctx context.Context, after string) (source, destination cursor, err error)
	// splits tells whether ranges of the lists can be read at once.
	splits bool

	mu sync.Mutex
	// done is what finished spans have counted.
	done    Tally
	samples map[Reason][]Finding
}

// listed are the lists of S3 itself.
func (p *pair) listed(ctx context.Context, after string) (source, destination cursor, err error) {
	return newStream(ctx, p.judge.source, after), newStream(ctx, p.judge.destination, after), nil
}

// finish keeps what a span has counted.
func (p *pair) finish(tally Tally) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done.add(tally)
}

// sample keeps the first findings of each reason.
func (p *pair) sample(finding Finding) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if kept := p.samples[finding.Reason]; len(kept) < samples {
		p.samples[finding.Reason] = append(kept, finding)
	}
}

// place names a bucket for people.
func place(p replication.DeployedPlace) string { return "s3://" + p.Bucket }
