package replication_test

import (
	"fmt"

	"pgregory.net/rapid"

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
func randomConfiguration(t *rapid.T) replication.Configuration {
	count := rapid.IntRange(1, 8).Draw(t, "rules")
	priorities := rapid.Permutation([]int{1, 2, 3, 4, 5, 6, 7, 8}).Draw(t, "priorities")
	configuration := replication.Configuration{Role: roleARN}
	for i := range count {
		configuration.Rules = append(configuration.Rules, randomRule(t, fmt.Sprintf("rule-%d", i), priorities[i]))
	}
	return configuration
}

func randomRule(t *rapid.T, id string, priority int) replication.ConfigurationRule {
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
	rule.SourceSelectionCriteria.ReplicaModifications = &replication.Switch{Status: randomStatus(t, "sync")}
	if rapid.Bool().Draw(t, "override") {
		rule.Destination.Account = "222222222222"
		rule.Destination.AccessControlTranslation = &replication.AccessControlTranslation{Owner: "Destination"}
	}
	return rule
}

func randomFilter(t *rapid.T) *replication.Filter {
	prefix := rapid.SampledFrom(somePrefixes).Draw(t, "prefix")
	var tags []replication.Tag
	for key, value := range randomTags(t, "tags") {
		tags = append(tags, replication.Tag{Key: key, Value: value})
	}
	switch {
	case len(tags) == 0:
		return &replication.Filter{Prefix: &prefix}
	case len(tags) == 1 && prefix == "":
		return &replication.Filter{Tag: &tags[0]}
	default:
		return &replication.Filter{And: &replication.And{Prefix: &prefix, Tags: tags}}
	}
}

func randomObject(t *rapid.T) replication.Object {
	yes := func(label string) bool { return rapid.IntRange(0, 5).Draw(t, label) == 0 }
	return replication.Object{
		Key: rapid.SampledFrom(someKeys).Draw(t, "object"), Tags: randomTags(t, "object tags"),
		TagsAddedLater: randomTags(t, "later tags"), StorageClass: rapid.SampledFrom(someClasses).Draw(t, "object class"),
		Encryption: rapid.SampledFrom(append([]replication.ObjectEncryption{""}, replication.ObjectEncryptions...)).Draw(t, "encryption"),
		Event:      rapid.SampledFrom(append([]replication.Event{""}, replication.Events...)).Draw(t, "event"),
		Replica:    yes("replica"), Existing: yes("existing"), AlreadyReplicated: yes("replicated"), Locked: yes("locked"),
		Owner:       rapid.SampledFrom(append(someAccounts, "333333333333")).Draw(t, "owner"),
		OwnerGrants: randomFact(t, "grants"), Size: rapid.Int64Range(0, 1<<20).Draw(t, "size"),
	}
}

func randomFact(t *rapid.T, label string) replication.Fact {
	return rapid.SampledFrom([]replication.Fact{replication.Unknown, replication.Yes, replication.No}).Draw(t, label)
}

func randomFacts(t *rapid.T) replication.Facts {
	facts := replication.Facts{Source: randomBucketFacts(t, "data", "us-east-1"), Destinations: map[string]replication.BucketFacts{}}
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

func randomBucketFacts(t *rapid.T, bucket, region string) replication.BucketFacts {
	states := []replication.KeyState{"", replication.KeyEnabled, replication.KeyDisabled, replication.KeyNotFound}
	return replication.BucketFacts{
		Bucket: bucket, Region: rapid.SampledFrom([]string{"", region}).Draw(t, "region"),
		Account:           rapid.SampledFrom(someAccounts).Draw(t, "account"),
		Versioning:        rapid.SampledFrom([]replication.VersioningState{"", "Enabled", "Suspended"}).Draw(t, "versioning"),
		Ownership:         rapid.SampledFrom([]replication.ObjectOwnership{"", replication.BucketOwnerEnforced, replication.ObjectWriter}).Draw(t, "ownership"),
		ObjectLock:        randomFact(t, "lock"),
		DefaultEncryption: rapid.SampledFrom([]replication.ObjectEncryption{"", replication.SSES3, replication.SSEKMS}).Draw(t, "default"),
		DefaultKey:        rapid.SampledFrom(someKMSKeys).Draw(t, "default key"),
		BlocksSSEC:        randomFact(t, "ssec"), RequesterPays: randomFact(t, "pays"), SyncsReplicas: randomFact(t, "syncs"),
		Keys: map[string]replication.KeyFacts{
			rapid.SampledFrom(someKMSKeys).Draw(t, "a key"): {State: rapid.SampledFrom(states).Draw(t, "its state")},
		},
	}
}
