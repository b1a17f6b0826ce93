package crr

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/internal/plan"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// ReplicationNotificationsType is the type token of [ReplicationNotifications].
const ReplicationNotificationsType = "crr:index:ReplicationNotifications"

// ReplicationNotificationsArgs are the arguments of [NewReplicationNotifications].
type ReplicationNotificationsArgs struct {
	// Bucket that the notifications are about. Its current notifications are replaced,
	// since S3 keeps one configuration for each bucket. Required.
	Bucket *EncryptedBucket
	// Rules of the bucket. They determine which replication events S3 sends. Required
	// for replication events.
	Rules []replication.Rule
	// Target of the replication events that the failure queue does not keep. Optional.
	Target TargetArgs
	// FailureQueue keeps the events of objects that failed or are no longer
	// tracked. Optional.
	FailureQueue bool
	// Others are further notifications. Optional.
	Others []NotificationArgs
	// Protect the failure queue and its dead-letter queue. Optional.
	Protect bool
	// EventBridge controls whether S3 also sends the bucket's events to Amazon
	// EventBridge, which AWS Backup and GuardDuty rely on. Optional; on by default.
	EventBridge *bool
	// IAMSettleSeconds is how long the notifications wait for new or changed policies
	// and permissions of their targets: 0 to 300. S3 rejects notifications to targets
	// whose policies are not in effect yet. Optional; 15 by default.
	IAMSettleSeconds *int
	// Tags of the failure queue. Optional.
	Tags map[string]string

	// keys are the keys of the parent component; nil if there is none.
	keys *messageKeys
	// grants are the grants that S3 needs for the target.
	grants []grant
}

// ReplicationNotifications are all notifications of a bucket, and its failure queue.
type ReplicationNotifications struct {
	pulumi.ResourceState

	// FailureQueue, or nil.
	FailureQueue *FailureQueue
	// Sent has the replication events and their targets.
	Sent []Notification

	args *ReplicationNotificationsArgs
	// all that S3 sends of the bucket.
	all []notification
}

// Notification is a set of replication events with one target.
type Notification struct {
	TargetARN pulumi.StringOutput
	Events    []string
}

// NewReplicationNotifications registers the notifications and the failure
// queue.
func NewReplicationNotifications(
	ctx *pulumi.Context, name string, args *ReplicationNotificationsArgs, opts ...pulumi.ResourceOption,
) (*ReplicationNotifications, error) {
	if args == nil || args.Bucket == nil {
		return nil, fmt.Errorf("notifications %q: bucket: is missing; pass the bucket that sends notifications", name)
	}
	if err := args.validate().Err(); err != nil {
		return nil, fmt.Errorf("notifications %q: %w", name, err)
	}
	component := &ReplicationNotifications{args: args}
	if err := register(ctx, ReplicationNotificationsType, name, component, opts...); err != nil {
		return nil, fmt.Errorf("registering the notifications %q: %w", name, err)
	}
	if err := component.create(ctx, name); err != nil {
		return nil, fmt.Errorf("making the notifications %q: %w", name, err)
	}
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{})
}

func (args *ReplicationNotificationsArgs) validate() replication.Problems {
	routes := plan.RoutesOf(args.Rules, args.FailureQueue, plain[plan.Target](args.Target).Given() > 0)
	if len(routes.Failures)+len(routes.Others)+len(args.Others) == 0 && (args.EventBridge == nil || !*args.EventBridge) {
		return replication.Problems{{Path: "rules", Message: "send no events; " +
			"add a target or a failure queue, and rules with metrics"}}
	}
	region, others := args.Bucket.env.region, plain[[]plan.Notification](args.Others)
	problems := plain[plan.Target](args.Target).Validate(region, false).Under("target")
	problems = append(problems, plan.ValidateNotifications(others, region).Under("others")...)
	problems = append(problems, plan.ValidateIAMSettle(args.IAMSettleSeconds)...)
	return append(problems, plan.Overlaps(others, routes).Under("others")...)
}

// eventBridge reports whether events go to EventBridge too.
func (args *ReplicationNotificationsArgs) eventBridge() bool {
	return args.EventBridge == nil || *args.EventBridge
}

func (n *ReplicationNotifications) create(ctx *pulumi.Context, name string) error {
	routes := plan.RoutesOf(n.args.Rules, n.args.FailureQueue, plain[plan.Target](n.args.Target).Given() > 0)
	var all []notification
	var waitFor []pulumi.Resource
	grants := n.args.grants
	if len(routes.Failures) > 0 {
		if err := n.keepFailures(ctx, name); err != nil {
			return err
		}
		waitFor = append(waitFor, n.FailureQueue.policy)
		grants = append(grants, n.FailureQueue.grant)
		all = append(all, n.sent("replication-failures", routes.Failures, TargetArgs{QueueARN: n.FailureQueue.ARN}))
	}
	if len(routes.Others) > 0 {
		all = append(all, n.sent("replication-events", routes.Others, n.args.Target))
	}
	for i, other := range n.args.Others {
		all = append(all, notification{fmt.Sprintf("other-%d", i), other})
	}
	for _, each := range all {
		if each.FunctionARN == nil {
			continue
		}
		permissionName := name + "-" + each.id + "-permission"
		permission, err := n.allowInvoke(ctx, permissionName, each.FunctionARN)
		if err != nil {
			return err
		}
		waitFor = append(waitFor, permission)
		grants = append(grants, grant{permissionType, permissionName, "function", each.FunctionARN.ToStringOutput(), permission.ID()})
	}
	n.all = all
	bucket := settled(ctx, iamSettle(n.args.IAMSettleSeconds), n.args.Bucket.madeName, grants)
	configured := configuration(bucket, all)
	configured.Eventbridge = pulumi.Bool(n.args.eventBridge())
	_, err := s3.NewBucketNotification(ctx, name, configured, n.args.Bucket.env.child(n, pulumi.DependsOn(waitFor)))
	return err
}

func (n *ReplicationNotifications) keepFailures(ctx *pulumi.Context, name string) (err error) {
	args := &FailureQueueArgs{Bucket: n.args.Bucket, Protect: n.args.Protect, Tags: n.args.Tags}
	if n.args.keys != nil {
		if args.KMSKeyARN, err = n.args.keys.in(ctx, n.args.Bucket.env); err != nil {
			return err
		}
	}
	n.FailureQueue, err = NewFailureQueue(ctx, name+"-failures", args, pulumi.Parent(n))
	return err
}

// sent records and returns a notification of replication events.
func (n *ReplicationNotifications) sent(id string, events []string, target TargetArgs) notification {
	n.Sent = append(n.Sent, Notification{TargetARN: target.arn().ToStringOutput(), Events: events})
	return notification{id, NotificationArgs{Events: events, TargetArgs: target}}
}

// allowInvoke allows S3 to invoke a Lambda function for the bucket.
func (n *ReplicationNotifications) allowInvoke(ctx *pulumi.Context, name string, functionARN pulumi.StringInput) (*lambda.Permission, error) {
	return lambda.NewPermission(ctx, name, &lambda.PermissionArgs{
		Action:        pulumi.String("lambda:InvokeFunction"),
		Function:      functionARN,
		Principal:     pulumi.String("s3.amazonaws.com"),
		SourceArn:     n.args.Bucket.madeARN,
		SourceAccount: n.args.Bucket.AccountID,
		StatementId:   statementID(name),
	}, n.args.Bucket.env.child(n))
}
