package crr

import (
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// monitor registers the alarms and the notifications. What they share, topics
// and keys, is made when it is first needed.
func (b *ReplicatedBucket) monitor(ctx *pulumi.Context, name string, args *ReplicatedBucketArgs) error {
	keys := newMessageKeys(b, name+"-messages", args.messages("-messages"), b.senders(args)...)
	var canaries []*Canary
	for _, place := range args.places() {
		if canary, asked := b.Canaries[place.name]; asked {
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
	for _, place := range args.places() {
		if err := b.notify(ctx, name, place, args, keys); err != nil {
			return err
		}
	}
	return nil
}

// messages are the options of the topics and keys of the component, whose names
// end with a suffix.
func (a *ReplicatedBucketArgs) messages(suffix string) messageOptions {
	options := messageOptions{tags: a.Tags, protect: a.Protect, deletionWindow: a.deletionWindow()}
	for _, former := range a.FormerNames {
		options.formerNames = append(options.formerNames, former+suffix)
	}
	return options
}

// deletionWindow of keys that are of no single bucket: the longest of the buckets'.
func (a *ReplicatedBucketArgs) deletionWindow() int {
	longest := 0
	for _, place := range a.places() {
		longest = max(longest, place.args.DeletionWindowInDays)
	}
	return longest
}

// senders are the buckets whose events S3 sends to topics or queues that are made
// here.
func (b *ReplicatedBucket) senders(args *ReplicatedBucketArgs) []*EncryptedBucket {
	var senders []*EncryptedBucket
	for _, place := range args.places() {
		sends := args.Monitoring.FailureQueue || args.Monitoring.Events[place.args.Region].AlarmTopic
		if sends && slices.ContainsFunc(b.rulesFrom(place.name), publishes) {
			senders = append(senders, b.buckets[place.name])
		}
	}
	return senders
}

// notify registers the notifications of a place, where there are any.
func (b *ReplicatedBucket) notify(ctx *pulumi.Context, name string, place namedBucket, args *ReplicatedBucketArgs, keys *messageKeys) error {
	if !args.Monitoring.notifiesOf(place, b.rulesFrom(place.name)) {
		return nil
	}
	target := args.Monitoring.Events[place.args.Region]
	var grants []grant
	if target.AlarmTopic {
		topic, err := b.Alarms.topics.in(ctx, b.buckets[place.name].place)
		if err != nil {
			return err
		}
		target.TopicARN, grants = topic.ARN, topic.grants
	}
	notifications, err := NewReplicationNotifications(ctx, name+"-"+place.name+"-notifications", &ReplicationNotificationsArgs{
		Bucket: b.buckets[place.name], Rules: b.rulesFrom(place.name), Target: target.TargetArgs,
		FailureQueue: args.Monitoring.FailureQueue, Others: place.args.Notifications, EventBridge: place.args.EventBridge,
		Protect: args.Protect, IAMSettleSeconds: args.IAMSettleSeconds, Tags: args.Tags, keys: keys, grants: grants,
	}, pulumi.Parent(b), args.formerly(name, place, "-notifications"))
	if err != nil {
		return err
	}
	b.Notifications[place.name] = notifications
	return nil
}

// notifiesOf tells whether S3 is to send anything of a place.
func (a MonitoringArgs) notifiesOf(place namedBucket, rules []replication.Rule) bool {
	routes := a.routes(place, rules)
	return len(routes.failures)+len(routes.others)+len(place.args.Notifications) > 0 || isTrue(place.args.EventBridge)
}

func isTrue(setting *bool) bool { return setting != nil && *setting }

// routes of the events of a place, under its rules.
func (a MonitoringArgs) routes(place namedBucket, rules []replication.Rule) eventRoutes {
	target := a.Events[place.args.Region]
	return routesOf(rules, a.FailureQueue, target.given() > 0)
}
