package replication

import (
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
	DashboardSetting     SettingKind = "dashboard"
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

// StatementValues are the values of policies: the Sid of each statement by its
// fingerprint, which together say whether anybody may do more or less than when
// the policies were deployed.
func StatementValues(documents ...policy.Document) map[string]string {
	values := map[string]string{}
	for _, document := range documents {
		for _, statement := range document.Statement {
			values[statement.Fingerprint()] = statement.Sid
		}
	}
	return values
}

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
