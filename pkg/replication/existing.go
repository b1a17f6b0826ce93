package replication

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// ExistingDescriptor describes existing replication of a bucket by its configuration and the key
// that the bucket encrypts with. keyARN may be "" if no rule selects objects encrypted with KMS.
// Regions are taken from the keys. The account of a bucket is that of its role, or the one that the
// rule names, or else that of its key; otherwise it is unknown.
func ExistingDescriptor(bucket, keyARN string, found Configuration) (Descriptor, error) {
	if err := CheckRoleARN(found.Role); err != nil {
		return Descriptor{}, fmt.Errorf("in Role: %w", err)
	}
	role, _ := parseARN(found.Role)
	source, err := existingBucket("arn:"+role.partition+":s3:::"+bucket, keyARN)
	if err != nil {
		return Descriptor{}, fmt.Errorf("the key of the bucket %s: %w", bucket, err)
	}
	source.Name, source.AccountID = SourceName, role.account
	descriptor := Descriptor{Version: DescriptorVersion, Name: bucket, Direction: OneWay, Source: source, RoleARN: found.Role}
	for i, rule := range found.Rules {
		if keyARN == "" && rule.selectsKMS() {
			return Descriptor{}, fmt.Errorf("in Rules[%d] (%s): is for objects that are encrypted with KMS; name the key that %s encrypts with (crr policy --source-key)", i, rule.ID, bucket)
		}
		place, err := existingBucket(rule.Destination.Bucket, rule.replicaKey())
		if err != nil {
			return Descriptor{}, fmt.Errorf("in Rules[%d] (%s): the key for replicas in %s: %w", i, rule.ID, place.Bucket, err)
		}
		place.AccountID = cmp.Or(rule.Destination.Account, place.AccountID)
		if !slices.ContainsFunc(descriptor.Destinations, func(other DeployedBucket) bool { return sameBucket(place, other) }) {
			descriptor.Destinations = append(descriptor.Destinations, place)
		}
		descriptor.Rules = append(descriptor.Rules, Rule{ID: rule.ID, Destination: place.Name, Status: rule.Status})
	}
	return descriptor, nil
}

// same reports whether another place has the same bucket, key and account.
func sameBucket(p, other DeployedBucket) bool {
	return p.Name == other.Name && p.AccountID == other.AccountID
}

// foundPlace is a bucket and its key, if it has one. Rules may name another key
// for each, so a bucket is one place with each of its keys.
func existingBucket(bucketARN, keyARN string) (DeployedBucket, error) {
	bucket, _ := parseARN(bucketARN)
	place := DeployedBucket{
		Name: strings.TrimSpace(bucket.resource + " " + keyARN), Bucket: bucket.resource, ARN: bucketARN,
		KMSKeyARN: keyARN, Existing: true,
	}
	if keyARN == "" {
		return place, nil
	}
	key, _ := parseARN(keyARN)
	place.Region, place.AccountID = key.region, key.account
	return place, CheckKMSKeyARN(keyARN, key.region)
}
