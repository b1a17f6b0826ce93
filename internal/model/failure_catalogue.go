package model

import "github.com/crr-io/pulumi-aws-crr/internal/awsdocs"

// What a fix ends with where objects have been lost on the way: S3 does not try
// failed objects again.
const thenRetry = " S3 does not retry failed objects: replicate them with S3 Batch Replication, status FAILED."

const (
	checkRole        = "crr lint --replication SOURCE=REPLICATION.json --role-policy ROLE-POLICY.json"
	checkDestination = "crr lint --replication SOURCE=REPLICATION.json --bucket-policy DESTINATION=POLICY.json"
	checkSource      = "crr lint --replication SOURCE=REPLICATION.json --bucket-policy SOURCE=POLICY.json"
	checkVersions    = "aws s3api list-object-versions --bucket BUCKET --expected-bucket-owner ACCOUNT --prefix KEY"
	checkJob         = "aws s3control describe-job --account-id ACCOUNT --job-id JOB"
	grantWrites      = "Allow the permission on the destination's objects in the role's policy and, if the bucket belongs to another account, in the bucket policy: " +
		"`crr policy` prints both, and `pulumi up` restores policies that this product manages."
)

// failures in alphabetical order.
var failures = []FailureReason{
	{
		ID: "AssumeRoleNotPermitted", Side: RoleSide, See: awsdocs.ReplicationPermissions, Permissions: []string{"sts:AssumeRole"},
		Cause: "S3 cannot assume the role of the replication configuration or of the batch job: the role was deleted, or its trust policy does not allow s3.amazonaws.com, or has a condition that is not met.",
		Fix:   "Let s3.amazonaws.com assume the role (batchoperations.s3.amazonaws.com for a job). If the trust policy has a condition on aws:SourceAccount or aws:SourceArn, use StringEqualsIfExists or ArnEqualsIfExists: AWS does not document that S3 sends these keys." + thenRetry,
		Check: "aws iam get-role --role-name ROLE --query Role.AssumeRolePolicyDocument",
	},
	{
		ID: "DstBucketInvalidRegion", Side: JobSide, See: awsdocs.BatchReplication, BatchOnly: true,
		Cause: "The destination bucket is not in the region that the batch job specifies.",
		Fix:   "Create the job with the region of the destination bucket.", Check: checkJob,
	},
	{
		ID: "DstBucketNotFound", Side: DestinationSide, See: awsdocs.ReplicationTroubleshooting,
		Cause: "The destination bucket of the rule does not exist or was deleted.",
		Fix:   "Recreate the bucket or change the rule; `pulumi refresh` and `pulumi up` restore a bucket that this product manages. Delete rules before buckets: another account can take the name of a deleted bucket." + thenRetry,
		Check: "aws s3api head-bucket --bucket DESTINATION --expected-bucket-owner ACCOUNT",
	},
	{
		ID: "DstBucketObjectLockConfigMissing", Side: DestinationSide, See: awsdocs.ObjectLock,
		Cause: "The source bucket has Object Lock and the destination bucket does not.",
		Fix:   "Enable Object Lock on the destination bucket; this is possible at any time on a versioned bucket." + thenRetry,
		Check: "aws s3api get-object-lock-configuration --bucket DESTINATION --expected-bucket-owner ACCOUNT",
	},
	{
		ID: "DstBucketUnversioned", Side: DestinationSide, See: awsdocs.ReplicationRequirements,
		Cause: "Versioning of the destination bucket is suspended or was never enabled.",
		Fix:   "Enable versioning; `pulumi refresh` and `pulumi up` enable it on a bucket that this product manages." + thenRetry,
		Check: "aws s3api get-bucket-versioning --bucket DESTINATION --expected-bucket-owner ACCOUNT",
	},
	{
		ID: "DstDelObjNotPermitted", Side: DestinationSide, See: awsdocs.DeleteMarkerReplication, Permissions: []string{"s3:ReplicateDelete"},
		Cause: "The role is not allowed to replicate delete markers to the destination bucket.",
		Fix:   grantWrites + " Or disable delete marker replication in the rule: deleteMarkers: false.", Check: checkDestination,
	},
	{
		ID: "DstKmsKeyInvalidState", Side: DestinationSide, See: "https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html",
		Cause: "The KMS key for replicas is disabled, pending deletion, or unusable for another reason.",
		Fix:   "Enable the key (aws kms enable-key); if it is pending deletion, cancel that first (aws kms cancel-key-deletion)." + thenRetry,
		Check: "aws kms describe-key --key-id KEY --region DESTINATION-REGION --query KeyMetadata.KeyState",
	},
	{
		ID: "DstKmsKeyNotFound", Side: DestinationSide, See: awsdocs.ReplicationKMS,
		Cause: "The KMS key that the rule names for replicas does not exist in the destination's region. S3 does not check the key when the rule is put. KMS resolves an alias in the account of the role.",
		Fix:   "Set destinations[].kmsKeyArn to the ARN of a key in the destination's region, or remove it to have a key created." + thenRetry,
		Check: "aws kms describe-key --key-id KEY --region DESTINATION-REGION",
	},
	{
		ID: "DstMultipartCompleteNotPermitted", Side: DestinationSide, See: awsdocs.ReplicationPermissions, Permissions: []string{"s3:ReplicateObject"},
		Cause: "The role is not allowed to complete multipart uploads to the destination bucket, which large objects need.",
		Fix:   grantWrites + thenRetry, Check: checkDestination,
	},
	{
		ID: "DstMultipartInitNotPermitted", Side: DestinationSide, See: awsdocs.ReplicationPermissions, Permissions: []string{"s3:ReplicateObject"},
		Cause: "The role is not allowed to start multipart uploads to the destination bucket, which large objects need.",
		Fix:   grantWrites + thenRetry, Check: checkDestination,
	},
	{
		ID: "DstMultipartUploadNotPermitted", Side: DestinationSide, See: awsdocs.ReplicationPermissions, Permissions: []string{"s3:ReplicateObject"},
		Cause: "The role is not allowed to upload parts to the destination bucket, which large objects need.",
		Fix:   grantWrites + thenRetry, Check: checkDestination,
	},
	{
		ID: "DstObjectHardDeleted", Side: DestinationSide, See: awsdocs.BatchReplication, BatchOnly: true,
		Cause: "The replica was deleted by its version id, and S3 Batch Replication does not recreate deleted versions.",
		Fix:   "Copy the source object onto itself (for many objects, with a Batch Operations copy job): the new version replicates.", Check: checkVersions,
	},
	{
		ID: "DstPutAclNotPermitted", Side: DestinationSide, See: awsdocs.ReplicationPermissions, Permissions: []string{"s3:ReplicateObject"},
		Cause: "The role is not allowed to write the ACL of replicas.",
		Fix:   grantWrites + " Buckets with Object Ownership BucketOwnerEnforced, such as those that this product creates, have no ACLs." + thenRetry, Check: checkDestination,
	},
	{
		ID: "DstPutLegalHoldNotPermitted", Side: DestinationSide, See: awsdocs.ObjectLock, Permissions: []string{"s3:PutObjectLegalHold"},
		Cause: "The role is not allowed to set the legal hold of the source object on its replica.",
		Fix:   grantWrites + thenRetry, Check: checkDestination,
	},
	{
		ID: "DstPutObjectNotPermitted", Side: DestinationSide, See: awsdocs.ReplicationPermissions,
		Permissions: []string{"s3:ReplicateObject", "s3:ObjectOwnerOverrideToBucketOwner", "kms:Encrypt", "kms:GenerateDataKey", "kms:Decrypt"},
		Cause:       "The role is not allowed to write replicas to the destination bucket or to use its KMS key: S3 has no separate failure reason for keys. A policy may lack the permission, deny it, or require the wrong encryption context: the bucket's ARN with a bucket key, otherwise the object's.",
		Fix:         "Allow the permissions in the role's policy and, across accounts, in the policies of the bucket and the key; look for Deny statements there, in the permissions boundary and in the organization's policies. `crr policy` prints what to grant." + thenRetry,
		Check:       checkDestination,
	},
	{
		ID: "DstPutRetentionNotPermitted", Side: DestinationSide, See: awsdocs.ObjectLock, Permissions: []string{"s3:PutObjectRetention"},
		Cause: "The role is not allowed to set the retention period of the source object on its replica.",
		Fix:   grantWrites + thenRetry, Check: checkDestination,
	},
	{
		ID: "DstPutTaggingNotPermitted", Side: DestinationSide, See: awsdocs.ReplicationPermissions, Permissions: []string{"s3:ReplicateObject", "s3:ReplicateTags"},
		Cause: "The role is not allowed to write the tags of replicas.",
		Fix:   grantWrites + thenRetry, Check: checkDestination,
	},
	{
		ID: "DstVersionNotFound", Side: DestinationSide, See: awsdocs.ReplicaModifications,
		Cause: "A change of tags, ACL or lock cannot be replicated because the destination does not have the version.",
		Fix:   "Replicate the version first, with S3 Batch Replication; if the replica was deleted by its version id, copy the source object onto itself.", Check: checkVersions,
	},
	{
		ID: "InitiateReplicationNotPermitted", Side: JobSide, See: awsdocs.BatchReplication, BatchOnly: true, Permissions: []string{"s3:InitiateReplication"},
		Cause: "The role of the batch job is not allowed to start the replication of the objects.",
		Fix:   "Allow s3:InitiateReplication on the source's objects in the policy of the job's role, which is not the replication role.", Check: checkJob,
	},
	{
		ID: "SrcBucketInvalidRegion", Side: JobSide, See: awsdocs.BatchReplication, BatchOnly: true,
		Cause: "The source bucket is not in the region that the batch job specifies.",
		Fix:   "Create the job in the region of the source bucket.", Check: checkJob,
	},
	{
		ID: "SrcBucketNotFound", Side: SourceSide, See: awsdocs.ReplicationTroubleshooting,
		Cause: "The source bucket does not exist or was deleted.",
		Fix:   "Check the name. If the bucket was deleted, only the replicas are left: copy them back.", Check: "aws s3api head-bucket --bucket SOURCE --expected-bucket-owner ACCOUNT",
	},
	{
		ID: "SrcBucketReplicationConfigMissing", Side: SourceSide, See: awsdocs.ReplicationRules,
		Cause: "The source bucket has no replication configuration, or it was deleted.",
		Fix:   "Restore it; `pulumi refresh` and `pulumi up` restore it on a bucket that this product manages.", Check: "aws s3api get-bucket-replication --bucket SOURCE --expected-bucket-owner ACCOUNT",
	},
	{
		ID: "SrcGetAclNotPermitted", Side: SourceSide, See: awsdocs.ReplicationPermissions, Permissions: []string{"s3:GetObjectVersionAcl"},
		Cause: "The role is not allowed to read the ACL of the source object, or another account owns the object and does not let the bucket owner read it.",
		Fix:   "Allow the permission in the role's policy. Set Object Ownership of the source bucket to BucketOwnerEnforced, as this product does, so that the bucket owner owns all objects." + thenRetry, Check: checkSource,
	},
	{
		ID: "SrcGetLegalHoldNotPermitted", Side: SourceSide, See: awsdocs.ObjectLock, Permissions: []string{"s3:GetObjectLegalHold"},
		Cause: "The role is not allowed to read the legal hold of the source object.",
		Fix:   "Allow the permission on the source's objects in the role's policy." + thenRetry, Check: checkRole,
	},
	{
		ID: "SrcGetObjectNotPermitted", Side: SourceSide, See: awsdocs.ReplicationPermissions, Permissions: []string{"s3:GetObjectVersionForReplication", "kms:Decrypt"},
		Cause: "The role is not allowed to read the source object or to decrypt with its KMS key: S3 has no separate failure reason for keys.",
		Fix:   "Allow the permissions in the role's policy, for every key that encrypts objects of the bucket; s3:GetObjectVersion is not enough for objects encrypted with KMS. Look for Deny statements in the policies of the bucket and the key." + thenRetry, Check: checkRole,
	},
	{
		ID: "SrcGetRetentionNotPermitted", Side: SourceSide, See: awsdocs.ObjectLock, Permissions: []string{"s3:GetObjectRetention"},
		Cause: "The role is not allowed to read the retention period of the source object.",
		Fix:   "Allow the permission on the source's objects in the role's policy." + thenRetry, Check: checkRole,
	},
	{
		ID: "SrcGetTaggingNotPermitted", Side: SourceSide, See: awsdocs.ReplicationPermissions, Permissions: []string{"s3:GetObjectVersionTagging"},
		Cause: "The role is not allowed to read the tags of the source object.",
		Fix:   "Allow the permission on the source's objects in the role's policy." + thenRetry, Check: checkRole,
	},
	{
		ID: "SrcHeadObjectNotPermitted", Side: SourceSide, See: awsdocs.ReplicationPermissions, Permissions: []string{"s3:GetObjectVersionForReplication"},
		Cause: "The role is not allowed to read the metadata of the source object.",
		Fix:   "Allow the permission on the source's objects in the role's policy; look for Deny statements in the bucket's policy." + thenRetry, Check: checkRole,
	},
	{
		ID: "SrcKeyNotFound", Side: SourceSide, See: awsdocs.ReplicationEvents,
		Cause: "The source bucket has no object with this key; it may have been deleted before it was replicated.",
		Fix:   "None, if the deletion was intended. Otherwise remove the delete marker or write the object again.", Check: checkVersions,
	},
	{
		ID: "SrcKmsKeyInvalidState", Side: SourceSide, See: "https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html",
		Cause: "The KMS key of the source object is disabled, pending deletion, or unusable for another reason. The object cannot be read.",
		Fix:   "Enable the key (aws kms enable-key); if it is pending deletion, cancel that first (aws kms cancel-key-deletion): objects cannot be read after their key is deleted." + thenRetry,
		Check: "aws kms describe-key --key-id KEY --region SOURCE-REGION --query KeyMetadata.KeyState",
	},
	{
		ID: "SrcObjectNotEligible", Side: SourceSide, See: awsdocs.WhatIsReplicated,
		Cause: "S3 does not replicate the object: its storage class is an archive class, or its tags do not match the rule.",
		Fix:   "Find out which of the two it is; restore and copy archived objects, and set tags in the upload request.",
		Check: "crr explain KEY --replication REPLICATION.json --storage-class CLASS --tag KEY=VALUE",
	},
	{
		ID: "SrcObjectNotFound", Side: SourceSide, See: awsdocs.ReplicationEvents,
		Cause: "The source object does not exist.",
		Fix:   "None, if the deletion was intended. For a batch job, create a new manifest.", Check: checkVersions,
	},
	{
		ID: "SrcReplicationNotPending", Side: SourceSide, See: awsdocs.ReplicationEvents,
		Cause: "S3 has already replicated the object; it is no longer pending.",
		Fix:   "None. To replicate it again, for example to a new destination, run S3 Batch Replication for the status COMPLETED.",
		Check: "aws s3api head-object --bucket SOURCE --expected-bucket-owner ACCOUNT --key KEY --query ReplicationStatus",
	},
	{
		ID: "SrcVersionNotFound", Side: SourceSide, See: awsdocs.ReplicationEvents,
		Cause: "The source bucket has no such version; it was deleted by its version id before it was replicated. Lifecycle rules wait until the status is COMPLETED or FAILED.",
		Fix:   "None, if the deletion was intended. Otherwise find out which principal deletes versions, and protect them (guard).", Check: checkVersions,
	},
}
