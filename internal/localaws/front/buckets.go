package front

import (
	"sync"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// bucket is what the front keeps of a bucket. Documents are nil where there
// are none, and never changed once they are here.
type bucket struct {
	owner       string // account
	policy      *bucketPolicy
	replication []byte
	lifecycle   *lifecycle
}

// bucketPolicy is a policy as it was put, and what it says.
type bucketPolicy struct {
	text     []byte
	document policy.Document
}

// buckets are all buckets that the front knows: those made through it, and
// those that were given a document through it.
type buckets struct {
	mu     sync.RWMutex
	byName map[string]bucket
}

func newBuckets() *buckets {
	return &buckets{byName: map[string]bucket{}}
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
}

func (b *buckets) forget(name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.byName, name)
}

func (b *buckets) reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	clear(b.byName)
}
