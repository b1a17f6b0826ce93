package model

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/awsid"
	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// ExistingDescriptor describes existing replication of a bucket by its configuration and the key
// that the bucket encrypts with. keyARN may be "" if no rule selects objects encrypted with KMS.
// Regions are taken from the keys. The account of a bucket is that of its role, or the one that the
// rule names, or else that of its key; otherwise it is unknown.
func ExistingDescriptor(bucket, keyARN string, found s3config.Configuration) (replication.Descriptor, error) {
	if err := awsid.CheckRoleARN(found.Role); err != nil {
		return replication.Descriptor{}, fmt.Errorf("in Role: %w", err)
	}
	role, _ := awsid.ParseARN(found.Role)
	source, err := existingBucket("arn:"+role.Partition+":s3:::"+bucket, keyARN)
	if err != nil {
		return replication.Descriptor{}, fmt.Errorf("the key of the bucket %s: %w", bucket, err)
	}
	source.Name, source.AccountID = replication.SourceName, role.Account
	descriptor := replication.Descriptor{Version: replication.DescriptorVersion, Name: bucket, Direction: replication.OneWay, Source: source, RoleARN: found.Role}
	for i, rule := range found.Rules {
		if keyARN == "" && rule.SelectsKMS() {
			return replication.Descriptor{}, fmt.Errorf("in Rules[%d] (%s): is for objects that are encrypted with KMS; name the key that %s encrypts with (crr policy --source-key)", i, rule.ID, bucket)
		}
		place, err := existingBucket(rule.Destination.Bucket, rule.ReplicaKey())
		if err != nil {
			return replication.Descriptor{}, fmt.Errorf("in Rules[%d] (%s): the key for replicas in %s: %w", i, rule.ID, place.Bucket, err)
		}
		place.AccountID = cmp.Or(rule.Destination.Account, place.AccountID)
		if !slices.ContainsFunc(descriptor.Destinations, func(other replication.DeployedBucket) bool { return sameBucket(place, other) }) {
			descriptor.Destinations = append(descriptor.Destinations, place)
		}
		descriptor.Rules = append(descriptor.Rules, replication.Rule{ID: rule.ID, Destination: place.Name, Status: rule.Status})
	}
	return descriptor, nil
}

// same reports whether another place has the same bucket, key and account.
func sameBucket(p, other replication.DeployedBucket) bool {
	return p.Name == other.Name && p.AccountID == other.AccountID
}

// foundPlace is a bucket and its key, if it has one. Rules may name another key
// for each, so a bucket is one place with each of its keys.
func existingBucket(bucketARN, keyARN string) (replication.DeployedBucket, error) {
	bucket, _ := awsid.ParseARN(bucketARN)
	place := replication.DeployedBucket{
		Name: strings.TrimSpace(bucket.Resource + " " + keyARN), Bucket: bucket.Resource, ARN: bucketARN,
		KMSKeyARN: keyARN, Existing: true,
	}
	if keyARN == "" {
		return place, nil
	}
	key, _ := awsid.ParseARN(keyARN)
	place.Region, place.AccountID = key.Region, key.Account
	return place, awsid.CheckKMSKeyARN(keyARN, key.Region)
}
