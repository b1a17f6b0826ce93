package failures

import (
	"encoding/json"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
)

// redrive is what a queue does with messages that were received too often. To
// look at a message is to receive it.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
type redrive struct {
	DeadLetters string      `json:"deadLetterTargetArn"`
	MaxReceives json.Number `json:"maxReceiveCount"`
}

// mostReceives is what a queue can allow at most, and what one allows that is
// meant to be looked into.
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

// sparing tells whether the queue must not be looked into, since messages would
// be moved away from whoever is to deal with them.
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
