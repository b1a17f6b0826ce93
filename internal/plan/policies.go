package plan

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// BucketPolicy denies requests that bypass TLS or the bucket's key, allows replication
// roles, and adds the user's statements. Everything else is left to IAM.
//
// deployer is the ARN of the deploying credentials, which the guard exempts.
func BucketPolicy(args Bucket, at model.BucketRef, deployer string, replicationRoleARNs []string) policy.Document {
	return policy.New(slices.Concat(
		DenyTransport(at.BucketARN),
		denyEncryption(at.BucketARN, at.KMSKeyARN),
		args.denyKeyChanges(at),
		args.Guard.statements(at, deployer),
		model.DestinationStatements(at, replicationRoleARNs...),
		statementsOn(at.BucketARN, args.Statements),
	)...)
}

func (a Bucket) denyKeyChanges(at model.BucketRef) []policy.Statement {
	if a.AllowKeyChanges {
		return nil
	}
	return []policy.Statement{model.KeyChangeStatement(at)}
}

func (g *Guard) statements(at model.BucketRef, deployer string) []policy.Statement {
	if g == nil {
		return nil
	}
	if g.covers(deployer) {
		return []policy.Statement{model.GuardStatement(at, g.Except...)}
	}
	return []policy.Statement{model.GuardStatement(at, append(principals(deployer), g.Except...)...)}
}

// covers reports whether Except already covers a caller, so that the policy does not
// depend on which of the listed principals deploys. The ARN of a role session has no
// path, and role names are unique in an account without it.
func (g *Guard) covers(caller string) bool {
	at := model.BucketRef{BucketARN: "arn:aws:s3:::any"}
	for _, arn := range g.Except {
		before, role, isRole := strings.Cut(arn, ":role/")
		pathless := arn
		if isRole {
			pathless = before + ":role/" + path.Base(role)
		}
		guarded := policy.New(model.GuardStatement(at, arn, pathless))
		decision := policy.Evaluate(policy.Policies{Resource: &guarded}, policy.Request{
			Principal: caller, Action: "s3:PutReplicationConfiguration", Resource: at.BucketARN,
		})
		if decision.Reason != policy.ExplicitDeny {
			return true
		}
	}
	return false
}

// principals returns the patterns of aws:PrincipalArn for a caller. The ARN of a role
// session does not contain the role's path.
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

// DenyTransport denies plain HTTP and TLS versions before 1.2. The first statement is
// exactly the one that the AWS Config rule s3-bucket-ssl-requests-only requires; the
// second exempts AWS services, because s3:TlsVersion is redacted in their requests.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html#example-bucket-policies-HTTP-HTTPS
func DenyTransport(bucketARN string) []policy.Statement {
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

// denyEncryption denies uploads that request other encryption than the bucket's.
// Uploads without encryption headers get the bucket's default and are allowed: a
// negated operator also matches a missing key, so each condition has a Null operator as
// well. Replicas are not affected: S3 writes them as s3:ReplicateObject.
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
			"Null":            {model.SSEConditionKey: {"false"}},
			"StringNotEquals": {model.SSEConditionKey: {"aws:kms"}},
		}),
		deny("DenyOtherKey", policy.Conditions{
			"Null":            {model.SSEKMSKeyIDConditionKey: {"false"}},
			"StringNotEquals": {model.SSEKMSKeyIDConditionKey: {keyARN}},
		}),
		// Without a key id, aws:kms means the AWS managed key aws/s3, which can't be
		// used for replication to another account.
		deny("DenyKMSWithoutKey", policy.Conditions{
			"StringEquals": {model.SSEConditionKey: {"aws:kms"}},
			"Null":         {model.SSEKMSKeyIDConditionKey: {"true"}},
		}),
		deny("DenyCustomerKeys", policy.Conditions{
			"Null": {model.SSECustomerConditionKey: {"false"}},
		}),
	}
}

// KeyPolicy enables IAM policies of the account and allows replication roles of other
// accounts. S3 uses the key with the caller's permissions, so no service principal is
// needed.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#key-policy-default-allow-root-enable-iam
//
// A key is created before its bucket, so it can limit other accounts to the bucket only
// if the bucket's name is configured.
func KeyPolicy(args Bucket, account string, replicationRoleARNs []string) policy.Document {
	at := model.BucketRef{Region: args.Region, Account: account}
	if args.Bucket != "" {
		at.BucketARN = replication.BucketARN(args.Region, args.Bucket)
	}
	statements := []policy.Statement{AccountStatement(at.Region, at.Account)}
	return policy.New(slices.Concat(
		statements, model.DestinationKeyStatements(at, replicationRoleARNs...), statementsOnKey(args.KeyStatements),
	)...)
}

// AccountStatement returns the statement of a key policy that enables IAM policies of
// the account.
func AccountStatement(region, account string) policy.Statement {
	partition, _ := replication.PartitionOf(region)
	return policy.Statement{
		Sid:       "EnableIAMPolicies",
		Effect:    policy.Allow,
		Principal: policy.AWS(fmt.Sprintf("arn:%s:iam::%s:root", partition.ID, account)),
		Action:    policy.Values{"kms:*"},
		Resource:  policy.Values{"*"},
	}
}

// rolePolicies returns all policies of a role.
func rolePolicies(source model.BucketRef, destinations []model.BucketRef) []policy.Document {
	var documents []policy.Document
	for _, part := range model.SplitRolePolicy(source, destinations) {
		documents = append(documents, part.Policy(source, destinations))
	}
	return documents
}
