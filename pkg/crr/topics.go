package crr

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// Topic is an SNS topic of a region.
type Topic struct {
	ARN    pulumi.StringOutput
	Region string
}

// topics finds or makes the topic of each region that alarms are in. CloudWatch
// publishes only to topics of the alarm's own region.
type topics struct {
	parent     pulumi.Resource
	name       string
	monitoring MonitoringArgs
	tags       map[string]string
	made       []Topic
}

// in returns what the alarms of a place notify: nothing where nobody asked.
func (t *topics) in(ctx *pulumi.Context, at place) (pulumi.Array, error) {
	for _, topic := range t.made {
		if topic.Region == at.region {
			return pulumi.Array{topic.ARN}, nil
		}
	}
	arn, err := t.topic(ctx, at)
	if err != nil || arn == nil {
		return nil, err
	}
	topic := Topic{ARN: arn.ToStringOutput(), Region: at.region}
	t.made = append(t.made, topic)
	return pulumi.Array{topic.ARN}, nil
}

func (t *topics) topic(ctx *pulumi.Context, at place) (pulumi.StringInput, error) {
	if existing := t.monitoring.TopicARNs[at.region]; existing != nil {
		return existing, nil
	}
	if len(t.monitoring.Emails) == 0 {
		return nil, nil
	}
	name := t.name + "-" + at.region
	topic, err := sns.NewTopic(ctx, name, &sns.TopicArgs{Tags: pulumi.ToStringMap(t.tags)}, at.child(t.parent))
	if err != nil {
		return nil, err
	}
	if _, err := sns.NewTopicPolicy(ctx, name+"-policy", &sns.TopicPolicyArgs{
		Arn: topic.Arn,
		Policy: documentOf(func(texts []string) policy.Document {
			return topicPolicy(at.region, texts[0], texts[1])
		}, topic.Arn, at.account),
	}, at.child(t.parent)); err != nil {
		return nil, err
	}
	for i, email := range t.monitoring.Emails {
		if _, err := sns.NewTopicSubscription(ctx, fmt.Sprintf("%s-email-%d", name, i), &sns.TopicSubscriptionArgs{
			Topic:    topic.Arn,
			Protocol: pulumi.String("email"),
			Endpoint: pulumi.String(email),
		}, at.child(t.parent)); err != nil {
			return nil, err
		}
	}
	return topic.Arn, nil
}

// topicPolicy lets the alarms of the account publish, and nobody else's.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
func topicPolicy(region, topicARN, account string) policy.Document {
	partition, _ := replication.PartitionOf(region)
	return policy.New(policy.Statement{
		Sid: "AllowAlarms", Effect: policy.Allow, Principal: policy.Service("cloudwatch.amazonaws.com"),
		Action: policy.Values{"sns:Publish"}, Resource: policy.Values{topicARN},
		Condition: policy.Conditions{
			"ArnLike":      {"aws:SourceArn": {fmt.Sprintf("arn:%s:cloudwatch:%s:%s:alarm:*", partition.ID, region, account)}},
			"StringEquals": {"aws:SourceAccount": {account}},
		},
	})
}
