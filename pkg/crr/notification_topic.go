package crr

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// NotificationTopicType is the type token of [NotificationTopic].
const NotificationTopicType = "crr:index:NotificationTopic"

// NotificationTopicArgs says who publishes to the topic and who subscribes.
type NotificationTopicArgs struct {
	// Region of the topic: that of the alarms and buckets that publish. Required.
	Region string
	// AssumeRoleARN is a role to assume to manage the topic. Optional.
	AssumeRoleARN string
	// Provider of the region. Optional; the region's shared one when left out.
	Provider pulumi.ProviderResource
	// KMSKeyARN is a customer managed key of the same region to encrypt with. Its
	// policy must let cloudwatch.amazonaws.com, and for buckets s3.amazonaws.com,
	// use it. Optional; a key is made when left out.
	KMSKeyARN pulumi.StringInput
	// BucketARNs are the buckets whose events S3 may publish. Optional.
	BucketARNs []pulumi.StringInput
	// Emails to notify. Optional.
	Emails []string
	// QueueARNs of SQS queues of the same account to notify. Their policies must let the topic send,
	// and where they are encrypted, their keys sns.amazonaws.com. Outputs here and
	// in the two lists below are subscribed anew when others before them come or
	// go. Optional.
	QueueARNs []pulumi.StringInput
	// FunctionARNs of Lambda functions of the same account to notify. They get the permission to be
	// called. Optional.
	FunctionARNs []pulumi.StringInput
	// Webhooks are HTTPS addresses to notify. They must confirm what SNS sends
	// them first. They are kept as secrets. Optional.
	Webhooks []pulumi.StringInput
	// Protect the topic and its key. Optional.
	Protect bool
	// DeletionWindowInDays of the key: 7 to 30. Optional; 30 when left out.
	DeletionWindowInDays int
	// Tags of the topic and its key. Optional.
	Tags map[string]string
}

// NotificationTopic is an encrypted SNS topic to which the alarms of its account
// may publish, S3 for some buckets, and nobody else without an IAM policy.
type NotificationTopic struct {
	pulumi.ResourceState

	// ARN of the topic.
	ARN pulumi.StringOutput `pulumi:"arn"`
	// KMSKeyARN is the key that the topic encrypts with.
	KMSKeyARN pulumi.StringOutput `pulumi:"kmsKeyArn"`

	env   environment
	grant grant
}

// topic is the component as alarms and notifications need it.
func (t *NotificationTopic) topic() *Topic {
	return &Topic{ARN: t.ARN, Region: t.env.region, grants: []grant{t.grant}}
}

// NewNotificationTopic registers the topic, its subscriptions, and its key
// unless one is brought along.
func NewNotificationTopic(
	ctx *pulumi.Context, name string, args *NotificationTopicArgs, opts ...pulumi.ResourceOption,
) (*NotificationTopic, error) {
	if args == nil {
		args = &NotificationTopicArgs{}
	}
	names := []resourceName{{naming: topicNaming, name: name, path: "name"}}
	if err := append(checkNames(names), args.validate()...).Err(); err != nil {
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
	// It comes from the policy, so that whoever publishes waits for it: S3 tries a
	// topic out before it takes notifications for it.
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

// topicPolicy lets the alarms of the account publish, S3 for the buckets, and
// whom IAM policies of the account let.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
func topicPolicy(region, topicARN, account string, bucketARNs []string) policy.Document {
	statements := []policy.Statement{denyInsecureTransport("sns:Publish", topicARN)}
	for _, sender := range senders(region, account, bucketARNs) {
		sender.Action, sender.Resource = policy.Values{"sns:Publish"}, policy.Values{topicARN}
		statements = append(statements, sender)
	}
	return policy.New(statements...)
}

// denyPlain refuses messages over plain HTTP.
func denyInsecureTransport(action, arn string) policy.Statement {
	return policy.Statement{
		Sid: "DenyInsecureTransport", Effect: policy.Deny, Principal: policy.Anyone(),
		Action: policy.Values{action}, Resource: policy.Values{arn},
		Condition: policy.Conditions{"Bool": {"aws:SecureTransport": {"false"}}},
	}
}
