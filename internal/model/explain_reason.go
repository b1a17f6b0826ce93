package model

import (
	"fmt"
	"maps"

	"github.com/crr-io/pulumi-aws-crr/internal/awsdocs"
)

// Reason is why an object does not replicate, why that is uncertain, or a note on its replica.
type Reason struct {
	// ID is stable: scripts may rely on it. See [Reasons].
	ID string `json:"id"`
	// Sentence describes it.
	Sentence string `json:"sentence"`
	// Fix is what to do about it.
	Fix string `json:"fix,omitempty"`
	// Failure is the reason that S3 gives when it tries and fails. Empty where
	// S3 does not even try, and the object never gets a replication status.
	// See [FailureByID].
	Failure string `json:"failure,omitempty"`
	// See is the page of the AWS documentation behind it.
	See string `json:"see"`

	uncertain bool
}

// Assumption is an unknown fact that an answer takes for granted.
type Assumption struct {
	// ID is stable.
	ID string `json:"id"`
	// Sentence describes the assumption.
	Sentence string `json:"sentence"`
}

// reasons has every reason by its id. Sentences with a verb of fmt are filled
// in where the reason is given.
var reasons = indexReasons([]Reason{
	{
		ID: "no-configuration", See: awsdocs.ReplicationRules,
		Sentence: "The bucket has no replication configuration: %s.",
		Fix:      "Put one, then replicate existing objects with S3 Batch Replication.",
	},

	// 1. Versioning.
	{
		ID: "source-unversioned", See: awsdocs.ReplicationRequirements,
		Sentence: "Versioning of the source bucket is %s; replication needs it enabled.",
		Fix:      "Enable versioning on the source bucket and write the object again.",
	},
	{
		ID: "destination-unversioned", See: awsdocs.ReplicationTroubleshooting, Failure: "DstBucketUnversioned",
		Sentence: "Versioning of the destination bucket is %s.",
		Fix:      "Enable versioning on the destination bucket, then replicate failed objects with S3 Batch Replication.",
	},

	{
		ID: "destination-is-source", See: awsdocs.ReplicationRules,
		Sentence: "The destination bucket of the rule is the source bucket itself.",
		Fix:      "Name another bucket.",
	},

	// 2 and 3. What was there before, and what came from elsewhere.
	{
		ID: "written-before-rule", See: awsdocs.BatchReplication,
		Sentence: "The object was written before the rule was added or while it was disabled; S3 does not replicate existing objects.",
		Fix:      "Replicate the object with S3 Batch Replication or write it again.",
	},
	{
		ID: "is-replica", See: awsdocs.WhatIsReplicated,
		Sentence: "The object is a replica, and S3 does not replicate replicas.",
		Fix:      "Add a rule to the bucket that the replica came from, or run S3 Batch Replication for objects with the status REPLICA.",
	},
	{
		ID: "already-replicated", See: awsdocs.WhatIsReplicated,
		Sentence: "The object was already replicated to another destination; S3 does not replicate it again to a new one.",
		Fix:      "Run S3 Batch Replication for objects with the status COMPLETED.",
	},

	// 4. Archives.
	{
		ID: "archived", See: awsdocs.WhatIsReplicated, Failure: "SrcObjectNotEligible",
		Sentence: "The source object is archived in %s; S3 does not replicate archived objects.",
		Fix:      "Restore the object and copy it to another storage class; the copy replicates. Archive objects with lifecycle rules instead of on upload.",
	},

	// 5. Whose object it is.
	{
		ID: "owner-cannot-read", See: awsdocs.ReplicationEvents, Failure: "SrcGetAclNotPermitted",
		Sentence: "The object is owned by the account %s, which does not let the bucket owner read it.",
		Fix:      "Set Object Ownership of the source bucket to BucketOwnerEnforced; for this object, have its owner set the ACL bucket-owner-full-control.",
	},
	{
		ID: "owner-grants-unknown", See: awsdocs.ReplicationEvents, Failure: "SrcGetAclNotPermitted", uncertain: true,
		Sentence: "The object is owned by the account %s; it is unknown whether the bucket owner can read the object and its ACL.",
		Fix:      "Set Object Ownership of the source bucket to BucketOwnerEnforced, so that the bucket owner owns all objects.",
	},

	// 6. Rules.
	{
		ID: "no-rule-matches", See: awsdocs.ReplicationRules,
		Sentence: "No enabled rule for this destination matches the object.",
		Fix:      "Add a rule with a prefix and tags that match the object, or a rule for the whole bucket with the lowest priority.",
	},
	{
		ID: "rule-disabled", See: awsdocs.ReplicationRules,
		Sentence: "The rule %s matches the object but is disabled.",
		Fix:      "Enable the rule, then replicate objects written in the meantime with S3 Batch Replication.",
	},
	{
		ID: "tagged-later", See: awsdocs.WhatIsReplicated,
		Sentence: "The rule %s requires tags that were added after the object was written; S3 matches only the tags of the upload request.",
		Fix:      "Set the tags in the upload request (x-amz-tagging); for this object, run S3 Batch Replication.",
	},

	// 7. Encryption.
	{
		ID: "kms-not-selected", See: awsdocs.ReplicationKMS,
		Sentence: "The object is encrypted with KMS, and the rule %s does not select such objects.",
		Fix:      "Set SourceSelectionCriteria.SseKmsEncryptedObjects of the rule to Enabled, and name a ReplicaKmsKeyID.",
	},
	{
		ID: "encryption-unknown", See: awsdocs.ReplicationKMS, uncertain: true,
		Sentence: "The encryption of the object is unknown, and the rule %s does not replicate objects encrypted with KMS.",
		Fix:      "Specify the encryption of the object (--encryption), or enable SourceSelectionCriteria.SseKmsEncryptedObjects in the rule.",
	},
	{
		ID: "replica-key-missing", See: awsdocs.ReplicationKMS,
		Sentence: "The object is encrypted with KMS, and the rule %s has no key for the replica.",
		Fix:      "Name a key of the destination's region in Destination.EncryptionConfiguration.ReplicaKmsKeyID.",
	},
	{
		ID: "replica-key-invalid", See: awsdocs.ReplicationKMS, Failure: "DstKmsKeyNotFound",
		Sentence: "%q is not the ARN of a KMS key or alias, so S3 has no key for the replica; S3 does not check the key when the rule is put.",
		Fix:      "Name a key of the destination's region by its ARN: arn:aws:kms:<region>:<account>:key/<id>.",
	},
	{
		ID: "replica-key-region", See: awsdocs.ReplicationKMS, Failure: "DstKmsKeyNotFound",
		Sentence: "The key for the replica is in %s, and the destination bucket is in %s.",
		Fix:      "Name a key of the destination's region; S3 accepts an invalid key without an error.",
	},
	{
		ID: "replica-key-aws-managed", See: awsdocs.ReplicationKMS, Failure: "DstPutObjectNotPermitted",
		Sentence: "The key for the replica is the AWS managed key aws/s3, which other accounts cannot use.",
		Fix:      "Name a customer managed key of the destination's account and allow the replication role in its policy.",
	},
	{
		ID: "replica-key-alias", See: awsdocs.ReplicationKMS, Failure: "DstKmsKeyNotFound", uncertain: true,
		Sentence: "The key for the replica is the alias %s, which KMS resolves in the account of the replication role, not in the destination's account.",
		Fix:      "Name the key by its ARN, arn:aws:kms:<region>:<account>:key/<id>.",
	},
	{
		ID: "replica-key-not-found", See: awsdocs.ReplicationEvents, Failure: "DstKmsKeyNotFound",
		Sentence: "The key %s for the replica does not exist.",
		Fix:      "Name a key that exists, in the destination's region.",
	},
	{
		ID: "replica-key-unusable", See: awsdocs.ReplicationEvents, Failure: "DstKmsKeyInvalidState",
		Sentence: "The key %s for the replica is in the state %s.",
		Fix:      "Enable the key or cancel its deletion, then run S3 Batch Replication for objects with the status FAILED.",
	},
	{
		ID: "source-key-unusable", See: awsdocs.ReplicationEvents, Failure: "SrcKmsKeyInvalidState",
		Sentence: "The key %s of the source object is in the state %s.",
		Fix:      "Enable the key, or cancel its deletion; without it the object cannot be read at all.",
	},
	{
		ID: "source-key-not-granted", See: awsdocs.ReplicationKMS, Failure: "SrcGetObjectNotPermitted",
		Sentence: "The source object is encrypted with the key %s, which the replication role is not allowed to decrypt with.",
		Fix: "Allow the role kms:Decrypt on the key (decryptKeyArns), or use the key of the bucket for uploads. `aws s3api update-object-encryption` changes the key of an object to " +
			"the bucket's key without a new version or ETag; S3 does not replicate this change, so run S3 Batch Replication afterwards. Existing replicas keep their key.",
	},
	{
		ID: "source-key-unknown", See: awsdocs.ReplicationKMS, Failure: "SrcGetObjectNotPermitted", uncertain: true,
		Sentence: "The key that the object is encrypted with is unknown, and the replication role is not allowed to decrypt with all keys.",
		Fix:      "Specify the key of the object (--kms-key), or allow the role kms:Decrypt on it (decryptKeyArns).",
	},
	{
		ID: "ssec-blocked", See: awsdocs.BlockSSEC, Failure: "DstPutObjectNotPermitted",
		Sentence: "The object is encrypted with a customer-provided key (SSE-C), which the destination bucket blocks; new buckets block SSE-C by default.",
		Fix:      "Remove SSE-C from the destination's BlockedEncryptionTypes, or encrypt with KMS.",
	},

	{
		ID: "ssec-blocked-at-source", See: awsdocs.BlockSSEC,
		Sentence: "The source bucket rejects objects with customer-provided keys (SSE-C), so there is no such object to replicate.",
		Fix:      "Upload it without SSE-C; the bucket encrypts with KMS.",
	},

	// 8. Deletes.
	{
		ID: "version-delete", See: awsdocs.WhatIsReplicated,
		Sentence: "S3 does not replicate the deletion of a version by its id; the replica is kept.",
		Fix:      "If needed, delete the version in the destination bucket too.",
	},
	{
		ID: "delete-marker-by-lifecycle", See: awsdocs.DeleteMarkerReplication,
		Sentence: "The delete marker was created by a lifecycle rule; S3 does not replicate lifecycle actions.",
		Fix:      "If needed, add the same lifecycle rule to the destination bucket.",
	},
	{
		ID: "delete-markers-off", See: awsdocs.DeleteMarkerReplication,
		Sentence: "The rule %s does not replicate delete markers; the object stays readable in the destination bucket.",
		Fix:      "To replicate deletions, set DeleteMarkerReplication of the rule to Enabled (deleteMarkers: true).",
	},
	{
		ID: "delete-marker-needs-untagged-rule", See: awsdocs.DeleteMarkerReplication,
		Sentence: "Only rules with a tag filter match this key, and they do not replicate delete markers.",
		Fix:      "To replicate deletions, add a rule for the prefix without a tag filter and with DeleteMarkerReplication.",
	},

	// 9. Changes of what is there already.
	{
		ID: "replica-modifications-off", See: awsdocs.ReplicaModifications,
		Sentence: "The change was made to a replica, and the rule %s does not replicate changes of replicas.",
		Fix:      "Set SourceSelectionCriteria.ReplicaModifications to Enabled in the rules of both directions.",
	},
	{
		ID: "replica-modifications-one-sided", See: awsdocs.ReplicaModifications,
		Sentence: "The change was made to a replica, and the other bucket has no rule with replica modification sync to this bucket; both directions need it.",
		Fix:      "Set SourceSelectionCriteria.ReplicaModifications to Enabled in the rules of both directions.",
	},
	{
		ID: "acl-not-replicated", See: awsdocs.ReplicaOwner,
		Sentence: "The replica is owned by the owner of the destination bucket, so S3 does not replicate changes of the source object's ACL.",
		Fix:      "Grant access in the policy of the destination bucket.",
	},

	// 10. Object Lock.
	{
		ID: "object-lock-missing", See: awsdocs.ObjectLock, Failure: "DstBucketObjectLockConfigMissing",
		Sentence: "The source has Object Lock and the destination bucket does not.",
		Fix:      "Enable Object Lock on the destination bucket, then replicate failed objects with S3 Batch Replication.",
	},

	// 11. What stays where it happens.
	{
		ID: "lifecycle-action", See: awsdocs.WhatIsReplicated,
		Sentence: "S3 does not replicate lifecycle actions.",
		Fix:      "If needed, add the same lifecycle rule to the destination bucket.",
	},
	{
		ID: "restore-stays", See: awsdocs.WhatIsReplicated,
		Sentence: "A restore creates a temporary copy of an archived object, not a new version; S3 does not replicate it.",
		Fix:      "Copy the restored object to another storage class; the copy replicates.",
	},

	// Permissions and other conditions at the destination.
	{
		ID: "requester-pays", See: awsdocs.ReplicationRequirements, Failure: "DstPutObjectNotPermitted",
		Sentence: "The destination bucket belongs to another account and has Requester Pays enabled, which replication does not support.",
		Fix:      "Disable Requester Pays on the destination bucket.",
	},
	{
		ID: "not-permitted", See: awsdocs.ReplicationPermissions,
		Sentence: "The replication role is not allowed to call %s: %s.",
		Fix:      "Allow the action; `crr lint` lists all missing permissions.",
	},
	{
		ID: "permission-undecided", See: awsdocs.ReplicationPermissions, uncertain: true,
		Sentence: "It is unknown whether the replication role is allowed to call %s: %s.",
		Fix:      "Check the condition of the statement: exempt the role from a Deny (ArnNotEquals aws:PrincipalArn), or add an Allow without the condition. `crr verify` tests the live deployment.",
	},
	{
		ID: "source-not-judged", See: awsdocs.ReplicationPermissions, uncertain: true,
		Sentence: "The replication role's permissions on the source bucket were not checked, because the name of the bucket is unknown.",
		Fix:      "Name it: --replication BUCKET=FILE.",
	},
})

// notes are reasons that do not stand against replication.
var notes = indexReasons([]Reason{
	{
		ID: "chain-stops", See: awsdocs.WhatIsReplicated,
		Sentence: "%s has a rule that replicates such objects to %s, but S3 does not replicate replicas: the object stops at %s.",
		Fix:      "Add a rule from the first bucket to that bucket.",
	},
	{
		ID: "small-object", See: awsdocs.StorageClasses,
		Sentence: "Objects smaller than 128 KB are billed as 128 KB in %s.",
		Fix:      "Keep small objects in STANDARD, with a separate rule for their prefix.",
	},
	{
		ID: "archive-replica", See: awsdocs.StorageClasses,
		Sentence: "The replica is archived in %s: after a disaster it must be restored before it can be read, which takes hours.",
		Fix:      "Use GLACIER_IR or STANDARD_IA for replicas that must be readable immediately.",
	},
	{
		ID: "tags-stay-behind", See: awsdocs.ReplicationPermissions,
		Sentence: "The replica may lack the tags of the object: the replication role may not be allowed to call %s: %s.",
		Fix:      "Allow the action if replicas need tags.",
	},
	{
		ID: "reads-without-kms", See: awsdocs.ReplicationKMS,
		Sentence: "The role reads the object with s3:GetObjectVersion, which is enough only for objects without KMS; it is not allowed to call %s: %s.",
		Fix:      "Allow s3:GetObjectVersionForReplication instead; it does not permit downloads.",
	},
	{
		ID: "default-retention", See: awsdocs.ObjectLock,
		Sentence: "The object has no retention period, so the destination's default retention, if set, applies to the replica.",
		Fix:      "",
	},
	{
		ID: "no-time-promise-for-markers", See: awsdocs.DeleteMarkerReplication,
		Sentence: "Replication time control does not cover delete markers.",
		Fix:      "",
	},
	{
		ID: "etag-differs", See: awsdocs.ReplicationKMS,
		Sentence: "The replica gets the default encryption of the destination bucket, so its ETag may differ from the source object's.",
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

// Reasons returns all reasons that [Explainer.Explain] gives against replication, by id. Sentences
// contain verbs of package fmt.
func Reasons() map[string]Reason { return maps.Clone(reasons) }

// Notes returns all notes that [Explainer.Explain] gives, by id.
func Notes() map[string]Reason { return maps.Clone(notes) }

// because returns a reason against replication.
func because(id string, args ...any) Reason { return pick(reasons, id, args) }

// noting returns a note.
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
