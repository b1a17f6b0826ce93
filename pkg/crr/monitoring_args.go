package crr

import (
	"cmp"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/internal/dashboard"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

const defaultLatencySeconds = 900

// Runbooks is where the runbooks of this module are: what each alarm means,
// where to look, and what to do.
const Runbooks = dashboard.Runbooks

// MonitoringArgs says when somebody is to be told, and who.
type MonitoringArgs struct {
	// LatencySeconds after which replicas are late. Optional; 900 when left
	// out, which is what replication time control promises. Rules may have
	// thresholds of their own, here as below.
	LatencySeconds int
	// PendingOperations above which too many wait to be replicated. Optional; no
	// alarm is made when left out, since what is many depends on the bucket.
	PendingOperations int
	// PendingBytes above which too much waits to be replicated. Optional; no
	// alarm is made when left out.
	PendingBytes int
	// Composite makes one alarm of all of a region, which notifies in their
	// place: so one fault sends one message and not four. Optional; when left
	// out, it is made where somebody is to be notified. False lets every alarm
	// notify by itself.
	Composite *bool
	// Account that S3 publishes the metrics of a destination in. Optional; the
	// source's when left out.
	Account MetricsAccount
	// RunbookURL that alarms and the dashboard point to. Alarms append the anchor
	// of their section. Optional; [Runbooks] when left out.
	RunbookURL string

	// Emails to notify, through a topic of their own in each region. Optional.
	Emails []string
	// QueueARNs of SQS queues to notify as well, of the topics of their own
	// account. Their policies must let the topics send, and where they are
	// encrypted, their keys sns.amazonaws.com. Outputs here and in the two lists
	// below are subscribed anew when others before them come or go. Optional.
	QueueARNs []pulumi.StringInput
	// FunctionARNs of Lambda functions to notify as well, of the topics of their
	// own account. They get the permission to be called. Optional.
	FunctionARNs []pulumi.StringInput
	// Webhooks are HTTPS addresses to notify as well. They must confirm what SNS
	// sends them first. They are kept as secrets. Optional.
	Webhooks []pulumi.StringInput
	// TopicARNs of existing SNS topics to notify, by their region, in the place of
	// topics with the subscriptions above. CloudWatch publishes only to topics of
	// an alarm's own region. Optional.
	TopicARNs map[string]pulumi.StringInput

	// Events of single objects, by the region of the bucket that replicates:
	// where S3 sends that one failed, is late, has arrived late or is no longer
	// tracked. S3 sends the two about lateness under rules with replication time
	// control only. Optional.
	Events map[string]EventTargetArgs
	// FailureQueue keeps the events of objects that failed or are no longer
	// tracked, for 14 days, in an SQS queue beside each bucket that replicates.
	// Optional.
	FailureQueue bool

	// Dashboard shows everything about the bucket, in the account and the region
	// of the source. Optional; see [ReplicationDashboard] for what it costs.
	Dashboard bool
}

// MetricsAccount is one of the two accounts of a rule.
type MetricsAccount string

// The accounts. AWS does not document in which of them the metrics of a
// destination are; for all that is known, in that of the source.
const (
	SourceAccount      MetricsAccount = "source"
	DestinationAccount MetricsAccount = "destination"
)

// EventTargetArgs is where events about replication are sent.
type EventTargetArgs struct {
	TargetArgs
	// AlarmTopic is the topic that alarms of the region notify. Optional.
	AlarmTopic bool
}

// TargetArgs is where S3 sends notifications: one of the three, in the region
// of the bucket. S3 takes no FIFO topics and queues.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html
type TargetArgs struct {
	// TopicARN of an SNS topic whose policy lets S3 publish. Optional.
	TopicARN pulumi.StringInput
	// QueueARN of an SQS queue whose policy lets S3 send. Optional.
	QueueARN pulumi.StringInput
	// FunctionARN of a Lambda function of the bucket's account. It gets the
	// permission to be called. Optional.
	FunctionARN pulumi.StringInput
}

// NotificationArgs is what S3 sends of a bucket's objects, and where to.
type NotificationArgs struct {
	TargetArgs
	// Events to send: "s3:ObjectCreated:*". S3 sends each event of an object to
	// one target only. Required.
	Events []string
	// Prefix of the keys to tell of. Optional.
	Prefix string
	// Suffix of the keys to tell of: ".jpg". Optional.
	Suffix string
}

// thresholds of the alarms on a rule.
func (a MonitoringArgs) thresholds(rule replication.Rule) replication.Thresholds {
	return rule.Thresholds.Or(replication.Thresholds{
		LatencySeconds:    cmp.Or(a.LatencySeconds, defaultLatencySeconds),
		PendingOperations: a.PendingOperations,
		PendingBytes:      a.PendingBytes,
	})
}

// Notifies tells whether anybody is to be told of an alarm.
func (a MonitoringArgs) Notifies() bool {
	return a.subscribed() || len(a.TopicARNs) > 0
}

// subscribed tells whether anybody subscribes to topics that are made.
func (a MonitoringArgs) subscribed() bool {
	return len(a.Emails)+len(a.QueueARNs)+len(a.FunctionARNs)+len(a.Webhooks) > 0
}
