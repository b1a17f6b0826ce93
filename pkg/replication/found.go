package replication

import (
	"fmt"
	"strings"
)

// FoundDescriptor describes replication that was found on a bucket, from its
// configuration and the key that the bucket encrypts with. The regions and
// accounts are those of the keys, so every rule must name one for its replicas.
func FoundDescriptor(bucket, keyARN string, found Configuration) (Descriptor, error) {
	source, err := foundPlace(SourceName, bucket, keyARN)
	if err != nil {
		return Descriptor{}, fmt.Errorf("the key of the bucket %s: %w", bucket, err)
	}
	descriptor := Descriptor{Version: DescriptorVersion, Name: bucket, Direction: OneWay, Source: source, RoleARN: found.Role}
	for i, rule := range found.Rules {
		name := strings.TrimPrefix(rule.Destination.Bucket, BucketARN(source.Region, ""))
		if rule.Destination.EncryptionConfiguration == nil {
			return Descriptor{}, fmt.Errorf("in Rules[%d] (%s): names no key for replicas in %s, and without it their region is not known", i, rule.ID, name)
		}
		place, err := foundPlace(name, name, rule.Destination.EncryptionConfiguration.ReplicaKmsKeyID)
		if err != nil {
			return Descriptor{}, fmt.Errorf("in Rules[%d] (%s): the key for replicas in %s: %w", i, rule.ID, name, err)
		}
		if rule.Destination.Account != "" {
			place.AccountID = rule.Destination.Account
		}
		if !descriptor.has(name) {
			descriptor.Destinations = append(descriptor.Destinations, place)
		}
		descriptor.Rules = append(descriptor.Rules, Rule{ID: rule.ID, Destination: name, Status: rule.Status})
	}
	return descriptor, nil
}

func foundPlace(name, bucket, keyARN string) (DeployedPlace, error) {
	key, _ := parseARN(keyARN)
	if err := CheckKMSKeyARN(keyARN, key.region); err != nil {
		return DeployedPlace{}, err
	}
	return DeployedPlace{
		Name: name, Bucket: bucket, ARN: BucketARN(key.region, bucket), Region: key.region, AccountID: key.account, KMSKeyARN: keyARN,
		Existing: true,
	}, nil
}

func (d Descriptor) has(destination string) bool {
	for _, place := range d.Destinations {
		if place.Name == destination {
			return true
		}
	}
	return false
}
