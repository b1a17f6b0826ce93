package crr

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// deployedSetting is a [replication.Setting] whose values are known after deployment.
type deployedSetting struct {
	kind   replication.SettingKind
	arn    pulumi.StringInput
	at     environment
	values pulumi.StringMapOutput
}

// setting returns a setting of the given values.
func setting(kind replication.SettingKind, at environment, arn pulumi.StringInput, values map[string]pulumi.StringInput) deployedSetting {
	return deployedSetting{kind, arn, at, pulumi.StringMap(values).ToStringMapOutput()}
}

// policySetting returns the setting of policies in JSON.
func policySetting(kind replication.SettingKind, at environment, arn pulumi.StringInput, documents ...pulumi.StringInput) deployedSetting {
	values := pulumi.StringArray(documents).ToStringArrayOutput().ApplyT(func(texts []string) (map[string]string, error) {
		var parsed []policy.Document
		for _, text := range texts {
			document, err := policy.Parse([]byte(text))
			if err != nil {
				return nil, fmt.Errorf("describing a policy: %w", err)
			}
			parsed = append(parsed, document)
		}
		return replication.StatementValues(parsed...), nil
	}).(pulumi.StringMapOutput)
	return deployedSetting{kind, arn, at, values}
}

func (s deployedSetting) describe() pulumi.Map {
	return pulumi.Map{
		"kind": pulumi.String(s.kind), "arn": s.arn, "region": pulumi.String(s.at.region), "accountId": s.at.account, "values": s.values,
	}
}

func describeSettings(settings []deployedSetting) pulumi.Array {
	described := pulumi.Array{}
	for _, each := range settings {
		described = append(described, each.describe())
	}
	return described
}

// messageSettings collects the settings of topics, queues and keys for messages, which
// replicated buckets may share.
type messageSettings struct {
	mu  sync.Mutex
	all []deployedSetting
}

func (m *messageSettings) add(settings ...deployedSetting) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.all = append(m.all, settings...)
}

// of returns the settings of resources and of the resources that they refer to, such as
// the key of a topic.
func (m *messageSettings) of(arns []pulumi.StringInput) pulumi.ArrayOutput {
	m.mu.Lock()
	defer m.mu.Unlock()
	return pulumi.All(pulumi.StringArray(arns), describeSettings(m.all)).ApplyT(func(known []any) []any {
		return namedSettings(known[0].([]string), known[1].([]any))
	}).(pulumi.ArrayOutput)
}

func namedSettings(arns []string, all []any) []any {
	kept := make([]bool, len(all))
	for changed := true; changed; {
		changed = false
		for i, each := range all {
			described := each.(map[string]any)
			if kept[i] || !slices.Contains(arns, described["arn"].(string)) {
				continue
			}
			kept[i], changed = true, true
			values, _ := described["values"].(map[string]string)
			arns = slices.AppendSeq(arns, maps.Values(values))
		}
	}
	found := []any{}
	for i, each := range all {
		if kept[i] {
			found = append(found, each)
		}
	}
	return found
}

// roleSettings returns the settings of a created role, except its policies. The
// boundary may be nil.
func roleSettings(at environment, arn, trust, boundary pulumi.StringInput) []deployedSetting {
	limits := map[string]pulumi.StringInput{}
	if boundary != nil {
		limits["PermissionsBoundaryArn"] = boundary
	}
	return []deployedSetting{
		policySetting(replication.TrustSetting, at, arn, trust), setting(replication.RoleBoundarySetting, at, arn, limits),
	}
}

// bucketSetting returns the settings that [bucketSettings] registers for a versioned
// private bucket. The key is nil for SSE-S3.
func bucketSetting(at environment, arn, keyARN pulumi.StringInput) deployedSetting {
	values := map[string]pulumi.StringInput{
		"VersioningStatus": pulumi.String("Enabled"), "MFADelete": pulumi.String("Disabled"),
		"BlockPublicAcls": pulumi.String("true"), "IgnorePublicAcls": pulumi.String("true"),
		"BlockPublicPolicy": pulumi.String("true"), "RestrictPublicBuckets": pulumi.String("true"),
		"ObjectOwnership": pulumi.String(model.BucketOwnerEnforced), "SSEAlgorithm": pulumi.String(model.SSES3),
	}
	if keyARN != nil {
		values["SSEAlgorithm"], values["KMSMasterKeyID"] = pulumi.String(model.SSEKMS), keyARN
	}
	return setting(replication.BucketSetting, at, arn, values)
}

// keySettings returns the settings of a created key and its alias.
func keySettings(at environment, arn, alias, document pulumi.StringInput) []deployedSetting {
	return []deployedSetting{
		policySetting(replication.KeyPolicySetting, at, arn, document),
		setting(replication.KeySetting, at, arn, map[string]pulumi.StringInput{
			"KeyState": pulumi.String(model.KeyEnabled), "KeyRotationEnabled": pulumi.String("true"), "AliasName": alias,
		}),
	}
}

// lifecycleSetting returns the rules of a lifecycle, by S3's field names. All values
// are plain.
func lifecycleSetting(at environment, arn pulumi.StringInput, rules s3.BucketV2LifecycleRuleArray) deployedSetting {
	values := map[string]pulumi.StringInput{}
	for _, each := range rules {
		rule := each.(s3.BucketV2LifecycleRuleArgs)
		id := known(rule.Id.(pulumi.String))
		add := func(name string, value any) {
			if text := fmt.Sprint(value); value != nil {
				values[id+"."+name] = pulumi.String(text)
			}
		}
		add("Status", "Enabled")
		add("AbortIncompleteMultipartUpload.DaysAfterInitiation", rule.AbortIncompleteMultipartUploadDays)
		if transitions, given := rule.Transitions.(s3.BucketV2LifecycleRuleTransitionArray); given {
			for _, each := range transitions {
				transition := each.(s3.BucketV2LifecycleRuleTransitionArgs)
				add(fmt.Sprintf("Transitions.%s.Days", transition.StorageClass), transition.Days)
			}
		}
		if transitions, given := rule.NoncurrentVersionTransitions.(s3.BucketV2LifecycleRuleNoncurrentVersionTransitionArray); given {
			for _, each := range transitions {
				transition := each.(s3.BucketV2LifecycleRuleNoncurrentVersionTransitionArgs)
				add(fmt.Sprintf("NoncurrentVersionTransitions.%s.NoncurrentDays", transition.StorageClass), transition.Days)
			}
		}
		if expirations, given := rule.NoncurrentVersionExpirations.(s3.BucketV2LifecycleRuleNoncurrentVersionExpirationArray); given {
			for _, each := range expirations {
				add("NoncurrentVersionExpiration.NoncurrentDays", each.(s3.BucketV2LifecycleRuleNoncurrentVersionExpirationArgs).Days)
			}
		}
		if expirations, given := rule.Expirations.(s3.BucketV2LifecycleRuleExpirationArray); given {
			for _, each := range expirations {
				expiration := each.(s3.BucketV2LifecycleRuleExpirationArgs)
				add("Expiration.Days", expiration.Days)
				add("Expiration.ExpiredObjectDeleteMarker", expiration.ExpiredObjectDeleteMarker)
			}
		}
	}
	return setting(replication.LifecycleSetting, at, arn, values)
}

// retentionSetting returns the Object Lock configuration of a bucket.
func retentionSetting(at environment, arn pulumi.StringInput, lock *replication.ObjectLock) []deployedSetting {
	if lock == nil {
		return nil
	}
	values := map[string]pulumi.StringInput{"ObjectLockEnabled": pulumi.String("Enabled")}
	if lock.Mode != "" {
		values["Rule.DefaultRetention.Mode"] = pulumi.String(lock.Mode)
		values["Rule.DefaultRetention.Days"] = pulumi.String(strconv.Itoa(lock.Days))
	}
	return []deployedSetting{setting(replication.RetentionSetting, at, arn, values)}
}

// tieringSetting returns the archive tiers of [bucketSettings.tier].
func tieringSetting(at environment, arn pulumi.StringInput, args IntelligentTieringArgs) []deployedSetting {
	values := map[string]pulumi.StringInput{}
	for tier, days := range map[string]int{"ARCHIVE_ACCESS": args.ArchiveDays, "DEEP_ARCHIVE_ACCESS": args.DeepArchiveDays} {
		if days > 0 {
			values["archive."+tier] = pulumi.String(strconv.Itoa(days))
		}
	}
	if len(values) == 0 {
		return nil
	}
	values["archive.Status"] = pulumi.String("Enabled")
	return []deployedSetting{setting(replication.TieringSetting, at, arn, values)}
}

// subscriptionsSetting returns the subscribers of a topic as described by
// [replication.Subscriber], which reveals no secret addresses.
func subscriptionsSetting(at environment, arn pulumi.StringInput, subscriptions []subscription) deployedSetting {
	inputs := pulumi.StringArray{arn}
	for _, each := range subscriptions {
		inputs = append(inputs, each.endpoint)
	}
	values := inputs.ToStringArrayOutput().ApplyT(func(texts []string) map[string]string {
		described := map[string]string{}
		for i, each := range subscriptions {
			hash, name := replication.Subscriber(texts[0], each.protocol, texts[i+1])
			described[hash] = name
		}
		return described
	})
	return deployedSetting{replication.SubscriptionsSetting, arn, at, pulumi.Unsecret(values).(pulumi.StringMapOutput)}
}

// notificationsSetting returns the notification configuration of a bucket, which is
// empty if notifications is nil.
func notificationsSetting(bucket *EncryptedBucket, notifications *ReplicationNotifications) deployedSetting {
	if notifications == nil {
		return setting(replication.NotificationsSetting, bucket.env, bucket.madeARN, nil)
	}
	targets := pulumi.StringArray{}
	for _, each := range notifications.all {
		targets = append(targets, each.arn())
	}
	values := targets.ToStringArrayOutput().ApplyT(func(arns []string) map[string]string {
		described := map[string]string{}
		for i, each := range notifications.all {
			replication.AddNotification(described, arns[i], each.Prefix, each.Suffix, each.Events)
		}
		if notifications.args.eventBridge() {
			described[replication.EventBridgeValue] = "true"
		}
		return described
	}).(pulumi.StringMapOutput)
	return deployedSetting{replication.NotificationsSetting, bucket.madeARN, bucket.env, values}
}

// notificationARNs returns the ARNs of the topics and queues of a replicated bucket.
func (b *ReplicatedBucket) notificationARNs(args *ReplicatedBucketArgs) []pulumi.StringInput {
	var arns []pulumi.StringInput
	for _, topic := range b.Alarms.Topics {
		arns = append(arns, topic.ARN)
	}
	for _, bucket := range args.namedBuckets() {
		notifications, asked := b.Notifications[bucket.name]
		if !asked {
			continue
		}
		for _, sent := range notifications.Sent {
			arns = append(arns, sent.TargetARN)
		}
	}
	return arns
}

// describeSettings returns the settings of all resources of the replicated bucket.
func (b *ReplicatedBucket) describeSettings(ctx *pulumi.Context, args *ReplicatedBucketArgs) pulumi.ArrayOutput {
	var own []deployedSetting
	for _, bucket := range args.namedBuckets() {
		own = append(own, b.buckets[bucket.name].settings...)
		if notifications := b.Notifications[bucket.name]; notifications != nil || !bucket.args.Existing {
			own = append(own, notificationsSetting(b.buckets[bucket.name], notifications))
		}
		if role := b.roles[bucket.name]; role != nil {
			own = append(own, role.settings...)
		}
		if canary := b.Canaries[bucket.name]; canary != nil {
			own = append(own, canary.settings...)
		}
	}
	return pulumi.All(describeSettings(own), providersOf(ctx).messages.settings.of(b.notificationARNs(args))).ApplyT(func(known []any) []any {
		return append(slices.Clone(known[0].([]any)), known[1].([]any)...)
	}).(pulumi.ArrayOutput)
}
