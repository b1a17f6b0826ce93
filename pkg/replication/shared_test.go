package replication_test

import (
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

const (
	roleARN        = "arn:aws:iam::111111111111:role/replication"
	sourceKey      = "arn:aws:kms:us-east-1:111111111111:key/11111111-1111-1111-1111-111111111111"
	destinationKey = "arn:aws:kms:us-west-2:111111111111:key/22222222-2222-2222-2222-222222222222"
)

// ruleTo is a rule for everything that replicates KMS, deletions and all.
func ruleTo(bucket, id string, priority int) replication.ConfigurationRule {
	return replication.ConfigurationRule{
		ID: id, Priority: &priority, Status: replication.Enabled, Filter: prefixed(""),
		SourceSelectionCriteria: &replication.SourceSelectionCriteria{SseKmsEncryptedObjects: &replication.Switch{Status: replication.Enabled}},
		DeleteMarkerReplication: &replication.Switch{Status: replication.Enabled},
		Destination: replication.Destination{
			Bucket:                  "arn:aws:s3:::" + bucket,
			EncryptionConfiguration: &replication.EncryptionConfiguration{ReplicaKmsKeyID: destinationKey},
			Metrics:                 &replication.Metrics{Status: replication.Enabled},
		},
	}
}

func prefixed(prefix string) *replication.Filter { return &replication.Filter{Prefix: &prefix} }

func tagged(prefix, key, value string) *replication.Filter {
	return &replication.Filter{And: &replication.And{Prefix: &prefix, Tags: []replication.Tag{{Key: key, Value: value}}}}
}

// tagRule is a rule for objects with a tag, which cannot have delete markers.
func tagRule(bucket, id string, priority int, filter *replication.Filter) replication.ConfigurationRule {
	rule := ruleTo(bucket, id, priority)
	rule.Filter = filter
	rule.DeleteMarkerReplication.Status = replication.Disabled
	return rule
}

func rulesOf(rules ...replication.ConfigurationRule) replication.Configuration {
	return replication.Configuration{Role: roleARN, Rules: rules}
}

// allFacts are those of a pair of buckets that are as they should be.
func allFacts() replication.Facts {
	return replication.Facts{
		Source: replication.BucketFacts{
			Name: "source", Bucket: "data", Region: "us-east-1", Account: "111111111111",
			Versioning: replication.VersioningEnabled, Ownership: replication.BucketOwnerEnforced,
			ObjectLock: replication.No, DefaultEncryption: replication.SSEKMS, DefaultKey: sourceKey,
			BucketKey: replication.Yes, RequesterPays: replication.No,
			Keys: map[string]replication.KeyFacts{sourceKey: {State: replication.KeyEnabled}},
		},
		Destinations: map[string]replication.BucketFacts{"dr": {
			Name: "dr", Region: "us-west-2", Account: "111111111111",
			Versioning: replication.VersioningEnabled, Ownership: replication.BucketOwnerEnforced,
			ObjectLock: replication.No, DefaultEncryption: replication.SSEKMS, DefaultKey: destinationKey,
			BucketKey: replication.Yes, BlocksSSEC: replication.No, RequesterPays: replication.No, SyncsReplicas: replication.No,
			Keys: map[string]replication.KeyFacts{destinationKey: {State: replication.KeyEnabled}},
		}},
		Role: replication.RoleFacts{Decrypts: []string{sourceKey}, Policies: []policy.Document{rolePolicy()}},
	}
}

// rolePolicy has what AWS demands for the pair, and no more.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html
func rolePolicy() policy.Document {
	allow := func(resource string, actions ...string) policy.Statement {
		return policy.Statement{Effect: policy.Allow, Action: actions, Resource: policy.Values{resource}}
	}
	return policy.New(
		allow("arn:aws:s3:::data", "s3:GetReplicationConfiguration", "s3:ListBucket"),
		allow("arn:aws:s3:::data/*", "s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"),
		allow("arn:aws:s3:::*/*", "s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"),
		allow(sourceKey, "kms:Decrypt"),
		allow(destinationKey, "kms:Encrypt", "kms:GenerateDataKey", "kms:Decrypt"),
	)
}

// denying is a bucket policy that denies everybody something.
func denying(action, resource string, condition policy.Conditions) *policy.Document {
	document := policy.New(policy.Statement{
		Sid: "Guard", Effect: policy.Deny, Principal: policy.Anyone(),
		Action: policy.Values{action}, Resource: policy.Values{resource}, Condition: condition,
	})
	return &document
}

// ofOurOrganization is a condition that hits all others, and on which it hangs
// whether the role may replicate: its organization is unknown.
var ofOurOrganization = policy.Conditions{"StringNotEquals": {"aws:PrincipalOrgID": {"o-ours"}}}

// withPolicies are facts with policies that name a part of the source bucket:
// rules for objects of it have to be judged one by one.
func withPolicies(part string) replication.Facts {
	facts := allFacts()
	source := facts.Source
	source.Policy = denying("s3:GetObject*", part, nil)
	destination := facts.Destinations["dr"]
	facts.Source = source
	facts.Destinations["bucket-0"] = destination
	return facts
}
