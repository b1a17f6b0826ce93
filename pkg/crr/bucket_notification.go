package crr

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// The events of replication. S3 sends the two about lateness under rules with
// replication time control only, and all of them under rules with metrics only.
// EventBridge gets none of them.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-metrics-events.html
const (
	operationFailed          = "s3:Replication:OperationFailedReplication"
	operationNotTracked      = "s3:Replication:OperationNotTracked"
	missedThreshold          = "s3:Replication:OperationMissedThreshold"
	replicatedAfterThreshold = "s3:Replication:OperationReplicatedAfterThreshold"
)

// eventRoutes are the events about replication that go to the failure queue, and
// those that go elsewhere. S3 sends an event to one target only.
type eventRoutes struct{ failures, others []string }

func routesOf(rules []replication.Rule, failureQueue, target bool) eventRoutes {
	var failures, late []string
	for _, rule := range rules {
		if !publishes(rule) {
			continue
		}
		failures = []string{operationFailed, operationNotTracked}
		if rule.ReplicationTimeControl {
			late = []string{missedThreshold, replicatedAfterThreshold}
		}
	}
	switch {
	case failureQueue && target:
		return eventRoutes{failures: failures, others: late}
	case failureQueue:
		return eventRoutes{failures: failures}
	case target:
		return eventRoutes{others: append(failures, late...)}
	default:
		return eventRoutes{}
	}
}

// notification is one of a bucket's, with its id among them.
type notification struct {
	id string
	NotificationArgs
}

// arn of the target, whichever it is.
func (a TargetArgs) arn() pulumi.StringInput {
	switch {
	case a.TopicARN != nil:
		return a.TopicARN
	case a.QueueARN != nil:
		return a.QueueARN
	default:
		return a.FunctionARN
	}
}

// configuration is all that S3 sends of a bucket.
func configuration(bucket pulumi.StringInput, all []notification) *s3.BucketNotificationArgs {
	var topics s3.BucketNotificationTopicArray
	var queues s3.BucketNotificationQueueArray
	var functions s3.BucketNotificationLambdaFunctionArray
	for _, each := range all {
		id, events, prefix, suffix := pulumi.String(each.id), pulumi.ToStringArray(each.Events), optional(each.Prefix), optional(each.Suffix)
		switch {
		case each.TopicARN != nil:
			topics = append(topics, s3.BucketNotificationTopicArgs{
				Id: id, Events: events, FilterPrefix: prefix, FilterSuffix: suffix, TopicArn: each.TopicARN,
			})
		case each.QueueARN != nil:
			queues = append(queues, s3.BucketNotificationQueueArgs{
				Id: id, Events: events, FilterPrefix: prefix, FilterSuffix: suffix, QueueArn: each.QueueARN,
			})
		default:
			functions = append(functions, s3.BucketNotificationLambdaFunctionArgs{
				Id: id, Events: events, FilterPrefix: prefix, FilterSuffix: suffix, LambdaFunctionArn: optionalInput(each.FunctionARN),
			})
		}
	}
	return &s3.BucketNotificationArgs{Bucket: bucket, Topics: topics, Queues: queues, LambdaFunctions: functions}
}
