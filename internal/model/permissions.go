package model

import (
	"github.com/crr-io/pulumi-aws-crr/internal/awsid"
	"github.com/crr-io/pulumi-aws-crr/internal/heartbeat"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// The condition keys of an upload.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html
const (
	SSEConditionKey         = "s3:x-amz-server-side-encryption"
	SSEKMSKeyIDConditionKey = "s3:x-amz-server-side-encryption-aws-kms-key-id"
	SSECustomerConditionKey = "s3:x-amz-server-side-encryption-customer-algorithm"

	// EncryptionContextConditionKey and CallerAccountConditionKey are of requests to
	// KMS. https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
	EncryptionContextConditionKey = "kms:EncryptionContext:aws:s3:arn"
	CallerAccountConditionKey     = "kms:CallerAccount"
	viaServiceKey                 = "kms:ViaService"
	// viaAWSServiceKey is of requests that a service forwards for a principal.
	viaAWSServiceKey = "aws:ViaAWSService"

	// Of calls that a service makes as itself.
	sourceAccountKey = "aws:SourceAccount"
	sourceARNKey     = "aws:SourceArn"
)

// BucketRef identifies a bucket and its keys in policies.
type BucketRef struct {
	// Region, account and key may be "": of a bucket that was set up elsewhere,
	// they need not be known, and it need not use KMS.
	Region, Account, BucketARN, KMSKeyARN string
	// DecryptKeyARNs are further keys that objects of the bucket are encrypted
	// with. Replicas are never encrypted with them.
	DecryptKeyARNs []string
	// ObjectLock reports whether objects of the bucket may be locked.
	ObjectLock bool
	// KeyChanges reports whether the keys of objects may be changed in place.
	KeyChanges bool
	// Deployer is the ARN of a principal that a guarded bucket lets through, and
	// "" for a bucket without a guard.
	Deployer string
}

// objects are the ARNs of the bucket's objects.
func (e BucketRef) objects() string { return e.BucketARN + "/*" }

// keys are all that objects of the bucket may be encrypted with.
func (e BucketRef) keys() []string {
	if e.KMSKeyARN == "" {
		return e.DecryptKeyARNs
	}
	return append([]string{e.KMSKeyARN}, e.DecryptKeyARNs...)
}

// Trust is the buckets that S3 may assume a role for.
type Trust int

// The buckets that S3 may assume a role for.
const (
	// TrustAccount is all buckets of the source bucket's account.
	TrustAccount Trust = iota
	// TrustBucket is the source bucket.
	TrustBucket
	// TrustAnyAccount is all buckets.
	TrustAnyAccount
)

// TrustPolicy lets S3 assume the role of a source bucket.
//
// AWS recommends aws:SourceAccount and aws:SourceArn against confused deputies, and
// its page on the role of replication has neither. With IfExists, the conditions
// refuse other buckets where S3 sends the keys, and allow replication where it does
// not.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html
func TrustPolicy(source BucketRef, trust Trust) policy.Document {
	statement := policy.Statement{
		Sid: "AllowS3", Effect: policy.Allow, Principal: policy.Service("s3.amazonaws.com"),
		Action: policy.Values{"sts:AssumeRole"},
	}
	if trust != TrustAnyAccount {
		statement.Condition = policy.Conditions{"StringEqualsIfExists": {sourceAccountKey: {source.Account}}}
	}
	if trust == TrustBucket {
		statement.Condition["ArnEqualsIfExists"] = map[string]policy.Values{sourceARNKey: {source.BucketARN}}
	}
	return policy.New(statement)
}

// atSource are what a role needs at the source of replication. See
// setting-repl-config-perm-overview in the S3 user guide.
func atSource(source BucketRef) []policy.Statement {
	statements := []policy.Statement{
		{
			Sid: "ReadConfiguration", Effect: policy.Allow,
			Action:   policy.Values{"s3:GetReplicationConfiguration", "s3:ListBucket"},
			Resource: policy.Values{source.BucketARN},
		},
		{
			Sid: "ReadVersions", Effect: policy.Allow,
			Action:   sourceActions(source),
			Resource: policy.Values{source.objects()},
		},
	}
	return append(statements, useKeys("DecryptSource", source, source.keys(), sourceKeyActions...)...)
}

// sourceKeyActions: AWS's page on encrypted objects asks for Decrypt, and the one on
// troubleshooting for GenerateDataKey, too. A role can write nothing with it, so it
// has both, and only Decrypt is one of the [Calls].
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-troubleshoot.html
var sourceKeyActions = []string{"kms:Decrypt", "kms:GenerateDataKey"}

func sourceActions(source BucketRef) policy.Values {
	actions := policy.Values{"s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"}
	if source.ObjectLock {
		actions = append(actions, "s3:GetObjectRetention", "s3:GetObjectLegalHold")
	}
	return actions
}

// replicaActions are what S3 does at a destination in the name of the role.
// Across accounts it makes the destination's owner the owner of the replicas.
func replicaActions(acrossAccounts bool) policy.Values {
	actions := policy.Values{"s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"}
	if acrossAccounts {
		actions = append(actions, "s3:ObjectOwnerOverrideToBucketOwner")
	}
	return actions
}

// replicaKeyActions: Encrypt is what S3 asks for. GenerateDataKey is for
// objects that were never encrypted, and Decrypt for the check of a bucket key.
var replicaKeyActions = []string{"kms:Encrypt", "kms:GenerateDataKey", "kms:Decrypt"}

// underKeyOf limits replicas to those that are encrypted with the destination's
// key, or not with KMS at all. Where no key is known, it does not limit them.
func underKeyOf(destination BucketRef) policy.Conditions {
	if destination.KMSKeyARN == "" {
		return nil
	}
	return policy.Conditions{"StringLikeIfExists": {
		SSEConditionKey:         {"aws:kms", "aws:kms:dsse", "AES256"},
		SSEKMSKeyIDConditionKey: {destination.KMSKeyARN},
	}}
}

// writeReplicas allows replicas at a destination.
func writeReplicas(sid string, source, destination BucketRef) policy.Statement {
	return policy.Statement{
		Sid: sid, Effect: policy.Allow,
		Action:    replicaActions(mayBeCrossAccount(source.Account, destination.Account)),
		Resource:  policy.Values{destination.objects()},
		Condition: underKeyOf(destination),
	}
}

// replicaKeys is the one key that replicas are encrypted with, if there is one.
func (e BucketRef) replicaKeys() []string {
	if e.KMSKeyARN == "" {
		return nil
	}
	return []string{e.KMSKeyARN}
}

// updateEncryption changes the key of an object in place. The key is in the body of
// the request, so no condition of a policy can distinguish keys.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/update-sse-encryption.html
const updateEncryption = "s3:UpdateObjectEncryption"

// KeyChangeStatement denies all principals to change the keys of objects in place, with
// s3:UpdateObjectEncryption: an object under a key other than the bucket's cannot be replicated,
// because the role is not allowed to decrypt it.
func KeyChangeStatement(at BucketRef) policy.Statement {
	return policy.Statement{
		Sid: "DenyKeyChanges", Effect: policy.Deny, Principal: policy.Anyone(),
		Action: policy.Values{updateEncryption}, Resource: policy.Values{at.objects()},
	}
}

// useKeys allows keys to be used by S3 only, for objects of the bucket only.
// The encryption context is the bucket's ARN for objects under a bucket key and
// the object's for others; a bucket can hold both.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html
//
// Without keys there is nothing to allow.
func useKeys(sid string, at BucketRef, keys []string, actions ...string) []policy.Statement {
	if len(keys) == 0 {
		return nil
	}
	return []policy.Statement{{
		Sid: sid, Effect: policy.Allow,
		Action:    actions,
		Resource:  keys,
		Condition: throughS3(at),
	}}
}

// throughS3 limits the use of a key to S3 in the region, and to the bucket where
// its name is known.
func throughS3(at BucketRef) policy.Conditions {
	conditions := policy.Conditions{"StringEquals": {viaServiceKey: {replication.S3ViaService(at.Region)}}}
	if at.BucketARN != "" {
		conditions["StringLike"] = map[string]policy.Values{EncryptionContextConditionKey: {at.BucketARN, at.objects()}}
	}
	return conditions
}

// DestinationStatements are what the policy of a destination bucket must have
// for roles to replicate into it. Within one account either policy is enough, so
// both have the same condition on the key; from another account it takes both. The
// list and versioning rights of AWS's example are left out: no role has the other
// half of them.
func DestinationStatements(at BucketRef, roleARNs ...string) []policy.Statement {
	if len(roleARNs) == 0 {
		return nil
	}
	return []policy.Statement{{
		Sid: "AllowReplicas", Effect: policy.Allow, Principal: policy.AWS(roleARNs...),
		Action:    replicaActions(len(foreignRoles(at, roleARNs)) > 0),
		Resource:  policy.Values{at.objects()},
		Condition: underKeyOf(at),
	}}
}

// DestinationKeyStatements are what the policy of a destination's key must have
// for roles of other accounts to encrypt replicas with it. Roles of the key's
// own account need nothing there, provided the policy lets IAM decide.
func DestinationKeyStatements(at BucketRef, roleARNs ...string) []policy.Statement {
	foreign := foreignRoles(at, roleARNs)
	if len(foreign) == 0 {
		return nil
	}
	return []policy.Statement{{
		Sid: "AllowReplicas", Effect: policy.Allow, Principal: policy.AWS(foreign...),
		Action: replicaKeyActions, Resource: policy.Values{"*"},
		Condition: throughS3(at),
	}}
}

// HeartbeatStatements let a canary look at heartbeats in a bucket, find old ones and
// remove them. Without s3:ListBucket, S3 calls a missing object forbidden. The key of
// the bucket need not be used: a HEAD request reads no data.
func HeartbeatStatements(suffix, bucketARN, sourceBucket string) []policy.Statement {
	return []policy.Statement{
		{
			Sid: "SeeHeartbeats" + suffix, Effect: policy.Allow,
			Action: policy.Values{"s3:GetObject", "s3:DeleteObjectVersion"}, Resource: HeartbeatObjects(bucketARN, sourceBucket),
		},
		{
			Sid: "ListHeartbeats" + suffix, Effect: policy.Allow,
			Action: policy.Values{"s3:ListBucket", "s3:ListBucketVersions"}, Resource: policy.Values{bucketARN},
		},
	}
}

// HeartbeatObjects are all that the canary of a source writes, there and as replicas:
// a destination may get any of them, since a heartbeat of one rule may match
// others too.
func HeartbeatObjects(bucketARN, sourceBucket string) policy.Values {
	return policy.Values{bucketARN + "/" + heartbeat.Keys(sourceBucket)}
}

// SourceKeyStatements are what the policy of a key must have for a role of another
// account to decrypt objects of the source bucket that are encrypted with it.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
func SourceKeyStatements(source BucketRef, roleARN string) []policy.Statement {
	return []policy.Statement{{
		Sid: "AllowReplication", Effect: policy.Allow, Principal: policy.AWS(roleARN),
		Action: sourceKeyActions, Resource: policy.Values{"*"},
		Condition: throughS3(source),
	}}
}

func foreignRoles(at BucketRef, roleARNs []string) []string {
	var foreign []string
	for _, role := range roleARNs {
		if awsid.AccountOf(role) != at.Account {
			foreign = append(foreign, role)
		}
	}
	return foreign
}
