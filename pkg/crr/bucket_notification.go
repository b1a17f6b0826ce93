package crr

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

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
