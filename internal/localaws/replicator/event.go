package replicator

import (
	"context"
	"net/http"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/bucketevents"
	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// ObjectID identifies a version of an object by its public version id.
type ObjectID struct {
	Bucket, Key, Version string
}

// Event is an event of a version of an object.
type Event struct {
	Kind   model.Event
	Object ObjectID
	// At is the time of the event.
	At time.Time
	// Tags are the tags set with the upload.
	Tags map[string]string
	// Size in bytes, if it is known.
	Size int64
	// Header is the header of S3's response to an upload, or to HEAD after it: the
	// ETag, encryption, storage class and locks of the object.
	Header http.Header
	// Owner is the account that wrote the object.
	Owner string
	// ACL are the headers of the request that grant access.
	ACL http.Header
}

// Directory has the state of buckets and roles that is not in the emulator. The
// front implements it.
type Directory interface {
	// Generation returns a number that changes with every write to anything but
	// objects.
	Generation() uint64
	// Bucket returns the state of a bucket.
	Bucket(name string) Bucket
	// Replicating returns the buckets that have a replication configuration.
	Replicating() []string
	// Role reads a role from IAM, with an access key of its account.
	Role(ctx context.Context, accessKey, arn string) (Role, error)
}

// Bucket is the directory's state of a bucket. The documents are never modified.
type Bucket struct {
	Account     string
	Policy      *policy.Document
	Replication *s3config.Configuration
	// RequesterPays means that S3 replicates to it within its account only.
	RequesterPays bool
	// Notifications is the notification configuration, or nil.
	Notifications *bucketevents.Configuration
}

// Role has the policies of a role in IAM. Trust is nil if there is no such role.
type Role struct {
	Policies []policy.Document
	Boundary *policy.Document
	Trust    *policy.Document
}
