package crr

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/internal/plan"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// NotificationTopicType is the type token of [NotificationTopic].
const NotificationTopicType = "crr:index:NotificationTopic"

// NotificationTopicArgs are the arguments of [NewNotificationTopic].
type NotificationTopicArgs struct {
	// Region of the topic, and of the alarms and buckets that publish to it. Required.
	Region string
	// AssumeRoleARN is a role to assume to manage the topic. Optional.
	AssumeRoleARN string
	// Provider of the region. Optional; the shared provider of the region by default.
	Provider pulumi.ProviderResource
	// KMSKeyARN is a customer managed key of the same region to encrypt with. Its
	// policy must allow cloudwatch.amazonaws.com and, for buckets, s3.amazonaws.com.
	// Optional; a key is created by default.
	KMSKeyARN pulumi.StringInput
	// BucketARNs are the buckets whose events S3 may publish. Optional.
	BucketARNs []pulumi.StringInput
	// Emails to notify. Optional.
	Emails []string
	// QueueARNs of SQS queues of the same account to subscribe. Their policies must
	// allow the topic to send and, if they are encrypted, their keys' policies
	// sns.amazonaws.com. Outputs here and in the two lists below are subscribed again
	// when entries before them are added or removed. Optional.
	QueueARNs []pulumi.StringInput
	// FunctionARNs of Lambda functions of the same account to subscribe. The permission
	// to invoke them is added. Optional.
	FunctionARNs []pulumi.StringInput
	// Webhooks are HTTPS endpoints to subscribe. They must confirm the subscription.
	// They are stored as secrets. Optional.
	Webhooks []pulumi.StringInput
	// Protect the topic and its key. Optional.
	Protect bool
	// DeletionWindowInDays of the key: 7 to 30. Optional; 30 by default.
	DeletionWindowInDays int
	// Tags of the topic and its key. Optional.
	Tags map[string]string
}

// NotificationTopic is an encrypted SNS topic. Alarms of its account and S3, for some
// buckets, may publish to it; other principals need an IAM policy.
type NotificationTopic struct {
	pulumi.ResourceState

	// ARN of the topic.
	ARN pulumi.StringOutput `pulumi:"arn"`
	// KMSKeyARN is the key that the topic encrypts with.
	KMSKeyARN pulumi.StringOutput `pulumi:"kmsKeyArn"`

	env   environment
	grant grant
}

// topic returns the topic for alarms and notifications.
func (t *NotificationTopic) topic() *Topic {
	return &Topic{ARN: t.ARN, Region: t.env.region, grants: []grant{t.grant}}
}

// NewNotificationTopic registers the topic, its subscriptions and, unless the arguments
// have one, its key.
func NewNotificationTopic(
	ctx *pulumi.Context, name string, args *NotificationTopicArgs, opts ...pulumi.ResourceOption,
) (*NotificationTopic, error) {
	if args == nil {
		args = &NotificationTopicArgs{}
	}
	if err := append(plan.CheckNames(plan.TopicNames(name)), args.validate()...).Err(); err != nil {
		return nil, fmt.Errorf("topic %q: %w", name, err)
	}
	component := &NotificationTopic{}
	if err := register(ctx, NotificationTopicType, name, component, opts...); err != nil {
		return nil, fmt.Errorf("registering the topic %q: %w", name, err)
	}
	var err error
	component.env, err = newEnvironment(ctx, BucketArgs{Region: args.Region, AssumeRoleARN: args.AssumeRoleARN, Provider: args.Provider})
	if err != nil {
		return nil, err
	}
	if err := component.create(ctx, name, args); err != nil {
		return nil, fmt.Errorf("making the topic %q in %s: %w", name, args.Region, err)
	}
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{"arn": component.ARN, "kmsKeyArn": component.KMSKeyARN})
}

func (t *NotificationTopic) create(ctx *pulumi.Context, name string, args *NotificationTopicArgs) error {
	if err := t.findKey(ctx, name, args); err != nil {
		return err
	}
	topic, err := sns.NewTopic(ctx, name, &sns.TopicArgs{
		KmsMasterKeyId: t.KMSKeyARN,
		Tags:           pulumi.ToStringMap(args.Tags),
	}, t.env.child(t, keepData(args.Protect, true)))
	if err != nil {
		return err
	}
	document := documentOf(func(texts []string) policy.Document {
		return topicPolicy(args.Region, texts[0], texts[1], texts[2:])
	}, append([]pulumi.StringInput{topic.Arn, t.env.account}, args.BucketARNs...)...)
	allowed, err := sns.NewTopicPolicy(ctx, name+"-policy", &sns.TopicPolicyArgs{Arn: topic.Arn, Policy: document}, t.env.child(t))
	if err != nil {
		return err
	}
	// The ARN comes from the policy, so that publishers wait for the policy: S3 sends a
	// test message before it accepts a topic.
	t.ARN, t.grant = allowed.Arn, grant{topicPolicyType, name + "-policy", policyOutput, document, allowed.ID()}
	providersOf(ctx).messages.settings.add(
		policySetting(replication.TopicPolicySetting, t.env, topic.Arn, document),
		setting(replication.TopicSetting, t.env, topic.Arn, map[string]pulumi.StringInput{"KmsMasterKeyId": t.KMSKeyARN}),
		subscriptionsSetting(t.env, topic.Arn, args.subscriptions()),
	)
	return t.subscribe(ctx, name, args, topic)
}

func (t *NotificationTopic) findKey(ctx *pulumi.Context, name string, args *NotificationTopicArgs) (err error) {
	if args.KMSKeyARN != nil {
		t.KMSKeyARN = args.KMSKeyARN.ToStringOutput()
		return nil
	}
	t.KMSKeyARN, err = createMessageKey(ctx, name, t.env, t, args.BucketARNs,
		messageOptions{tags: args.Tags, protect: args.Protect, deletionWindow: args.DeletionWindowInDays})
	return err
}

// topicPolicy allows alarms of the account and S3, for the buckets, to publish.
// Principals of the account also need an IAM policy.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
func topicPolicy(region, topicARN, account string, bucketARNs []string) policy.Document {
	statements := []policy.Statement{denyInsecureTransport("sns:Publish", topicARN)}
	for _, sender := range senders(region, account, bucketARNs) {
		sender.Action, sender.Resource = policy.Values{"sns:Publish"}, policy.Values{topicARN}
		statements = append(statements, sender)
	}
	return policy.New(statements...)
}

// denyInsecureTransport denies messages over plain HTTP.
func denyInsecureTransport(action, arn string) policy.Statement {
	return policy.Statement{
		Sid: "DenyInsecureTransport", Effect: policy.Deny, Principal: policy.Anyone(),
		Action: policy.Values{action}, Resource: policy.Values{arn},
		Condition: policy.Conditions{"Bool": {"aws:SecureTransport": {"false"}}},
	}
}
