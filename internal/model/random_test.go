package model_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// Few words, so that random rules and objects meet.
var (
	somePrefixes = []string{"", "a", "a/", "a/b", "a/b/", "b/", "/a"}
	someKeys     = []string{"a", "a/x", "a/b/x", "ab", "b/x", "/a/x", "c"}
	someBuckets  = []string{"one", "two", "three"}
	someClasses  = []replication.StorageClass{"", "STANDARD", "STANDARD_IA", "GLACIER", "DEEP_ARCHIVE", "GLACIER_IR"}
	someKMSKeys  = []string{sourceKey, destinationKey, "alias/dr", "arn:aws:kms:us-west-2:111111111111:alias/aws/s3", ""}
	someAccounts = []string{"", "111111111111", "222222222222"}
)

func randomTags(t *rapid.T, label string) map[string]string {
	return rapid.MapOfN(rapid.SampledFrom([]string{"k", "l"}), rapid.SampledFrom([]string{"1", "2"}), 0, 2).Draw(t, label)
}

func randomStatus(t *rapid.T, label string) replication.Status {
	return rapid.SampledFrom([]replication.Status{replication.Enabled, replication.Disabled}).Draw(t, label)
}

// randomConfiguration is one that S3 takes, but for keys that no one has.
func randomConfiguration(t *rapid.T) s3config.Configuration {
	count := rapid.IntRange(1, 8).Draw(t, "rules")
	priorities := rapid.Permutation([]int{1, 2, 3, 4, 5, 6, 7, 8}).Draw(t, "priorities")
	configuration := s3config.Configuration{Role: roleARN}
	for i := range count {
		configuration.Rules = append(configuration.Rules, randomRule(t, fmt.Sprintf("rule-%d", i), priorities[i]))
	}
	return configuration
}

func randomRule(t *rapid.T, id string, priority int) s3config.Rule {
	rule := ruleTo(rapid.SampledFrom(someBuckets).Draw(t, "bucket"), id, priority)
	rule.Status = randomStatus(t, "status")
	rule.Filter = randomFilter(t)
	rule.DeleteMarkerReplication.Status = replication.Disabled
	if rule.Filter.Prefix != nil {
		rule.DeleteMarkerReplication.Status = randomStatus(t, "markers")
	}
	rule.Destination.StorageClass = rapid.SampledFrom(someClasses).Draw(t, "class")
	rule.Destination.EncryptionConfiguration.ReplicaKmsKeyID = rapid.SampledFrom(someKMSKeys).Draw(t, "key")
	rule.SourceSelectionCriteria.SseKmsEncryptedObjects.Status = randomStatus(t, "kms")
	rule.SourceSelectionCriteria.ReplicaModifications = &s3config.Switch{Status: randomStatus(t, "sync")}
	if rapid.Bool().Draw(t, "override") {
		rule.Destination.Account = "222222222222"
		rule.Destination.AccessControlTranslation = &s3config.AccessControlTranslation{Owner: "Destination"}
	}
	return rule
}

func randomFilter(t *rapid.T) *s3config.Filter {
	prefix := rapid.SampledFrom(somePrefixes).Draw(t, "prefix")
	var tags []s3config.Tag
	for key, value := range randomTags(t, "tags") {
		tags = append(tags, s3config.Tag{Key: key, Value: value})
	}
	switch {
	case len(tags) == 0:
		return &s3config.Filter{Prefix: &prefix}
	case len(tags) == 1 && prefix == "":
		return &s3config.Filter{Tag: &tags[0]}
	default:
		return &s3config.Filter{And: &s3config.And{Prefix: &prefix, Tags: tags}}
	}
}

func randomObject(t *rapid.T) model.Object {
	yes := func(label string) bool { return rapid.IntRange(0, 5).Draw(t, label) == 0 }
	return model.Object{
		Key: rapid.SampledFrom(someKeys).Draw(t, "object"), Tags: randomTags(t, "object tags"),
		TagsAddedLater: randomTags(t, "later tags"), StorageClass: rapid.SampledFrom(someClasses).Draw(t, "object class"),
		Encryption: rapid.SampledFrom(append([]model.ObjectEncryption{""}, model.ObjectEncryptions...)).Draw(t, "encryption"),
		Event:      rapid.SampledFrom(append([]model.Event{""}, model.Events...)).Draw(t, "event"),
		Replica:    yes("replica"), Existing: yes("existing"), AlreadyReplicated: yes("replicated"), Locked: yes("locked"),
		Owner:       rapid.SampledFrom(append(someAccounts, "333333333333")).Draw(t, "owner"),
		OwnerGrants: randomFact(t, "grants"), Size: rapid.Int64Range(0, 1<<20).Draw(t, "size"),
	}
}

func randomFact(t *rapid.T, label string) model.Fact {
	return rapid.SampledFrom([]model.Fact{model.Unknown, model.Yes, model.No}).Draw(t, label)
}

func randomFacts(t *rapid.T) model.Facts {
	facts := model.Facts{Source: randomBucketFacts(t, "data", "us-east-1"), Destinations: map[string]model.BucketFacts{}}
	for _, bucket := range someBuckets {
		if rapid.Bool().Draw(t, "known") {
			facts.Destinations[bucket] = randomBucketFacts(t, bucket, "us-west-2")
		}
	}
	if rapid.Bool().Draw(t, "grants known") {
		facts.Role.Decrypts = []string{rapid.SampledFrom(someKMSKeys).Draw(t, "granted")}
	}
	return facts
}

func randomBucketFacts(t *rapid.T, bucket, region string) model.BucketFacts {
	states := []model.KeyState{"", model.KeyEnabled, model.KeyDisabled, model.KeyNotFound}
	return model.BucketFacts{
		Bucket: bucket, Region: rapid.SampledFrom([]string{"", region}).Draw(t, "region"),
		Account:           rapid.SampledFrom(someAccounts).Draw(t, "account"),
		Versioning:        rapid.SampledFrom([]model.VersioningState{"", "Enabled", "Suspended"}).Draw(t, "versioning"),
		Ownership:         rapid.SampledFrom([]model.ObjectOwnership{"", model.BucketOwnerEnforced, model.ObjectWriter}).Draw(t, "ownership"),
		ObjectLock:        randomFact(t, "lock"),
		DefaultEncryption: rapid.SampledFrom([]model.ObjectEncryption{"", model.SSES3, model.SSEKMS}).Draw(t, "default"),
		DefaultKey:        rapid.SampledFrom(someKMSKeys).Draw(t, "default key"),
		BlocksSSEC:        randomFact(t, "ssec"), RequesterPays: randomFact(t, "pays"), SyncsReplicas: randomFact(t, "syncs"),
		Keys: map[string]model.KeyFacts{
			rapid.SampledFrom(someKMSKeys).Draw(t, "a key"): {State: rapid.SampledFrom(states).Draw(t, "its state")},
		},
	}
}

func TestConfiguration_IsReadAsWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		configuration := randomConfiguration(t)
		data, err := json.Marshal(configuration)
		require.NoError(t, err)
		again, err := s3config.ParseJSON(data)
		require.NoError(t, err)
		assert.Equal(t, configuration, again)
	})
}
