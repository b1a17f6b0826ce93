package verify

import (
	"testing"

	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/live"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

const (
	failureQueueARN = "arn:aws:sqs:us-east-1:111111111111:failures"
	deadLettersARN  = "arn:aws:sqs:us-east-1:111111111111:failures-dead-letters"
)

// withQueues is a deployment with a failure queue, a bucket with archive tiers and
// one without, and an adopted bucket.
func withQueues() replication.Descriptor {
	at := func(name string) replication.DeployedBucket {
		return replication.DeployedBucket{Name: name, Bucket: name, ARN: "arn:aws:s3:::" + name, Region: "us-east-1", AccountID: "111111111111"}
	}
	adopted := at("adopted")
	adopted.Existing = true
	setting := func(kind replication.SettingKind, arn string, values map[string]string) replication.Setting {
		return replication.Setting{Kind: kind, ARN: arn, Region: "us-east-1", AccountID: "111111111111", Values: values}
	}
	return replication.Descriptor{
		Source: at("source"), Destinations: []replication.DeployedBucket{at("tiered"), adopted},
		Settings: []replication.Setting{
			setting(replication.LifecycleSetting, "arn:aws:s3:::source", nil), setting(replication.LifecycleSetting, "arn:aws:s3:::tiered", nil),
			setting(replication.LifecycleSetting, "arn:aws:s3:::logs", nil),
			setting(replication.TieringSetting, "arn:aws:s3:::tiered", map[string]string{"archive.Status": "Enabled"}),
			setting(replication.QueuePolicySetting, failureQueueARN, map[string]string{"fingerprint": "AllowBucketEvents"}),
			setting(replication.QueueSetting, failureQueueARN, map[string]string{deadLetterQueue: deadLettersARN}),
			setting(replication.QueueSetting, deadLettersARN, map[string]string{"DelaySeconds": "0"}),
		},
	}
}

func TestUnsetSettings(t *testing.T) {
	t.Parallel()
	unset := unsetSettings(withQueues())
	require.Len(t, unset, 2)
	assert.Equal(t, replication.Setting{Kind: replication.TieringSetting, ARN: "arn:aws:s3:::source", Region: "us-east-1", AccountID: "111111111111"}, unset[0])
	assert.Equal(t, replication.Setting{Kind: replication.QueuePolicySetting, ARN: deadLettersARN, Region: "us-east-1", AccountID: "111111111111"}, unset[1])
	assert.Empty(t, unsetSettings(replication.Descriptor{}), "a descriptor without settings")
}

func TestSetting_AddedToUnset(t *testing.T) {
	t.Parallel()
	stranger := policy.Statement{Effect: policy.Allow, Principal: policy.AWS("222222222222"), Action: policy.Values{"sqs:ReceiveMessage"}, Resource: policy.Values{deadLettersARN}}
	denyAll := map[string]string{"RedriveAllowPolicy": `{"redrivePermission":"denyAll"}`}
	byQueue := func(arn string) map[string]string {
		return map[string]string{"RedriveAllowPolicy": `{"redrivePermission":"byQueue","sourceQueueArns":["` + arn + `"]}`}
	}
	for _, test := range []struct {
		name      string
		kind      replication.SettingKind
		arn       string
		found     liveSetting
		want, fix string
	}{
		{
			"archive tiers", replication.TieringSetting, "arn:aws:s3:::source",
			liveSetting{values: map[string]string{"a.Status": "Enabled", "a.ARCHIVE_ACCESS": "90"}},
			"a.ARCHIVE_ACCESS is 90, was deployed as nothing", "delete-bucket-intelligent-tiering-configuration --bucket source",
		},
		{"no archive tiers", replication.TieringSetting, "arn:aws:s3:::source", liveSetting{}, "", ""},
		{
			"a policy of the dead-letter queue", replication.QueuePolicySetting, deadLettersARN,
			liveSetting{statements: statements(policy.New(stranger))},
			"allows sqs:ReceiveMessage on " + deadLettersARN + " to 222222222222", `--attributes '{"Policy": ""}'`,
		},
		{"no policy of the dead-letter queue", replication.QueuePolicySetting, deadLettersARN, liveSetting{}, "", ""},
		{
			"messages leave the dead-letter queue", replication.QueueSetting, deadLettersARN,
			liveSetting{values: map[string]string{deadLetterQueue: failureQueueARN}},
			"it moves messages to " + failureQueueARN, `--attributes '{"RedrivePolicy": ""}'`,
		},
		{"messages enter the dead-letter queue", replication.QueueSetting, failureQueueARN, liveSetting{values: map[string]string{deadLetterQueue: deadLettersARN}}, "", ""},
		{
			"the dead-letter queue accepts no messages", replication.QueueSetting, deadLettersARN,
			liveSetting{values: denyAll},
			"keeps " + failureQueueARN + " from moving messages to it", `--attributes '{"RedriveAllowPolicy": ""}'`,
		},
		{
			"the dead-letter queue accepts messages of another queue", replication.QueueSetting, deadLettersARN,
			liveSetting{values: byQueue("arn:aws:sqs:us-east-1:111111111111:other")},
			"keeps " + failureQueueARN, "",
		},
		{"the dead-letter queue accepts messages of its queue only", replication.QueueSetting, deadLettersARN, liveSetting{values: byQueue(failureQueueARN)}, "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			known, _ := settingsOf(withQueues(), &live.Sessions{})
			s := (&deployment{settings: known}).settingAt(test.kind, test.arn)
			require.NotNil(t, s)
			s.found.value = test.found
			if test.kind == replication.QueueSetting {
				if s.found.value.values["DelaySeconds"] == "" && test.arn == deadLettersARN {
					s.found.value.values["DelaySeconds"] = "0"
				}
				s.addRedrives(&s.found.value)
			}
			o := s.judge()
			if test.want == "" {
				assert.Empty(t, o.reason)
				return
			}
			assert.Contains(t, o.reason, test.want)
			assert.Contains(t, o.fix, test.fix)
		})
	}
}

func TestJudgeLock_AddedRetention(t *testing.T) {
	t.Parallel()
	of := func(deployed replication.DeployedBucket, found lock) outcome {
		p := &place{DeployedBucket: deployed}
		p.lock.value = found
		return p.judgeLock(nil)
	}
	added := lock{on: true, retains: true, mode: s3types.ObjectLockRetentionModeCompliance}
	o := of(replication.DeployedBucket{Bucket: "data"}, added)
	assert.Contains(t, o.reason, "s3://data has a default retention in COMPLIANCE mode, which was not deployed")
	assert.Contains(t, o.fix, "aws s3api put-object-lock-configuration --bucket data")
	assert.True(t, o.harmless)
	assert.Empty(t, of(replication.DeployedBucket{ObjectLock: true}, added).reason)
	assert.Empty(t, of(replication.DeployedBucket{Existing: true}, added).reason)
	assert.Empty(t, of(replication.DeployedBucket{}, lock{on: true}).reason)
}
