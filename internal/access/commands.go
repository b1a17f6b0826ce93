package access

import (
	"regexp"
	"slices"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/awsid"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// The parts of a deployment that commands look at.
const (
	eachBucket    = "each bucket"
	replicating   = "buckets that replicate"
	probedBucket  = "each bucket that is probed"
	eachKey       = "each key"
	eachRole      = "each replication role"
	eachRegion    = "each region"
	eachTopic     = "topics of the alarms"
	eventTopic    = "topics of S3's events"
	eventQueue    = "queues of S3's events"
	deadLetters   = "dead letters of those queues"
	eventFunction = "functions of S3's events"
	otherAccount  = "other accounts"
	theDashboard  = "the dashboard"

	// settingsOf begins the part of each kind of setting.
	settingsOf = "settings: "
)

// throughS3 limits the use of a key to S3.
// https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
func throughS3() policy.Conditions {
	return policy.Conditions{"StringLike": {"kms:ViaService": {"s3.*.amazonaws.com*"}}}
}

var (
	inBucket = []string{bucketARN}
	inProbes = []string{"{probes}"}
	inKey    = []string{"{key}"}
	inARN    = []string{"{arn}"}
	// findQueues is for the queue itself, and for the one that its messages are moved to.
	findQueues = Grant{
		Actions: []string{"sqs:GetQueueUrl"}, On: []string{"arn:{partition}:sqs:{region}:{account}:*"},
		Wide: "the name of the queue of the dead letters is not in the description of a deployment",
	}
	// readRole is for a role with all its policies.
	readRole = []Grant{
		{Actions: []string{"iam:GetRole", "iam:ListRolePolicies", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies"}, On: []string{"{role}"}},
		{
			Actions: []string{"iam:GetPolicy", "iam:GetPolicyVersion"}, On: []string{"arn:{partition}:iam::{account}:policy/*"},
			Wide: "the policies that are attached to a role are not known before",
		},
	}
	assume = Grant{Actions: []string{"sts:AssumeRole"}, On: []string{"{role}"}}
)

// commands is the table of what the commands need, by the part of a deployment.
var commands = map[Task]map[string][]Grant{
	ToVerify: {
		eachBucket: {
			{Actions: []string{
				"s3:ListBucket", "s3:ListBucketVersions", "s3:GetBucketVersioning", "s3:GetEncryptionConfiguration", "s3:GetBucketPolicy",
				"s3:GetBucketPublicAccessBlock", "s3:GetBucketOwnershipControls", "s3:GetBucketAcl", "s3:GetBucketObjectLockConfiguration",
				"s3:GetReplicationConfiguration", "s3:GetBucketNotification", "s3:GetBucketRequestPayment", "s3:GetInventoryConfiguration",
				"s3:GetIntelligentTieringConfiguration",
			}, On: inBucket},
			{Actions: []string{"s3:GetObjectVersion"}, On: []string{objectsARN}, Wide: "verify asks some objects for the keys that they are encrypted with, and reads none"},
			{Actions: []string{"kms:DescribeKey"}, On: []string{anyKey}, Wide: "objects may be encrypted with other keys than the bucket's"},
		},
		probedBucket: {{Actions: []string{
			"s3:PutObject", "s3:PutObjectTagging", "s3:GetObjectVersion", "s3:GetObjectVersionTagging",
			"s3:DeleteObject", "s3:DeleteObjectVersion", "s3:AbortMultipartUpload",
		}, On: inProbes}, {Actions: []string{"s3:BypassGovernanceRetention"}, On: inProbes, When: "objectLock"}},
		eachKey: {
			{Actions: []string{"kms:DescribeKey", "kms:GetKeyPolicy"}, On: inKey},
			{Actions: []string{"kms:GenerateDataKey", "kms:Decrypt"}, On: inKey, Condition: throughS3()},
		},
		eachRole:      readRole,
		eachRegion:    {{Actions: []string{"cloudwatch:DescribeAlarms", "cloudwatch:GetMetricData"}, On: []string{everywhere}, Wide: noARN}},
		eachTopic:     {{Actions: []string{"sns:ListSubscriptionsByTopic"}, On: []string{"{arn}"}}},
		eventTopic:    {{Actions: []string{"sns:GetTopicAttributes"}, On: []string{"{arn}"}}},
		eventQueue:    {{Actions: []string{"sqs:GetQueueAttributes"}, On: []string{"{arn}"}}, findQueues},
		eventFunction: {{Actions: []string{"lambda:GetFunctionConfiguration"}, On: []string{"{arn}"}}},
		otherAccount:  {assume},
		theDashboard:  {{Actions: []string{"cloudwatch:GetDashboard"}, On: []string{"arn:{partition}:cloudwatch::{account}:dashboard/{dashboard}"}}},

		settingsOf + string(replication.TrustSetting):        readRole,
		settingsOf + string(replication.RolePoliciesSetting): readRole,
		settingsOf + string(replication.RoleBoundarySetting): readRole,
		settingsOf + string(replication.BucketSetting): {{Actions: []string{
			"s3:GetBucketVersioning", "s3:GetEncryptionConfiguration", "s3:GetBucketPublicAccessBlock", "s3:GetBucketOwnershipControls",
		}, On: inARN}},
		settingsOf + string(replication.BucketPolicySetting): {{Actions: []string{"s3:GetBucketPolicy"}, On: inARN}},
		settingsOf + string(replication.LifecycleSetting):    {{Actions: []string{"s3:GetLifecycleConfiguration"}, On: inARN}},
		settingsOf + string(replication.RetentionSetting):    {{Actions: []string{"s3:GetBucketObjectLockConfiguration"}, On: inARN}},
		settingsOf + string(replication.TieringSetting):      {{Actions: []string{"s3:GetIntelligentTieringConfiguration"}, On: inARN}},
		settingsOf + string(replication.AccessLogSetting):    {{Actions: []string{"s3:GetBucketLogging"}, On: inARN}},
		settingsOf + string(replication.InventorySetting):    {{Actions: []string{"s3:GetInventoryConfiguration"}, On: inARN}},
		settingsOf + string(replication.KeyPolicySetting):    {{Actions: []string{"kms:GetKeyPolicy"}, On: inARN}},
		settingsOf + string(replication.KeySetting): {
			{Actions: []string{"kms:DescribeKey", "kms:GetKeyRotationStatus", "kms:ListGrants"}, On: inARN},
			{Actions: []string{"kms:ListAliases"}, On: []string{everywhere}, Wide: noARN},
		},
		settingsOf + string(replication.TopicPolicySetting): {{Actions: []string{"sns:GetTopicAttributes"}, On: inARN}},
		settingsOf + string(replication.TopicSetting):       {{Actions: []string{"sns:GetTopicAttributes"}, On: inARN}},
		settingsOf + string(replication.SubscriptionsSetting): {
			{Actions: []string{"sns:ListSubscriptionsByTopic"}, On: inARN},
			{Actions: []string{"sns:GetSubscriptionAttributes"}, On: []string{everywhere}, Wide: noARN},
		},
		settingsOf + string(replication.QueuePolicySetting): {{Actions: []string{"sqs:GetQueueAttributes", "sqs:GetQueueUrl"}, On: inARN}},
		settingsOf + string(replication.QueueSetting):       {{Actions: []string{"sqs:GetQueueAttributes", "sqs:GetQueueUrl"}, On: inARN}},
		settingsOf + string(replication.TrailSetting):       readTrail,

		settingsOf + string(replication.NotificationsSetting): {{Actions: []string{"s3:GetBucketNotification"}, On: inARN}},
	},
	ToObject: withQueues(map[string][]Grant{
		eachBucket: {
			{Actions: []string{
				"s3:ListBucket", "s3:ListBucketVersions", "s3:GetBucketVersioning", "s3:GetEncryptionConfiguration", "s3:GetBucketPolicy",
				"s3:GetBucketOwnershipControls", "s3:GetBucketObjectLockConfiguration", "s3:GetReplicationConfiguration",
			}, On: inBucket},
			{Actions: []string{
				"s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectVersionTagging", "s3:GetObjectRetention", "s3:GetObjectLegalHold",
			}, On: []string{objectsARN}},
			{Actions: []string{"kms:DescribeKey", "kms:GetKeyPolicy"}, On: []string{anyKey}, Wide: "objects and replicas may be encrypted with other keys than the bucket's"},
		},
		eachKey: {
			{Actions: []string{"kms:DescribeKey", "kms:GetKeyPolicy"}, On: inKey},
			{Actions: []string{"kms:Decrypt"}, On: inKey, Condition: throughS3()},
		},
		eachRole:     readRole,
		otherAccount: {assume},
	}),
	ToStatus: watching([]string{"cloudwatch:GetMetricData", "cloudwatch:DescribeAlarms"}, Grant{Actions: []string{"s3:GetReplicationConfiguration"}, On: inBucket}),
	ToReport: reporting(),
	ToCompare: {
		eachBucket: {
			{Actions: []string{"s3:ListBucketVersions", "s3:ListBucket", "s3:GetBucketVersioning"}, On: inBucket},
			{Actions: []string{
				"s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectVersionTagging", "s3:GetObjectRetention", "s3:GetObjectLegalHold",
			}, On: []string{objectsARN}},
		},
		replicating:  {{Actions: []string{"s3:GetReplicationConfiguration"}, On: inBucket}},
		eachKey:      {{Actions: []string{"kms:Decrypt"}, On: inKey, Condition: throughS3()}},
		eachRegion:   {{Actions: []string{"cloudwatch:GetMetricStatistics"}, On: []string{everywhere}, Wide: noARN}},
		otherAccount: {assume},
	},
}

// reporting is what report needs.
func reporting() map[string][]Grant {
	table := watching([]string{"cloudwatch:GetMetricData", "cloudwatch:DescribeAlarms", "cloudwatch:DescribeAlarmHistory"})
	table[settingsOf+string(replication.TrailSetting)] = readTrail
	return table
}

// readTrail is how it is read whether a trail records.
var readTrail = []Grant{{Actions: []string{"cloudtrail:GetTrail", "cloudtrail:GetTrailStatus", "cloudtrail:GetEventSelectors"}, On: inARN}}

// watching is what status and report need of CloudWatch, of a bucket that
// replicates, and of queues.
func watching(numbers []string, rules ...Grant) map[string][]Grant {
	table := withQueues(map[string][]Grant{
		eachRegion:   {{Actions: numbers, On: []string{everywhere}, Wide: noARN}},
		otherAccount: {assume},
	})
	if len(rules) > 0 {
		table[replicating] = rules
	}
	return table
}

// withQueues adds what it takes to look into the queues that keep S3's events.
func withQueues(table map[string][]Grant) map[string][]Grant {
	table[eventQueue] = []Grant{
		{Actions: []string{"sqs:GetQueueAttributes", "sqs:ReceiveMessage"}, On: []string{"{arn}"}},
		findQueues,
		{
			Actions: []string{"kms:Decrypt"}, On: []string{anyKey}, Condition: policy.Conditions{"StringLike": {"kms:ViaService": {"sqs.*.amazonaws.com*"}}},
			Wide: "the key of a queue is not in the description of a deployment",
		},
	}
	table[deadLetters] = []Grant{{Actions: []string{"sqs:GetQueueAttributes", "sqs:ReceiveMessage"}, On: []string{"{arn}"}}}
	return table
}

// parts are what deployments consist of, as far as commands look at it.
func parts(deployments []replication.Descriptor) []Resource {
	var all []Resource
	for _, d := range deployments {
		for _, place := range d.Buckets() {
			all = append(all, partsOf(d, place)...)
		}
		for _, setting := range d.Settings {
			all = append(all, settingPart(d, setting))
		}
		if d.Dashboard != "" {
			at := namedPart(d, d.Source.ARN, theDashboard)
			at.Region, at.Account, at.AssumeRoleARN = d.Source.Region, known(d.Source.AccountID), d.Source.AssumeRoleARN
			at.Inputs = map[string]any{"dashboard": d.Dashboard}
			all = append(all, at)
		}
		for _, topic := range d.Topics {
			all = append(all, namedPart(d, topic.ARN, eachTopic))
		}
		for _, notification := range d.Notifications {
			for service, part := range map[string]string{":sns:": eventTopic, ":sqs:": eventQueue, ":lambda:": eventFunction} {
				if strings.Contains(notification.TargetARN, service) {
					all = append(all, namedPart(d, notification.TargetARN, part))
				}
			}
			if strings.Contains(notification.TargetARN, ":sqs:") {
				all = append(all, namedPart(d, deadLettersOf(notification.TargetARN), deadLetters))
			}
		}
	}
	return all
}

// generatedEnd is what Pulumi appends to a name, or the pattern of it.
var generatedEnd = regexp.MustCompile(`-(?:[0-9a-f]{7}|\*)$`)

// deadLettersOf is the pattern of the queue that a failure queue of ours moves
// messages to. That of another queue has any name.
func deadLettersOf(queueARN string) string {
	return generatedEnd.ReplaceAllString(queueARN, "") + "-dead-letters*"
}

func partsOf(d replication.Descriptor, place replication.DeployedBucket) []Resource {
	of := func(part string, inputs map[string]any) Resource {
		return Resource{Type: part, Name: place.Name, Region: place.Region, Account: known(place.AccountID), AssumeRoleARN: place.AssumeRoleARN, Inputs: inputs}
	}
	resources := []Resource{
		of(eachBucket, map[string]any{"bucket": place.Bucket}), of(eachRegion, nil),
		of(probedBucket, map[string]any{"probes": probes(d, place), "objectLock": place.ObjectLock}),
	}
	for _, key := range append([]string{place.KMSKeyARN}, place.DecryptKeyARNs...) {
		if key != "" {
			resources = append(resources, of(eachKey, map[string]any{"key": key}))
		}
	}
	if slices.ContainsFunc(d.Rules, func(rule replication.Rule) bool { return rule.From() == place.Name }) {
		role := d.RoleARN
		if place.Name != replication.SourceName {
			role = place.RoleARN
		}
		resources = append(resources, of(replicating, map[string]any{"bucket": place.Bucket}), of(eachRole, map[string]any{"role": role}))
	}
	if place.AssumeRoleARN != "" {
		assuming := of(otherAccount, map[string]any{"role": place.AssumeRoleARN})
		assuming.AssumeRoleARN, assuming.Account = "", ""
		resources = append(resources, assuming)
	}
	return resources
}

// probes are where verify puts objects.
func probes(d replication.Descriptor, place replication.DeployedBucket) []string {
	all := []string{place.ARN + "/.crr-verify/*"}
	for _, rule := range d.Rules {
		if at := place.ARN + "/" + rule.Prefix + ".crr-verify/*"; !slices.Contains(all, at) {
			all = append(all, at)
		}
	}
	return all
}

// namedPart is something that is named by its ARN, in the account of a place there.
func namedPart(d replication.Descriptor, arn, part string) Resource {
	account, region := awsid.AccountOf(arn), ""
	if parts := strings.Split(arn, ":"); len(parts) > 3 {
		region = parts[3]
	}
	found := Resource{Type: part, Name: arn, Region: region, Account: known(account), Inputs: map[string]any{"arn": arn}}
	for _, place := range d.Buckets() {
		if place.AccountID == account {
			found.AssumeRoleARN = place.AssumeRoleARN
			break
		}
	}
	return found
}

// settingPart is a setting of a resource.
func settingPart(d replication.Descriptor, of replication.Setting) Resource {
	found := Resource{
		Type: settingsOf + string(of.Kind), Name: of.ARN, Region: of.Region, Account: known(of.AccountID),
		Inputs: map[string]any{"arn": of.ARN, "role": of.ARN},
	}
	for _, place := range d.Buckets() {
		if place.AccountID == of.AccountID {
			found.AssumeRoleARN = place.AssumeRoleARN
			break
		}
	}
	return found
}

// IsAccount reports whether a text is the number of an account.
func IsAccount(text string) bool { return len(text) == 12 && strings.Trim(text, "0123456789") == "" }

// known is an account's number, or "" for a stand-in.
func known(account string) string {
	if !IsAccount(account) {
		return ""
	}
	return account
}
