package replicator

import (
	"context"
	"net/http"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/bucketevents"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// ObjectID names a version of an object, by the version id that clients see.
type ObjectID struct {
	Bucket, Key, Version string
}

// Event is something that happened to a version of an object.
type Event struct {
	Kind   replication.Event
	Object ObjectID
	// At is when it happened.
	At time.Time
	// Tags that came with the upload.
	Tags map[string]string
	// Size in bytes, as far as it is known.
	Size int64
	// Header of S3's answer to an upload, or to a HEAD after it: the ETag,
	// encryption, storage class and locks of the object.
	Header http.Header
	// Owner is the account of who wrote the object.
	Owner string
	// ACL are the headers of the request that grant access.
	ACL http.Header
}

// Directory knows what the emulator doesn't. The front is one.
type Directory interface {
	// Generation is another one whenever anything but objects was written.
	Generation() uint64
	// Bucket returns what is known of a bucket.
	Bucket(name string) Bucket
	// Replicating are the buckets that have a replication configuration.
	Replicating() []string
	// Role reads what IAM says about a role, with an access key of its account.
	Role(ctx context.Context, accessKey, arn string) (Role, error)
}

// Bucket is what the directory knows of a bucket. The documents are never
// changed.
type Bucket struct {
	Account     string
	Policy      *policy.Document
	Replication *replication.Configuration
	// Notifications are what the bucket notifies of, where it notifies of anything.
	Notifications *bucketevents.Configuration
}

// Role is what IAM says about a role. Trust is nil where there is no such role.
type Role struct {
	Policies []policy.Document
	Boundary *policy.Document
	Trust    *policy.Document
}
