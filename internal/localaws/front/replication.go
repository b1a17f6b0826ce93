package front

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/replicator"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// Replicator is told what happens to objects, and knows what became of it. Its
// methods take no time, but that those about what the emulator has shown wait for
// replicas that are being made.
type Replicator interface {
	// Happened tells of an event. Version ids are those that clients see.
	Happened(event replicator.Event)
	// Status that S3 shows of a version, or "".
	Status(id replicator.ObjectID) string
	// Modified is when S3 shows a version to have been modified that the emulator
	// has with an ETag and a time of its own. Without a version id it is the
	// object's newest.
	Modified(id replicator.ObjectID, etag string, emulated time.Time) time.Time
	// BucketGone tells that a bucket was deleted.
	BucketGone(bucket string)
	// Translates tells whether any of the next three changes anything.
	Translates() bool
	// EmulatedVersion is the emulator's id of a version.
	EmulatedVersion(id replicator.ObjectID) string
	// PublicVersion is the id that clients see of a version of the emulator's.
	PublicVersion(emulated replicator.ObjectID) string
	// PublicVersions replaces the emulator's version ids in a document about a bucket.
	PublicVersions(bucket string, document []byte) []byte
}

// nobody replicates nothing.
type nobody struct{}

func (nobody) Happened(replicator.Event)                       {}
func (nobody) Status(replicator.ObjectID) string               { return "" }
func (nobody) BucketGone(string)                               {}
func (nobody) Translates() bool                                { return false }
func (nobody) EmulatedVersion(id replicator.ObjectID) string   { return id.Version }
func (nobody) PublicVersion(id replicator.ObjectID) string     { return id.Version }
func (nobody) PublicVersions(_ string, document []byte) []byte { return document }

func (nobody) Modified(_ replicator.ObjectID, _ string, emulated time.Time) time.Time {
	return emulated
}

// Replicate has a replicator told of what happens to objects. It must be called
// before the first request comes.
func (f *Front) Replicate(with Replicator) { f.replicator = with }

// generation counts what is written, but for objects.
type generation struct{ count atomic.Uint64 }

// Generation implements [replicator.Directory].
func (f *Front) Generation() uint64 { return f.generation.count.Load() }

// Bucket implements [replicator.Directory].
func (f *Front) Bucket(name string) replicator.Bucket {
	kept := f.buckets.get(name)
	known := replicator.Bucket{Account: kept.owner}
	if kept.policy != nil {
		known.Policy = &kept.policy.document
	}
	if len(kept.notifications.Targets()) > 0 {
		known.Notifications = kept.notifications
	}
	if kept.replication != nil {
		known.Replication = &kept.replication.configuration
	}
	return known
}

// Replicating implements [replicator.Directory].
func (f *Front) Replicating() []string { return f.buckets.replicating() }

// Role implements [replicator.Directory].
func (f *Front) Role(ctx context.Context, accessKey, arn string) (replicator.Role, error) {
	details, err := f.visibleDetails(ctx, accessKey, replication.AccountOf(arn))
	if err != nil {
		return replicator.Role{}, fmt.Errorf("reading the policies of %s: %w", arn, err)
	}
	for _, role := range details.Roles {
		if role.ARN != arn || role.invisible {
			continue
		}
		says, err := details.assemble(role, []principalDetails{role})
		if err != nil {
			return replicator.Role{}, err
		}
		trust, err := decodePolicy(role.Trust)
		return replicator.Role{Policies: says.policies, Boundary: says.boundary, Trust: &trust}, err
	}
	return replicator.Role{}, nil
}
