package access

import (
	"strings"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// kind is a type of resource that a program registers, and what the AWS provider
// calls to make, read, change and delete one.
type kind struct {
	token string
	// name is the input that has the resource's name, where a name can be given.
	name string
	// exact says that the name is not generated.
	exact  bool
	grants []Grant
}

const (
	bucketARN  = "arn:{partition}:s3:::{bucket}"
	objectsARN = bucketARN + "/*"
)

// notRetained stands for an input where a row is about what [Resource.Retained] does
// not keep: the keys of buckets are retained, and others are deleted with the stack.
const notRetained = "not retained"

// onBucket are actions on the bucket that a sub-resource belongs to.
func onBucket(actions ...string) []Grant { return []Grant{{Actions: actions, On: []string{bucketARN}}} }

func service(name string) policy.Conditions {
	return policy.Conditions{"StringEquals": {"iam:PassedToService": {name}}}
}

// kinds is the table of what deploying needs, by the type of the resource.
// https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
var kinds = []kind{
	{token: "aws:s3/bucketV2:BucketV2", name: "bucket", grants: []Grant{
		{Actions: []string{
			"s3:CreateBucket", "s3:DeleteBucket", "s3:ListBucket", "s3:GetBucketTagging", "s3:PutBucketTagging",
			"s3:GetAccelerateConfiguration", "s3:GetBucketAcl", "s3:GetBucketCORS", "s3:GetBucketLogging", "s3:GetBucketObjectLockConfiguration",
			"s3:GetBucketPolicy", "s3:GetBucketRequestPayment", "s3:GetBucketVersioning", "s3:GetBucketWebsite", "s3:GetEncryptionConfiguration",
			"s3:GetLifecycleConfiguration", "s3:GetReplicationConfiguration",
		}, On: []string{bucketARN}},
		{Actions: []string{"s3:PutLifecycleConfiguration"}, On: []string{bucketARN}, When: "lifecycleRules"},
		{Actions: []string{"s3:PutBucketObjectLockConfiguration", "s3:PutBucketVersioning"}, On: []string{bucketARN}, When: "objectLockEnabled"},
		{Actions: []string{"s3:ListBucketVersions"}, On: []string{bucketARN}, When: "forceDestroy"},
		{Actions: []string{"s3:DeleteObjectVersion"}, On: []string{objectsARN}, When: "forceDestroy"},
	}},
	{token: "aws:s3/bucketVersioningV2:BucketVersioningV2", grants: onBucket("s3:GetBucketVersioning", "s3:PutBucketVersioning")},
	{
		token:  "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2",
		grants: onBucket("s3:GetEncryptionConfiguration", "s3:PutEncryptionConfiguration"),
	},
	{token: "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", grants: onBucket("s3:GetBucketPublicAccessBlock", "s3:PutBucketPublicAccessBlock")},
	{token: "aws:s3/bucketOwnershipControls:BucketOwnershipControls", grants: onBucket("s3:GetBucketOwnershipControls", "s3:PutBucketOwnershipControls")},
	{
		token:  "aws:s3/bucketObjectLockConfigurationV2:BucketObjectLockConfigurationV2",
		grants: onBucket("s3:GetBucketObjectLockConfiguration", "s3:PutBucketObjectLockConfiguration"),
	},
	{token: "aws:s3/bucketAccelerateConfigurationV2:BucketAccelerateConfigurationV2", grants: onBucket("s3:GetAccelerateConfiguration", "s3:PutAccelerateConfiguration")},
	{
		token:  "aws:s3/bucketIntelligentTieringConfiguration:BucketIntelligentTieringConfiguration",
		grants: onBucket("s3:GetIntelligentTieringConfiguration", "s3:PutIntelligentTieringConfiguration"),
	},
	{token: "aws:s3/bucketPolicy:BucketPolicy", grants: onBucket("s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy")},
	{token: "aws:s3/bucketNotification:BucketNotification", grants: onBucket("s3:GetBucketNotification", "s3:PutBucketNotification")},
	{token: "aws:s3/bucketLoggingV2:BucketLoggingV2", grants: onBucket("s3:GetBucketLogging", "s3:PutBucketLogging")},
	{token: "aws:s3/inventory:Inventory", grants: onBucket("s3:GetInventoryConfiguration", "s3:PutInventoryConfiguration")},
	{token: "aws:s3/bucketReplicationConfig:BucketReplicationConfig", grants: append(
		onBucket("s3:GetReplicationConfiguration", "s3:PutReplicationConfiguration"),
		Grant{Actions: []string{"iam:PassRole"}, On: []string{"{role}"}, Condition: service("s3.amazonaws.com")},
	)},

	{token: "aws:kms/key:Key", grants: []Grant{
		{Actions: []string{"kms:CreateKey"}, On: []string{everywhere}, Wide: noARN},
		{Actions: []string{
			"kms:DescribeKey", "kms:GetKeyPolicy", "kms:PutKeyPolicy", "kms:GetKeyRotationStatus", "kms:EnableKeyRotation",
			"kms:ListResourceTags", "kms:TagResource", "kms:UntagResource", "kms:UpdateKeyDescription",
		}, On: []string{anyKey}, Wide: noKeyID},
		{Actions: []string{"kms:ScheduleKeyDeletion"}, On: []string{anyKey}, When: notRetained, Wide: noKeyID},
	}},
	{token: "aws:kms/alias:Alias", grants: []Grant{
		{Actions: []string{"kms:CreateAlias", "kms:DeleteAlias"}, On: []string{"arn:{partition}:kms:{region}:{account}:alias/{name}", anyKey}, Wide: noKeyID},
		{Actions: []string{"kms:ListAliases"}, On: []string{everywhere}, Wide: noARN},
	}},

	{token: "aws:iam/role:Role", name: "name", grants: []Grant{{Actions: []string{
		"iam:CreateRole", "iam:DeleteRole", "iam:GetRole", "iam:UpdateRoleDescription", "iam:UpdateAssumeRolePolicy",
		"iam:PutRolePermissionsBoundary", "iam:DeleteRolePermissionsBoundary", "iam:TagRole", "iam:UntagRole",
		"iam:ListRolePolicies", "iam:ListAttachedRolePolicies", "iam:ListInstanceProfilesForRole",
	}, On: []string{roleARN}}}},
	{token: "aws:iam/policy:Policy", name: "name", grants: []Grant{{Actions: []string{
		"iam:CreatePolicy", "iam:DeletePolicy", "iam:GetPolicy", "iam:GetPolicyVersion", "iam:ListPolicyVersions", "iam:CreatePolicyVersion",
		"iam:DeletePolicyVersion", "iam:TagPolicy", "iam:UntagPolicy",
	}, On: []string{"arn:{partition}:iam::{account}:policy{path}{name}"}}}},
	{token: "aws:iam/rolePolicyAttachment:RolePolicyAttachment", grants: []Grant{
		{Actions: []string{"iam:AttachRolePolicy", "iam:DetachRolePolicy", "iam:ListAttachedRolePolicies"}, On: []string{"arn:{partition}:iam::{account}:role{path}{role}"}},
	}},
	{token: "aws:iam/rolePolicy:RolePolicy", grants: []Grant{
		{Actions: []string{"iam:GetRolePolicy", "iam:PutRolePolicy", "iam:DeleteRolePolicy"}, On: []string{"arn:{partition}:iam::{account}:role{path}{role}"}},
	}},

	{token: "aws:cloudwatch/metricAlarm:MetricAlarm", name: "name", grants: []Grant{
		{Actions: []string{
			"cloudwatch:PutMetricAlarm", "cloudwatch:DeleteAlarms", "cloudwatch:ListTagsForResource", "cloudwatch:TagResource", "cloudwatch:UntagResource",
		}, On: []string{alarmARN}},
		{Actions: []string{"cloudwatch:DescribeAlarms"}, On: []string{everywhere}, Wide: composite},
	}},
	{token: "aws:cloudwatch/compositeAlarm:CompositeAlarm", name: "alarmName", exact: true, grants: []Grant{
		{Actions: []string{"cloudwatch:DeleteAlarms", "cloudwatch:ListTagsForResource", "cloudwatch:TagResource", "cloudwatch:UntagResource"}, On: []string{alarmARN}},
		{Actions: []string{"cloudwatch:PutCompositeAlarm", "cloudwatch:DescribeAlarms"}, On: []string{everywhere}, Wide: composite},
	}},
	{token: "aws:cloudwatch/dashboard:Dashboard", name: "dashboardName", exact: true, grants: []Grant{{
		Actions: []string{"cloudwatch:PutDashboard", "cloudwatch:GetDashboard", "cloudwatch:DeleteDashboards"},
		On:      []string{"arn:{partition}:cloudwatch::{account}:dashboard/{name}"},
	}}},

	{token: "aws:sns/topic:Topic", name: "name", grants: []Grant{{Actions: []string{
		"sns:CreateTopic", "sns:DeleteTopic", "sns:GetTopicAttributes", "sns:SetTopicAttributes", "sns:ListTagsForResource", "sns:TagResource", "sns:UntagResource",
	}, On: []string{"arn:{partition}:sns:{region}:{account}:{name}"}}}},
	{token: "aws:sns/topicPolicy:TopicPolicy", grants: []Grant{{Actions: []string{"sns:GetTopicAttributes", "sns:SetTopicAttributes"}, On: []string{"{arn}"}}}},
	{token: "aws:sns/topicSubscription:TopicSubscription", grants: []Grant{
		{Actions: []string{"sns:Subscribe", "sns:ListSubscriptionsByTopic"}, On: []string{"{topic}"}},
		{Actions: []string{"sns:GetSubscriptionAttributes", "sns:Unsubscribe"}, On: []string{everywhere}, Wide: noARN},
	}},

	{token: "aws:sqs/queue:Queue", name: "name", grants: []Grant{{Actions: []string{
		"sqs:CreateQueue", "sqs:DeleteQueue", "sqs:GetQueueAttributes", "sqs:SetQueueAttributes", "sqs:ListQueueTags", "sqs:TagQueue", "sqs:UntagQueue",
	}, On: []string{"arn:{partition}:sqs:{region}:{account}:{name}"}}}},
	{token: "aws:sqs/queuePolicy:QueuePolicy", grants: []Grant{
		{Actions: []string{"sqs:GetQueueAttributes", "sqs:SetQueueAttributes"}, On: []string{"arn:{partition}:sqs:{region}:{account}:{queueUrl}"}},
	}},

	{token: "aws:cloudwatch/logGroup:LogGroup", name: "name", grants: []Grant{
		{Actions: []string{"logs:CreateLogGroup", "logs:DeleteLogGroup", "logs:PutRetentionPolicy"}, On: []string{groupARN + ":*"}},
		{Actions: []string{"logs:ListTagsForResource", "logs:TagResource", "logs:UntagResource"}, On: []string{groupARN}},
		{Actions: []string{"logs:AssociateKmsKey"}, On: []string{groupARN + ":*"}, When: "kmsKeyId"},
		{Actions: []string{"logs:DescribeLogGroups"}, On: []string{everywhere}, Wide: noARN},
	}},

	{token: "aws:lambda/function:Function", name: "name", grants: []Grant{
		{Actions: []string{
			"lambda:CreateFunction", "lambda:DeleteFunction", "lambda:GetFunction", "lambda:GetFunctionCodeSigningConfig",
			"lambda:ListVersionsByFunction", "lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration",
			"lambda:TagResource", "lambda:UntagResource",
		}, On: []string{functionARN}},
		{Actions: []string{"iam:PassRole"}, On: []string{"{role}"}, Condition: service("lambda.amazonaws.com")},
	}},
	{token: "aws:lambda/invocation:Invocation", grants: []Grant{{Actions: []string{"lambda:InvokeFunction"}, On: []string{invokedFunctionARN}}}},
	{token: "aws:lambda/permission:Permission", grants: []Grant{
		{Actions: []string{"lambda:AddPermission", "lambda:GetPolicy", "lambda:RemovePermission"}, On: []string{namedFunctionARN}},
	}},

	{token: "aws:cloudwatch/eventRule:EventRule", name: "name", grants: []Grant{{Actions: []string{
		"events:PutRule", "events:DeleteRule", "events:DescribeRule", "events:ListTagsForResource", "events:TagResource", "events:UntagResource",
	}, On: []string{"arn:{partition}:events:{region}:{account}:rule/{name}"}}}},
	{token: "aws:cloudwatch/eventTarget:EventTarget", grants: []Grant{
		{Actions: []string{"events:PutTargets", "events:ListTargetsByRule", "events:RemoveTargets"}, On: []string{"arn:{partition}:events:{region}:{account}:rule/{rule}"}},
	}},

	{token: "aws:cloudtrail/trail:Trail", name: "name", grants: []Grant{
		{Actions: []string{
			"cloudtrail:CreateTrail", "cloudtrail:UpdateTrail", "cloudtrail:DeleteTrail", "cloudtrail:GetTrailStatus",
			"cloudtrail:StartLogging", "cloudtrail:GetEventSelectors", "cloudtrail:PutEventSelectors",
			"cloudtrail:ListTags", "cloudtrail:AddTags", "cloudtrail:RemoveTags",
		}, On: []string{"arn:{partition}:cloudtrail:{region}:{account}:trail/{name}"}},
		{Actions: []string{"cloudtrail:DescribeTrails"}, On: []string{everywhere}, Wide: noARN},
		{Actions: []string{"iam:PassRole"}, On: []string{"{cloudWatchLogsRoleArn}"}, Condition: service("cloudtrail.amazonaws.com")},
	}},

	providers,

	// What a program looks up before it registers anything.
	{token: "aws:s3/getBucket:getBucket", name: "bucket", grants: onBucket("s3:ListBucket", "s3:GetBucketWebsite")},
	{token: "aws:kms/getKey:getKey", grants: []Grant{{Actions: []string{"kms:DescribeKey"}, On: []string{"{keyId}"}}}},
	{token: "aws:iam/getRole:getRole", name: "name", grants: []Grant{{Actions: []string{"iam:GetRole"}, On: []string{"arn:{partition}:iam::{account}:role/*{name}"}}}},
}

// providers are the shared ones, of other accounts too.
var providers = kind{token: "pulumi:providers:aws", grants: []Grant{{Actions: []string{"sts:AssumeRole"}, On: []string{"{assumes}"}}}}

// torn is the table of what looking before a stack is destroyed needs, and deleting
// its keys afterwards.
var torn = []kind{
	{token: "aws:s3/bucketV2:BucketV2", name: "bucket", grants: onBucket("s3:ListBucket", "s3:ListBucketVersions", "s3:GetBucketObjectLockConfiguration")},
	{token: "aws:kms/key:Key", grants: []Grant{{Actions: []string{"kms:DescribeKey", "kms:ScheduleKeyDeletion"}, On: []string{anyKey}, Wide: noKeyID}}},
	providers,
}

const (
	roleARN            = "arn:{partition}:iam::{account}:role{path}{name}"
	alarmARN           = "arn:{partition}:cloudwatch:{region}:{account}:alarm:{name}"
	groupARN           = "arn:{partition}:logs:{region}:{account}:log-group:{name}"
	functionARN        = "arn:{partition}:lambda:{region}:{account}:function:{name}"
	namedFunctionARN   = "arn:{partition}:lambda:{region}:{account}:function:{function}"
	invokedFunctionARN = "arn:{partition}:lambda:{region}:{account}:function:{functionName}"
)

// kindOf is the row of a type.
func kindOf(token string) (kind, bool) { return find(kinds, token) }

func find(table []kind, token string) (kind, bool) {
	for _, each := range table {
		if each.token == token {
			return each, true
		}
	}
	return kind{}, false
}

// needsNothing reports whether a type is none of AWS: components and the stack.
func needsNothing(token string) bool {
	return strings.HasPrefix(token, "crr:") || strings.HasPrefix(token, "pulumi:pulumi:") || !strings.HasPrefix(token, "aws:") && !strings.HasPrefix(token, "pulumi:providers:aws")
}
