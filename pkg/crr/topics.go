package crr

import (
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// Topic is an SNS topic of a region.
type Topic struct {
	ARN    pulumi.StringOutput
	Region string

	// grants are what S3 has to know before it publishes to the topic.
	grants []grant
}

// topics finds or makes the topic of each region that alarms are in: one that all
// components of the program with the same subscribers share, or the component's
// own, which an earlier release made. CloudWatch publishes only to topics of the
// alarm's own region.
type topics struct {
	parent     pulumi.Resource
	name       string
	monitoring MonitoringArgs
	options    messageOptions
	keys       *messageKeys

	// accounts that roles are assumed in.
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

// in returns the topic of a place: nil where nobody is to be told.
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
	if !t.monitoring.subscribed() {
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

// ofAccount are those subscribers that are in the account of a place, in so far
// as their ARNs are known. One of another account would have to confirm.
// https://docs.aws.amazon.com/sns/latest/dg/sns-send-message-to-sqs-cross-account.html
func (t *topics) ofAccount(arns []pulumi.StringInput, at environment) []pulumi.StringInput {
	return slices.DeleteFunc(slices.Clone(arns), func(arn pulumi.StringInput) bool {
		return !sameAccount(known(arn), at.accountRegion().account, t.accounts)
	})
}

// sameAccount tells whether what an ARN names is in an account, where "" is that
// of the credentials at hand, which is none of those that roles are assumed in.
func sameAccount(arn, account string, assumed []string) bool {
	found := replication.AccountOf(arn)
	switch {
	case found == "":
		return true
	case account == "":
		return !slices.Contains(assumed, found)
	default:
		return found == account
	}
}
