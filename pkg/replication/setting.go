package replication

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// SettingKind says which setting of a resource a [Setting] is.
type SettingKind string

// The kinds of settings. Values of the policies are those of [StatementValues];
// those of the others have the names that the AWS CLI gives them.
const (
	BucketPolicySetting  SettingKind = "bucket-policy"
	KeyPolicySetting     SettingKind = "key-policy"
	TopicPolicySetting   SettingKind = "topic-policy"
	QueuePolicySetting   SettingKind = "queue-policy"
	TrustSetting         SettingKind = "trust-policy"
	RolePoliciesSetting  SettingKind = "role-policies"
	RoleBoundarySetting  SettingKind = "role-boundary"
	KeySetting           SettingKind = "key"
	BucketSetting        SettingKind = "bucket"
	LifecycleSetting     SettingKind = "lifecycle"
	RetentionSetting     SettingKind = "retention"
	TieringSetting       SettingKind = "tiering"
	AccessLogSetting     SettingKind = "access-logs"
	InventorySetting     SettingKind = "inventory"
	TopicSetting         SettingKind = "topic"
	SubscriptionsSetting SettingKind = "subscriptions"
	QueueSetting         SettingKind = "queue"
	TrailSetting         SettingKind = "trail"
	NotificationsSetting SettingKind = "notifications"
)

// Setting is a setting of something that a deployment made, as it was deployed.
// Replication goes on without most of them; who else has access, who is notified
// and how long replicas are kept depends on them.
type Setting struct {
	Kind SettingKind `json:"kind"`
	// ARN of the resource.
	ARN string `json:"arn"`
	// Region and AccountID that it is in.
	Region    string `json:"region"`
	AccountID string `json:"accountId"`
	// Values by their names, and none for a setting that must be unset.
	Values map[string]string `json:"values,omitempty"`
}

// StatementValues returns the Sid of each statement by its fingerprint. Two policies with the same
// values grant the same permissions.
func StatementValues(documents ...policy.Document) map[string]string {
	values := map[string]string{}
	for _, document := range documents {
		for _, statement := range document.Statement {
			values[statement.Fingerprint()] = statement.Sid
		}
	}
	return values
}

// SubscriberPrefix begins the names of the values of [SubscriptionsSetting]. Releases
// that counted subscribers had their protocols instead.
const SubscriberPrefix = "sha256:"

// Subscriber is a value of [SubscriptionsSetting]: a hash that identifies one subscriber
// of a topic, and a name to show. Addresses of webhooks are secrets: the
// name has their host only, and the hash leaves out passwords, which SNS does not
// show either.
// https://docs.aws.amazon.com/sns/latest/api/API_GetSubscriptionAttributes.html
func Subscriber(topicARN, protocol, endpoint string) (hash, name string) {
	name = endpoint
	switch protocol {
	case "http", "https":
		name = "a webhook"
		if address, err := url.Parse(endpoint); err == nil {
			name = "the webhook at " + address.Hostname()
			if password, given := address.User.Password(); given {
				endpoint = strings.Replace(endpoint, ":"+password+"@", ":****@", 1)
			}
		}
	case "email", "email-json":
		endpoint = strings.ToLower(endpoint)
	}
	sum := sha256.Sum256([]byte(strings.Join([]string{topicARN, protocol, endpoint}, "\n")))
	return SubscriberPrefix + hex.EncodeToString(sum[:]), name
}

// InventoryFields is the value OptionalFields of an inventory.
func InventoryFields(fields []string) string {
	return strings.Join(slices.Sorted(slices.Values(fields)), ", ")
}

// AddNotification adds a notification of a bucket to the values of
// [NotificationsSetting]: the events that its target gets of the keys that its filter
// lets through.
func AddNotification(values map[string]string, targetARN, prefix, suffix string, events []string) {
	name := targetARN
	if prefix != "" {
		name += ", prefix " + prefix
	}
	if suffix != "" {
		name += ", suffix " + suffix
	}
	all := slices.Clone(events)
	if before := values[name]; before != "" {
		all = append(all, strings.Split(before, ", ")...)
	}
	slices.Sort(all)
	values[name] = strings.Join(slices.Compact(all), ", ")
}

// EventBridgeValue is the name of the value of [NotificationsSetting] that is "true"
// where S3 notifies Amazon EventBridge.
const EventBridgeValue = "EventBridge"

// IsPolicy reports whether a kind of setting is a policy, whose values are those
// of [StatementValues].
func (k SettingKind) IsPolicy() bool {
	return k == RolePoliciesSetting || strings.HasSuffix(string(k), "-policy")
}

// TrailSelects is the value EventSelectors of a trail: whether it records
// management events, and of which buckets it records calls on objects.
func TrailSelects(management bool, bucketARNs []string) string {
	var selected []string
	if management {
		selected = append(selected, "management events")
	}
	for _, arn := range slices.Sorted(slices.Values(bucketARNs)) {
		selected = append(selected, "objects of "+strings.TrimSuffix(arn, "/"))
	}
	return strings.Join(selected, ", ")
}
