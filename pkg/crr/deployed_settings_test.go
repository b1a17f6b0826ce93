package crr

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

func TestLifecycleSetting_HasEveryRule(t *testing.T) {
	t.Parallel()
	all := map[string]string{}
	described := lifecycleSetting(environment{}, pulumi.String("arn:aws:s3:::data"), append(lifecycleRules(LifecycleArgs{
		Transitions:           []TransitionArgs{{Days: 60, StorageClass: "GLACIER"}},
		NoncurrentTransitions: []TransitionArgs{{Days: 30, StorageClass: "STANDARD_IA"}}, NoncurrentDays: 90,
	}), logLifecycle(365)[2:]...))
	done := make(chan bool)
	described.values.ApplyT(func(values map[string]string) bool {
		all = values
		close(done)
		return true
	})
	<-done
	assert.Equal(t, map[string]string{
		"abort-stale-uploads.AbortIncompleteMultipartUpload.DaysAfterInitiation": "7",
		"abort-stale-uploads.Status":                                                       "Enabled",
		"expire-delete-markers.Expiration.ExpiredObjectDeleteMarker":                       "true",
		"expire-delete-markers.Status":                                                     "Enabled",
		"expire-logs.Expiration.Days":                                                      "365",
		"expire-logs.Status":                                                               "Enabled",
		"expire-noncurrent-versions.NoncurrentVersionExpiration.NoncurrentDays":            "90",
		"expire-noncurrent-versions.Status":                                                "Enabled",
		"move-noncurrent-versions.NoncurrentVersionTransitions.STANDARD_IA.NoncurrentDays": "30",
		"move-noncurrent-versions.Status":                                                  "Enabled",
		"move-to-colder-classes.Status":                                                    "Enabled",
		"move-to-colder-classes.Transitions.GLACIER.Days":                                  "60",
	}, all)
}

func TestSubscriptionsSetting_KeepsNoSecrets(t *testing.T) {
	t.Parallel()
	const address = "https://user:password@hooks.example.com/token"
	described := subscriptionsSetting(environment{}, pulumi.String("topic"), []subscription{
		{protocol: "email", endpoint: pulumi.String("ops@example.com")}, {protocol: "https", endpoint: pulumi.ToSecret(pulumi.String(address)).(pulumi.StringOutput)},
	})
	done := make(chan map[string]string)
	described.values.ApplyT(func(values map[string]string) bool {
		done <- values
		return true
	})
	ops, _ := replication.Subscriber("topic", "email", "OPS@example.com")
	hook, _ := replication.Subscriber("topic", "https", "https://user:****@hooks.example.com/token") // as SNS shows it
	assert.Equal(t, map[string]string{ops: "ops@example.com", hook: "the webhook at hooks.example.com"}, <-done)
	assert.False(t, pulumi.IsSecret(described.values), "a secret would make the whole output one")
}

func TestNamedSettings_FollowNames(t *testing.T) {
	t.Parallel()
	of := func(arn string, values map[string]string) any { return map[string]any{"arn": arn, "values": values} }
	all := []any{
		of("dead", map[string]string{"KmsMasterKeyId": "key"}), of("key", nil), of("other", map[string]string{"KmsMasterKeyId": "unused"}), of("unused", nil),
		of("queue", map[string]string{"RedrivePolicy.deadLetterTargetArn": "dead"}),
	}
	assert.Equal(t, []any{all[0], all[1], all[4]}, namedSettings([]string{"queue"}, all))
	assert.Empty(t, namedSettings(nil, all))
}
