package failures

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/live"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

const (
	// attempts is the maximum number of receive calls per queue.
	attempts = 30
	// emptyAttempts is the number of consecutive receive calls without new messages
	// after which reading stops: SQS returns samples, and messages may repeat.
	emptyAttempts = 3
	// hidden is the visibility timeout in seconds: the minimum of the SDK, which treats
	// 0 as unset and then uses the queue's own timeout.
	hidden = 1
	// patience is the timeout for reading one queue.
	patience = time.Minute
)

// Found are the events in the queues of a deployment.
type Found struct {
	// Events, newest first.
	Events []Event
	// Kept reports whether there is a queue at all.
	Kept bool
	// Notes list data that could not be read, with the reasons.
	Notes []string
	// Unread is set if a queue could not be read.
	Unread bool
}

// Peek reads the events in the queues of a deployment without removing them.
func Peek(ctx context.Context, sessions *live.Sessions, d replication.Descriptor) Found {
	var found Found
	for _, queue := range queues(d) {
		found.Kept = true
		events, notes, err := queue.peek(ctx, sessions)
		found.Events, found.Notes = append(found.Events, events...), append(found.Notes, notes...)
		if err != nil {
			found.Unread = true
			found.Notes = append(found.Notes, live.Failed("reading the queue "+queue.name.Resource, queue.inRegion(), err).Error())
		}
	}
	slices.SortStableFunc(found.Events, func(a, b Event) int { return cmp.Or(b.Time.Compare(a.Time), cmp.Compare(a.Key, b.Key)) })
	return found
}

// queue keeps events about what a place replicates.
type queue struct {
	place replication.DeployedBucket
	name  arn.ARN
}

func (q queue) inRegion() replication.DeployedBucket {
	place := q.place
	place.Region = q.name.Region
	return place
}

// queues of a deployment that get events about replication, each once.
func queues(d replication.Descriptor) []queue {
	var found []queue
	for _, notification := range d.Notifications {
		name, err := arn.Parse(notification.TargetARN)
		about := slices.ContainsFunc(notification.Events, func(event string) bool { return strings.HasPrefix(event, "s3:Replication:") })
		if err != nil || name.Service != "sqs" || !about {
			continue
		}
		place := d.Source
		for _, each := range d.Buckets() {
			if each.Name == notification.Bucket {
				place = each
			}
		}
		if !slices.ContainsFunc(found, func(q queue) bool { return q.name == name }) {
			found = append(found, queue{place, name})
		}
	}
	return found
}

// peek attempts into the queue, and into that of its dead letters.
func (q queue) peek(ctx context.Context, sessions *live.Sessions) (events []Event, notes []string, err error) {
	events, notes, after, err := q.look(ctx, sessions)
	dead, has := after.deadLetters()
	if err != nil || !has {
		return events, notes, err
	}
	old, oldNotes, _, err := queue{q.place, dead}.look(ctx, sessions)
	return append(events, old...), append(notes, oldNotes...), err
}

// look reads one queue, and returns what it does with messages that were received too
// often.
func (q queue) look(ctx context.Context, sessions *live.Sessions) ([]Event, []string, redrive, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	client := sqs.NewFromConfig(sessions.In(q.place, q.name.Region))
	address, err := client.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &q.name.Resource, QueueOwnerAWSAccountId: &q.name.AccountID})
	if err != nil {
		return nil, nil, redrive{}, err
	}
	attributes, err := client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl:       address.QueueUrl,
		AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameRedrivePolicy, types.QueueAttributeNameApproximateNumberOfMessages},
	})
	if err != nil {
		return nil, nil, redrive{}, err
	}
	after := redriveOf(attributes.Attributes["RedrivePolicy"])
	if after.sparing() {
		return nil, []string{fmt.Sprintf("the queue %s moves messages to its dead-letter queue after %s receives, so it was not read; "+
			"set its maxReceiveCount to %d", q.name.Resource, after.MaxReceives, mostReceives)}, after, nil
	}
	messages, err := q.receive(ctx, client, address.QueueUrl)
	events, notes := q.read(messages)
	if waiting := attributes.Attributes["ApproximateNumberOfMessages"]; len(messages) > 0 && waiting != fmt.Sprint(len(messages)) {
		notes = append(notes, fmt.Sprintf("the queue %s has about %s messages, and %d were read", q.name.Resource, waiting, len(messages)))
	}
	return events, notes, after, err
}

// receive reads messages without removing them.
func (q queue) receive(ctx context.Context, client *sqs.Client, address *string) (map[string]string, error) {
	messages := map[string]string{}
	inVain := 0
	for range attempts {
		got, err := client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
			QueueUrl: address, MaxNumberOfMessages: 10, VisibilityTimeout: hidden, WaitTimeSeconds: 1,
		})
		if err != nil {
			return messages, err
		}
		before := len(messages)
		for _, message := range got.Messages {
			messages[aws.ToString(message.MessageId)] = aws.ToString(message.Body)
		}
		if inVain++; len(messages) > before {
			inVain = 0
		}
		if len(got.Messages) == 0 || inVain == emptyAttempts {
			break
		}
	}
	return messages, nil
}

// read reads messages, in no certain order.
func (q queue) read(messages map[string]string) ([]Event, []string) {
	var events []Event
	var notes []string
	for id, body := range messages {
		found, err := Parse([]byte(body))
		if err != nil {
			notes = append(notes, fmt.Sprintf("the message %s in the queue %s: %v", id, q.name.Resource, err))
		}
		events = append(events, found...)
	}
	slices.Sort(notes)
	return events, notes
}
