package messenger

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/emulator"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// RefusedError is returned when a service can't send to a topic or a queue because
// it is not allowed to, or because the recipient does not exist.
type RefusedError struct {
	// Service is the sender, and To the recipient.
	Service, To string
	// Why is the reason, and what to do.
	Why string
	// Missing is true if the recipient does not exist.
	Missing bool
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("%s gets no message from %s: %s", e.To, e.Service, e.Why)
}

// attributes are the attributes of a recipient that decide who may send.
type attributes struct{ policy, key string }

// judge returns a [RefusedError] if the sender may not send.
func (m *Messenger) judge(ctx context.Context, r recipient, message Message) error {
	found, err := m.attributes(ctx, r)
	switch {
	case errors.Is(err, errNotThere):
		return &RefusedError{message.Service, r.arn, err.Error(), true}
	case err != nil:
		return err
	}
	document := policy.Document{}
	if found.policy != "" {
		if document, err = policy.Parse([]byte(found.policy)); err != nil {
			return fmt.Errorf("reading the policy of %s: %w", r.arn, err)
		}
	}
	decision := policy.Evaluate(policy.Policies{Resource: &document}, policy.Request{
		Principal: message.Service, Action: r.action(), Resource: r.arn, ResourceAccount: r.account, Context: message.conditions(),
	})
	if !decision.Allowed {
		why := fmt.Sprintf("its policy does not let it %s (%s); allow that, with aws:SourceArn %s and aws:SourceAccount %s",
			r.action(), decision, message.SourceARN, message.SourceAccount)
		return &RefusedError{Service: message.Service, To: r.arn, Why: why}
	}
	if found.key == "" {
		return nil
	}
	return m.judgeKey(ctx, r, found.key, message)
}

// conditions returns the condition keys that services set.
// https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
func (message Message) conditions() map[string][]string {
	keys := map[string][]string{
		"aws:SourceArn": {message.SourceARN}, "aws:SourceAccount": {message.SourceAccount}, "aws:SecureTransport": {"true"},
	}
	if message.SourceOwner != "" {
		keys["aws:SourceOwner"] = []string{message.SourceOwner}
	}
	return keys
}

// judgeKey evaluates the policy of the key with which a topic or a queue is
// encrypted: the service itself must be allowed to use it.
// https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
func (m *Messenger) judgeKey(ctx context.Context, r recipient, id string, message Message) error {
	keptOut := func(format string, args ...any) error {
		return &RefusedError{Service: message.Service, To: r.arn, Why: fmt.Sprintf("its key "+id+" "+format, args...)}
	}
	if strings.Contains(id, "alias/aws/") {
		return keptOut("is managed by AWS, and its policy lets no service in; encrypt with a key of your own")
	}
	key, err := emulator.DescribeKey(ctx, m.client, m.accounts, id, r.region, r.account)
	switch {
	case err != nil:
		return err
	case key == nil:
		return keptOut("does not exist")
	case key.State != "Enabled":
		return keptOut("is %s", key.State)
	case key.Policy == nil:
		return keptOut("has an unreadable policy")
	}
	conditions := message.conditions()
	conditions["kms:EncryptionContext:"+r.encryptionContext()] = []string{r.arn}
	for _, action := range []string{"kms:GenerateDataKey", "kms:Decrypt"} {
		decision := policy.Evaluate(policy.Policies{Resource: key.Policy, KeyPolicy: true}, policy.Request{
			Principal: message.Service, Action: action, Resource: key.ARN, Context: conditions,
		})
		if !decision.Allowed {
			return keptOut("does not let it %s (%s)", action, decision)
		}
	}
	return nil
}

func (m *Messenger) attributes(ctx context.Context, r recipient) (attributes, error) {
	switch r.service {
	case "sqs":
		return m.queueAttributes(ctx, r)
	case "lambda":
		return m.functionAttributes(ctx, r)
	}
	body, err := m.ask(ctx, r, url.Values{"Action": {"GetTopicAttributes"}, "TopicArn": {r.arn}})
	if err != nil {
		return attributes{}, err
	}
	var answer struct {
		Entries []struct {
			Key   string `xml:"key"`
			Value string `xml:"value"`
		} `xml:"GetTopicAttributesResult>Attributes>entry"`
	}
	if err := xml.Unmarshal(body, &answer); err != nil {
		return attributes{}, fmt.Errorf("reading the attributes of %s: %w", r.arn, err)
	}
	found := map[string]string{}
	for _, entry := range answer.Entries {
		found[entry.Key] = entry.Value
	}
	return attributes{found["Policy"], found["KmsMasterKeyId"]}, nil
}

func (m *Messenger) queueAttributes(ctx context.Context, r recipient) (attributes, error) {
	body, err := m.ask(ctx, r, url.Values{"Action": {"GetQueueAttributes"}, "QueueUrl": {r.url()}, "AttributeName.1": {"All"}})
	if err != nil {
		return attributes{}, err
	}
	var answer struct {
		Attributes []struct{ Name, Value string } `xml:"GetQueueAttributesResult>Attribute"`
	}
	if err := xml.Unmarshal(body, &answer); err != nil {
		return attributes{}, fmt.Errorf("reading the attributes of %s: %w", r.arn, err)
	}
	found := map[string]string{}
	for _, attribute := range answer.Attributes {
		found[attribute.Name] = attribute.Value
	}
	return attributes{found["Policy"], found["KmsMasterKeyId"]}, nil
}

// functionAttributes reads the policy of a function. A function without a policy
// allows no service.
func (m *Messenger) functionAttributes(ctx context.Context, r recipient) (attributes, error) {
	body, err := m.question(ctx, r, emulator.Question{Method: http.MethodGet, Path: "/2015-03-31/functions/" + r.name + "/policy"})
	if errors.Is(err, errNotThere) {
		return attributes{}, nil
	}
	if err != nil {
		return attributes{}, err
	}
	var answer struct{ Policy string }
	if err := json.Unmarshal(body, &answer); err != nil {
		return attributes{}, fmt.Errorf("reading the policy of %s: %w", r.arn, err)
	}
	return attributes{policy: answer.Policy}, nil
}
