package crr

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// The replication events. S3 sends them only under rules with metrics, and the two
// about lateness only under rules with replication time control. EventBridge gets none
// of them.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-metrics-events.html
const (
	operationFailed          = "s3:Replication:OperationFailedReplication"
	operationNotTracked      = "s3:Replication:OperationNotTracked"
	missedThreshold          = "s3:Replication:OperationMissedThreshold"
	replicatedAfterThreshold = "s3:Replication:OperationReplicatedAfterThreshold"
)

// eventRoutes divides the replication events into those for the failure queue and all
// others. S3 sends an event to one target only.
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

// notification is a notification of a bucket and its id.
type notification struct {
	id string
	NotificationArgs
}

// arn returns the ARN of the target.
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

// configuration returns the notification configuration of a bucket.
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
