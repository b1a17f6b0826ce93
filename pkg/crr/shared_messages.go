package crr

import (
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// sharedMessages has the topics and keys that the components of a program share:
// subscribers must confirm each topic, and each key costs money.
type sharedMessages struct {
	mu     sync.Mutex
	keys   map[accountRegion]pulumi.StringOutput
	topics map[accountRegion][]sharedTopic
	// settings of all topics, queues and keys for messages, whether shared or not.
	settings messageSettings
}

// sharedTopic is a topic for all components with the same subscribers.
type sharedTopic struct {
	with  subscribers
	topic *Topic
}

func sharedIn(ctx *pulumi.Context) *sharedMessages {
	return &providersOf(ctx).messages
}

// shared reports whether resources in the environment can be shared by components. The
// account of a user's provider is unknown, so its resources can't.
func (p environment) shared() bool { return p.assumeRoleARN != nil }

// anyBucket stands for all buckets of the account: the buckets that use a shared topic
// or key are unknown when it is created.
func anyBucket(region string) []pulumi.StringInput {
	return []pulumi.StringInput{pulumi.String(replication.BucketARN(region, "*"))}
}

// key returns the key in an account and region, and creates it on first use with the
// options of the first component.
func (s *sharedMessages) key(ctx *pulumi.Context, at environment, options messageOptions) (pulumi.StringOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if arn, made := s.keys[at.accountRegion()]; made {
		return arn, nil
	}
	arn, err := createMessageKey(ctx, "crr-messages-"+at.accountRegion().suffix(), at, nil, anyBucket(at.region), options)
	if err == nil {
		s.keys[at.accountRegion()] = arn
	}
	return arn, err
}

// topic returns the topic for a set of subscribers in an account and region, and
// creates it on first use. The first topic is named after the account and region,
// further ones also after their first component. So a change of all components'
// subscribers changes the subscriptions of the topic instead of replacing it, which
// would require new confirmations.
func (s *sharedMessages) topic(ctx *pulumi.Context, component string, at environment, args *NotificationTopicArgs) (*Topic, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	with := subscribersOf(args)
	for _, made := range s.topics[at.accountRegion()] {
		if made.with.equal(with) {
			return made.topic, nil
		}
	}
	name := "crr-alarms-" + at.accountRegion().suffix()
	if len(s.topics[at.accountRegion()]) > 0 {
		name = "crr-" + component + "-" + at.accountRegion().suffix()
	}
	topic, err := NewNotificationTopic(ctx, name, args)
	if err != nil {
		return nil, err
	}
	s.topics[at.accountRegion()] = append(s.topics[at.accountRegion()], sharedTopic{with, topic.topic()})
	return topic.topic(), nil
}

// subscribers distinguishes topics.
type subscribers struct {
	emails                      []string
	queues, functions, webhooks []pulumi.StringInput
	// ofBuckets reports whether S3 publishes to the topic too.
	ofBuckets bool
}

func subscribersOf(args *NotificationTopicArgs) subscribers {
	return subscribers{
		emails: slices.Sorted(slices.Values(args.Emails)), queues: args.QueueARNs, functions: args.FunctionARNs, webhooks: args.Webhooks,
		ofBuckets: len(args.BucketARNs) > 0,
	}
}

func (s subscribers) equal(other subscribers) bool {
	return slices.Equal(s.emails, other.emails) && s.ofBuckets == other.ofBuckets &&
		slices.EqualFunc(s.queues, other.queues, sameInput) && slices.EqualFunc(s.functions, other.functions, sameInput) &&
		slices.EqualFunc(s.webhooks, other.webhooks, sameInput)
}

// sameInput reports whether two inputs are the same text, or the same output.
func sameInput(a, b pulumi.StringInput) bool {
	if known(a) != "" || known(b) != "" {
		return known(a) == known(b)
	}
	return reflect.TypeOf(a).Comparable() && reflect.TypeOf(a) == reflect.TypeOf(b) && a == b
}

// hasChild reports whether an earlier deployment left a resource of a replicated
// bucket or its alarms that has one of several names with a suffix.
func (s *previousState) hasChild(typ string, names []string, suffix string) bool {
	return slices.ContainsFunc(s.byType[typ], func(resource previousResource) bool {
		ofOne := strings.Contains(resource.urn, ReplicatedBucketType+"$") || strings.Contains(resource.urn, ReplicationAlarmsType+"$")
		return ofOne && slices.ContainsFunc(names, func(name string) bool { return resource.name == name+suffix })
	})
}
