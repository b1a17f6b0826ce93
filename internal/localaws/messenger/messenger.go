// Package messenger takes messages of AWS's services to topics and queues,
// where the policies of these, and those of their keys, let the services in.
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

// Message is what a service has to say.
type Message struct {
	// Service is its principal, such as "cloudwatch.amazonaws.com".
	Service string
	// SourceARN is what the message is about, and SourceAccount its owner.
	SourceARN, SourceAccount string
	// SourceOwner is the account for the condition key aws:SourceOwner, which
	// only some services send, and which the policy that SNS gives to a topic
	// by default asks for.
	SourceOwner string
	// Subject for topics.
	Subject string
	Body    string
}

// Messenger knows the way. It is safe for concurrent use.
type Messenger struct {
	client   *emulator.Client
	accounts *emulator.Accounts
}

// New returns a messenger for the topics and queues of an emulator.
func New(client *emulator.Client, accounts *emulator.Accounts) *Messenger {
	return &Messenger{client, accounts}
}

// Send sends a message to the topic or the queue with an ARN, if the service
// may.
func (m *Messenger) Send(ctx context.Context, to string, message Message) error {
	if err := m.Check(ctx, to, message); err != nil {
		return err
	}
	r, err := parseRecipient(to)
	if err == nil {
		_, err = m.ask(ctx, r, r.sending(message))
	}
	return err
}

// Check returns a [RefusedError] where Send would.
func (m *Messenger) Check(ctx context.Context, to string, message Message) error {
	r, err := parseRecipient(to)
	if err != nil {
		return &RefusedError{message.Service, to, err.Error()}
	}
	return m.judge(ctx, r, message)
}

// recipient is a topic or a queue.
type recipient struct {
	arn, service, region, account, name string
}

func parseRecipient(arn string) (recipient, error) {
	parts := strings.Split(arn, ":")
	if len(parts) != 6 || (parts[2] != "sns" && parts[2] != "sqs") {
		return recipient{}, fmt.Errorf("%q is not the ARN of a topic or a queue", arn)
	}
	return recipient{arn, parts[2], parts[3], parts[4], parts[5]}, nil
}

func (r recipient) host() string { return r.service + "." + r.region + ".amazonaws.com" }

// url of a queue.
func (r recipient) url() string { return "https://" + r.host() + "/" + r.account + "/" + r.name }

// action is the permission that a sender needs.
func (r recipient) action() string {
	if r.service == "sqs" {
		return "sqs:SendMessage"
	}
	return "sns:Publish"
}

// encryptionContext is the key of the ARN in the context of its encryption.
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

var errNotThere = errors.New("there is no such topic or queue")

func (m *Messenger) ask(ctx context.Context, r recipient, form url.Values) ([]byte, error) {
	form.Set("Version", map[string]string{"sns": "2010-03-31", "sqs": "2012-11-05"}[r.service])
	accessKey, err := m.accounts.KeyOf(ctx, r.account)
	if err != nil {
		return nil, err
	}
	answer, err := m.client.Ask(ctx, emulator.Question{
		Method: http.MethodPost, Host: r.host(), Path: "/", Service: r.service, Region: r.region, AccessKey: accessKey, Form: form,
	})
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
