package crr

import (
	"encoding/json"
	"fmt"
	"maps"
	"strconv"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sqs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/internal/plan"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// FailureQueueType is the type token of [FailureQueue].
const FailureQueueType = "crr:index:FailureQueue"

const (
	// retentionSeconds are 14 days, the longest that SQS keeps a message.
	retentionSeconds = 14 * 24 * 60 * 60
	// maxMessageBytes and visibilitySeconds are the defaults of SQS at the time failure
	// queues were introduced. Events of S3 can exceed 3 KB.
	// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
	maxMessageBytes   = 256 * 1024
	visibilitySeconds = 30
	// maxReceives is the number of receives after which a message moves to the
	// dead-letter queue. It is SQS's maximum, because reading a message counts as a
	// receive.
	maxReceives = 1000
)

// FailureQueueArgs are the arguments of [NewFailureQueue].
type FailureQueueArgs struct {
	// Bucket whose events S3 may send. Required.
	Bucket *EncryptedBucket
	// KMSKeyARN is a customer managed key of the bucket's region to encrypt with. Its
	// policy must allow s3.amazonaws.com to use it. Optional; a key is created by
	// default.
	KMSKeyARN pulumi.StringInput
	// Protect the queues and the key. Optional.
	Protect bool
	// DeletionWindowInDays of the key: 7 to 30. Optional; 30 by default.
	DeletionWindowInDays int
	// Tags of the queues and the key. Optional.
	Tags map[string]string
}

// FailureQueue is an encrypted SQS queue that keeps S3's events about objects that
// failed to replicate, for 14 days. A message that was received a thousand times
// without being deleted moves to the dead-letter queue.
type FailureQueue struct {
	pulumi.ResourceState

	// ARN of the queue.
	ARN pulumi.StringOutput `pulumi:"arn"`
	// URL of the queue.
	URL pulumi.StringOutput `pulumi:"url"`
	// DeadLetterARN is the ARN of the dead-letter queue.
	DeadLetterARN pulumi.StringOutput `pulumi:"deadLetterArn"`

	// policy that notifications must wait for: S3 sends a test message before it
	// accepts a queue.
	policy pulumi.Resource
	grant  grant
}

// NewFailureQueue registers the queue, its dead-letter queue and, unless the arguments
// have one, its key.
func NewFailureQueue(ctx *pulumi.Context, name string, args *FailureQueueArgs, opts ...pulumi.ResourceOption) (*FailureQueue, error) {
	if args == nil || args.Bucket == nil {
		return nil, fmt.Errorf("failure queue %q: bucket: is missing; name the bucket whose failures are kept", name)
	}
	if err := plan.CheckDeletionWindow(args.DeletionWindowInDays); err != nil {
		return nil, fmt.Errorf("failure queue %q: deletionWindowInDays: %w", name, err)
	}
	if err := plan.CheckNames(plan.QueueNames(name, "name")).Err(); err != nil {
		return nil, fmt.Errorf("failure queue %q: %w", name, err)
	}
	component := &FailureQueue{}
	if err := register(ctx, FailureQueueType, name, component, opts...); err != nil {
		return nil, fmt.Errorf("registering the failure queue %q: %w", name, err)
	}
	if err := component.create(ctx, name, args); err != nil {
		return nil, fmt.Errorf("making the failure queue %q: %w", name, err)
	}
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{
		"arn": component.ARN, "url": component.URL, "deadLetterArn": component.DeadLetterARN,
	})
}

func (q *FailureQueue) create(ctx *pulumi.Context, name string, args *FailureQueueArgs) error {
	key, err := q.findKey(ctx, name, args)
	if err != nil {
		return err
	}
	deadLetters, err := q.queue(ctx, name+"-dead-letters", key, nil, args)
	if err != nil {
		return err
	}
	queue, err := q.queue(ctx, name, key, redrive(deadLetters.Arn), args)
	if err != nil {
		return err
	}
	document := documentOf(func(texts []string) policy.Document {
		return queuePolicy(texts[0], texts[1], texts[2])
	}, queue.Arn, args.Bucket.AccountID, args.Bucket.madeARN)
	made, err := sqs.NewQueuePolicy(ctx, name+"-policy", &sqs.QueuePolicyArgs{QueueUrl: queue.Url, Policy: document}, args.Bucket.env.child(q))
	if err != nil {
		return err
	}
	q.policy, q.grant = made, grant{queuePolicyType, name + "-policy", policyOutput, document, made.ID()}
	kept := func(more map[string]pulumi.StringInput) map[string]pulumi.StringInput {
		values := map[string]pulumi.StringInput{
			"MessageRetentionPeriod": pulumi.String(strconv.Itoa(retentionSeconds)), "KmsMasterKeyId": key, "DelaySeconds": pulumi.String("0"),
			"MaximumMessageSize": pulumi.String(strconv.Itoa(maxMessageBytes)), "VisibilityTimeout": pulumi.String(strconv.Itoa(visibilitySeconds)),
		}
		maps.Copy(values, more)
		return values
	}
	at := args.Bucket.env
	providersOf(ctx).messages.settings.add(
		policySetting(replication.QueuePolicySetting, at, queue.Arn, document),
		setting(replication.QueueSetting, at, queue.Arn, kept(map[string]pulumi.StringInput{
			"RedrivePolicy.deadLetterTargetArn": deadLetters.Arn, "RedrivePolicy.maxReceiveCount": pulumi.String(strconv.Itoa(maxReceives)),
		})),
		setting(replication.QueueSetting, at, deadLetters.Arn, kept(nil)),
	)
	q.ARN, q.URL, q.DeadLetterARN = queue.Arn, queue.Url, deadLetters.Arn
	return nil
}

func (q *FailureQueue) findKey(ctx *pulumi.Context, name string, args *FailureQueueArgs) (pulumi.StringOutput, error) {
	if args.KMSKeyARN != nil {
		return args.KMSKeyARN.ToStringOutput(), nil
	}
	return createMessageKey(ctx, name, args.Bucket.env, q, []pulumi.StringInput{args.Bucket.madeARN},
		messageOptions{tags: args.Tags, protect: args.Protect, deletionWindow: args.DeletionWindowInDays})
}

func (q *FailureQueue) queue(
	ctx *pulumi.Context, name string, key pulumi.StringOutput, redrive pulumi.StringPtrInput, args *FailureQueueArgs,
) (*sqs.Queue, error) {
	return sqs.NewQueue(ctx, name, &sqs.QueueArgs{
		KmsMasterKeyId:          key,
		MessageRetentionSeconds: pulumi.Int(retentionSeconds),
		MaxMessageSize:          pulumi.Int(maxMessageBytes), VisibilityTimeoutSeconds: pulumi.Int(visibilitySeconds), DelaySeconds: pulumi.Int(0),
		RedrivePolicy: redrive,
		Tags:          pulumi.ToStringMap(args.Tags),
	}, args.Bucket.env.child(q, keepData(args.Protect, true)))
}

// redrive returns the redrive policy of the queue.
func redrive(deadLetterARN pulumi.StringOutput) pulumi.StringPtrInput {
	return deadLetterARN.ApplyT(func(arn string) (*string, error) {
		data, err := json.Marshal(map[string]any{"deadLetterTargetArn": arn, "maxReceiveCount": maxReceives})
		text := string(data)
		return &text, err
	}).(pulumi.StringPtrOutput)
}

// queuePolicy allows S3 to send events of the bucket. Principals of the account also
// need an IAM policy.
func queuePolicy(queueARN, account, bucketARN string) policy.Document {
	sender := bucketSender(account, []string{bucketARN})
	sender.Action, sender.Resource = policy.Values{"sqs:SendMessage"}, policy.Values{queueARN}
	return policy.New(denyInsecureTransport("sqs:SendMessage", queueARN), sender)
}
