package crr

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// subscription is one who gets the messages of a topic. SNS has one of each
// endpoint: to subscribe it again is to get the one that there is, and to remove
// either is to remove both. So its name says what it is, and stays when others
// come and go.
type subscription struct {
	name, protocol string
	endpoint       pulumi.StringInput
	// numbered tells that what it is is not known before deployment, and that its
	// name is its number in a list.
	numbered bool
}

func (args *NotificationTopicArgs) subscriptions() []subscription {
	var all []subscription
	for _, email := range args.Emails {
		all = append(all, subscription{name: "email-" + email, protocol: "email", endpoint: pulumi.String(email)})
	}
	for i, queue := range args.QueueARNs {
		all = append(all, named("queue", arnLabel, i, subscription{protocol: "sqs", endpoint: queue}))
	}
	for i, function := range args.FunctionARNs {
		all = append(all, named("function", arnLabel, i, subscription{protocol: "lambda", endpoint: function}))
	}
	for i, webhook := range args.Webhooks {
		each := named("webhook", secretLabel, i, subscription{protocol: "https", endpoint: webhook})
		each.endpoint = pulumi.ToSecret(webhook).(pulumi.StringOutput)
		all = append(all, each)
	}
	return all
}

func named(kind string, label func(string) string, i int, s subscription) subscription {
	text := known(s.endpoint)
	s.numbered = text == ""
	if s.numbered {
		s.name = fmt.Sprintf("%s-%d", kind, i)
	} else {
		s.name = kind + "-" + label(text)
	}
	return s
}

// arnLabel is the region of an ARN and what it is about.
func arnLabel(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	return parts[3] + "-" + strings.ReplaceAll(parts[5], ":", "-")
}

// secretLabel is too short to find a token by, and long enough to tell a few
// secrets apart.
func secretLabel(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:4])
}

// subscribe registers the subscriptions. Numbered ones may change places, so each
// takes the topic from the one before it: then, before the engine replaces one, it
// removes those behind it, and never one that was just made.
// https://www.pulumi.com/docs/iac/concepts/options/deletebeforereplace/
func (t *NotificationTopic) subscribe(ctx *pulumi.Context, name string, args *NotificationTopicArgs, topic *sns.Topic) error {
	before := map[string]pulumi.StringOutput{}
	for _, each := range args.subscriptions() {
		from, options := topic.Arn, []pulumi.ResourceOption(nil)
		if last, there := before[each.protocol]; there && each.numbered {
			from = last
		}
		if each.protocol == "lambda" {
			permission, err := t.allowInvoke(ctx, name+"-"+each.name, each.endpoint)
			if err != nil {
				return err
			}
			options = append(options, pulumi.DependsOn([]pulumi.Resource{permission}))
		}
		made, err := sns.NewTopicSubscription(ctx, name+"-"+each.name, &sns.TopicSubscriptionArgs{
			Topic:    from,
			Protocol: pulumi.String(each.protocol),
			Endpoint: each.endpoint,
		}, t.env.child(t, append(options, pulumi.DeleteBeforeReplace(each.numbered))...))
		if err != nil {
			return err
		}
		if each.numbered {
			before[each.protocol] = made.Topic
		}
	}
	return nil
}

// letCall lets the topic call a Lambda function, which may be in another region.
func (t *NotificationTopic) allowInvoke(ctx *pulumi.Context, name string, functionARN pulumi.StringInput) (pulumi.Resource, error) {
	at, err := t.env.inRegion(ctx, replication.RegionOf(known(functionARN)))
	if err != nil {
		return nil, err
	}
	return lambda.NewPermission(ctx, name+"-permission", &lambda.PermissionArgs{
		Action:      pulumi.String("lambda:InvokeFunction"),
		Function:    functionARN,
		Principal:   pulumi.String("sns.amazonaws.com"),
		SourceArn:   t.ARN,
		StatementId: statementID(name + "-permission"),
	}, at.child(t))
}
