package crr

import "github.com/crr-io/pulumi-aws-crr/pkg/policy"

// The condition keys of an upload.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html
const (
	sseKey         = "s3:x-amz-server-side-encryption"
	sseKMSKeyIDKey = "s3:x-amz-server-side-encryption-aws-kms-key-id"
	sseCustomerKey = "s3:x-amz-server-side-encryption-customer-algorithm"
)

// bucketPolicy refuses what would get around TLS or the bucket's key, and lets
// replication roles in. Everything else is left to IAM.
func bucketPolicy(bucketARN, keyARN string, replicationRoleARNs []string) policy.Document {
	statements := append(denyTransport(bucketARN), denyEncryption(bucketARN, keyARN)...)
	if len(replicationRoleARNs) > 0 {
		statements = append(statements, allowReplication(bucketARN, replicationRoleARNs)...)
	}
	return policy.New(statements...)
}

// denyTransport refuses plain HTTP and TLS before 1.2. The first statement is
// to the letter the one that AWS Config's rule s3-bucket-ssl-requests-only
// looks for; the second leaves AWS's own services alone, in whose requests
// s3:TlsVersion is redacted.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html#example-bucket-policies-HTTP-HTTPS
func denyTransport(bucketARN string) []policy.Statement {
	everything := policy.Values{bucketARN, bucketARN + "/*"}
	return []policy.Statement{
		{
			Sid: "DenyInsecureTransport", Effect: policy.Deny, Principal: policy.Anyone(),
			Action: policy.Values{"s3:*"}, Resource: everything,
			Condition: policy.Conditions{"Bool": {"aws:SecureTransport": {"false"}}},
		},
		{
			Sid: "DenyOutdatedTLS", Effect: policy.Deny, Principal: policy.Anyone(),
			Action: policy.Values{"s3:*"}, Resource: everything,
			Condition: policy.Conditions{
				"NumericLessThan": {"s3:TlsVersion": {"1.2"}},
				"Bool":            {"aws:PrincipalIsAWSService": {"false"}},
			},
		},
	}
}

// denyEncryption refuses uploads that ask for another encryption than the
// bucket's, and leaves those alone that ask for none and so get the bucket's.
// A negated operator alone would refuse these too, since it holds for a key
// that is missing; hence the Null beside each. Replicas are not touched: S3
// writes them as s3:ReplicateObject.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
func denyEncryption(bucketARN, keyARN string) []policy.Statement {
	deny := func(sid string, condition policy.Conditions) policy.Statement {
		return policy.Statement{
			Sid: sid, Effect: policy.Deny, Principal: policy.Anyone(),
			Action: policy.Values{"s3:PutObject"}, Resource: policy.Values{bucketARN + "/*"},
			Condition: condition,
		}
	}
	return []policy.Statement{
		deny("DenyOtherEncryption", policy.Conditions{
			"Null":            {sseKey: {"false"}},
			"StringNotEquals": {sseKey: {"aws:kms"}},
		}),
		deny("DenyOtherKey", policy.Conditions{
			"Null":            {sseKMSKeyIDKey: {"false"}},
			"StringNotEquals": {sseKMSKeyIDKey: {keyARN}},
		}),
		// Without a key id, aws:kms means the AWS managed key aws/s3, with which
		// nothing can be replicated to another account.
		deny("DenyKMSWithoutKey", policy.Conditions{
			"StringEquals": {sseKey: {"aws:kms"}},
			"Null":         {sseKMSKeyIDKey: {"true"}},
		}),
		deny("DenyCustomerKeys", policy.Conditions{
			"Null": {sseCustomerKey: {"false"}},
		}),
	}
}

// allowReplication grants what a destination must grant. Within one account
// the role's own policy is enough; from another account it takes both.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html
func allowReplication(bucketARN string, roleARNs []string) []policy.Statement {
	return []policy.Statement{
		{
			Sid: "AllowReplicas", Effect: policy.Allow, Principal: policy.AWS(roleARNs...),
			Action:   replicaActions,
			Resource: policy.Values{bucketARN + "/*"},
		},
		{
			Sid: "AllowReplicationChecks", Effect: policy.Allow, Principal: policy.AWS(roleARNs...),
			Action:   policy.Values{"s3:ListBucket", "s3:GetBucketVersioning"},
			Resource: policy.Values{bucketARN},
		},
	}
}

// replicaActions are what S3 does at a destination in the name of the role.
var replicaActions = policy.Values{"s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"}
