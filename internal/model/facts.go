package model

import (
	"github.com/crr-io/pulumi-aws-crr/internal/awsid"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// Fact is a boolean that may be unknown. The zero value is Unknown.
type Fact int8

// The answers.
const (
	Unknown Fact = iota
	Yes
	No
)

// FactOf returns Yes or No.
func FactOf(answer bool) Fact {
	if answer {
		return Yes
	}
	return No
}

// Facts are the facts outside the replication configuration that decide about replication. All are
// optional: missing facts are unknown, and answers list the assumptions that they rest on.
type Facts struct {
	// Source is the bucket that has the configuration.
	Source BucketFacts
	// Destinations by the name of their bucket.
	Destinations map[string]BucketFacts
	// Role is the one that S3 assumes.
	Role RoleFacts
	// NoConfiguration says how it is known that the source bucket has no replication
	// configuration. Empty: it has one.
	NoConfiguration string
	// AsDeployed says that these are the facts of a deployment, and may have
	// changed since.
	AsDeployed bool
}

// BucketFacts are those of one bucket.
type BucketFacts struct {
	// Name that people know the bucket by: "dr".
	Name string
	// Bucket is its name in S3.
	Bucket string
	// Region of the bucket.
	Region string
	// Account that owns the bucket: 12 digits.
	Account string
	// Versioning of the bucket.
	Versioning VersioningState
	// Ownership of objects that are written to the bucket.
	Ownership ObjectOwnership
	// ObjectLock is on for the bucket.
	ObjectLock Fact
	// DefaultEncryption of objects written without asking for one, and its key.
	DefaultEncryption ObjectEncryption
	DefaultKey        string
	// BucketKey is on for the bucket.
	BucketKey Fact
	// BlocksSSEC says that the bucket refuses objects with keys of the client.
	BlocksSSEC Fact
	// RequesterPays is on for the bucket.
	RequesterPays Fact
	// SyncsReplicas says that this bucket has a rule back to the source with
	// replica modification sync.
	SyncsReplicas Fact
	// HadObjects says that the bucket is older than its replication.
	HadObjects Fact
	// NoncurrentDays after which a lifecycle rule deletes old versions. Zero:
	// none, or not known.
	NoncurrentDays int
	// Keys of KMS by ARN, and what is known of them.
	Keys map[string]KeyFacts
	// Policy of the bucket. An empty document says that it has none.
	Policy *policy.Document
}

// RoleFacts are those of the replication role.
type RoleFacts struct {
	// Decrypts are the source keys that the role may use. Nil: unknown.
	Decrypts []string
	// Policies of the role. Nil: unknown.
	Policies []policy.Document
	// Boundary is its permissions boundary. Nil: none, or not known.
	Boundary *policy.Document
	// Trust is its trust policy. Nil: not known.
	Trust *policy.Document
	// ServiceControl are the service control policies over its account, level by level. Nil: none, or not known.
	ServiceControl []policy.Level
	// ResourceControl are the resource control policies over the role, the buckets and the keys. Nil: none, or not known.
	ResourceControl []policy.Document
}

// KeyFacts are those of one KMS key.
type KeyFacts struct {
	State  KeyState
	Policy *policy.Document
}

// KeyState is the state of a KMS key. The zero value is unknown.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
type KeyState string

// The states that matter here. KMS has more, such as PendingImport; every
// state but KeyEnabled makes the key unusable.
const (
	KeyEnabled         KeyState = "Enabled"
	KeyDisabled        KeyState = "Disabled"
	KeyPendingDeletion KeyState = "PendingDeletion"
	// KeyNotFound is no state of KMS: there is no such key.
	KeyNotFound KeyState = "NotFound"
)

// VersioningState of a bucket. The zero value is unknown.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html
type VersioningState string

// The states.
const (
	VersioningEnabled   VersioningState = "Enabled"
	VersioningSuspended VersioningState = "Suspended"
	// VersioningNever was switched on.
	VersioningNever VersioningState = "Off"
)

// missing reports whether the bucket is known not to be versioned.
func (s VersioningState) missing() bool { return s != "" && s != VersioningEnabled }

// ObjectOwnership of a bucket. The zero value is unknown.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
type ObjectOwnership string

// The settings. BucketOwnerEnforced, which switches ACLs off, is that of every
// bucket made since April 2023, unless its maker asked for another.
const (
	BucketOwnerEnforced  ObjectOwnership = "BucketOwnerEnforced"
	BucketOwnerPreferred ObjectOwnership = "BucketOwnerPreferred"
	ObjectWriter         ObjectOwnership = "ObjectWriter"
)

// destination returns the known facts about a destination, at least the name of its bucket.
func (f *Facts) destination(bucket string) BucketFacts {
	facts := f.Destinations[bucket]
	facts.Bucket = bucket
	return facts
}

// accountOr returns the account of the bucket if known, or else the one that the rule names.
func (b *BucketFacts) accountOr(declared string) string {
	if b.Account != "" {
		return b.Account
	}
	return declared
}

// accountsDiffer reports whether two buckets belong to different accounts. A placeholder may turn
// out to be any account.
func accountsDiffer(source, destination string) Fact {
	switch {
	case source == "" || destination == "":
		return Unknown
	case source == destination:
		return No
	case awsid.IsAccount(source) && awsid.IsAccount(destination):
		return Yes
	default:
		return Unknown
	}
}

// mayBeCrossAccount reports whether replicas should be owned by the destination's account. That is
// harmless if a placeholder turns out to be the same account.
func mayBeCrossAccount(source, destination string) bool {
	return source != "" && destination != "" && source != destination
}
