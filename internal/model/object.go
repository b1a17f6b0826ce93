package model

import "github.com/crr-io/pulumi-aws-crr/pkg/replication"

// Object is one version of an object in the source bucket, and what happened
// to it. The zero value of every field is the ordinary case: an object that a
// client of the bucket's own account has just written, in the class STANDARD,
// without tags, encrypted as the bucket does by default.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-what-is-isnot-replicated.html
type Object struct {
	// Key of the object: "finance/q3.pdf".
	Key string `json:"key"`
	// Size in bytes. Zero: unknown, and notes about small objects are left out.
	Size int64 `json:"size,omitempty"`
	// Tags that came with the request that wrote the object. S3 matches the
	// rules with these alone.
	Tags map[string]string `json:"tags,omitempty"`
	// TagsAddedLater were put on the object after it was written.
	TagsAddedLater map[string]string `json:"tagsAddedLater,omitempty"`
	// StorageClass of the source object. Left out: STANDARD.
	StorageClass replication.StorageClass `json:"storageClass,omitempty"`
	// ArchiveTier that INTELLIGENT_TIERING has moved the object to.
	ArchiveTier ArchiveTier `json:"archiveTier,omitempty"`
	// Encryption of the source object. Left out: the bucket's default.
	Encryption ObjectEncryption `json:"encryption,omitempty"`
	// KMSKey that the source object is encrypted with. Left out: the bucket's
	// default key.
	KMSKey string `json:"kmsKey,omitempty"`
	// Event is what happened. Left out: the object was written.
	Event Event `json:"event,omitempty"`
	// Replica says that the version came here by replication.
	Replica bool `json:"replica,omitempty"`
	// Existing says that it was written before the rule was there, or while the
	// rule was disabled.
	Existing bool `json:"existing,omitempty"`
	// AlreadyReplicated says that an earlier configuration has replicated the
	// version to another destination.
	AlreadyReplicated bool `json:"alreadyReplicated,omitempty"`
	// Locked says that the version has a retention period or a legal hold.
	Locked bool `json:"locked,omitempty"`
	// Owner is the account that owns the object. Left out: the bucket's.
	Owner string `json:"owner,omitempty"`
	// OwnerGrants says whether an owner from another account lets the bucket's
	// owner read the object and its ACL.
	OwnerGrants Fact `json:"-"`
}

// Event is what happens to an object: what S3 may replicate, or not.
type Event string

// The events. [Written] may also be left out.
const (
	// Written by PutObject, CopyObject, a form or a multipart upload.
	Written Event = "written"
	// DeleteMarkerMade by a user who deleted the object without a version id.
	DeleteMarkerMade Event = "delete-marker"
	// DeleteMarkerExpired was made by a lifecycle rule.
	DeleteMarkerExpired Event = "lifecycle-delete-marker"
	// VersionDeleted for good, by its version id.
	VersionDeleted Event = "version-delete"
	// TagsChanged on a version that is there already.
	TagsChanged Event = "tags"
	// ACLChanged on a version that is there already.
	ACLChanged Event = "acl"
	// LockChanged: the retention or legal hold of a version.
	LockChanged Event = "object-lock"
	// RestoredFromArchive for some days, by RestoreObject.
	RestoredFromArchive Event = "restore"
	// Transitioned to another storage class by a lifecycle rule.
	Transitioned Event = "transition"
)

// Events are all events, the ordinary one first.
var Events = []Event{
	Written, DeleteMarkerMade, DeleteMarkerExpired, VersionDeleted,
	TagsChanged, ACLChanged, LockChanged, RestoredFromArchive, Transitioned,
}

// deletes reports whether the event is a delete marker.
func (e Event) deletes() bool { return e == DeleteMarkerMade || e == DeleteMarkerExpired }

// changesMetadata reports whether the event leaves the data of a version alone.
func (e Event) changesMetadata() bool { return e == TagsChanged || e == ACLChanged || e == LockChanged }

// ObjectEncryption is how an object is encrypted at rest, in the words of S3's
// x-amz-server-side-encryption. The zero value is unknown.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/serv-side-encryption.html
type ObjectEncryption string

// The ways of encryption.
const (
	// Unencrypted objects can only be from before January 2023.
	Unencrypted ObjectEncryption = "none"
	SSES3       ObjectEncryption = "AES256"
	SSEKMS      ObjectEncryption = "aws:kms"
	DSSEKMS     ObjectEncryption = "aws:kms:dsse"
	// SSEC is with a key that the client sends along.
	SSEC ObjectEncryption = "SSE-C"
)

// ObjectEncryptions are all of them.
var ObjectEncryptions = []ObjectEncryption{Unencrypted, SSES3, SSEKMS, DSSEKMS, SSEC}

// usesKMS reports whether a rule has to opt such objects in.
func (e ObjectEncryption) usesKMS() bool { return e == SSEKMS || e == DSSEKMS }

// ArchiveTier is a tier of INTELLIGENT_TIERING that cannot be read at once.
// The zero value is any tier that can.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/intelligent-tiering-overview.html
type ArchiveTier string

// The archive tiers.
const (
	ArchiveAccess     ArchiveTier = "ARCHIVE_ACCESS"
	DeepArchiveAccess ArchiveTier = "DEEP_ARCHIVE_ACCESS"
)

// archived reports whether the data can only be had by a restore.
func (o *Object) archived() bool { return o.ArchiveTier != "" || archives(o.StorageClass) }

// archives reports whether objects of the class must be restored to be read.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-class-intro.html
func archives(c replication.StorageClass) bool { return c == "GLACIER" || c == "DEEP_ARCHIVE" }
