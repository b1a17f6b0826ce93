package crr

import (
	"path"
	"slices"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// bucketPolicy refuses what would get around TLS or the bucket's key, now or later, lets
// replication roles in, and adds statements of the user's own. Everything else
// is left to IAM.
//
// deployer is the ARN of the credentials that deploy, for the guard to let
// through.
func bucketPolicy(args BucketArgs, at replication.BucketRef, deployer string, replicationRoleARNs []string) policy.Document {
	return policy.New(slices.Concat(
		denyTransport(at.BucketARN),
		denyEncryption(at.BucketARN, at.KMSKeyARN),
		args.denyKeyChanges(at),
		args.Guard.statements(at, deployer),
		replication.DestinationStatements(at, replicationRoleARNs...),
		statementsOn(at.BucketARN, args.Statements),
	)...)
}

func (a BucketArgs) denyKeyChanges(at replication.BucketRef) []policy.Statement {
	if a.AllowKeyChanges {
		return nil
	}
	return []policy.Statement{replication.KeyChangeStatement(at)}
}

func (g *GuardArgs) statements(at replication.BucketRef, deployer string) []policy.Statement {
	if g == nil {
		return nil
	}
	if g.names(deployer) {
		return []policy.Statement{replication.GuardStatement(at, g.Except...)}
	}
	return []policy.Statement{replication.GuardStatement(at, append(principals(deployer), g.Except...)...)}
}

// names tells whether the guard lets a caller through without adding them, so
// that the policy is the same whoever of those named deploys. The ARN of a role's
// session has no path, and the names of an account's roles are unique without.
func (g *GuardArgs) names(caller string) bool {
	at := replication.BucketRef{BucketARN: "arn:aws:s3:::any"}
	for _, arn := range g.Except {
		before, role, isRole := strings.Cut(arn, ":role/")
		pathless := arn
		if isRole {
			pathless = before + ":role/" + path.Base(role)
		}
		guarded := policy.New(replication.GuardStatement(at, arn, pathless))
		decision := policy.Evaluate(policy.Policies{Resource: &guarded}, policy.Request{
			Principal: caller, Action: "s3:PutReplicationConfiguration", Resource: at.BucketARN,
		})
		if decision.Reason != policy.ExplicitDeny {
			return true
		}
	}
	return false
}

// principals are the patterns of aws:PrincipalArn for a caller. The ARN of a
// role's session names neither the role's path nor that it is a role.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn
func principals(caller string) []string {
	partition, rest, isSession := strings.Cut(caller, ":sts::")
	account, session, _ := strings.Cut(rest, ":assumed-role/")
	name, _, hasName := strings.Cut(session, "/")
	if !isSession || !hasName {
		return []string{caller}
	}
	role := partition + ":iam::" + account + ":role/"
	return []string{role + name, role + "*/" + name}
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
			"Null":            {replication.SSEConditionKey: {"false"}},
			"StringNotEquals": {replication.SSEConditionKey: {"aws:kms"}},
		}),
		deny("DenyOtherKey", policy.Conditions{
			"Null":            {replication.SSEKMSKeyIDConditionKey: {"false"}},
			"StringNotEquals": {replication.SSEKMSKeyIDConditionKey: {keyARN}},
		}),
		// Without a key id, aws:kms means the AWS managed key aws/s3, with which
		// nothing can be replicated to another account.
		deny("DenyKMSWithoutKey", policy.Conditions{
			"StringEquals": {replication.SSEConditionKey: {"aws:kms"}},
			"Null":         {replication.SSEKMSKeyIDConditionKey: {"true"}},
		}),
		deny("DenyCustomerKeys", policy.Conditions{
			"Null": {replication.SSECustomerConditionKey: {"false"}},
		}),
	}
}
