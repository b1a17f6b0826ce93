package crr

import (
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/internal/plan"
)

// Topic is an SNS topic in a region.
type Topic struct {
	ARN    pulumi.StringOutput
	Region string

	// grants are the grants that S3 needs to publish to the topic.
	grants []grant
}

// topics finds or creates the topic of each region with alarms: a topic shared by all
// components with the same subscribers, or the component's own from an earlier release.
// CloudWatch publishes only to topics in the alarm's region.
type topics struct {
	parent     pulumi.Resource
	name       string
	monitoring MonitoringArgs
	options    messageOptions
	keys       *messageKeys

	// accounts of the assumed roles.
	accounts []string
	made     map[accountRegion]*Topic
	all      []Topic
}

func newTopics(parent *ReplicationAlarms, args *ReplicationAlarmsArgs) *topics {
	keys := args.keys
	if keys == nil {
		keys = newMessageKeys(parent, parent.name+"-messages", args.messages())
	}
	found := &topics{
		parent: parent, name: parent.name, monitoring: args.Monitoring, options: args.messages(), keys: keys, made: map[accountRegion]*Topic{},
	}
	for _, bucket := range args.Buckets {
		found.accounts = append(found.accounts, bucket.env.accountRegion().account)
	}
	return found
}

// in returns the topic in an account and region, or nil without subscribers.
func (t *topics) in(ctx *pulumi.Context, at environment) (*Topic, error) {
	if topic, made := t.made[at.accountRegion()]; made {
		return topic, nil
	}
	topic, err := t.topic(ctx, at)
	if err != nil || topic == nil {
		return nil, err
	}
	t.made[at.accountRegion()] = topic
	t.all = append(t.all, *topic)
	return topic, nil
}

func (t *topics) topic(ctx *pulumi.Context, at environment) (*Topic, error) {
	if existing := t.monitoring.TopicARNs[at.region]; existing != nil {
		return &Topic{ARN: existing.ToStringOutput(), Region: at.region}, nil
	}
	if !plain[plan.Monitoring](t.monitoring).Subscribed() {
		return nil, nil
	}
	key, err := t.keys.in(ctx, at)
	if err != nil {
		return nil, err
	}
	args := &NotificationTopicArgs{
		Region: at.region, KMSKeyARN: key, Protect: t.options.protect, Tags: t.options.tags,
		Emails: t.monitoring.Emails, Webhooks: t.monitoring.Webhooks,
		QueueARNs: t.ofAccount(t.monitoring.QueueARNs, at), FunctionARNs: t.ofAccount(t.monitoring.FunctionARNs, at),
	}
	if at.assumeRoleARN != nil {
		args.AssumeRoleARN = *at.assumeRoleARN
	} else {
		args.Provider = at.provider
	}
	suffix := "-" + t.keys.suffix(at)
	if at.shared() && !previousOf(ctx).hasChild(topicType, append([]string{t.name}, t.options.formerNames...), suffix) {
		if t.monitoring.Events[at.region].AlarmTopic {
			args.BucketARNs = anyBucket(at.region)
		}
		return sharedIn(ctx).topic(ctx, t.name, at, args)
	}
	args.BucketARNs = t.keys.sendersIn(at)
	topic, err := NewNotificationTopic(ctx, t.name+suffix, args, pulumi.Parent(t.parent))
	if err != nil {
		return nil, err
	}
	return topic.topic(), nil
}

// ofAccount returns the subscribers in an account, as far as their ARNs are known. A
// subscriber in another account would have to confirm.
// https://docs.aws.amazon.com/sns/latest/dg/sns-send-message-to-sqs-cross-account.html
func (t *topics) ofAccount(arns []pulumi.StringInput, at environment) []pulumi.StringInput {
	return slices.DeleteFunc(slices.Clone(arns), func(arn pulumi.StringInput) bool {
		return !plan.SameAccount(known(arn), at.accountRegion().account, t.accounts)
	})
}
