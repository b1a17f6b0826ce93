// Package messenger sends messages of AWS services to topics, queues and functions
// whose policies, and the policies of their keys, allow the services. The emulator
// forwards messages from topics to queues, without checking the policies of the
// queues.
package messenger

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/emulator"
)

// Message is a message of a service.
type Message struct {
	// Service is the service principal, such as "cloudwatch.amazonaws.com".
	Service string
	// SourceARN is the subject of the message, and SourceAccount its owner.
	SourceARN, SourceAccount string
	// SourceOwner is the value of the condition key aws:SourceOwner, which only some
	// services set. The default policy of a topic in SNS requires it.
	SourceOwner string
	// Subject for topics.
	Subject string
	Body    string
}

// Messenger sends messages. It is safe for concurrent use.
type Messenger struct {
	client   *emulator.Client
	accounts *emulator.Accounts
	call     Call
}

// Call calls a function without waiting for its response.
type Call func(functionARN string, payload []byte)

// New returns a messenger for the topics and queues of an emulator, and for
// functions called through call, which may be nil.
func New(client *emulator.Client, accounts *emulator.Accounts, call Call) *Messenger {
	return &Messenger{client, accounts, call}
}

// Send sends a message to the topic, queue or function with an ARN, if the service
// may.
func (m *Messenger) Send(ctx context.Context, to string, message Message) error {
	if err := m.Check(ctx, to, message); err != nil {
		return err
	}
	r, err := parseRecipient(to)
	if err != nil {
		return err
	}
	if r.service == "lambda" {
		m.call(to, []byte(message.Body))
		return nil
	}
	_, err = m.ask(ctx, r, r.sending(message))
	return err
}

// Check returns the [RefusedError] that Send would return.
func (m *Messenger) Check(ctx context.Context, to string, message Message) error {
	r, err := parseRecipient(to)
	if err != nil {
		return &RefusedError{message.Service, to, err.Error(), true}
	}
	return m.judge(ctx, r, message)
}

// recipient is a topic, a queue or a function.
type recipient struct {
	arn, service, region, account, name string
}

func parseRecipient(arn string) (recipient, error) {
	parts := strings.Split(arn, ":")
	switch {
	case len(parts) == 6 && (parts[2] == "sns" || parts[2] == "sqs"), len(parts) == 7 && parts[2] == "lambda":
		return recipient{arn, parts[2], parts[3], parts[4], parts[len(parts)-1]}, nil
	default:
		return recipient{}, fmt.Errorf("%q is not the ARN of a topic, a queue or a function", arn)
	}
}

func (r recipient) host() string { return r.service + "." + r.region + ".amazonaws.com" }

// url returns the URL of a queue.
func (r recipient) url() string { return "https://" + r.host() + "/" + r.account + "/" + r.name }

// action returns the action that a sender needs.
func (r recipient) action() string {
	return map[string]string{"sns": "sns:Publish", "sqs": "sqs:SendMessage", "lambda": "lambda:InvokeFunction"}[r.service]
}

// encryptionContext returns the name of the recipient's ARN in its encryption
// context.
func (r recipient) encryptionContext() string {
	if r.service == "sqs" {
		return "aws:sqs:arn"
	}
	return "aws:sns:topicArn"
}

func (r recipient) sending(message Message) url.Values {
	if r.service == "sqs" {
		return url.Values{"Action": {"SendMessage"}, "QueueUrl": {r.url()}, "MessageBody": {message.Body}}
	}
	return url.Values{"Action": {"Publish"}, "TopicArn": {r.arn}, "Subject": {message.Subject}, "Message": {message.Body}}
}

var errNotThere = errors.New("there is nothing of that name")

func (m *Messenger) ask(ctx context.Context, r recipient, form url.Values) ([]byte, error) {
	form.Set("Version", map[string]string{"sns": "2010-03-31", "sqs": "2012-11-05"}[r.service])
	return m.question(ctx, r, emulator.Question{Method: http.MethodPost, Path: "/", Form: form})
}

func (m *Messenger) question(ctx context.Context, r recipient, q emulator.Question) (body []byte, err error) {
	q.Host, q.Service, q.Region = r.host(), r.service, r.region
	if q.AccessKey, err = m.accounts.KeyOf(ctx, r.account); err != nil {
		return nil, err
	}
	answer, err := m.client.Ask(ctx, q)
	if err != nil {
		return nil, err
	}
	switch {
	case answer.Status == http.StatusNotFound, strings.Contains(string(answer.Body), "NonExistentQueue"):
		return nil, errNotThere
	case answer.Status != http.StatusOK:
		return nil, answer.Unexpected(strings.ToUpper(r.service))
	}
	return answer.Body, nil
}
