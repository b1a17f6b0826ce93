package crr

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// waitFor returns the resources that a replication configuration waits for: versioning
// on both sides, which S3 requires, and all permissions, without which the first
// objects would fail. Pulumi deletes them in reverse order.
func (b *ReplicatedBucket) waitFor(involved []*EncryptedBucket, allowed []pulumi.Resource) []pulumi.Resource {
	waitFor := slices.Clone(allowed)
	for _, bucket := range involved {
		waitFor = append(waitFor, bucket.ready...)
	}
	return waitFor
}

// replicate registers the replication configuration of a bucket. S3 has one for each
// bucket.
func (b *ReplicatedBucket) replicate(ctx *pulumi.Context, name, from string, rules []replication.Rule, options pulumi.ResourceOption) error {
	source := b.buckets[from]
	configured := make(s3.BucketReplicationConfigRuleArray, len(rules))
	for i, rule := range rules {
		configured[i] = configurationRule(rule, source, b.buckets[rule.Destination])
	}
	configuration, err := s3.NewBucketReplicationConfig(ctx, name+"-replication", &s3.BucketReplicationConfigArgs{
		Bucket: source.madeName,
		Role:   settled(ctx, iamSettle(b.args.IAMSettleSeconds), b.roles[from].ARN, b.roles[from].grants),
		Rules:  configured,
	}, source.env.child(b, options))
	if err != nil {
		return fmt.Errorf("configuring the replication from %s: %w", from, err)
	}
	b.replicating[from] = configuration
	return nil
}

// configurationRule returns a rule of version 2 of S3's schema, which has a filter, a
// priority and a delete-marker status.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-add-config.html
func configurationRule(rule replication.Rule, source, destination *EncryptedBucket) s3.BucketReplicationConfigRuleArgs {
	return s3.BucketReplicationConfigRuleArgs{
		Id:       pulumi.String(rule.ID),
		Priority: pulumi.Int(rule.Priority),
		Status:   pulumi.String(rule.Status),
		Filter:   ruleFilter(rule),
		DeleteMarkerReplication: s3.BucketReplicationConfigRuleDeleteMarkerReplicationArgs{
			Status: status(rule.DeleteMarkers),
		},
		SourceSelectionCriteria: selection(rule, destination),
		Destination:             ruleDestination(rule, source, destination),
	}
}

// selection includes objects encrypted with KMS if the destination has a key for their
// replicas. S3 accepts such a rule only with that key.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html
func selection(rule replication.Rule, destination *EncryptedBucket) s3.BucketReplicationConfigRuleSourceSelectionCriteriaPtrInput {
	if destination.keyless && !rule.ReplicaModifications {
		return nil
	}
	var criteria s3.BucketReplicationConfigRuleSourceSelectionCriteriaArgs
	if !destination.keyless {
		criteria.SseKmsEncryptedObjects = s3.BucketReplicationConfigRuleSourceSelectionCriteriaSseKmsEncryptedObjectsArgs{Status: status(true)}
	}
	if rule.ReplicaModifications {
		criteria.ReplicaModifications = s3.BucketReplicationConfigRuleSourceSelectionCriteriaReplicaModificationsArgs{Status: status(true)}
	}
	return criteria
}

func ruleDestination(rule replication.Rule, source, destination *EncryptedBucket) s3.BucketReplicationConfigRuleDestinationArgs {
	args := s3.BucketReplicationConfigRuleDestinationArgs{
		Account:                  foreignAccount(source, destination),
		AccessControlTranslation: ownerOverride(source, destination),
		Bucket:                   destination.madeARN,
		StorageClass:             optional(string(rule.StorageClass)),
		Metrics:                  s3.BucketReplicationConfigRuleDestinationMetricsArgs{Status: status(rule.Metrics)},
	}
	if !destination.keyless {
		args.EncryptionConfiguration = s3.BucketReplicationConfigRuleDestinationEncryptionConfigurationArgs{
			ReplicaKmsKeyId: destination.KMSKeyARN,
		}
	}
	if !rule.ReplicationTimeControl {
		return args
	}
	// S3 rejects an event threshold without replication time control.
	minutes := pulumi.Int(s3config.ReplicationTimeMinutes)
	args.ReplicationTime = s3.BucketReplicationConfigRuleDestinationReplicationTimeArgs{
		Status: status(true),
		Time:   s3.BucketReplicationConfigRuleDestinationReplicationTimeTimeArgs{Minutes: minutes},
	}
	args.Metrics = s3.BucketReplicationConfigRuleDestinationMetricsArgs{
		Status:         status(true),
		EventThreshold: s3.BucketReplicationConfigRuleDestinationMetricsEventThresholdArgs{Minutes: minutes},
	}
	return args
}

// foreignAccount returns the account of a destination in another account. If that
// bucket is deleted and another account takes its name, S3 sends nothing there.
func foreignAccount(source, destination *EncryptedBucket) pulumi.StringPtrInput {
	return pulumi.StringArray{source.AccountID, destination.AccountID}.ToStringArrayOutput().ApplyT(func(accounts []string) *string {
		if accounts[0] == accounts[1] {
			return nil
		}
		return &accounts[1]
	}).(pulumi.StringPtrOutput)
}

// ownerOverride makes the destination's account the owner of replicas. It must not be
// set within one account, because it would stop the replication of ACLs.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-change-owner.html
func ownerOverride(source, destination *EncryptedBucket) s3.BucketReplicationConfigRuleDestinationAccessControlTranslationPtrInput {
	type translation = s3.BucketReplicationConfigRuleDestinationAccessControlTranslation
	return pulumi.StringArray{source.AccountID, destination.AccountID}.ToStringArrayOutput().ApplyT(func(accounts []string) *translation {
		if accounts[0] == accounts[1] {
			return nil
		}
		return &translation{Owner: "Destination"}
	}).(s3.BucketReplicationConfigRuleDestinationAccessControlTranslationPtrOutput)
}

// ruleFilter returns exactly one of S3's three forms of a filter: a rule without a
// filter belongs to version 1 of the schema.
func ruleFilter(rule replication.Rule) s3.BucketReplicationConfigRuleFilterArgs {
	switch {
	case len(rule.Tags) == 0:
		return s3.BucketReplicationConfigRuleFilterArgs{Prefix: pulumi.String(rule.Prefix)}
	case len(rule.Tags) == 1 && rule.Prefix == "":
		key := slices.Collect(maps.Keys(rule.Tags))[0]
		return s3.BucketReplicationConfigRuleFilterArgs{Tag: s3.BucketReplicationConfigRuleFilterTagArgs{
			Key: pulumi.String(key), Value: pulumi.String(rule.Tags[key]),
		}}
	default:
		return s3.BucketReplicationConfigRuleFilterArgs{And: s3.BucketReplicationConfigRuleFilterAndArgs{
			Prefix: optional(rule.Prefix), Tags: pulumi.ToStringMap(rule.Tags),
		}}
	}
}

func status(enabled bool) pulumi.String {
	if enabled {
		return pulumi.String(replication.Enabled)
	}
	return pulumi.String(replication.Disabled)
}
