package replication

// What a fix ends with where objects have been lost on the way: S3 does not try
// failed objects again.
const thenRetry = " Objects that have failed are not tried again: replicate them with S3 Batch Replication, status FAILED."

const (
	checkRole        = "crr lint --replication SOURCE=REPLICATION.json --role-policy ROLE-POLICY.json"
	checkDestination = "crr lint --replication SOURCE=REPLICATION.json --bucket-policy DESTINATION=POLICY.json"
	checkSource      = "crr lint --replication SOURCE=REPLICATION.json --bucket-policy SOURCE=POLICY.json"
	checkVersions    = "aws s3api list-object-versions --bucket BUCKET --expected-bucket-owner ACCOUNT --prefix KEY"
	checkJob         = "aws s3control describe-job --account-id ACCOUNT --job-id JOB"
	grantWrites      = "Allow the permission on the destination's objects in the role's policy, and for another account in the bucket's policy too: " +
		"`crr policy` prints both, and `pulumi up` restores what this product made."
)

// failures in alphabetical order.
var failures = []FailureReason{
	{
		ID: "AssumeRoleNotPermitted", Side: RoleSide, See: seePermissions, Permissions: []string{"sts:AssumeRole"},
		Cause: "S3 cannot assume the role of the replication configuration, or of the batch job: the role is gone, or its trust policy does not let s3.amazonaws.com in, or only under a condition that does not hold.",
		Fix:   "Let s3.amazonaws.com assume the role (batchoperations.s3.amazonaws.com for a job). Where the trust policy has a condition on aws:SourceAccount or aws:SourceArn, make it StringEqualsIfExists or ArnEqualsIfExists: AWS does not document that S3 sends these keys." + thenRetry,
		Check: "aws iam get-role --role-name ROLE --query Role.AssumeRolePolicyDocument",
	},
	{
		ID: "DstBucketInvalidRegion", Side: JobSide, See: seeBatch, BatchOnly: true,
		Cause: "The destination bucket is not in the region that the batch job says.",
		Fix:   "Create the job with the region of the destination bucket.", Check: checkJob,
	},
	{
		ID: "DstBucketNotFound", Side: DestinationSide, See: seeTrouble,
		Cause: "The destination bucket of the rule does not exist, or does no longer.",
		Fix:   "Make the bucket again, or change the rule; `pulumi refresh` and `pulumi up` restore one of this product. Remove rules before buckets: somebody else may take a freed name." + thenRetry,
		Check: "aws s3api head-bucket --bucket DESTINATION --expected-bucket-owner ACCOUNT",
	},
	{
		ID: "DstBucketObjectLockConfigMissing", Side: DestinationSide, See: seeLock,
		Cause: "The source bucket has Object Lock and the destination bucket has not.",
		Fix:   "Enable Object Lock on the destination bucket; on a versioned bucket that is possible at any time." + thenRetry,
		Check: "aws s3api get-object-lock-configuration --bucket DESTINATION --expected-bucket-owner ACCOUNT",
	},
	{
		ID: "DstBucketUnversioned", Side: DestinationSide, See: seeNeeds,
		Cause: "Versioning of the destination bucket is suspended, or was never on.",
		Fix:   "Enable versioning; `pulumi refresh` and `pulumi up` do it for a bucket of this product." + thenRetry,
		Check: "aws s3api get-bucket-versioning --bucket DESTINATION --expected-bucket-owner ACCOUNT",
	},
	{
		ID: "DstDelObjNotPermitted", Side: DestinationSide, See: seeMarkers, Permissions: []string{"s3:ReplicateDelete"},
		Cause: "The role may not replicate delete markers to the destination bucket.",
		Fix:   grantWrites + " Or leave delete markers out of the rule, with deleteMarkers: false.", Check: checkDestination,
	},
	{
		ID: "DstKmsKeyInvalidState", Side: DestinationSide, See: "https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html",
		Cause: "The KMS key for replicas is disabled, waits for its deletion, or cannot be used for another reason.",
		Fix:   "Enable the key (aws kms enable-key), after cancelling its deletion (aws kms cancel-key-deletion) if need be." + thenRetry,
		Check: "aws kms describe-key --key-id KEY --region DESTINATION-REGION --query KeyMetadata.KeyState",
	},
	{
		ID: "DstKmsKeyNotFound", Side: DestinationSide, See: seeKMS,
		Cause: "The KMS key that the rule names for replicas does not exist in the destination's region. S3 does not look when the rule is put. An alias is looked up in the account of the role.",
		Fix:   "Name the ARN of a key in the destination's region: destinations[].kmsKeyArn, or leave it out and have a key made." + thenRetry,
		Check: "aws kms describe-key --key-id KEY --region DESTINATION-REGION",
	},
	{
		ID: "DstMultipartCompleteNotPermitted", Side: DestinationSide, See: seePermissions, Permissions: []string{"s3:ReplicateObject"},
		Cause: "The role may not complete multipart uploads at the destination bucket, as large objects need.",
		Fix:   grantWrites + thenRetry, Check: checkDestination,
	},
	{
		ID: "DstMultipartInitNotPermitted", Side: DestinationSide, See: seePermissions, Permissions: []string{"s3:ReplicateObject"},
		Cause: "The role may not begin multipart uploads at the destination bucket, as large objects need.",
		Fix:   grantWrites + thenRetry, Check: checkDestination,
	},
	{
		ID: "DstMultipartUploadNotPermitted", Side: DestinationSide, See: seePermissions, Permissions: []string{"s3:ReplicateObject"},
		Cause: "The role may not upload parts to the destination bucket, as large objects need.",
		Fix:   grantWrites + thenRetry, Check: checkDestination,
	},
	{
		ID: "DstObjectHardDeleted", Side: DestinationSide, See: seeBatch, BatchOnly: true,
		Cause: "The replica was deleted by its version id, and Batch Replication does not make such a version again.",
		Fix:   "Copy the source object onto itself (a Batch Operations copy job for many): that makes a new version, which replicates.", Check: checkVersions,
	},
	{
		ID: "DstPutAclNotPermitted", Side: DestinationSide, See: seePermissions, Permissions: []string{"s3:ReplicateObject"},
		Cause: "The role may not write the ACL of replicas.",
		Fix:   grantWrites + " Buckets with Object Ownership BucketOwnerEnforced, as this product makes them, have no ACLs at all." + thenRetry, Check: checkDestination,
	},
	{
		ID: "DstPutLegalHoldNotPermitted", Side: DestinationSide, See: seeLock, Permissions: []string{"s3:PutObjectLegalHold"},
		Cause: "The role may not put the legal hold of the source object on its replica.",
		Fix:   grantWrites + thenRetry, Check: checkDestination,
	},
	{
		ID: "DstPutObjectNotPermitted", Side: DestinationSide, See: seePermissions,
		Permissions: []string{"s3:ReplicateObject", "s3:ObjectOwnerOverrideToBucketOwner", "kms:Encrypt", "kms:GenerateDataKey", "kms:Decrypt"},
		Cause:       "The role may not write replicas to the destination bucket, or may not use its KMS key: S3 has no failure reason of its own for a key. A policy may lack the permission, deny it, or tie it to the wrong encryption context: under a bucket key that is the bucket's ARN, else the object's.",
		Fix:         "Allow the permissions in the role's policy, and for another account in the bucket's and the key's policies too; look for Deny statements there, in the permissions boundary and in the organisation's policies. `crr policy` prints what to grant." + thenRetry,
		Check:       checkDestination,
	},
	{
		ID: "DstPutRetentionNotPermitted", Side: DestinationSide, See: seeLock, Permissions: []string{"s3:PutObjectRetention"},
		Cause: "The role may not put the retention period of the source object on its replica.",
		Fix:   grantWrites + thenRetry, Check: checkDestination,
	},
	{
		ID: "DstPutTaggingNotPermitted", Side: DestinationSide, See: seePermissions, Permissions: []string{"s3:ReplicateObject", "s3:ReplicateTags"},
		Cause: "The role may not write the tags of replicas.",
		Fix:   grantWrites + thenRetry, Check: checkDestination,
	},
	{
		ID: "DstVersionNotFound", Side: DestinationSide, See: seeSync,
		Cause: "A change of tags, ACL or lock cannot be replicated, since the destination does not have the version.",
		Fix:   "Replicate the version itself first, with S3 Batch Replication; where it was deleted there by its version id, copy the source object onto itself.", Check: checkVersions,
	},
	{
		ID: "InitiateReplicationNotPermitted", Side: JobSide, See: seeBatch, BatchOnly: true, Permissions: []string{"s3:InitiateReplication"},
		Cause: "The role of the batch job may not start the replication of the objects.",
		Fix:   "Allow s3:InitiateReplication on the source's objects in the role of the job, which is not the replication role.", Check: checkJob,
	},
	{
		ID: "SrcBucketInvalidRegion", Side: JobSide, See: seeBatch, BatchOnly: true,
		Cause: "The source bucket is not in the region that the batch job says.",
		Fix:   "Create the job in the region of the source bucket.", Check: checkJob,
	},
	{
		ID: "SrcBucketNotFound", Side: SourceSide, See: seeTrouble,
		Cause: "The source bucket does not exist, or does no longer.",
		Fix:   "Look at the name. If the bucket is gone, the replicas are what is left: copy them back.", Check: "aws s3api head-bucket --bucket SOURCE --expected-bucket-owner ACCOUNT",
	},
	{
		ID: "SrcBucketReplicationConfigMissing", Side: SourceSide, See: seeRules,
		Cause: "The source bucket has no replication configuration, or has none any more.",
		Fix:   "Put it back: `pulumi refresh` and `pulumi up` for a bucket of this product.", Check: "aws s3api get-bucket-replication --bucket SOURCE --expected-bucket-owner ACCOUNT",
	},
	{
		ID: "SrcGetAclNotPermitted", Side: SourceSide, See: seePermissions, Permissions: []string{"s3:GetObjectVersionAcl"},
		Cause: "The role may not read the ACL of the source object; or another account wrote the object and does not let the bucket's owner read it.",
		Fix:   "Allow the permission in the role's policy. Set Object Ownership of the source bucket to BucketOwnerEnforced, as this product does, and all objects belong to the bucket's owner." + thenRetry, Check: checkSource,
	},
	{
		ID: "SrcGetLegalHoldNotPermitted", Side: SourceSide, See: seeLock, Permissions: []string{"s3:GetObjectLegalHold"},
		Cause: "The role may not read the legal hold of the source object.",
		Fix:   "Allow the permission on the source's objects in the role's policy." + thenRetry, Check: checkRole,
	},
	{
		ID: "SrcGetObjectNotPermitted", Side: SourceSide, See: seePermissions, Permissions: []string{"s3:GetObjectVersionForReplication", "kms:Decrypt"},
		Cause: "The role may not read the source object, or may not decrypt with its KMS key: S3 has no failure reason of its own for a key.",
		Fix:   "Allow the permissions in the role's policy, for every key that objects of the bucket are encrypted with; s3:GetObjectVersion will not do for objects that are encrypted with KMS. Look for Deny statements in the policies of the bucket and the key." + thenRetry, Check: checkRole,
	},
	{
		ID: "SrcGetRetentionNotPermitted", Side: SourceSide, See: seeLock, Permissions: []string{"s3:GetObjectRetention"},
		Cause: "The role may not read the retention period of the source object.",
		Fix:   "Allow the permission on the source's objects in the role's policy." + thenRetry, Check: checkRole,
	},
	{
		ID: "SrcGetTaggingNotPermitted", Side: SourceSide, See: seePermissions, Permissions: []string{"s3:GetObjectVersionTagging"},
		Cause: "The role may not read the tags of the source object.",
		Fix:   "Allow the permission on the source's objects in the role's policy." + thenRetry, Check: checkRole,
	},
	{
		ID: "SrcHeadObjectNotPermitted", Side: SourceSide, See: seePermissions, Permissions: []string{"s3:GetObjectVersionForReplication"},
		Cause: "The role may not read the metadata of the source object.",
		Fix:   "Allow the permission on the source's objects in the role's policy; look for Deny statements in the bucket's policy." + thenRetry, Check: checkRole,
	},
	{
		ID: "SrcKeyNotFound", Side: SourceSide, See: seeFailures,
		Cause: "The source has no object with the key; it may have been deleted before it could be replicated.",
		Fix:   "Nothing, if the deletion was meant. Otherwise take the delete marker away, or write the object again.", Check: checkVersions,
	},
	{
		ID: "SrcKmsKeyInvalidState", Side: SourceSide, See: "https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html",
		Cause: "The KMS key of the source object is disabled, waits for its deletion, or cannot be used for another reason. Nobody can read the object.",
		Fix:   "Enable the key (aws kms enable-key), after cancelling its deletion (aws kms cancel-key-deletion) if need be: a deleted key takes its objects along." + thenRetry,
		Check: "aws kms describe-key --key-id KEY --region SOURCE-REGION --query KeyMetadata.KeyState",
	},
	{
		ID: "SrcObjectNotEligible", Side: SourceSide, See: seeReplicated,
		Cause: "The object is not one that S3 replicates: its storage class is an archive, or its tags are not those of a rule.",
		Fix:   "Ask which condition it is; restore and copy archived objects, and send tags along with the upload.",
		Check: "crr explain KEY --replication REPLICATION.json --storage-class CLASS --tag KEY=VALUE",
	},
	{
		ID: "SrcObjectNotFound", Side: SourceSide, See: seeFailures,
		Cause: "The source object does not exist.",
		Fix:   "Nothing, if its deletion was meant. For a batch job, make the manifest anew.", Check: checkVersions,
	},
	{
		ID: "SrcReplicationNotPending", Side: SourceSide, See: seeFailures,
		Cause: "S3 has replicated the object already; it is not pending any more.",
		Fix:   "Nothing. To have it replicated again, to a new destination say, run S3 Batch Replication for the status COMPLETED.",
		Check: "aws s3api head-object --bucket SOURCE --expected-bucket-owner ACCOUNT --key KEY --query ReplicationStatus",
	},
	{
		ID: "SrcVersionNotFound", Side: SourceSide, See: seeFailures,
		Cause: "The source has no such version; it was deleted by its version id before it could be replicated. Lifecycle rules wait until the status is COMPLETED or FAILED.",
		Fix:   "Nothing, if the deletion was meant. Otherwise find out who deletes versions, and guard them (guard).", Check: checkVersions,
	},
}
