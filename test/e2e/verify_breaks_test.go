package e2e

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/access"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// breach breaks a deployment. It returns how to repair it.
type breach struct {
	name string
	make func(*verified) func()
	// cause and fix are in the first failing line.
	cause, fix []string
}

// breaches affect replication. [breakages] affect everything else.
var breaches = []breach{
	{"the role loses kms:Decrypt", without("kms:Decrypt", ":us-east-1:"), words("permissions", "kms:Decrypt on the source's key"), words("allow kms:Decrypt")},
	{"the role loses kms:Encrypt", without("kms:Encrypt", ""), words("permissions", "kms:Encrypt on the key of dr"), words("allow kms:Encrypt")},
	{
		"the role loses s3:ReplicateObject", without("s3:ReplicateObject", ""),
		words("permissions", "s3:ReplicateObject on the bucket of dr", "only the bucket policy does"), words("allow s3:ReplicateObject"),
	},
	{
		"the role and the bucket lose s3:ReplicateObject", (*verified).loseReplicateObject,
		words("permissions", "may not call s3:ReplicateObject on the bucket of dr", "DstPutObjectNotPermitted"), words("allow s3:ReplicateObject"),
	},
	{
		"the role loses s3:GetObjectVersionForReplication", without("s3:GetObjectVersionForReplication", ""),
		words("s3:GetObjectVersionForReplication on the source bucket"), words("allow s3:GetObjectVersionForReplication"),
	},
	{"the role loses the right to tags", without("s3:ReplicateTags", ""), words("s3:ReplicateTags on the bucket of dr"), words("allow s3:ReplicateTags")},
	{"the role trusts another account", (*verified).trustElsewhere, words("role, trust", "S3 may not assume the role"), words("let s3.amazonaws.com assume the role")},
	{"a boundary is put on the role", (*verified).bound, words("permissions", "permissions boundary"), words("pulumi up --refresh")},
	{"the destination's policy denies", (*verified).denyReplicas, words("s3:ReplicateObject", "(NoReplicas) of the resource policy"), words("remove the Deny")},
	{
		"the role is denied a part of the destination", (*verified).denyFinance,
		words("permissions", "s3:ReplicateObject on part of the bucket of dr", "(NoFinance) of identity policy", "/finance/*"), words("remove the Deny"),
	},
	{
		"the source's policy denies a part of it", (*verified).denySecrets,
		words("permissions", "s3:GetObjectVersionForReplication on part of the source bucket", "(NoSecrets) of the resource policy", "/secret/*"),
		words("remove the Deny"),
	},
	{
		"the destination's key policy leaves the role out", keyWithoutRole(func(v *verified) replication.DeployedBucket { return v.dr }),
		words("permissions", "kms:Encrypt on the key of dr", "no statement of the key policy"), words("in the policy of the key arn:aws:kms:us-west-2:"),
	},
	{
		"the source's key policy leaves the role out", keyWithoutRole(func(v *verified) replication.DeployedBucket { return v.source }),
		words("permissions", "kms:Decrypt on the source's key", "no statement of the key policy"), words("in the policy of the key arn:aws:kms:us-east-1:"),
	},
	{"the destination's policy goes", (*verified).dropPolicy, words("dr, bucket policy", "must not allow s3:PutObject"), words("pulumi up --refresh")},
	{
		"the destination's key is disabled", (*verified).disableKey,
		words("dr, key", "Disabled", "DstKmsKeyInvalidState"), words("aws kms enable-key --key-id"),
	},
	{
		"the source's key is to be deleted", (*verified).deleteKey,
		words("source, key", "PendingDeletion", "SrcKmsKeyInvalidState"), words("aws kms cancel-key-deletion"),
	},
	{"versioning is suspended", (*verified).suspend, words("dr, versioning", "Suspended", "DstBucketUnversioned"), words("Status=Enabled")},
	{"the destination is deleted", (*verified).deleteDestination, words("dr, bucket", "does not exist", "DstBucketNotFound"), words("pulumi up --refresh")},
	{"the source encrypts otherwise", (*verified).encryptOtherwise, words("source, encryption", "AES256"), words("pulumi up --refresh")},
	{"a rule is disabled", changeRules(func(r *s3types.ReplicationRule) { r.Status = "Disabled" }), words("rules, critical", "is Disabled"), words("pulumi up --refresh")},
	{
		"a rule gets another class", changeRules(func(r *s3types.ReplicationRule) { r.Destination.StorageClass = "GLACIER" }),
		words("rules, critical", "Destination.StorageClass is GLACIER, was deployed as STANDARD_IA"), words("pulumi up --refresh"),
	},
	{
		"a rule gets another key", changeRules(func(r *s3types.ReplicationRule) {
			r.Destination.EncryptionConfiguration.ReplicaKmsKeyID = aws.String("arn:aws:kms:us-west-2:123456789012:key/other")
		}),
		words("Destination.EncryptionConfiguration.ReplicaKmsKeyID is arn:aws:kms:us-west-2:123456789012:key/other"), words("pulumi up --refresh"),
	},
	{"the rules go", (*verified).dropRules, words("rules, configuration", "no replication configuration"), words("pulumi up --refresh")},
	{"an alarm is deleted", (*verified).deleteAlarm, words("alarms", "does not exist"), words("pulumi up --refresh")},
	{"an alarm has no action", changeAlarm(func(a *cloudwatch.PutMetricAlarmInput) { a.AlarmActions = nil }), words("does not notify arn:aws:sns"), words("pulumi up --refresh")},
	{
		"an alarm looks for another metric", changeAlarm(func(a *cloudwatch.PutMetricAlarmInput) { a.Dimensions = a.Dimensions[:1] }),
		words("it can never fire"), words("exactly SourceBucket, DestinationBucket and RuleId"),
	},
	{
		"an alarm's threshold is out of reach", changeAlarm(func(a *cloudwatch.PutMetricAlarmInput) { a.Threshold = aws.Float64(9e8) }),
		words("is not as deployed", "Threshold is 900000000"), words("pulumi up --refresh"),
	},
	{"a queue of a notification is gone", (*verified).deleteQueue, words("receivers, events in us-east-1", "does not exist"), words("pulumi up --refresh")},
	{"an alarm's actions are off", changeAlarm(func(a *cloudwatch.PutMetricAlarmInput) { a.ActionsEnabled = aws.Bool(false) }), words("are disabled"), words("aws cloudwatch enable-alarm-actions")},
	{"a topic has no subscriptions any more", (*verified).unsubscribe, words("topics", "arn:aws:sns:us-east-1", "has no subscriptions"), words("pulumi up --refresh")},
	{"the notification is removed", (*verified).dropNotification, words("does not notify", "s3:Replication:OperationFailedReplication"), words("pulumi up --refresh")},
	{"public access is not blocked", (*verified).openUp, words("source, public access", "BlockPublicAcls"), words("aws s3api put-public-access-block")},
}

func words(list ...string) []string { return list }

func (v *verified) breakAndRepair() {
	v.breakEach(breaches)
	v.t.Run("the dead letters of a queue have nowhere to go", func(t *testing.T) { v.within(t).loseDeadLetters() })
	v.t.Run("the descriptor names another region", func(t *testing.T) {
		v := v.within(t)
		wrong := v.deployed
		wrong.Destinations = []replication.DeployedBucket{v.dr}
		wrong.Destinations[0].Region = "eu-west-1"
		r := v.verify(wrong)
		assert.Equal(t, 1, r.status, "%s%s", r.out, r.err)
		assert.Contains(t, r.firstFailure(), "is in us-west-2, but the descriptor has eu-west-1")
		assert.Contains(t, r.firstFailure(), "Do: use the descriptor of the deployed stack")
	})
}

// breakEach breaks a deployment in one way after another. A break that was not
// repaired would be the first failure of the next one.
func (v *verified) breakEach(breaches []breach) {
	for _, b := range breaches {
		v.t.Run(b.name, func(t *testing.T) {
			v := v.within(t)
			repair := b.make(v)
			r := v.verify(v.deployed, "--no-write")
			assert.Equal(t, 1, r.status, "%s%s", r.out, r.err)
			for _, part := range slices.Concat(b.cause, b.fix) {
				assert.Contains(t, r.firstFailure(), part, "%s", r.out)
			}
			repair()
		})
	}
	r := v.verify(v.deployed)
	require.Equal(v.t, 0, r.status, "repaired\n%s%s", r.out, r.err)
}

// lockSource cannot be undone.
func (v *verified) lockSource() {
	v.aws("s3api", "put-object-lock-configuration", "--bucket", v.source.Bucket, "--object-lock-configuration", "ObjectLockEnabled=Enabled")
	r := v.verify(v.deployed)
	assert.Equal(v.t, 1, r.status, "%s%s", r.out, r.err)
	for _, part := range []string{"dr, object lock", "DstBucketObjectLockConfigMissing", "put-object-lock-configuration --bucket"} {
		assert.Contains(v.t, r.firstFailure(), part)
	}
}

func (v *verified) loseDeadLetters() {
	dead := "arn:aws:sqs:us-east-1:" + v.source.AccountID + ":dead"
	queue := v.aws("sqs", "get-queue-url", "--queue-name", "events", "--query", "QueueUrl")
	made := v.aws("sqs", "create-queue", "--queue-name", "dead", "--query", "QueueUrl")
	redrive, err := json.Marshal(map[string]string{"RedrivePolicy": `{"deadLetterTargetArn": "` + dead + `", "maxReceiveCount": "3"}`})
	require.NoError(v.t, err)
	v.aws("sqs", "set-queue-attributes", "--queue-url", queue, "--attributes", string(redrive))
	assert.Equal(v.t, 0, v.verify(v.deployed, "--no-write").status)
	v.aws("sqs", "delete-queue", "--queue-url", made)
	r := v.verify(v.deployed, "--no-write")
	v.aws("sqs", "set-queue-attributes", "--queue-url", queue, "--attributes", `{"RedrivePolicy": ""}`)
	assert.Equal(v.t, 1, r.status, "%s%s", r.out, r.err)
	assert.Contains(v.t, r.firstFailure(), dead+" does not exist, the dead-letter queue of arn:aws:sqs:us-east-1:"+v.source.AccountID+":events")
}

func (v *verified) roleName() string {
	return v.deployed.RoleARN[strings.LastIndex(v.deployed.RoleARN, "/")+1:]
}

// without removes an action from the statements of the role's policy whose resources
// contain a text.
func without(action, resource string) func(*verified) func() {
	return func(v *verified) func() {
		v.t.Helper()
		client, role := v.in(v.source.Region).iam, aws.String(v.roleName())
		names, err := client.ListRolePolicies(v.t.Context(), &iam.ListRolePoliciesInput{RoleName: role})
		require.NoError(v.t, err)
		name := &names.PolicyNames[0]
		found, err := client.GetRolePolicy(v.t.Context(), &iam.GetRolePolicyInput{RoleName: role, PolicyName: name})
		require.NoError(v.t, err)
		before := unescape(v.t, aws.ToString(found.PolicyDocument))
		document, err := policy.Parse([]byte(before))
		require.NoError(v.t, err)
		for i := range document.Statement {
			if strings.Contains(strings.Join(document.Statement[i].Resource, " "), resource) {
				document.Statement[i].Action = slices.DeleteFunc(document.Statement[i].Action, func(a string) bool { return a == action })
			}
		}
		document.Statement = slices.DeleteFunc(document.Statement, func(s policy.Statement) bool { return len(s.Action) == 0 })
		put := func(text string) {
			_, err := client.PutRolePolicy(v.t.Context(), &iam.PutRolePolicyInput{RoleName: role, PolicyName: name, PolicyDocument: &text})
			require.NoError(v.t, err)
		}
		put(document.JSON())
		return func() { put(before) }
	}
}

func (v *verified) trustElsewhere() func() {
	client, role := v.in(v.source.Region).iam, aws.String(v.roleName())
	found, err := client.GetRole(v.t.Context(), &iam.GetRoleInput{RoleName: role})
	require.NoError(v.t, err)
	before := unescape(v.t, aws.ToString(found.Role.AssumeRolePolicyDocument))
	put := func(text string) {
		_, err := client.UpdateAssumeRolePolicy(v.t.Context(), &iam.UpdateAssumeRolePolicyInput{RoleName: role, PolicyDocument: &text})
		require.NoError(v.t, err)
	}
	put(strings.ReplaceAll(before, "s3.amazonaws.com", "ec2.amazonaws.com"))
	return func() { put(before) }
}

func (v *verified) bound() func() {
	v.aws("iam", "create-policy", "--policy-name", "bound", "--policy-document",
		`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}`)
	v.aws("iam", "put-role-permissions-boundary", "--role-name", v.roleName(), "--permissions-boundary", "arn:aws:iam::"+v.source.AccountID+":policy/bound")
	return func() { v.aws("iam", "delete-role-permissions-boundary", "--role-name", v.roleName()) }
}

func (v *verified) bucketPolicy(at replication.DeployedBucket) string {
	return v.aws("s3api", "get-bucket-policy", "--bucket", at.Bucket, "--region", at.Region, "--query", "Policy")
}

func (v *verified) putPolicy(at replication.DeployedBucket, text string) {
	v.aws("s3api", "put-bucket-policy", "--bucket", at.Bucket, "--region", at.Region, "--policy", text)
}

// deny adds a statement to the policy of a bucket.
func (v *verified) deny(at replication.DeployedBucket, sid, action, resource string) func() {
	before := v.bucketPolicy(at)
	document, err := policy.Parse([]byte(before))
	require.NoError(v.t, err)
	document.Statement = append(document.Statement, policy.Statement{
		Sid: sid, Effect: policy.Deny, Principal: policy.Anyone(), Action: policy.Values{action}, Resource: policy.Values{resource},
	})
	v.putPolicy(at, document.JSON())
	return func() { v.putPolicy(at, before) }
}

func (v *verified) denyReplicas() func() {
	return v.deny(v.dr, "NoReplicas", "s3:Replicate*", v.dr.ARN+"/*")
}

func (v *verified) denySecrets() func() {
	return v.deny(v.source, "NoSecrets", "s3:GetObjectVersionForReplication", v.source.ARN+"/secret/*")
}

func (v *verified) denyFinance() func() {
	v.aws("iam", "put-role-policy", "--role-name", v.roleName(), "--policy-name", "closed", "--policy-document", policy.New(policy.Statement{
		Sid: "NoFinance", Effect: policy.Deny, Action: policy.Values{"s3:ReplicateObject"}, Resource: policy.Values{v.dr.ARN + "/finance/*"},
	}).JSON())
	return func() { v.aws("iam", "delete-role-policy", "--role-name", v.roleName(), "--policy-name", "closed") }
}

// keyWithoutRole gives a key to one administrator only, without IAM.
func keyWithoutRole(of func(*verified) replication.DeployedBucket) func(*verified) func() {
	return func(v *verified) func() {
		at := of(v)
		before := v.aws("kms", "get-key-policy", "--key-id", at.KMSKeyARN, "--policy-name", "default", "--region", at.Region, "--query", "Policy")
		put := func(text string) {
			v.aws("kms", "put-key-policy", "--key-id", at.KMSKeyARN, "--policy-name", "default", "--bypass-policy-lockout-safety-check", "--region", at.Region, "--policy", text)
		}
		put(policy.New(policy.Statement{
			Effect: policy.Allow, Principal: policy.AWS("arn:aws:iam::"+at.AccountID+":role/administrator", roleFor(access.ToVerify)),
			Action: policy.Values{"kms:*"}, Resource: policy.Values{"*"},
		}).JSON())
		return func() { put(before) }
	}
}

func (v *verified) loseReplicateObject() func() {
	repair := without("s3:ReplicateObject", "")(v)
	before := v.bucketPolicy(v.dr)
	v.putPolicy(v.dr, strings.Replace(before, `"s3:ReplicateObject",`, "", 1))
	return func() {
		v.putPolicy(v.dr, before)
		repair()
	}
}

func (v *verified) dropPolicy() func() {
	before := v.bucketPolicy(v.dr)
	v.aws("s3api", "delete-bucket-policy", "--bucket", v.dr.Bucket, "--region", v.dr.Region)
	return func() { v.putPolicy(v.dr, before) }
}

// kms calls KMS about the key of a bucket.
func (v *verified) kms(operation string, at replication.DeployedBucket) {
	v.aws("kms", operation, "--key-id", at.KMSKeyARN, "--region", at.Region)
}

func (v *verified) disableKey() func() {
	v.kms("disable-key", v.dr)
	return func() { v.kms("enable-key", v.dr) }
}

func (v *verified) deleteKey() func() {
	v.kms("schedule-key-deletion", v.source)
	return func() {
		v.kms("cancel-key-deletion", v.source)
		v.kms("enable-key", v.source)
	}
}

func (v *verified) setVersioning(status string) {
	v.aws("s3api", "put-bucket-versioning", "--bucket", v.dr.Bucket, "--region", v.dr.Region, "--versioning-configuration", "Status="+status)
}

func (v *verified) suspend() func() {
	v.setVersioning("Suspended")
	return func() { v.setVersioning("Enabled") }
}

// deleteDestination is repaired by recreating the bucket.
func (v *verified) deleteDestination() func() {
	before, lifecycle := v.bucketPolicy(v.dr), lifecycleOf(v, v.dr)
	v.aws("s3api", "delete-bucket", "--bucket", v.dr.Bucket, "--region", v.dr.Region)
	return func() {
		v.aws("s3api", "create-bucket", "--bucket", v.dr.Bucket, "--region", v.dr.Region,
			"--create-bucket-configuration", "LocationConstraint="+v.dr.Region, "--object-ownership", "BucketOwnerEnforced")
		v.setVersioning("Enabled")
		v.setEncryption(v.dr, "aws:kms", v.dr.KMSKeyARN)
		v.blockPublicAccess(v.dr)
		v.putPolicy(v.dr, before)
		putLifecycle(v, v.dr, lifecycle)
	}
}

func lifecycleOf(v *verified, at replication.DeployedBucket) []s3types.LifecycleRule {
	found, err := v.in(at.Region).s3.GetBucketLifecycleConfiguration(v.t.Context(), &s3.GetBucketLifecycleConfigurationInput{Bucket: &at.Bucket})
	require.NoError(v.t, err)
	return found.Rules
}

func putLifecycle(v *verified, at replication.DeployedBucket, rules []s3types.LifecycleRule) {
	_, err := v.in(at.Region).s3.PutBucketLifecycleConfiguration(v.t.Context(), &s3.PutBucketLifecycleConfigurationInput{
		Bucket: &at.Bucket, LifecycleConfiguration: &s3types.BucketLifecycleConfiguration{Rules: rules},
	})
	require.NoError(v.t, err)
}

func (v *verified) setEncryption(at replication.DeployedBucket, algorithm, key string) {
	_, err := v.in(at.Region).s3.PutBucketEncryption(v.t.Context(), &s3.PutBucketEncryptionInput{
		Bucket: &at.Bucket, ServerSideEncryptionConfiguration: &s3types.ServerSideEncryptionConfiguration{Rules: []s3types.ServerSideEncryptionRule{{
			BucketKeyEnabled: aws.Bool(key != ""),
			ApplyServerSideEncryptionByDefault: &s3types.ServerSideEncryptionByDefault{
				SSEAlgorithm: s3types.ServerSideEncryption(algorithm), KMSMasterKeyID: nonEmpty(key),
			},
		}}},
	})
	require.NoError(v.t, err)
}

func nonEmpty(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func (v *verified) encryptOtherwise() func() {
	v.setEncryption(v.source, "AES256", "")
	return func() { v.setEncryption(v.source, "aws:kms", v.source.KMSKeyARN) }
}

func (v *verified) rules() *s3types.ReplicationConfiguration {
	found, err := v.in(v.source.Region).s3.GetBucketReplication(v.t.Context(), &s3.GetBucketReplicationInput{Bucket: &v.source.Bucket})
	require.NoError(v.t, err)
	return found.ReplicationConfiguration
}

func (v *verified) putRules(rules *s3types.ReplicationConfiguration) {
	_, err := v.in(v.source.Region).s3.PutBucketReplication(v.t.Context(), &s3.PutBucketReplicationInput{
		Bucket: &v.source.Bucket, ReplicationConfiguration: rules,
	})
	require.NoError(v.t, err)
}

// changeRules changes the rule critical outside of Pulumi.
func changeRules(change func(*s3types.ReplicationRule)) func(*verified) func() {
	return func(v *verified) func() {
		before, changed := v.rules(), v.rules()
		at := slices.IndexFunc(changed.Rules, func(r s3types.ReplicationRule) bool { return aws.ToString(r.ID) == "critical" })
		change(&changed.Rules[at])
		v.putRules(changed)
		return func() { v.putRules(before) }
	}
}

func (v *verified) dropRules() func() {
	before := v.rules()
	v.aws("s3api", "delete-bucket-replication", "--bucket", v.source.Bucket)
	return func() { v.putRules(before) }
}

// alarm returns the input of the first alarm.
func (v *verified) alarm() (client *cloudwatch.Client, alarm *cloudwatch.PutMetricAlarmInput) {
	first := v.deployed.Alarms[0]
	client = v.in(first.Region).cw
	found, err := client.DescribeAlarms(v.t.Context(), &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{first.Name}})
	require.NoError(v.t, err)
	require.Len(v.t, found.MetricAlarms, 1)
	a := found.MetricAlarms[0]
	return client, &cloudwatch.PutMetricAlarmInput{
		AlarmName: a.AlarmName, Namespace: a.Namespace, MetricName: a.MetricName, Dimensions: a.Dimensions, Statistic: a.Statistic,
		Period: a.Period, EvaluationPeriods: a.EvaluationPeriods, DatapointsToAlarm: a.DatapointsToAlarm, Threshold: a.Threshold,
		ComparisonOperator: a.ComparisonOperator, TreatMissingData: a.TreatMissingData, ActionsEnabled: a.ActionsEnabled,
		AlarmActions: a.AlarmActions, OKActions: a.OKActions, AlarmDescription: a.AlarmDescription,
	}
}

func changeAlarm(change func(*cloudwatch.PutMetricAlarmInput)) func(*verified) func() {
	return func(v *verified) func() {
		client, alarm := v.alarm()
		before := *alarm
		change(alarm)
		_, err := client.PutMetricAlarm(v.t.Context(), alarm)
		require.NoError(v.t, err)
		return func() {
			_, err := client.PutMetricAlarm(v.t.Context(), &before)
			require.NoError(v.t, err)
		}
	}
}

func (v *verified) deleteAlarm() func() {
	client, alarm := v.alarm()
	_, err := client.DeleteAlarms(v.t.Context(), &cloudwatch.DeleteAlarmsInput{AlarmNames: []string{*alarm.AlarmName}})
	require.NoError(v.t, err)
	return func() {
		_, err := client.PutMetricAlarm(v.t.Context(), alarm)
		require.NoError(v.t, err)
	}
}

func (v *verified) unsubscribe() func() {
	topic := v.deployed.Topics[0].ARN
	client := v.in("us-east-1").sns
	found, err := client.ListSubscriptionsByTopic(v.t.Context(), &sns.ListSubscriptionsByTopicInput{TopicArn: &topic})
	require.NoError(v.t, err)
	for _, subscription := range found.Subscriptions {
		_, err := client.Unsubscribe(v.t.Context(), &sns.UnsubscribeInput{SubscriptionArn: subscription.SubscriptionArn})
		require.NoError(v.t, err)
	}
	return func() {
		_, err := client.Subscribe(v.t.Context(), &sns.SubscribeInput{TopicArn: &topic, Protocol: aws.String("email"), Endpoint: aws.String("ops@example.com")})
		require.NoError(v.t, err)
	}
}

func (v *verified) dropNotification() func() {
	v.aws("s3api", "put-bucket-notification-configuration", "--bucket", v.source.Bucket, "--notification-configuration", "{}")
	return v.sendEvents
}

func (v *verified) deleteQueue() func() {
	v.aws("sqs", "delete-queue", "--queue-url", v.aws("sqs", "get-queue-url", "--queue-name", "events", "--query", "QueueUrl"))
	return v.makeQueue
}

func (v *verified) blockPublicAccess(at replication.DeployedBucket) {
	v.aws("s3api", "put-public-access-block", "--bucket", at.Bucket, "--region", at.Region, "--public-access-block-configuration",
		"BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true")
}

func (v *verified) openUp() func() {
	v.aws("s3api", "delete-public-access-block", "--bucket", v.source.Bucket)
	return func() { v.blockPublicAccess(v.source) }
}
