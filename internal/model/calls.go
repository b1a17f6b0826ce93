package model

import (
	"github.com/crr-io/pulumi-aws-crr/internal/awsid"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// Call is one call that S3 makes with the role to replicate an object. All of them must be allowed.
type Call struct {
	// At is the bucket whose policy or key policy applies.
	At BucketRef
	// Key reports whether the call goes to the bucket's KMS key.
	Key bool
	// Request is incomplete: it has what is known of S3's requests.
	Request policy.Request
}

// objectKey stands for any object in a call.
const objectKey = "any/object"

// Calls are everything that S3 does to replicate one object, encrypted
// with any key of the source, its
// tags and its delete marker from a source to a destination.
func Calls(roleARN string, source, destination BucketRef) []Call {
	var calls []Call
	for _, action := range []string{"s3:GetReplicationConfiguration", "s3:ListBucket"} {
		calls = append(calls, bucketCall(roleARN, action, source, source.BucketARN))
	}
	for _, action := range sourceActions(source) {
		calls = append(calls, bucketCall(roleARN, action, source, source.BucketARN+"/"+objectKey))
	}
	for _, action := range replicaActions(source.Account != destination.Account) {
		calls = append(calls, bucketCall(roleARN, action, destination, destination.BucketARN+"/"+objectKey))
	}
	calls = append(calls, keyCalls(roleARN, source, source.keys(), "kms:Decrypt")...)
	return append(calls, keyCalls(roleARN, destination, destination.replicaKeys(), replicaKeyActions...)...)
}

func bucketCall(roleARN, action string, at BucketRef, resource string) Call {
	context := ofReplication
	if action == "s3:ReplicateObject" {
		context = ofReplica(SSES3, "")
		if at.KMSKeyARN != "" {
			context = ofReplica(SSEKMS, at.KMSKeyARN)
		}
	}
	return Call{At: at, Request: ofRole(roleARN, action, resource, at.Account, context)}
}

// keyCalls come with either encryption context: objects under a bucket key have
// the bucket's ARN, others their own.
func keyCalls(roleARN string, at BucketRef, keys []string, actions ...string) []Call {
	var calls []Call
	for _, key := range keys {
		for _, action := range actions {
			for _, encryptionContext := range []string{at.BucketARN, at.BucketARN + "/" + objectKey} {
				context := ofKeyUse(roleARN, replication.S3ViaService(at.Region), encryptionContext)
				calls = append(calls, Call{At: at, Key: true, Request: toKMS(roleARN, action, key, at.keyAccount(key), context)})
			}
		}
	}
	return calls
}

// keyAccount is the account of a key: that of the bucket for the bucket's own.
func (e BucketRef) keyAccount(key string) string {
	if key == e.KMSKeyARN {
		return e.Account
	}
	return awsid.AccountOf(key)
}
