package crr

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/internal/awsid"
)

// subscription is a subscription of a topic. SNS keeps one per endpoint: subscribing an
// endpoint again returns the existing subscription. So the resource is named after the
// endpoint and keeps its name when others are added or removed.
type subscription struct {
	name, protocol string
	endpoint       pulumi.StringInput
	// numbered reports that the endpoint is unknown before deployment, so the name
	// contains the index in the list.
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

// arnLabel returns the region and the resource of an ARN.
func arnLabel(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	return parts[3] + "-" + strings.ReplaceAll(parts[5], ":", "-")
}

// secretLabel returns a digest that is too short to recover a token from, and long
// enough to distinguish a few secrets.
func secretLabel(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:4])
}

// subscribe registers the subscriptions. Numbered ones may swap endpoints, so each
// depends on the one before it: before the engine replaces one, it deletes those after
// it, and never one that was just created.
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

// allowInvoke allows the topic to invoke a Lambda function, which may be in another
// region.
func (t *NotificationTopic) allowInvoke(ctx *pulumi.Context, name string, functionARN pulumi.StringInput) (pulumi.Resource, error) {
	at, err := t.env.inRegion(ctx, awsid.RegionOf(known(functionARN)))
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
