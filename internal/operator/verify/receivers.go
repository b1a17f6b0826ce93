package verify

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/live"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// receiver is a target of S3's events: a topic, a queue or a function.
type receiver struct {
	arn arn.ARN
	at  replication.DeployedBucket // the bucket whose credentials are used
	cfg aws.Config
	// gone is the ARN of the receiver or of its dead-letter queue if that does not
	// exist, or "".
	gone answer[string]
}

// receivers returns the receivers of a deployment's events, each once, without those
// in other accounts and without the topics of alarms, which have their own checks.
func receivers(descriptor replication.Descriptor, sessions *live.Sessions) []*receiver {
	var all []*receiver
	places := descriptor.Buckets()
	for _, notification := range descriptor.Notifications {
		name, err := arn.Parse(notification.TargetARN)
		i := slices.IndexFunc(places, func(p replication.DeployedBucket) bool { return p.AccountID == name.AccountID })
		known := slices.ContainsFunc(all, func(r *receiver) bool { return r.arn == name })
		notified := slices.ContainsFunc(descriptor.Topics, func(t replication.Topic) bool { return t.ARN == notification.TargetARN })
		if err != nil || i < 0 || known || notified {
			continue
		}
		at := places[i]
		at.Region = name.Region
		all = append(all, &receiver{arn: name, at: at, cfg: sessions.In(places[i], name.Region)})
	}
	return all
}

// The error codes of SNS, SQS and Lambda for resources that do not exist.
var nonexistent = []string{"NotFound", "QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue", "ResourceNotFoundException"}

func (r *receiver) read(ctx context.Context) (gone string, err error) {
	target := r.arn.String()
	switch r.arn.Service {
	case "sns":
		_, err = sns.NewFromConfig(r.cfg).GetTopicAttributes(ctx, &sns.GetTopicAttributesInput{TopicArn: &target})
	case "lambda":
		_, err = lambda.NewFromConfig(r.cfg).GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: &target})
	case "sqs":
		target, err = r.readQueue(ctx)
	}
	if err != nil && hasCode(err, nonexistent) {
		return target, nil
	}
	return "", err
}

// readQueue reads a queue and its dead-letter queue, and returns the ARN of the queue
// that it read last.
func (r *receiver) readQueue(ctx context.Context) (looked string, err error) {
	client := sqs.NewFromConfig(r.cfg)
	queue, err := client.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &r.arn.Resource})
	if err != nil {
		return r.arn.String(), err
	}
	found, err := client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: queue.QueueUrl, AttributeNames: []sqstypes.QueueAttributeName{sqstypes.QueueAttributeNameRedrivePolicy},
	})
	if err != nil {
		return r.arn.String(), err
	}
	var redrive struct {
		DeadLetters string `json:"deadLetterTargetArn"`
	}
	if text := found.Attributes["RedrivePolicy"]; text == "" || json.Unmarshal([]byte(text), &redrive) != nil {
		return "", nil
	}
	dead, err := arn.Parse(redrive.DeadLetters)
	if err != nil {
		return "", nil //nolint:nilerr // SQS only accepts policies that name a queue
	}
	_, err = client.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &dead.Resource})
	return redrive.DeadLetters, err
}

// checkReceiver checks that a receiver of events exists.
func (l *checklist) checkReceiver(r *receiver) {
	l.check("receivers", r.arn.Resource+" in "+r.arn.Region, nil, r.judge)
}

func (r *receiver) judge() outcome {
	switch gone := r.gone.value; {
	case r.gone.err != nil:
		return unanswered("looking for "+r.arn.String(), r.at, r.gone.err)
	case gone == "":
		return outcome{}
	case gone != r.arn.String():
		return failsAlone(fmt.Sprintf("%s does not exist, the dead-letter queue of %s: unhandled messages are lost", gone, r.arn), restore)
	}
	return failsAlone(fmt.Sprintf("%s does not exist, so events that S3 sends to it are lost", r.arn), restore)
}
