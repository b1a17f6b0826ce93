package crr_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// sender is the sender of a message and the resource that it acts for.
type sender struct{ service, sourceARN, sourceAccount string }

// senders are those that try in the tests below: the two of the deployment, and
// strangers.
var senders = map[string]sender{
	"an alarm of the account":         {"cloudwatch.amazonaws.com", "arn:aws:cloudwatch:us-east-1:111111111111:alarm:x", "111111111111"},
	"an alarm of another region":      {"cloudwatch.amazonaws.com", "arn:aws:cloudwatch:eu-west-1:111111111111:alarm:x", "111111111111"},
	"an alarm of another account":     {"cloudwatch.amazonaws.com", "arn:aws:cloudwatch:us-east-1:999999999999:alarm:x", "999999999999"},
	"an alarm that claims an account": {"cloudwatch.amazonaws.com", "arn:aws:cloudwatch:us-east-1:999999999999:alarm:x", "111111111111"},
	"CloudWatch, without a source":    {"cloudwatch.amazonaws.com", "", ""},
	"S3, for the bucket":              {"s3.amazonaws.com", "arn:aws:s3:::data-source-0123456", "111111111111"},
	"S3, for another bucket":          {"s3.amazonaws.com", "arn:aws:s3:::other", "111111111111"},
	"S3, for a bucket that changed its owner": {
		"s3.amazonaws.com", "arn:aws:s3:::data-source-0123456", "999999999999",
	},
	"another service": {"events.amazonaws.com", "arn:aws:events:us-east-1:111111111111:rule/x", "111111111111"},
	"a user":          {"arn:aws:iam::999999999999:user/mallory", "", ""},
}

// let returns those who may do all of some things by a policy.
func let(document policy.Document, keyPolicy bool, resource string, actions ...string) []string {
	var names []string
	for name, who := range senders {
		may := true
		for _, action := range actions {
			context := map[string][]string{"aws:SecureTransport": {"true"}}
			if who.sourceARN != "" {
				context["aws:SourceArn"], context["aws:SourceAccount"] = []string{who.sourceARN}, []string{who.sourceAccount}
			}
			may = may && policy.Evaluate(policy.Policies{Resource: &document, KeyPolicy: keyPolicy}, policy.Request{
				Principal: who.service, Action: action, Resource: resource, ResourceAccount: "111111111111", Context: context,
			}).Allowed
		}
		if may {
			names = append(names, name)
		}
	}
	return names
}

func TestMessages_ArePublishedByAlarmsAndBucketsOfTheAccountOnly(t *testing.T) {
	t.Parallel()
	recorder := deploy(t, monitored())
	topic := document(t, recorder.One(t, "aws:sns/topicPolicy:TopicPolicy", "crr-alarms-us-east-1-policy"))
	queue := document(t, recorder.One(t, "aws:sqs/queuePolicy:QueuePolicy", "data-source-notifications-failures-policy"))
	// Components share topics and keys, so any bucket of the account may use them.
	shared := []string{"an alarm of the account", "S3, for the bucket", "S3, for another bucket"}

	arn := "arn:aws:sns:region-of-provider:111111111111:crr-alarms-us-east-1-0123456"
	assert.ElementsMatch(t, shared, let(topic, false, arn, "sns:Publish"))
	assert.Empty(t, let(topic, false, arn, "sns:Subscribe"))
	assert.Equal(t, shared[1:2], let(queue, false, "arn:aws:sqs:region-of-provider:111111111111:data-source-notifications-failures-0123456", "sqs:SendMessage"))
	assert.Empty(t, let(queue, false, "arn:aws:sqs:region-of-provider:111111111111:data-source-notifications-failures-0123456", "sqs:ReceiveMessage"))

	key := document(t, recorder.One(t, keyType, "crr-messages-us-east-1-key"))
	assert.ElementsMatch(t, shared, let(key, true, "arn:aws:kms:us-east-1:111111111111:key/k", "kms:GenerateDataKey", "kms:Decrypt"))
	assert.Empty(t, let(key, true, "arn:aws:kms:us-east-1:111111111111:key/k", "kms:ScheduleKeyDeletion"))
}

// Where S3 sends nothing, it may publish nothing.
func TestMessages_AreNotForS3WhereItSendsNone(t *testing.T) {
	t.Parallel()
	recorder := deploy(t, everything())
	topic := document(t, recorder.One(t, "aws:sns/topicPolicy:TopicPolicy", "crr-alarms-us-east-1-policy"))
	arn := "arn:aws:sns:region-of-provider:111111111111:crr-alarms-us-east-1-0123456"
	assert.Equal(t, []string{"an alarm of the account"}, let(topic, false, arn, "sns:Publish"))
}

func TestMessages_OverPlainHTTPAreRefused(t *testing.T) {
	t.Parallel()
	recorder := deploy(t, monitored())
	for _, each := range recorder.All() {
		action := map[string]string{"aws:sns/topicPolicy:TopicPolicy": "sns:Publish", "aws:sqs/queuePolicy:QueuePolicy": "sqs:SendMessage"}[each.Type]
		if action == "" {
			continue
		}
		resource := document(t, each)
		decision := policy.Evaluate(policy.Policies{
			Resource: &resource, Identity: []policy.Document{policy.New(policy.Statement{Effect: policy.Allow, Action: policy.Values{"*"}, Resource: policy.Values{"*"}})},
		}, policy.Request{
			Principal: "arn:aws:iam::111111111111:user/alice", Action: action, Resource: resource.Statement[0].Resource[0], ResourceAccount: "111111111111",
			Context: map[string][]string{"aws:SecureTransport": {"false"}},
		})
		assert.Equal(t, policy.ExplicitDeny, decision.Reason, each.Name)
	}
}

func TestMessages_AreEncryptedWithOneKeyForEachRegionOfAnAccount(t *testing.T) {
	t.Parallel()
	keys := map[string]string{}
	for _, each := range deploy(t, monitored()).All() {
		if each.Type != "aws:sns/topic:Topic" && each.Type != "aws:sqs/queue:Queue" {
			continue
		}
		key := each.Inputs["kmsMasterKeyId"].StringValue()
		if known, seen := keys[each.Provider]; seen {
			assert.Equal(t, known, key, each.Key())
		}
		keys[each.Provider] = key
	}
	assert.Len(t, keys, 4)
}

func TestMessages_GoToSubscribersOfTheTopicsAccount(t *testing.T) {
	t.Parallel()
	notifies := map[string][]string{}
	for _, each := range deploy(t, monitored()).OfType("aws:sns/topicSubscription:TopicSubscription") {
		topic := strings.TrimPrefix(strings.TrimPrefix(each.Parent, "crr:index:NotificationTopic "), "crr-alarms-")
		notifies[topic] = append(notifies[topic], each.Inputs["protocol"].StringValue())
	}
	all, confirmable := []string{"email", "lambda", "sqs", "https"}, []string{"email", "https"}
	assert.Equal(t, map[string][]string{
		"us-east-1": all, "us-west-2": all, "us-east-1-222222222222": confirmable, "us-west-2-222222222222": confirmable,
	}, notifies, "a queue or function of another account would have to confirm")
}

func TestMessages_WebhooksAreSecrets(t *testing.T) {
	t.Parallel()
	webhook := deploy(t, monitored()).One(t, "aws:sns/topicSubscription:TopicSubscription", "crr-alarms-us-east-1-webhook-7e0731b2")
	assert.True(t, webhook.Inputs["endpoint"].IsSecret() || webhook.Inputs["endpoint"].IsOutput(), "their addresses often have tokens in them")
}

// A subscription that changed its name would be made anew, and the old one, which
// is the same to SNS, removed.
func TestMessages_SubscriptionsKeepTheirNamesWhenOthersGo(t *testing.T) {
	t.Parallel()
	names := func(n int) []string {
		args := monitored()
		args.Monitoring.Emails = []string{"a@example.com", "b@example.com"}[n:]
		args.Monitoring.QueueARNs = text("arn:aws:sqs:us-east-1:111111111111:a", "arn:aws:sqs:us-east-1:111111111111:b")[n:]
		args.Monitoring.FunctionARNs = text("arn:aws:lambda:us-east-1:111111111111:function:a", "arn:aws:lambda:us-east-1:111111111111:function:b")[n:]
		args.Monitoring.Webhooks = text("https://example.com/a", "https://example.com/b")[n:]
		var all []string
		for _, each := range deploy(t, args).OfType("aws:sns/topicSubscription:TopicSubscription") {
			all = append(all, each.Name)
		}
		return all
	}
	both, one := names(0), names(1)
	assert.Len(t, both, 2*len(one))
	assert.Subset(t, both, one)
}
