package front

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/awsid"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/replicator"
)

// Replicator handles the events of objects and returns their replication state. Its
// methods don't block, except that those about versions in the emulator wait for
// replicas that are being created.
type Replicator interface {
	// HandleEvent handles an event. Version ids are public ones.
	HandleEvent(event replicator.Event)
	// Status returns the replication status of a version in S3, or "".
	Status(id replicator.ObjectID) string
	// Modified returns the modification time of a version in S3. The ETag and the
	// emulated time are the emulator's. Without a version id it is the object's
	// newest version.
	Modified(id replicator.ObjectID, etag string, emulated time.Time) time.Time
	// BucketGone handles the deletion of a bucket.
	BucketGone(bucket string)
	// Translates reports whether any of the next three methods changes anything.
	Translates() bool
	// EmulatedVersion returns the emulator's id of a version.
	EmulatedVersion(id replicator.ObjectID) string
	// PublicVersion returns the id for clients of a version in the emulator.
	PublicVersion(emulated replicator.ObjectID) string
	// PublicVersions replaces the emulator's version ids in a document about a
	// bucket.
	PublicVersions(bucket string, document []byte) []byte
}

// noop is a Replicator that replicates nothing.
type noop struct{}

func (noop) HandleEvent(replicator.Event)                    {}
func (noop) Status(replicator.ObjectID) string               { return "" }
func (noop) BucketGone(string)                               {}
func (noop) Translates() bool                                { return false }
func (noop) EmulatedVersion(id replicator.ObjectID) string   { return id.Version }
func (noop) PublicVersion(id replicator.ObjectID) string     { return id.Version }
func (noop) PublicVersions(_ string, document []byte) []byte { return document }

func (noop) Modified(_ replicator.ObjectID, _ string, emulated time.Time) time.Time {
	return emulated
}

// Replicate sets the replicator that handles the events of objects. It must be
// called before the first request.
func (f *Front) Replicate(with Replicator) { f.replicator = with }

// generation counts writes to anything but objects.
type generation struct{ count atomic.Uint64 }

// Generation implements [replicator.Directory].
func (f *Front) Generation() uint64 { return f.generation.count.Load() }

// Bucket implements [replicator.Directory].
func (f *Front) Bucket(name string) replicator.Bucket {
	kept := f.buckets.get(name)
	known := replicator.Bucket{Account: kept.owner, RequesterPays: kept.requesterPays}
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
	details, err := f.visibleDetails(ctx, accessKey, awsid.AccountOf(arn))
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
