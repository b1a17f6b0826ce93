package crr_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/pulumitest"
	"github.com/crr-io/pulumi-aws-crr/pkg/crr"
)

const notificationType = "aws:s3/bucketNotification:BucketNotification"

func eventQueue(region string) crr.TargetArgs {
	return crr.TargetArgs{QueueARN: pulumi.String("arn:aws:sqs:" + region + ":111111111111:events")}
}

func TestNotifications_SendEachEventToOneTarget(t *testing.T) {
	t.Parallel()
	failures := []any{"s3:Replication:OperationFailedReplication", "s3:Replication:OperationNotTracked"}
	late := []any{"s3:Replication:OperationMissedThreshold", "s3:Replication:OperationReplicatedAfterThreshold"}
	target := map[string]crr.EventTargetArgs{"us-east-1": {TargetArgs: eventQueue("us-east-1")}}
	cases := map[string]struct {
		timed, queue bool
		events       map[string]crr.EventTargetArgs
		want         [][]any
	}{
		"a target": {events: target, want: [][]any{failures}},
		"a target, with replication time control": {timed: true, events: target, want: [][]any{append(failures[:2:2], late...)}},
		"a failure queue":                         {queue: true, want: [][]any{failures}},
		"both":                                    {timed: true, queue: true, events: target, want: [][]any{failures, late}},
		"a failure queue, with replication time control": {timed: true, queue: true, want: [][]any{failures}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := pair()
			args.Rules = []crr.RuleArgs{{ID: "all", ReplicationTimeControl: &c.timed}}
			args.Monitoring = crr.MonitoringArgs{Events: c.events, FailureQueue: c.queue}
			var sent [][]any
			for _, queue := range deploy(t, args).One(t, notificationType, "data-source-notifications").Inputs.Mappable()["queues"].([]any) {
				sent = append(sent, queue.(map[string]any)["events"].([]any))
			}
			assert.Equal(t, c.want, sent)
		})
	}
}

func TestNotifications_OfTheUsersOwnComeAlong(t *testing.T) {
	t.Parallel()
	args := pair()
	args.Destinations[0].Bucket.Notifications = []crr.NotificationArgs{
		{Events: []string{"s3:ObjectCreated:*"}, Prefix: "a/", TargetArgs: eventQueue("us-west-2")},
		{Events: []string{"s3:ObjectCreated:*"}, Prefix: "b/", TargetArgs: eventQueue("us-west-2")},
	}
	recorder := deploy(t, args)
	require.Len(t, recorder.OfType(notificationType), 1, "S3 keeps one for each bucket, and the source asks for none")
	assert.Len(t, recorder.OfType(notificationType)[0].Inputs["queues"].ArrayValue(), 2)
}

func TestNotifications_WaitForWhatLetsS3In(t *testing.T) {
	t.Parallel()
	notification := deploy(t, monitored()).One(t, notificationType, "data-source-notifications")
	for _, key := range []string{
		"aws:sqs/queuePolicy:QueuePolicy data-source-notifications-failures-policy", "aws:sns/topicPolicy:TopicPolicy crr-alarms-us-east-1-policy",
		"aws:lambda/permission:Permission data-source-notifications-other-0-permission",
	} {
		assert.Contains(t, notification.DependsOn, key, "S3 tries a target out before it takes notifications for it")
	}
}

// Issue G6: S3 has one notification configuration for each bucket, and putting one
// silently replaces existing notifications.
func TestNotifications_ThatAreThereAreNotReplacedWithoutSayingSo(t *testing.T) {
	t.Parallel()
	args := adopted()
	args.Monitoring.FailureQueue = true
	recorder, err := pulumitest.Run(t, register("data", args))
	assert.ErrorContains(t, err, "source.replaceNotifications: is required")
	assert.ErrorContains(t, err, "aws s3api get-bucket-notification-configuration --bucket theirs")
	assert.Empty(t, recorder.All())

	args.Source.ReplaceNotifications = true
	assert.Len(t, deploy(t, args).OfType(notificationType), 1)
	args.Monitoring.FailureQueue = false
	assert.ErrorContains(t, args.Validate(), "source.replaceNotifications: is only for")
}

func TestNotifications_RefuseWhatS3WouldRefuse(t *testing.T) {
	t.Parallel()
	off := false
	cases := map[string]struct {
		change func(*crr.ReplicatedBucketArgs)
		says   string
	}{
		"two targets": {func(a *crr.ReplicatedBucketArgs) {
			a.Monitoring.Events = map[string]crr.EventTargetArgs{"us-east-1": {TargetArgs: eventQueue("us-east-1"), AlarmTopic: true}}
		}, "monitoring.events.us-east-1: has several targets"},
		"a target in another region": {func(a *crr.ReplicatedBucketArgs) {
			a.Monitoring.Events = map[string]crr.EventTargetArgs{"us-east-1": {TargetArgs: eventQueue("us-west-2")}}
		}, "monitoring.events.us-east-1.queueArn: \"arn:aws:sqs:us-west-2:111111111111:events\" is in us-west-2"},
		"a region that nothing replicates from": {func(a *crr.ReplicatedBucketArgs) {
			a.Monitoring.Events = map[string]crr.EventTargetArgs{"us-west-2": {TargetArgs: eventQueue("us-west-2")}}
		}, "monitoring.events.us-west-2: no bucket in us-west-2 replicates"},
		"a FIFO queue": {func(a *crr.ReplicatedBucketArgs) {
			a.Monitoring.QueueARNs = text("arn:aws:sqs:us-east-1:111111111111:x.fifo")
		}, "monitoring.queueArns[0]: "},
		"a topic without alarms": {func(a *crr.ReplicatedBucketArgs) {
			a.Monitoring.Events = map[string]crr.EventTargetArgs{"us-east-1": {AlarmTopic: true}}
		}, "monitoring.events.us-east-1.alarmTopic: there is no alarm topic"},
		"a failure queue for no events": {func(a *crr.ReplicatedBucketArgs) {
			a.Rules = []crr.RuleArgs{{ID: "all", Metrics: &off}}
			a.Monitoring.FailureQueue = true
		}, "monitoring.failureQueue: would stay empty"},
		"a target that the failure queue leaves nothing for": {func(a *crr.ReplicatedBucketArgs) {
			a.Monitoring = crr.MonitoringArgs{FailureQueue: true, Events: map[string]crr.EventTargetArgs{"us-east-1": {TargetArgs: eventQueue("us-east-1")}}}
		}, "monitoring.events.us-east-1: gets no events"},
		"an event of replication sent twice": {func(a *crr.ReplicatedBucketArgs) {
			a.Monitoring.FailureQueue = true
			a.Source.Notifications = []crr.NotificationArgs{{Events: []string{"s3:Replication:*"}, Prefix: "a/", TargetArgs: eventQueue("us-east-1")}}
		}, "source.notifications[0].events: replication events are configured in monitoring"},
		"an event of the same objects sent twice": {func(a *crr.ReplicatedBucketArgs) {
			a.Source.Notifications = []crr.NotificationArgs{
				{Events: []string{"s3:ObjectCreated:*"}, Prefix: "a/", TargetArgs: eventQueue("us-east-1")},
				{Events: []string{"s3:ObjectCreated:Put"}, Prefix: "a/b/", TargetArgs: eventQueue("us-east-1")},
			}
		}, "source.notifications[1]: is for the same events of the same objects as [0]"},
		"a notification without events and target": {func(a *crr.ReplicatedBucketArgs) {
			a.Source.Notifications = []crr.NotificationArgs{{}}
		}, "source.notifications[0]: has no target"},
		"what is no event": {func(a *crr.ReplicatedBucketArgs) {
			a.Source.Notifications = []crr.NotificationArgs{{Events: []string{"ObjectCreated"}, TargetArgs: eventQueue("us-east-1")}}
		}, "source.notifications[0].events: \"ObjectCreated\" is not an S3 event"},
		"a webhook twice": {func(a *crr.ReplicatedBucketArgs) {
			a.Monitoring.Webhooks = text("https://example.com", "https://example.com")
		}, "monitoring.webhooks[1]: is the same as webhooks[0]"},
		"plain HTTP":           {func(a *crr.ReplicatedBucketArgs) { a.Monitoring.Webhooks = text("http://example.com") }, "monitoring.webhooks[0]: is not an HTTPS URL"},
		"a negative threshold": {func(a *crr.ReplicatedBucketArgs) { a.Monitoring.PendingBytes = -1 }, "monitoring.pendingBytes: -1 is not a number of bytes"},
		"a threshold without metrics": {func(a *crr.ReplicatedBucketArgs) {
			a.Rules = []crr.RuleArgs{{ID: "all", Metrics: &off}}
			a.Rules[0].Thresholds.LatencySeconds = 60
		}, "rules[0].monitoring: has thresholds, and the rule publishes no metrics"},
		"an account that is none":   {func(a *crr.ReplicatedBucketArgs) { a.Monitoring.Account = "mine" }, "monitoring.account: \"mine\" is unknown"},
		"a runbook that is no page": {func(a *crr.ReplicatedBucketArgs) { a.Monitoring.RunbookURL = "runbook.md" }, "monitoring.runbookUrl: "},
		"an address twice": {func(a *crr.ReplicatedBucketArgs) {
			a.Monitoring.Emails = []string{"a@example.com", "a@example.com"}
		}, "monitoring.emails[1]: \"a@example.com\" is listed twice"},
		"alarms in an account without targets": {func(a *crr.ReplicatedBucketArgs) {
			a.Direction = "two-way"
			a.Destinations[0].Bucket.AssumeRoleARN = "arn:aws:iam::222222222222:role/deploy"
			a.Monitoring.QueueARNs = text("arn:aws:sqs:us-east-1:111111111111:oncall")
		}, "monitoring: has alarms in the account 222222222222 (us-west-2, us-east-1), but no queue or function there"},
		"a topic of the destination's region alone": {func(a *crr.ReplicatedBucketArgs) {
			a.Monitoring.TopicARNs = topicsOf("us-west-2")
		}, "monitoring.topicArns: has no topic in us-east-1, so"},
		"a topic of neither region": {func(a *crr.ReplicatedBucketArgs) {
			a.Direction = "two-way"
			a.Destinations = append(a.Destinations, crr.DestinationArgs{Name: "third", Bucket: crr.BucketArgs{Region: "eu-west-1"}})
			a.Monitoring.TopicARNs = topicsOf("eu-west-1")
		}, "monitoring.topicArns: has no topic in us-east-1, us-west-2, so"},
		"a topic and a queue, and an account that has neither": {func(a *crr.ReplicatedBucketArgs) {
			a.Destinations[0].Bucket.AssumeRoleARN = "arn:aws:iam::222222222222:role/deploy"
			a.Monitoring.Account = crr.DestinationAccount
			a.Monitoring.TopicARNs = topicsOf("us-east-1")
			a.Monitoring.QueueARNs = text("arn:aws:sqs:us-east-1:111111111111:oncall")
		}, "monitoring: has alarms in the account 222222222222 (us-west-2), but no queue"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := pair()
			c.change(args)
			recorder, err := pulumitest.Run(t, register("data", args))
			assert.ErrorContains(t, err, c.says)
			assert.Empty(t, recorder.All())
		})
	}
}

func topicsOf(regions ...string) map[string]pulumi.StringInput {
	topics := map[string]pulumi.StringInput{}
	for _, region := range regions {
		topics[region] = pulumi.String("arn:aws:sns:" + region + ":111111111111:oncall")
	}
	return topics
}

// A topic of every region that has alarms is enough, and so is anybody whose
// messages know no region.
func TestNotifications_AlarmsThatAreHeard(t *testing.T) {
	t.Parallel()
	off := false
	for name, change := range map[string]func(*crr.ReplicatedBucketArgs){
		"no subscribers":             func(a *crr.ReplicatedBucketArgs) { a.Monitoring.TopicARNs = nil },
		"both regions":               func(a *crr.ReplicatedBucketArgs) { a.Monitoring.TopicARNs = topicsOf("us-east-1", "us-west-2") },
		"one region, and an address": func(a *crr.ReplicatedBucketArgs) { a.Monitoring.Emails = []string{"ops@example.com"} },
		"one region, and a webhook":  func(a *crr.ReplicatedBucketArgs) { a.Monitoring.Webhooks = text("https://example.com") },
		"one region, and a queue": func(a *crr.ReplicatedBucketArgs) {
			a.Monitoring.QueueARNs = text("arn:aws:sqs:us-east-1:111111111111:oncall")
		},
		"no metrics":              func(a *crr.ReplicatedBucketArgs) { a.Rules = []crr.RuleArgs{{ID: "all", Metrics: &off}} },
		"no rule that is enabled": func(a *crr.ReplicatedBucketArgs) { a.Rules = []crr.RuleArgs{{ID: "all", Enabled: &off}} },
		"a rule that is not enabled to elsewhere": func(a *crr.ReplicatedBucketArgs) {
			a.Destinations = append(a.Destinations, crr.DestinationArgs{Name: "third", Bucket: crr.BucketArgs{Region: "eu-west-1"}})
			a.Rules = []crr.RuleArgs{{ID: "all", Destinations: []string{"dr"}}, {ID: "off", Destinations: []string{"third"}, Enabled: &off}}
			a.Monitoring.TopicARNs = topicsOf("us-east-1", "us-west-2")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := pair()
			args.Monitoring.TopicARNs = topicsOf("us-west-2")
			change(args)
			assert.NoError(t, args.Validate())
		})
	}
}

// Delete is no prefix of what DeleteMarkerCreated is about.
func TestNotifications_OfDifferentEventsMayBeOfTheSameObjects(t *testing.T) {
	t.Parallel()
	args := pair()
	args.Source.Notifications = []crr.NotificationArgs{
		{Events: []string{"s3:ObjectRemoved:Delete"}, TargetArgs: eventQueue("us-east-1")},
		{Events: []string{"s3:ObjectRemoved:DeleteMarkerCreated"}, TargetArgs: eventQueue("us-east-1")},
	}
	assert.NoError(t, args.Validate())
}

func TestParts_StandAlone(t *testing.T) {
	t.Parallel()
	recorder, err := pulumitest.Run(t, func(ctx *pulumi.Context) error {
		if _, err := crr.NewNotificationTopic(ctx, "oncall", &crr.NotificationTopicArgs{Region: "eu-west-1", Emails: []string{"ops@example.com"}}); err != nil {
			return err
		}
		bucket, err := crr.NewEncryptedBucket(ctx, "mine", &crr.EncryptedBucketArgs{Bucket: crr.BucketArgs{Region: "us-east-1"}})
		if err != nil {
			return err
		}
		if _, err := crr.NewFailureQueue(ctx, "failures", &crr.FailureQueueArgs{Bucket: bucket}); err != nil {
			return err
		}
		_, err = crr.NewReplicationNotifications(ctx, "events", &crr.ReplicationNotificationsArgs{
			Bucket: bucket, Others: []crr.NotificationArgs{{Events: []string{"s3:ObjectCreated:*"}, TargetArgs: eventQueue("us-east-1")}},
		})
		return err
	})
	require.NoError(t, err)
	recorder.One(t, keyType, "oncall-key")
	recorder.One(t, keyType, "failures-key")
	recorder.One(t, notificationType, "events")
}

func TestParts_SayWhatTheyLack(t *testing.T) {
	t.Parallel()
	for want, part := range map[string]func(*pulumi.Context) error{
		`topic "x": region: is missing`:         func(ctx *pulumi.Context) error { _, err := crr.NewNotificationTopic(ctx, "x", nil); return err },
		`failure queue "x": bucket: is missing`: func(ctx *pulumi.Context) error { _, err := crr.NewFailureQueue(ctx, "x", nil); return err },
		`notifications "x": bucket: is missing`: func(ctx *pulumi.Context) error { _, err := crr.NewReplicationNotifications(ctx, "x", nil); return err },
		`alarms "x": buckets: are missing`:      func(ctx *pulumi.Context) error { _, err := crr.NewReplicationAlarms(ctx, "x", nil); return err },
	} {
		recorder, err := pulumitest.Run(t, part)
		assert.ErrorContains(t, err, want)
		assert.Empty(t, recorder.All())
	}
}

func text(texts ...string) (inputs []pulumi.StringInput) {
	for _, each := range texts {
		inputs = append(inputs, pulumi.String(each))
	}
	return inputs
}

// AWS Backup's continuous backups and GuardDuty rely on EventBridge, and S3 keeps
// whether it is notified in the same configuration as all other notifications.
// https://docs.aws.amazon.com/aws-backup/latest/devguide/s3-backups.html
func TestNotifications_EventBridgeStaysNotified(t *testing.T) {
	t.Parallel()
	on, off := true, false
	failures := func(args *crr.ReplicatedBucketArgs) { args.Monitoring.FailureQueue = true }
	for name, test := range map[string]struct {
		args   *crr.ReplicatedBucketArgs
		change func(*crr.ReplicatedBucketArgs)
		want   []bool // of the notifications that are registered
	}{
		"without notifications it is left alone": {pair(), func(*crr.ReplicatedBucketArgs) {}, nil},
		"with notifications it is on":            {pair(), failures, []bool{true}},
		"switched off": {pair(), func(args *crr.ReplicatedBucketArgs) {
			failures(args)
			args.Source.EventBridge = &off
		}, []bool{false}},
		"by itself": {pair(), func(args *crr.ReplicatedBucketArgs) { args.Destinations[0].Bucket.EventBridge = &on }, []bool{true}},
		"of an existing bucket": {adopted(), func(args *crr.ReplicatedBucketArgs) {
			failures(args)
			args.Source.ReplaceNotifications = true
		}, []bool{true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.change(test.args)
			var got []bool
			for _, each := range deploy(t, test.args).OfType(notificationType) {
				got = append(got, each.Inputs["eventbridge"].BoolValue())
			}
			assert.Equal(t, test.want, got)
		})
	}
	args := adopted()
	args.Source.EventBridge = &on
	assert.ErrorContains(t, args.Validate(), "source.replaceNotifications: is required")
	args.Source.EventBridge = &off
	assert.ErrorContains(t, args.Validate(), "source.eventBridge: can be false only together with other notifications")
}
