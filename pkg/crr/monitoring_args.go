package crr

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/internal/dashboard"
)

// Runbooks is the address of this module's runbooks: the meaning of each alarm and what
// to do.
const Runbooks = dashboard.Runbooks

// MonitoringArgs configures alarms, their subscribers, events and the dashboard.
type MonitoringArgs struct {
	// LatencySeconds is the replication latency above which the alarm goes off.
	// Optional; 900 by default, the target of S3 Replication Time Control. Rules can
	// override this and the thresholds below.
	LatencySeconds int
	// PendingOperations is the number of operations pending replication above which the
	// alarm goes off. Optional; no alarm by default, because a sensible threshold
	// depends on the bucket.
	PendingOperations int
	// PendingBytes is the number of bytes pending replication above which the alarm
	// goes off. Optional; no alarm by default.
	PendingBytes int
	// Composite creates one composite alarm for all alarms of a region, which notifies
	// in their place: one fault sends one message instead of four. Optional; on by
	// default if there are subscribers. If false, every alarm notifies individually.
	Composite *bool
	// Account that S3 publishes the metrics of a destination in. Optional; the source's
	// account by default.
	Account MetricsAccount
	// RunbookURL that alarms and the dashboard link to. Alarms append the anchor of
	// their section. Optional; [Runbooks] by default.
	RunbookURL string

	// Emails to notify, through a created topic in each region. Optional.
	Emails []string
	// QueueARNs of SQS queues to subscribe to the topics of their account. Their
	// policies must allow the topics to send and, if they are encrypted, their keys'
	// policies sns.amazonaws.com. Outputs here and in the two lists below are
	// subscribed again when entries before them are added or removed. Optional.
	QueueARNs []pulumi.StringInput
	// FunctionARNs of Lambda functions to subscribe to the topics of their account. The
	// permission to invoke them is added. Optional.
	FunctionARNs []pulumi.StringInput
	// Webhooks are HTTPS endpoints to subscribe. They must confirm the subscription.
	// They are stored as secrets. Optional.
	Webhooks []pulumi.StringInput
	// TopicARNs of existing SNS topics to notify, by region, instead of topics with the
	// subscriptions above. CloudWatch publishes only to topics in the alarm's region.
	// Optional.
	TopicARNs map[string]pulumi.StringInput

	// Events has the targets of replication events, by the region of the replicating
	// bucket: an object failed, is late, arrived late, or is no longer tracked. S3
	// sends the events about lateness only under rules with replication time control.
	// Optional.
	Events map[string]EventTargetArgs
	// FailureQueue keeps the events of objects that failed or are no longer tracked,
	// for 14 days, in an SQS queue for each replicating bucket. Optional.
	FailureQueue bool

	// Dashboard creates a dashboard of the replicated bucket in the account and region
	// of the source. Optional; see [ReplicationDashboard] for its price.
	Dashboard bool
}

// MetricsAccount is one of the two accounts of a rule.
type MetricsAccount string

// The accounts. AWS does not document which of them has the metrics of a destination;
// it is believed to be the source's.
const (
	SourceAccount      MetricsAccount = "source"
	DestinationAccount MetricsAccount = "destination"
)

// EventTargetArgs is the target of replication events.
type EventTargetArgs struct {
	TargetArgs
	// AlarmTopic sends the events to the topic of the region's alarms. Optional.
	AlarmTopic bool
}

// TargetArgs is the target of S3 notifications: one of the three, in the region of the
// bucket. S3 does not support FIFO topics and queues.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html
type TargetArgs struct {
	// TopicARN of an SNS topic whose policy allows S3 to publish. Optional.
	TopicARN pulumi.StringInput
	// QueueARN of an SQS queue whose policy allows S3 to send. Optional.
	QueueARN pulumi.StringInput
	// FunctionARN of a Lambda function of the bucket's account. The permission to
	// invoke it is added. Optional.
	FunctionARN pulumi.StringInput
}

// NotificationArgs selects events of a bucket's objects and their target.
type NotificationArgs struct {
	TargetArgs
	// Events to send: "s3:ObjectCreated:*". S3 sends each event of an object to
	// one target only. Required.
	Events []string
	// Prefix of the object keys. Optional.
	Prefix string
	// Suffix of the object keys: ".jpg". Optional.
	Suffix string
}
