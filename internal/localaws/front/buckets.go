package front

import (
	"sync"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/bucketevents"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// bucket is what the front keeps of a bucket. Documents are nil where there
// are none, and never changed once they are here.
type bucket struct {
	owner       string // account
	region      string
	policy      *bucketPolicy
	replication *bucketReplication
	lifecycle   *lifecycle
	logging     []byte
	encryption  *encryptionRule // nil: as new buckets do
	// notifications are what the bucket notifies of.
	notifications *bucketevents.Configuration
	// named are the configurations that have ids, by sub-resource and id.
	named map[string][]byte
}

// toEventBridge reports whether Amazon EventBridge gets the bucket's events.
func (b *bucket) toEventBridge() bool {
	return b.notifications != nil && b.notifications.EventBridge != nil
}

// bucketPolicy is a policy as it was put, and what it says.
type bucketPolicy struct {
	text     []byte
	document policy.Document
}

// bucketReplication is a replication configuration as S3 gives it back, and
// what it says.
type bucketReplication struct {
	text          []byte
	configuration replication.Configuration
}

// buckets are all buckets that the front knows: those made through it, and
// those that were given a document through it.
type buckets struct {
	generation *generation

	mu     sync.RWMutex
	byName map[string]bucket
}

func newBuckets(g *generation) *buckets {
	return &buckets{generation: g, byName: map[string]bucket{}}
}

func (b *buckets) get(name string) bucket {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.byName[name]
}

func (b *buckets) update(name string, change func(*bucket)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	kept := b.byName[name]
	change(&kept)
	b.byName[name] = kept
	b.generation.count.Add(1)
}

// replicating are the buckets that have a replication configuration.
func (b *buckets) replicating() []string {
	b.mu.RLock()
	defer b.mu.RUnlock()
	var names []string
	for name, kept := range b.byName {
		if kept.replication != nil {
			names = append(names, name)
		}
	}
	return names
}

func (b *buckets) forget(name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.byName, name)
	b.generation.count.Add(1)
}
