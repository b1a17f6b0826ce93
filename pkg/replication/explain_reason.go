package replication

import (
	"fmt"
	"maps"
)

// Reason is why an object does not replicate, why that is not certain, or what
// else is to be known of its replica.
type Reason struct {
	// ID is stable: scripts may rely on it. See [Reasons].
	ID string `json:"id"`
	// Sentence says it for people.
	Sentence string `json:"sentence"`
	// Fix says what to do about it.
	Fix string `json:"fix,omitempty"`
	// Failure is the reason that S3 gives when it tries and fails. Empty where
	// S3 does not even try, and the object never gets a replication status.
	// See [FailureByID].
	Failure string `json:"failure,omitempty"`
	// See is the page of the AWS documentation behind it.
	See string `json:"see"`

	uncertain bool
}

// Assumption is something that an answer takes for granted because nobody told.
type Assumption struct {
	// ID is stable.
	ID string `json:"id"`
	// Sentence says what is assumed.
	Sentence string `json:"sentence"`
}

const (
	seeReplicated  = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-what-is-isnot-replicated.html"
	seeTrouble     = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-troubleshoot.html"
	seeFailures    = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-metrics-events.html"
	seeSync        = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-for-metadata-changes.html"
	seeOwner       = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-change-owner.html"
	seeLock        = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html"
	seeSSEC        = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/blocking-unblocking-s3-c-encryption-gpb.html"
	seeClasses     = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-class-intro.html"
	seeBatch       = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-batch-replication-batch.html"
	seeMetrics     = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/repl-metrics.html"
	seePermissions = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html"
)

// reasons has every reason by its id. Sentences with a verb of fmt are filled
// in where the reason is given.
var reasons = indexReasons([]Reason{
	{
		ID: "no-configuration", See: seeRules,
		Sentence: "The bucket has no replication configuration: %s.",
		Fix:      "Put one; objects that are there already then need S3 Batch Replication.",
	},

	// 1. Versioning.
	{
		ID: "source-unversioned", See: seeNeeds,
		Sentence: "Versioning of the source bucket is %s, and S3 replicates versions.",
		Fix:      "Enable versioning on the source bucket, and write the object again.",
	},
	{
		ID: "destination-unversioned", See: seeTrouble, Failure: "DstBucketUnversioned",
		Sentence: "Versioning of the destination bucket is %s.",
		Fix:      "Enable versioning on the destination bucket; then replicate what has failed with S3 Batch Replication.",
	},

	{
		ID: "destination-is-source", See: seeRules,
		Sentence: "The destination bucket of the rule is the source bucket itself.",
		Fix:      "Name another bucket.",
	},

	// 2 and 3. What was there before, and what came from elsewhere.
	{
		ID: "written-before-rule", See: seeBatch,
		Sentence: "The object was written before the rule was there, or while it was disabled; S3 does not go back for it.",
		Fix:      "Replicate it with S3 Batch Replication, or write it again.",
	},
	{
		ID: "is-replica", See: seeReplicated,
		Sentence: "The object is a replica itself, and replicas do not travel on.",
		Fix:      "Add a rule to the bucket that it came from, or run S3 Batch Replication for objects of the status REPLICA.",
	},
	{
		ID: "already-replicated", See: seeReplicated,
		Sentence: "The object has been replicated to another destination already; S3 does not do it again for a new one.",
		Fix:      "Run S3 Batch Replication for objects of the status COMPLETED.",
	},

	// 4. Archives.
	{
		ID: "archived", See: seeReplicated, Failure: "SrcObjectNotEligible",
		Sentence: "The source object is archived in %s, where replication does not reach it.",
		Fix:      "Restore it and copy it to another storage class; the copy replicates. Let lifecycle rules archive, not uploads.",
	},

	// 5. Whose object it is.
	{
		ID: "owner-cannot-read", See: seeFailures, Failure: "SrcGetAclNotPermitted",
		Sentence: "The object belongs to the account %s, which does not let the owner of the bucket read it.",
		Fix:      "Set Object Ownership of the source bucket to BucketOwnerEnforced; for this object, let its owner put the ACL bucket-owner-full-control.",
	},
	{
		ID: "owner-grants-unknown", See: seeFailures, Failure: "SrcGetAclNotPermitted", uncertain: true,
		Sentence: "The object belongs to the account %s, and it is not known whether the owner of the bucket may read it and its ACL.",
		Fix:      "Set Object Ownership of the source bucket to BucketOwnerEnforced, and the question does not arise.",
	},

	// 6. Rules.
	{
		ID: "no-rule-matches", See: seeRules,
		Sentence: "No enabled rule for this destination is for such an object.",
		Fix:      "Add a rule whose prefix and tags the object has, or a last one for the whole bucket.",
	},
	{
		ID: "rule-disabled", See: seeRules,
		Sentence: "The rule %s is for this object, and is disabled.",
		Fix:      "Enable the rule; what was written meanwhile then needs S3 Batch Replication.",
	},
	{
		ID: "tagged-later", See: seeReplicated,
		Sentence: "The rule %s wants tags that the object got after it was written; S3 looks at those of the upload alone.",
		Fix:      "Send the tags along with the upload (x-amz-tagging); for this object, run S3 Batch Replication.",
	},

	// 7. Encryption.
	{
		ID: "kms-not-selected", See: seeKMS,
		Sentence: "The object is encrypted with KMS, and the rule %s does not opt such objects in.",
		Fix:      "Set SourceSelectionCriteria.SseKmsEncryptedObjects of the rule to Enabled, and name a ReplicaKmsKeyID.",
	},
	{
		ID: "encryption-unknown", See: seeKMS, uncertain: true,
		Sentence: "It is not known how the object is encrypted, and the rule %s replicates it only without KMS.",
		Fix:      "Tell the encryption of the object (--encryption), or opt KMS in with SourceSelectionCriteria.SseKmsEncryptedObjects.",
	},
	{
		ID: "replica-key-missing", See: seeKMS,
		Sentence: "The object is encrypted with KMS, and the rule %s names no key for its replica.",
		Fix:      "Name a key of the destination's region in Destination.EncryptionConfiguration.ReplicaKmsKeyID.",
	},
	{
		ID: "replica-key-invalid", See: seeKMS, Failure: "DstKmsKeyNotFound",
		Sentence: "%q is neither the ARN of a KMS key nor of an alias, so S3 finds no key for the replica; it does not check that when the rule is put.",
		Fix:      "Name a key of the destination's region by its ARN: arn:aws:kms:<region>:<account>:key/<id>.",
	},
	{
		ID: "replica-key-region", See: seeKMS, Failure: "DstKmsKeyNotFound",
		Sentence: "The key for the replica is of the region %s, and the destination bucket is in %s.",
		Fix:      "Name a key of the destination's region; S3 accepts a wrong one in a rule without a word.",
	},
	{
		ID: "replica-key-aws-managed", See: seeKMS, Failure: "DstPutObjectNotPermitted",
		Sentence: "The key for the replica is aws/s3, which AWS manages and no other account can use.",
		Fix:      "Name a customer managed key of the destination's account, whose policy lets the replication role in.",
	},
	{
		ID: "replica-key-alias", See: seeKMS, Failure: "DstKmsKeyNotFound", uncertain: true,
		Sentence: "The key for the replica is the alias %s, which is looked up in the account of the replication role, not in the destination's.",
		Fix:      "Name the key by its ARN, arn:aws:kms:<region>:<account>:key/<id>.",
	},
	{
		ID: "replica-key-not-found", See: seeFailures, Failure: "DstKmsKeyNotFound",
		Sentence: "There is no key %s for the replica.",
		Fix:      "Name a key that exists, in the destination's region.",
	},
	{
		ID: "replica-key-unusable", See: seeFailures, Failure: "DstKmsKeyInvalidState",
		Sentence: "The key %s for the replica is in the state %s.",
		Fix:      "Enable the key, or cancel its deletion; then run S3 Batch Replication for objects of the status FAILED.",
	},
	{
		ID: "source-key-unusable", See: seeFailures, Failure: "SrcKmsKeyInvalidState",
		Sentence: "The key %s of the source object is in the state %s.",
		Fix:      "Enable the key, or cancel its deletion; without it the object cannot be read at all.",
	},
	{
		ID: "source-key-not-granted", See: seeKMS, Failure: "SrcGetObjectNotPermitted",
		Sentence: "The source object is encrypted with %s, a key that the replication role may not decrypt with.",
		Fix: "Allow the role kms:Decrypt on the key (decryptKeyArns), or keep uploads to the key of the bucket. `aws s3api update-object-encryption` brings an object under " +
			"the bucket's key in place, with its version and its ETag; S3 does not replicate it for that, so run S3 Batch Replication then. Replicas keep the key that they have.",
	},
	{
		ID: "source-key-unknown", See: seeKMS, Failure: "SrcGetObjectNotPermitted", uncertain: true,
		Sentence: "It is not known which key the object is encrypted with, and the replication role may not decrypt with every key.",
		Fix:      "Tell the key of the object (--kms-key), or allow the role kms:Decrypt on it (decryptKeyArns).",
	},
	{
		ID: "ssec-blocked", See: seeSSEC, Failure: "DstPutObjectNotPermitted",
		Sentence: "The object is encrypted with a key of the client (SSE-C), which the destination bucket blocks, as new buckets do.",
		Fix:      "Take SSE-C out of the destination's BlockedEncryptionTypes, or encrypt with KMS.",
	},

	{
		ID: "ssec-blocked-at-source", See: seeSSEC,
		Sentence: "The source bucket refuses objects with keys of the client (SSE-C), so there is no such object to replicate.",
		Fix:      "Upload it without SSE-C; the bucket encrypts with KMS.",
	},

	// 8. Deletes.
	{
		ID: "version-delete", See: seeReplicated,
		Sentence: "The deletion of a version by its id stays in the source bucket; S3 never replicates it.",
		Fix:      "Delete the version at the destination too, if that is wanted.",
	},
	{
		ID: "delete-marker-by-lifecycle", See: seeMarkers,
		Sentence: "The delete marker was made by a lifecycle rule; S3 does not replicate what lifecycle rules do.",
		Fix:      "Give the destination bucket the same lifecycle rule, if that is wanted.",
	},
	{
		ID: "delete-markers-off", See: seeMarkers,
		Sentence: "The rule %s does not replicate delete markers; the object stays readable at the destination.",
		Fix:      "Set DeleteMarkerReplication of the rule to Enabled (deleteMarkers: true), if deletions are wanted there.",
	},
	{
		ID: "delete-marker-needs-untagged-rule", See: seeMarkers,
		Sentence: "Only rules with tags are for this key, and these do not replicate delete markers.",
		Fix:      "Add a rule without tags for the prefix, with DeleteMarkerReplication, if deletions are wanted at the destination.",
	},

	// 9. Changes of what is there already.
	{
		ID: "replica-modifications-off", See: seeSync,
		Sentence: "The change was made to a replica, and the rule %s does not send changes of replicas back.",
		Fix:      "Set SourceSelectionCriteria.ReplicaModifications to Enabled in the rules of both directions.",
	},
	{
		ID: "replica-modifications-one-sided", See: seeSync,
		Sentence: "The change was made to a replica, and the other bucket has no rule here with replica modification sync; it takes both.",
		Fix:      "Set SourceSelectionCriteria.ReplicaModifications to Enabled in the rules of both directions.",
	},
	{
		ID: "acl-not-replicated", See: seeOwner,
		Sentence: "The replica belongs to the owner of the destination bucket, and then S3 does not replicate changes of the source's ACL.",
		Fix:      "Give access at the destination by its bucket policy.",
	},

	// 10. Object Lock.
	{
		ID: "object-lock-missing", See: seeLock, Failure: "DstBucketObjectLockConfigMissing",
		Sentence: "The source has Object Lock and the destination bucket does not.",
		Fix:      "Enable Object Lock on the destination bucket; then replicate what has failed with S3 Batch Replication.",
	},

	// 11. What stays where it happens.
	{
		ID: "lifecycle-action", See: seeReplicated,
		Sentence: "S3 does not replicate what lifecycle rules do.",
		Fix:      "Give the destination bucket the same lifecycle rule, if that is wanted.",
	},
	{
		ID: "restore-stays", See: seeReplicated,
		Sentence: "A restore makes a temporary copy of an archived object; it is no new version, and stays in the source bucket.",
		Fix:      "Copy the restored object to another storage class; the copy replicates.",
	},

	// Permissions and other conditions at the destination.
	{
		ID: "requester-pays", See: seeNeeds, Failure: "DstPutObjectNotPermitted",
		Sentence: "The destination bucket belongs to another account and has Requester Pays, which replication does not take.",
		Fix:      "Switch Requester Pays off at the destination.",
	},
	{
		ID: "not-permitted", See: seePermissions,
		Sentence: "The replication role may not call %s: %s.",
		Fix:      "Let the role do it; `crr lint` lists all that it lacks.",
	},
	{
		ID: "permission-undecided", See: seePermissions, uncertain: true,
		Sentence: "It is not known whether the replication role may call %s: %s.",
		Fix:      "Look at the condition of the statement: exempt the role from a Deny (ArnNotEquals aws:PrincipalArn), or give it an Allow without the condition. `crr verify` tries it on the live deployment.",
	},
	{
		ID: "source-not-judged", See: seePermissions, uncertain: true,
		Sentence: "What the replication role may do at the source bucket was not judged, since the bucket is not named.",
		Fix:      "Name it: --replication BUCKET=FILE.",
	},
})

// notes are reasons that do not stand against replication.
var notes = indexReasons([]Reason{
	{
		ID: "chain-stops", See: seeReplicated,
		Sentence: "%s has a rule for such objects to %s, and S3 does not replicate replicas: the object stops at %s.",
		Fix:      "Give the first bucket a rule to that bucket as well.",
	},
	{
		ID: "small-object", See: seeClasses,
		Sentence: "Objects below 128 KB cost as much as 128 KB in %s.",
		Fix:      "Leave small objects in STANDARD: give them a rule of their own, by prefix.",
	},
	{
		ID: "archive-replica", See: seeClasses,
		Sentence: "The replica is archived in %s: after a disaster it must be restored, which takes hours, before it can be read.",
		Fix:      "Use GLACIER_IR or STANDARD_IA for replicas that must be readable at once.",
	},
	{
		ID: "tags-stay-behind", See: seePermissions,
		Sentence: "The replica may lack the tags of the object: the replication role may not call %s: %s.",
		Fix:      "Let the role do it, if replicas are to have tags.",
	},
	{
		ID: "reads-without-kms", See: seeKMS,
		Sentence: "The role reads the object with s3:GetObjectVersion, which does for objects without KMS alone; it may not call %s: %s.",
		Fix:      "Allow s3:GetObjectVersionForReplication instead; no one can download objects with it.",
	},
	{
		ID: "default-retention", See: seeLock,
		Sentence: "The object has no retention period, so the destination's default one, if it has any, applies to the replica.",
		Fix:      "",
	},
	{
		ID: "no-time-promise-for-markers", See: seeMarkers,
		Sentence: "Replication time control makes no promise for delete markers.",
		Fix:      "",
	},
	{
		ID: "etag-differs", See: seeKMS,
		Sentence: "The replica is encrypted as the destination does by default, so its ETag may differ from the source's.",
		Fix:      "Compare checksums, not ETags.",
	},
})

func indexReasons(list []Reason) map[string]Reason {
	index := make(map[string]Reason, len(list))
	for _, reason := range list {
		if _, taken := index[reason.ID]; taken {
			panic("replication: two reasons " + reason.ID)
		}
		index[reason.ID] = reason
	}
	return index
}

// Reasons are all reasons that [Explainer.Explain] gives against replication,
// by id. Sentences hold the verbs of package fmt where an answer names
// something.
func Reasons() map[string]Reason { return maps.Clone(reasons) }

// Notes are all reasons that [Explainer.Explain] gives and that do not stand
// against replication, by id.
func Notes() map[string]Reason { return maps.Clone(notes) }

// because is a reason against replication.
func because(id string, args ...any) Reason { return pick(reasons, id, args) }

// noting is a reason that does not stand against it.
func noting(id string, args ...any) Reason { return pick(notes, id, args) }

func pick(from map[string]Reason, id string, args []any) Reason {
	reason, known := from[id]
	if !known {
		panic("replication: no reason " + id)
	}
	if len(args) > 0 {
		reason.Sentence = fmt.Sprintf(reason.Sentence, args...)
	}
	return reason
}
