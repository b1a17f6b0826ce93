package crr

import (
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/internal/plan"
)

// monitor registers the alarms and the notifications. Topics and keys that they share
// are created on first use.
func (b *ReplicatedBucket) monitor(ctx *pulumi.Context, name string, args *ReplicatedBucketArgs) error {
	keys := newMessageKeys(b, name+"-messages", args.messages("-messages"), b.senders(args)...)
	var canaries []*Canary
	for _, bucket := range args.namedBuckets() {
		if canary, asked := b.Canaries[bucket.name]; asked {
			canaries = append(canaries, canary)
		}
	}
	var err error
	b.Alarms, err = NewReplicationAlarms(ctx, name+"-alarms", &ReplicationAlarmsArgs{
		Buckets: b.buckets, Rules: b.Rules, Canaries: canaries, Monitoring: args.Monitoring,
		Protect: args.Protect, DeletionWindowInDays: args.deletionWindow(), Tags: args.Tags,
		formerNames: args.messages("-alarms").formerNames, keys: keys,
	}, pulumi.Parent(b))
	if err != nil {
		return err
	}
	for _, bucket := range args.namedBuckets() {
		if err := b.notify(ctx, name, bucket, args, keys); err != nil {
			return err
		}
	}
	return nil
}

// messages returns the options of the topics and keys of a component with a suffix in
// its name.
func (a *ReplicatedBucketArgs) messages(suffix string) messageOptions {
	options := messageOptions{tags: a.Tags, protect: a.Protect, deletionWindow: a.deletionWindow()}
	for _, former := range a.FormerNames {
		options.formerNames = append(options.formerNames, former+suffix)
	}
	return options
}

// deletionWindow returns the window for keys that do not belong to a single bucket: the
// longest of the buckets' windows.
func (a *ReplicatedBucketArgs) deletionWindow() int {
	longest := 0
	for _, bucket := range a.namedBuckets() {
		longest = max(longest, bucket.args.DeletionWindowInDays)
	}
	return longest
}

// senders returns the buckets whose events S3 sends to created topics or queues.
func (b *ReplicatedBucket) senders(args *ReplicatedBucketArgs) []*EncryptedBucket {
	var senders []*EncryptedBucket
	for _, bucket := range args.namedBuckets() {
		sends := args.Monitoring.FailureQueue || args.Monitoring.Events[bucket.args.Region].AlarmTopic
		if sends && slices.ContainsFunc(b.rulesFrom(bucket.name), plan.Publishes) {
			senders = append(senders, b.buckets[bucket.name])
		}
	}
	return senders
}

// notify registers the notifications of a bucket, if it has any.
func (b *ReplicatedBucket) notify(ctx *pulumi.Context, name string, bucket namedBucket, args *ReplicatedBucketArgs, keys *messageKeys) error {
	if !plain[plan.Monitoring](args.Monitoring).NotifiesOf(bucket.args.plan(), b.rulesFrom(bucket.name)) {
		return nil
	}
	target := args.Monitoring.Events[bucket.args.Region]
	var grants []grant
	if target.AlarmTopic {
		topic, err := b.Alarms.topics.in(ctx, b.buckets[bucket.name].env)
		if err != nil {
			return err
		}
		target.TopicARN, grants = topic.ARN, topic.grants
	}
	notifications, err := NewReplicationNotifications(ctx, name+"-"+bucket.name+"-notifications", &ReplicationNotificationsArgs{
		Bucket: b.buckets[bucket.name], Rules: b.rulesFrom(bucket.name), Target: target.TargetArgs,
		FailureQueue: args.Monitoring.FailureQueue, Others: bucket.args.Notifications, EventBridge: bucket.args.EventBridge,
		Protect: args.Protect, IAMSettleSeconds: args.IAMSettleSeconds, Tags: args.Tags, keys: keys, grants: grants,
	}, pulumi.Parent(b), args.formerly(name, bucket, "-notifications"))
	if err != nil {
		return err
	}
	b.Notifications[bucket.name] = notifications
	return nil
}
