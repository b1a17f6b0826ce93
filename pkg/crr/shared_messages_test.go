package crr_test

import (
	"fmt"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/pulumitest"
	"github.com/crr-io/pulumi-aws-crr/pkg/crr"
)

const topicType = "aws:sns/topic:Topic"

// watchedBy returns a pair whose alarms notify addresses, and whose failures are kept.
func watchedBy(emails ...string) *crr.ReplicatedBucketArgs {
	args := pair()
	args.Monitoring = crr.MonitoringArgs{Emails: emails, FailureQueue: true}
	return args
}

// deployAll registers replicated buckets in one program, in the order of their
// names, after what an earlier deployment left.
func deployAll(t *testing.T, previous pulumitest.Previous, all ...*crr.ReplicatedBucketArgs) *pulumitest.Recorder {
	t.Helper()
	recorder, err := pulumitest.RunAfter(t, previous, func(ctx *pulumi.Context) error {
		for i, args := range all {
			if _, err := crr.NewReplicatedBucket(ctx, fmt.Sprintf("data%02d", i), args); err != nil {
				return err
			}
		}
		return nil
	})
	require.NoError(t, err)
	return recorder
}

func names(resources []pulumitest.Resource) []string {
	var all []string
	for _, each := range resources {
		all = append(all, each.Name)
	}
	return all
}

func messageKeysOf(recorder *pulumitest.Recorder) []string {
	var all []string
	for _, name := range names(recorder.OfType(keyType)) {
		if name != "" && !isBucketKey(name) {
			all = append(all, name)
		}
	}
	return all
}

func isBucketKey(name string) bool {
	return len(name) > len("-source-key") && (name[len(name)-len("-source-key"):] == "-source-key" || name[len(name)-len("-dr-key"):] == "-dr-key")
}

func TestMessages_AreSharedByTheComponentsOfAProgram(t *testing.T) {
	t.Parallel()
	t.Run("with the same subscribers", func(t *testing.T) {
		t.Parallel()
		var all []*crr.ReplicatedBucketArgs
		for i := range 10 {
			emails := []string{"ops@example.com", "dba@example.com"}
			if i%2 == 1 {
				emails = []string{"dba@example.com", "ops@example.com"}
			}
			all = append(all, watchedBy(emails...))
		}
		recorder := deployAll(t, nil, all...)
		assert.Equal(t, []string{"crr-alarms-us-east-1", "crr-alarms-us-west-2"}, names(recorder.OfType(topicType)))
		assert.Len(t, recorder.OfType("aws:sns/topicSubscription:TopicSubscription"), 4, "mails to confirm")
		assert.Equal(t, []string{"crr-messages-us-east-1-key", "crr-messages-us-west-2-key"}, messageKeysOf(recorder))
		assert.Len(t, recorder.OfType("aws:sqs/queue:Queue"), 20, "each bucket keeps its own failures")
		for _, alarm := range recorder.OfType("aws:cloudwatch/compositeAlarm:CompositeAlarm") {
			assert.Contains(t, fmt.Sprint(alarm.Inputs["alarmActions"]), "crr-alarms-")
		}
	})
	t.Run("not with others", func(t *testing.T) {
		t.Parallel()
		queue := pulumi.String("arn:aws:sqs:us-east-1:111111111111:later").ToStringOutput()
		withOutput := watchedBy("ops@example.com")
		withOutput.Monitoring.QueueARNs = []pulumi.StringInput{queue}
		again := watchedBy("ops@example.com")
		again.Monitoring.QueueARNs = []pulumi.StringInput{queue}
		withEvents := watchedBy("ops@example.com")
		withEvents.Monitoring.FailureQueue = false
		withEvents.Monitoring.Events = map[string]crr.EventTargetArgs{"us-east-1": {AlarmTopic: true}}
		recorder := deployAll(t, nil, watchedBy("ops@example.com"), watchedBy("dba@example.com"), withOutput, again, withEvents)
		assert.Equal(t, []string{
			"crr-alarms-us-east-1", "crr-alarms-us-west-2", "crr-data01-alarms-us-east-1", "crr-data01-alarms-us-west-2",
			"crr-data02-alarms-us-east-1", "crr-data02-alarms-us-west-2", "crr-data04-alarms-us-east-1",
		}, names(recorder.OfType(topicType)))
		assert.Len(t, messageKeysOf(recorder), 2, "one key for each region")
	})
	t.Run("not in accounts that are not known", func(t *testing.T) {
		t.Parallel()
		recorder, err := pulumitest.Run(t, func(ctx *pulumi.Context) error {
			for _, name := range []string{"a", "b"} {
				provider, err := crr.SharedProvider(ctx, "us-east-1", "arn:aws:iam::222222222222:role/"+name)
				if err != nil {
					return err
				}
				args := watchedBy("ops@example.com")
				args.Source.Provider = provider
				if _, err := crr.NewReplicatedBucket(ctx, name, args); err != nil {
					return err
				}
			}
			return nil
		})
		require.NoError(t, err)
		assert.Subset(t, names(recorder.OfType(topicType)), []string{"a-alarms-us-east-1", "b-alarms-us-east-1"})
	})
}

// Topics that subscribers would have to confirm again, and keys of messages that
// are still in queues, stay where a stack already has them.
func TestMessages_KeepTheTopicsAndKeysOfEarlierReleases(t *testing.T) {
	t.Parallel()
	before := func(component string) pulumitest.Previous {
		previous := pulumitest.Previous{}
		for _, region := range []string{"us-east-1", "us-west-2"} {
			previous[pulumitest.PreviousURN("crr:index:ReplicatedBucket$aws:kms/key:Key", component+"-messages-"+region+"-key")] = map[string]any{"arn": "k"}
			previous[pulumitest.PreviousURN("crr:index:ReplicatedBucket$crr:index:ReplicationAlarms$crr:index:NotificationTopic$aws:sns/topic:Topic",
				component+"-alarms-"+region)] = map[string]any{"arn": "t"}
		}
		return previous
	}
	t.Run("of one of two replicated buckets", func(t *testing.T) {
		t.Parallel()
		recorder := deployAll(t, before("data01"), watchedBy("ops@example.com"), watchedBy("ops@example.com"))
		assert.Equal(t, []string{"crr-alarms-us-east-1", "crr-alarms-us-west-2", "data01-alarms-us-east-1", "data01-alarms-us-west-2"}, names(recorder.OfType(topicType)))
		assert.Equal(t, []string{
			"crr-messages-us-east-1-key", "crr-messages-us-west-2-key", "data01-messages-us-east-1-key", "data01-messages-us-west-2-key",
		}, messageKeysOf(recorder))
		kept := recorder.One(t, keyType, "data01-messages-us-east-1-key")
		assert.Equal(t, "crr:index:ReplicatedBucket data01", kept.Parent)
		assert.True(t, kept.RetainOnDelete)
		queue := recorder.One(t, "aws:sqs/queue:Queue", "data01-source-notifications-failures")
		assert.Contains(t, queue.Inputs["kmsMasterKeyId"].StringValue(), "data01-messages-us-east-1-key")
	})
	t.Run("of one that has another name now", func(t *testing.T) {
		t.Parallel()
		args := watchedBy("ops@example.com")
		args.FormerNames = []string{"old"}
		recorder := deployAll(t, before("old"), args)
		assert.Equal(t, []string{"data00-messages-us-east-1-key", "data00-messages-us-west-2-key"}, messageKeysOf(recorder), "their parent's alias renames them")
		assert.Equal(t, []string{"data00-alarms-us-east-1", "data00-alarms-us-west-2"}, names(recorder.OfType(topicType)))
	})
	t.Run("not those that are shared already, by a component that begins with the same name", func(t *testing.T) {
		t.Parallel()
		previous := pulumitest.Previous{
			pulumitest.PreviousURN("crr:index:NotificationTopic$aws:sns/topic:Topic", "crr-alarms-us-east-1"): {},
			pulumitest.PreviousURN("aws:kms/key:Key", "crr-messages-us-east-1-key"):                           {},
		}
		recorder, err := pulumitest.RunAfter(t, previous, register("crr", watchedBy("ops@example.com")))
		require.NoError(t, err)
		assert.Empty(t, recorder.One(t, keyType, "crr-messages-us-east-1-key").Parent)
	})
}
