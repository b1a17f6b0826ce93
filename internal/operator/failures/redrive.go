package failures

import (
	"encoding/json"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
)

// redrive is the redrive policy of a queue, for messages that were received too often.
// Reading a message counts as receiving it.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
type redrive struct {
	DeadLetters string      `json:"deadLetterTargetArn"`
	MaxReceives json.Number `json:"maxReceiveCount"`
}

// mostReceives is the maximum of SQS, which queues that are read by crr need.
const mostReceives = 1000

// redriveOf reads the attribute of a queue; it is empty where the queue keeps
// its messages whatever happens.
func redriveOf(attribute string) redrive {
	var r redrive
	if attribute == "" {
		return r
	}
	if err := json.Unmarshal([]byte(attribute), &r); err != nil {
		return redrive{MaxReceives: "0"} // not known: better not to look
	}
	return r
}

// sparing reports whether the queue must not be read, since reading would move
// messages to the dead-letter queue before they are handled.
func (r redrive) sparing() bool {
	if r.MaxReceives == "" {
		return false
	}
	allowed, err := r.MaxReceives.Int64()
	return err != nil || allowed < mostReceives
}

// deadLetters is the queue that messages are moved to, if there is one.
func (r redrive) deadLetters() (arn.ARN, bool) {
	name, err := arn.Parse(r.DeadLetters)
	return name, err == nil && name.Service == "sqs"
}
