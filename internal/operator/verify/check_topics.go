package verify

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"github.com/crr-io/pulumi-aws-crr/internal/awsid"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/live"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// listeners is a topic that alarms notify, with the number of its subscriptions.
type listeners struct {
	arn   string
	at    replication.DeployedBucket // the bucket whose credentials are used
	sns   *sns.Client
	found answer[subscribers]
}

// subscribers counts subscriptions of a topic.
type subscribers struct{ confirmed, pending int }

// topicsOf returns the topics of a deployment, without those of other accounts.
func topicsOf(descriptor replication.Descriptor, sessions *live.Sessions) []*listeners {
	var all []*listeners
	places := descriptor.Buckets()
	for _, topic := range descriptor.Topics {
		i := slices.IndexFunc(places, func(p replication.DeployedBucket) bool { return p.AccountID == awsid.AccountOf(topic.ARN) })
		if i < 0 {
			continue
		}
		at := places[i]
		at.Region = topic.Region
		all = append(all, &listeners{arn: topic.ARN, at: at, sns: sns.NewFromConfig(sessions.In(places[i], topic.Region))})
	}
	return all
}

// read counts the subscriptions. An unconfirmed one has no ARN yet.
// https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html
func (l *listeners) read(ctx context.Context) (found subscribers, err error) {
	pages := sns.NewListSubscriptionsByTopicPaginator(l.sns, &sns.ListSubscriptionsByTopicInput{TopicArn: &l.arn})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return found, err
		}
		for _, subscription := range page.Subscriptions {
			if strings.HasPrefix(aws.ToString(subscription.SubscriptionArn), "arn:") {
				found.confirmed++
			} else {
				found.pending++
			}
		}
	}
	return found, nil
}

// checkTopic checks that a topic has confirmed subscribers.
func (l *checklist) checkTopic(topic *listeners) {
	l.check("topics", topic.arn[strings.LastIndex(topic.arn, ":")+1:], nil, topic.judge)
}

func (l *listeners) judge() outcome {
	switch found, err := l.found.value, l.found.err; {
	case hasCode(err, []string{"NotFound"}):
		return failsAlone(fmt.Sprintf("the topic %s does not exist, so alarms notify no subscribers", l.arn), restore)
	case err != nil:
		return unanswered("reading the subscriptions of "+l.arn, l.at, err)
	case found.confirmed > 0:
		return outcome{}
	case found.pending > 0:
		return failsAlone(fmt.Sprintf("no subscription of %s is confirmed, so no subscriber is notified", l.arn),
			"subscribers must follow the link in the message from SNS; it expires after two days, and `pulumi up --refresh` sends another")
	default:
		return failsAlone(fmt.Sprintf("%s has no subscriptions, so no subscriber is notified", l.arn), restore+", or add a subscriber to your own topic with `aws sns subscribe`")
	}
}
