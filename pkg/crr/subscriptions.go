package crr

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// subscription is one who gets the messages of a topic. Its name stays the same
// when others come and go: a new one would have to be confirmed again.
type subscription struct {
	name, protocol string
	endpoint       pulumi.StringInput
}

func (args *NotificationTopicArgs) subscriptions() []subscription {
	var all []subscription
	for _, email := range args.Emails {
		all = append(all, subscription{"email-" + email, "email", pulumi.String(email)})
	}
	for i, queue := range args.QueueARNs {
		all = append(all, subscription{"queue-" + label(queue, i), "sqs", queue})
	}
	for i, function := range args.FunctionARNs {
		all = append(all, subscription{"function-" + label(function, i), "lambda", function})
	}
	for i, webhook := range args.Webhooks {
		all = append(all, subscription{fmt.Sprintf("webhook-%d", i), "https", pulumi.ToSecret(webhook).(pulumi.StringOutput)})
	}
	return all
}

// label is what an ARN is about, or its number in a list where that is not
// known yet.
func label(arn pulumi.StringInput, i int) string {
	parts := strings.SplitN(known(arn), ":", 6)
	if len(parts) < 6 {
		return fmt.Sprint(i)
	}
	return parts[3] + "-" + strings.ReplaceAll(parts[5], ":", "-")
}

func (t *NotificationTopic) subscribe(ctx *pulumi.Context, name string, args *NotificationTopicArgs, topic *sns.Topic) error {
	for _, each := range args.subscriptions() {
		var waitFor []pulumi.Resource
		if each.protocol == "lambda" {
			permission, err := t.letCall(ctx, name+"-"+each.name, each.endpoint)
			if err != nil {
				return err
			}
			waitFor = append(waitFor, permission)
		}
		if _, err := sns.NewTopicSubscription(ctx, name+"-"+each.name, &sns.TopicSubscriptionArgs{
			Topic:    topic.Arn,
			Protocol: pulumi.String(each.protocol),
			Endpoint: each.endpoint,
		}, t.place.child(t, pulumi.DependsOn(waitFor))); err != nil {
			return err
		}
	}
	return nil
}

// letCall lets the topic call a Lambda function, which may be in another region.
func (t *NotificationTopic) letCall(ctx *pulumi.Context, name string, functionARN pulumi.StringInput) (pulumi.Resource, error) {
	at, err := t.place.in(ctx, replication.RegionOf(known(functionARN)))
	if err != nil {
		return nil, err
	}
	return lambda.NewPermission(ctx, name+"-permission", &lambda.PermissionArgs{
		Action:    pulumi.String("lambda:InvokeFunction"),
		Function:  functionARN,
		Principal: pulumi.String("sns.amazonaws.com"),
		SourceArn: t.ARN,
	}, at.child(t))
}
