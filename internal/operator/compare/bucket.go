package compare

import (
	"context"
	"maps"
	"time"
)

// Lister lists a bucket, sorted by key as S3 does.
type Lister interface {
	// List returns at most limit versions after a position. A page may hold less
	// and still have more after it.
	List(ctx context.Context, after Position, limit int) (Page, error)
}

// Bucket is one side of a comparison.
type Bucket interface {
	Lister
	// Head reads a version, or the current one if id is "".
	Head(ctx context.Context, key, version string) (Attributes, error)
	// Tags reads the tags of a version, or of the current one if id is "".
	Tags(ctx context.Context, key, version string) (map[string]string, error)
}

// Attributes of one version.
type Attributes struct {
	// Found reports whether there is such a version, be it a delete marker.
	Found bool
	// Marker reports whether it is a delete marker.
	Marker bool
	// Version is its id.
	Version string
	Size    int64
	ETag    string
	Class   string
	// Status of replication: PENDING, COMPLETED, FAILED, REPLICA or none.
	Status string
	// Encryption in the words of replication.ObjectEncryption.
	Encryption string
	// Key of KMS that it is encrypted with.
	Key string
	// BucketKey is set if it is encrypted with the bucket key.
	BucketKey bool
	// Checksums by their algorithm and type: "CRC32 FULL_OBJECT".
	Checksums map[string]string
	// ChecksumRefused is set if S3 did not return them for lack of kms:Decrypt.
	ChecksumRefused bool
	// Metadata of the user, and the headers that S3 gives back with the object.
	Metadata map[string]string
	Lock     Lock
	// TagCount is how many tags it has.
	TagCount int
	// Modified is when it was written. Zero: S3 did not say.
	Modified time.Time
	// ArchiveTier that INTELLIGENT_TIERING has moved it to.
	ArchiveTier string
}

// Lock is the retention and legal hold of a version. The zero value is no lock.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
type Lock struct {
	Mode  string
	Until time.Time
	Hold  bool
}

func (l Lock) equal(other Lock) bool {
	return l.Mode == other.Mode && l.Until.Equal(other.Until) && l.Hold == other.Hold
}

// String says it for people.
func (l Lock) String() string {
	text := "none"
	if l.Mode != "" {
		text = l.Mode + " until " + l.Until.UTC().Format(time.RFC3339)
	}
	if l.Hold {
		text += ", legal hold"
	}
	return text
}

// sameChecksum compares the checksums that both have. It is not known where
// they have none in common.
func sameChecksum(a, b Attributes) (same, known bool) {
	for kind, sum := range a.Checksums {
		if other, has := b.Checksums[kind]; has {
			if sum != other {
				return false, true
			}
			known = true
		}
	}
	return known, known
}

// sameMetadata reports whether nothing was lost and nothing added.
func sameMetadata(a, b Attributes) bool { return maps.Equal(a.Metadata, b.Metadata) }
