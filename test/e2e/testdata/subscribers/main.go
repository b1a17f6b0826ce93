// The program creates one topic. Its configuration has the subscribers, and whether
// they are known before the deployment.
package main

import (
	"encoding/json"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/pkg/crr"
)

type subscribers struct {
	Later                       bool
	Queues, Functions, Webhooks []string
}

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		var to subscribers
		text, _ := ctx.GetConfig("subscribers:subscribers")
		if err := json.Unmarshal([]byte(text), &to); err != nil {
			return err
		}
		topic, err := crr.NewNotificationTopic(ctx, "alarms", &crr.NotificationTopicArgs{
			Region: "us-east-1", QueueARNs: to.inputs(to.Queues), FunctionARNs: to.inputs(to.Functions), Webhooks: to.inputs(to.Webhooks),
		})
		if err != nil {
			return err
		}
		ctx.Export("topic", topic.ARN)
		return nil
	})
}

// inputs returns strings, or outputs like those of resources that do not exist yet.
func (s subscribers) inputs(texts []string) []pulumi.StringInput {
	var all []pulumi.StringInput
	for _, text := range texts {
		if s.Later {
			all = append(all, pulumi.String(text).ToStringOutput())
		} else {
			all = append(all, pulumi.String(text))
		}
	}
	return all
}
