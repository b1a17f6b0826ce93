package crr

import (
	"fmt"
	"slices"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// end is what a role policy must know of a bucket at one end of replication.
type end struct {
	region, bucketARN, keyARN string
}

// endsOf reads ends from texts that come three for each.
func endsOf(texts []string) []end {
	var ends []end
	for part := range slices.Chunk(texts, 3) {
		ends = append(ends, end{region: part[0], bucketARN: part[1], keyARN: part[2]})
	}
	return ends
}

// trustPolicy lets S3 assume the role, for buckets of the account only.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
func trustPolicy(account string, anyAccount bool) policy.Document {
	statement := policy.Statement{
		Sid: "AllowS3", Effect: policy.Allow, Principal: policy.Service("s3.amazonaws.com"),
		Action: policy.Values{"sts:AssumeRole"},
	}
	if !anyAccount {
		statement.Condition = policy.Conditions{"StringEquals": {"aws:SourceAccount": {account}}}
	}
	return policy.New(statement)
}

// rolePolicy grants what replication needs and nothing else.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html
func rolePolicy(source end, destinations []end) policy.Document {
	statements := []policy.Statement{
		{
			Sid: "ReadConfiguration", Effect: policy.Allow,
			Action:   policy.Values{"s3:GetReplicationConfiguration", "s3:ListBucket"},
			Resource: policy.Values{source.bucketARN},
		},
		{
			Sid: "ReadVersions", Effect: policy.Allow,
			Action:   policy.Values{"s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"},
			Resource: policy.Values{source.bucketARN + "/*"},
		},
		useKey("DecryptSource", source, "kms:Decrypt"),
	}
	for i, destination := range destinations {
		statements = append(statements, writeReplicas(i, destination), useKey(
			fmt.Sprintf("EncryptReplicas%d", i), destination,
			// Encrypt is what S3 asks for. GenerateDataKey is for objects that were
			// never encrypted, and Decrypt for the check of a bucket key.
			"kms:Encrypt", "kms:GenerateDataKey", "kms:Decrypt",
		))
	}
	return policy.New(statements...)
}

// writeReplicas allows replicas that are encrypted with the destination's key,
// or not with KMS at all.
func writeReplicas(i int, destination end) policy.Statement {
	return policy.Statement{
		Sid: fmt.Sprintf("WriteReplicas%d", i), Effect: policy.Allow,
		Action:   replicaActions,
		Resource: policy.Values{destination.bucketARN + "/*"},
		Condition: policy.Conditions{"StringLikeIfExists": {
			sseKey:         {"aws:kms", "aws:kms:dsse", "AES256"},
			sseKMSKeyIDKey: {destination.keyARN},
		}},
	}
}

// useKey allows a key to be used by S3 only, for objects of the bucket only.
// The encryption context is the bucket's ARN for objects under a bucket key and
// the object's for others; a bucket can hold both.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html
func useKey(sid string, at end, actions ...string) policy.Statement {
	return policy.Statement{
		Sid: sid, Effect: policy.Allow,
		Action:   actions,
		Resource: policy.Values{at.keyARN},
		Condition: policy.Conditions{
			"StringEquals": {"kms:ViaService": {replication.S3ViaService(at.region)}},
			"StringLike":   {"kms:EncryptionContext:aws:s3:arn": {at.bucketARN, at.bucketARN + "/*"}},
		},
	}
}
