package crr

import (
	"fmt"
	"slices"

	"github.com/crr-io/pulumi-aws-crr/internal/plan"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

const cloudTrailService = "cloudtrail.amazonaws.com"

// trailIdentity identifies a trail in policies. They are created before the trail, so
// its ARN is built from its name.
type trailIdentity struct {
	name, region, account string
}

func (t trailIdentity) arnOf(service, resource string) string {
	partition, _ := replication.PartitionOf(t.region)
	return fmt.Sprintf("arn:%s:%s:%s:%s:%s", partition.ID, service, t.region, t.account, resource)
}

func (t trailIdentity) arn() string { return t.arnOf("cloudtrail", "trail/"+t.name) }

func (t trailIdentity) logGroup() string { return "/aws/cloudtrail/" + t.name }

// bucketPolicy allows this trail to write its logs. All other access is left to IAM.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
func (t trailIdentity) bucketPolicy(bucketARN string) policy.Document {
	ours := policy.Values{t.arn()}
	return policy.New(append(plan.DenyTransport(bucketARN),
		policy.Statement{
			Sid: "AllowTrailToReadACL", Effect: policy.Allow, Principal: policy.Service(cloudTrailService),
			Action: policy.Values{"s3:GetBucketAcl"}, Resource: policy.Values{bucketARN},
			Condition: policy.Conditions{"StringEquals": {"aws:SourceArn": ours}},
		},
		deliver("AllowTrailToWrite", cloudTrailService, fmt.Sprintf("%s/AWSLogs/%s/*", bucketARN, t.account), policy.Conditions{
			"StringEquals": {"aws:SourceArn": ours, "s3:x-amz-acl": {"bucket-owner-full-control"}},
		}),
	)...)
}

// keyPolicy separates the administration of the key from its use: logs can be decrypted
// only by Readers or, if empty, by principals that IAM allows to decrypt, and only logs
// of a trail can be decrypted. CloudTrail itself can only encrypt.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
func (t trailIdentity) keyPolicy(args TrailArgs) policy.Document {
	partition, _ := replication.PartitionOf(t.region)
	root := fmt.Sprintf("arn:%s:iam::%s:root", partition.ID, t.account)
	readers := args.Readers
	if len(readers) == 0 {
		readers = []string{root}
	}
	ours := policy.Values{t.arn()}
	statements := []policy.Statement{
		keyStatement("EnableIAMAdministration", policy.AWS(root), administration(), nil),
		keyStatement("AllowReaders", policy.AWS(readers...), []string{"kms:Decrypt"}, policy.Conditions{
			"Null": {"kms:EncryptionContext:aws:cloudtrail:arn": {"false"}},
		}),
		keyStatement("AllowTrailToEncrypt", policy.Service(cloudTrailService), []string{"kms:GenerateDataKey*"}, policy.Conditions{
			"StringEquals": {"aws:SourceArn": ours},
			"StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": {
				fmt.Sprintf("arn:%s:cloudtrail:*:%s:trail/*", partition.ID, t.account),
			}},
		}),
		keyStatement("AllowTrailToDescribe", policy.Service(cloudTrailService), []string{"kms:DescribeKey"}, policy.Conditions{
			"StringEquals": {"aws:SourceArn": ours},
		}),
	}
	if args.CloudWatchLogs != nil {
		statements = append(statements, t.logsKeyStatement(partition))
	}
	return policy.New(statements...)
}

// logsKeyStatement allows CloudWatch Logs to encrypt the trail's log group, and to
// decrypt it for principals that IAM allows to read it.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
func (t trailIdentity) logsKeyStatement(partition replication.Partition) policy.Statement {
	service := fmt.Sprintf("logs.%s.%s", t.region, partition.DNSSuffix)
	actions := []string{"kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"}
	return keyStatement("AllowLogGroup", policy.Service(service), actions, policy.Conditions{
		"ArnEquals": {"kms:EncryptionContext:aws:logs:arn": {t.arnOf("logs", "log-group:"+t.logGroup())}},
	})
}

func keyStatement(sid string, principal *policy.Principal, actions []string, condition policy.Conditions) policy.Statement {
	return policy.Statement{
		Sid: sid, Effect: policy.Allow, Principal: principal, Action: actions, Resource: policy.Values{"*"}, Condition: condition,
	}
}

// administration returns the actions of key administrators in AWS's default key policy,
// except grants, which would allow decryption.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#key-policy-default-allow-administrators
func administration() []string {
	return []string{
		"kms:CreateAlias", "kms:Describe*", "kms:Enable*", "kms:List*", "kms:Put*", "kms:Update*", "kms:Revoke*", "kms:Disable*",
		"kms:Get*", "kms:Delete*", "kms:TagResource", "kms:UntagResource", "kms:ScheduleKeyDeletion", "kms:CancelKeyDeletion",
		"kms:RotateKeyOnDemand",
	}
}

// logRoleTrust has no condition on the trail: only principals of the role's account can
// pass the role to CloudTrail.
func logRoleTrust() policy.Document {
	return policy.New(policy.Statement{
		Sid: "AllowCloudTrail", Effect: policy.Allow, Principal: policy.Service(cloudTrailService), Action: policy.Values{"sts:AssumeRole"},
	})
}

// logRolePolicy allows CloudTrail to write to its streams of the log group.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-required-policy-for-cloudwatch-logs.html
func (t trailIdentity) logRolePolicy() policy.Document {
	stream := fmt.Sprintf("log-group:%s:log-stream:%s_CloudTrail_%s*", t.logGroup(), t.account, t.region)
	return policy.New(policy.Statement{
		Sid: "WriteEvents", Effect: policy.Allow, Action: policy.Values{"logs:CreateLogStream", "logs:PutLogEvents"},
		Resource: policy.Values{t.arnOf("logs", stream)},
	})
}

// objectPrefixes returns the ARN prefixes of the buckets' objects without duplicates.
// Without the trailing slash, objects of a bucket whose name starts with the same
// characters would match too.
func objectPrefixes(bucketARNs []string) []string {
	var prefixes []string
	for _, arn := range bucketARNs {
		if prefix := arn + "/"; !slices.Contains(prefixes, prefix) {
			prefixes = append(prefixes, prefix)
		}
	}
	return prefixes
}
