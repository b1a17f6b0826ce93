package front

import (
	"sync"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/bucketevents"
	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// bucket is the state that the front keeps for a bucket. Missing documents are nil,
// and documents are never modified.
type bucket struct {
	owner       string // account
	region      string
	policy      *bucketPolicy
	replication *bucketReplication
	lifecycle   *lifecycle
	logging     []byte
	encryption  *encryptionRule // nil: the default of new buckets
	// requesterPays means that callers of other accounts pay for their requests.
	requesterPays bool
	// notifications is the notification configuration.
	notifications *bucketevents.Configuration
	// named are the configurations with ids, by sub-resource and id.
	named map[string][]byte
}

// toEventBridge reports whether the bucket sends events to Amazon EventBridge.
func (b *bucket) toEventBridge() bool {
	return b.notifications != nil && b.notifications.EventBridge != nil
}

// bucketPolicy is a policy as it was put, and its parsed form.
type bucketPolicy struct {
	text     []byte
	document policy.Document
}

// bucketReplication is a replication configuration as S3 returns it, and its parsed
// form.
type bucketReplication struct {
	text          []byte
	configuration s3config.Configuration
}

// buckets holds the buckets that were created or configured through the front.
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

// replicating returns the buckets with a replication configuration.
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
