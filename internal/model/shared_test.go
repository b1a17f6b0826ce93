package model_test

import (
	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

const (
	roleARN        = "arn:aws:iam::111111111111:role/replication"
	sourceKey      = "arn:aws:kms:us-east-1:111111111111:key/11111111-1111-1111-1111-111111111111"
	destinationKey = "arn:aws:kms:us-west-2:111111111111:key/22222222-2222-2222-2222-222222222222"
)

// ruleTo is a rule for everything that replicates KMS, deletions and all.
func ruleTo(bucket, id string, priority int) s3config.Rule {
	return s3config.Rule{
		ID: id, Priority: &priority, Status: replication.Enabled, Filter: prefixed(""),
		SourceSelectionCriteria: &s3config.SourceSelectionCriteria{SseKmsEncryptedObjects: &s3config.Switch{Status: replication.Enabled}},
		DeleteMarkerReplication: &s3config.Switch{Status: replication.Enabled},
		Destination: s3config.Destination{
			Bucket:                  "arn:aws:s3:::" + bucket,
			EncryptionConfiguration: &s3config.EncryptionConfiguration{ReplicaKmsKeyID: destinationKey},
			Metrics:                 &s3config.Metrics{Status: replication.Enabled},
		},
	}
}

func prefixed(prefix string) *s3config.Filter { return &s3config.Filter{Prefix: &prefix} }

func tagged(prefix, key, value string) *s3config.Filter {
	return &s3config.Filter{And: &s3config.And{Prefix: &prefix, Tags: []s3config.Tag{{Key: key, Value: value}}}}
}

// tagRule is a rule for objects with a tag, which cannot have delete markers.
func tagRule(bucket, id string, priority int, filter *s3config.Filter) s3config.Rule {
	rule := ruleTo(bucket, id, priority)
	rule.Filter = filter
	rule.DeleteMarkerReplication.Status = replication.Disabled
	return rule
}

func rulesOf(rules ...s3config.Rule) s3config.Configuration {
	return s3config.Configuration{Role: roleARN, Rules: rules}
}

// allFacts are those of a pair of buckets that are as they should be.
func allFacts() model.Facts {
	return model.Facts{
		Source: model.BucketFacts{
			Name: "source", Bucket: "data", Region: "us-east-1", Account: "111111111111",
			Versioning: model.VersioningEnabled, Ownership: model.BucketOwnerEnforced,
			ObjectLock: model.No, DefaultEncryption: model.SSEKMS, DefaultKey: sourceKey,
			BucketKey: model.Yes, RequesterPays: model.No,
			Keys: map[string]model.KeyFacts{sourceKey: {State: model.KeyEnabled}},
		},
		Destinations: map[string]model.BucketFacts{"dr": {
			Name: "dr", Region: "us-west-2", Account: "111111111111",
			Versioning: model.VersioningEnabled, Ownership: model.BucketOwnerEnforced,
			ObjectLock: model.No, DefaultEncryption: model.SSEKMS, DefaultKey: destinationKey,
			BucketKey: model.Yes, BlocksSSEC: model.No, RequesterPays: model.No, SyncsReplicas: model.No,
			Keys: map[string]model.KeyFacts{destinationKey: {State: model.KeyEnabled}},
		}},
		Role: model.RoleFacts{Decrypts: []string{sourceKey}, Policies: []policy.Document{rolePolicy()}},
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
func withPolicies(part string) model.Facts {
	facts := allFacts()
	source := facts.Source
	source.Policy = denying("s3:GetObject*", part, nil)
	destination := facts.Destinations["dr"]
	facts.Source = source
	facts.Destinations["bucket-0"] = destination
	return facts
}

// pair is the smallest topology.
func pair() replication.Topology {
	return replication.Topology{
		Source:       replication.BucketSpec{Region: "us-east-1"},
		Destinations: []replication.BucketSpec{{Name: "dr", Region: "us-west-2"}},
	}
}

func ptr[T any](value T) *T { return &value }

// whole is a configuration with one of everything.
func whole() s3config.Configuration {
	return model.Subjects(deployedOnPaper(replication.Topology{
		Source: replication.BucketSpec{Region: "us-east-1"},
		Destinations: []replication.BucketSpec{
			{
				Name: "dr", Region: "us-west-2", StorageClass: "STANDARD_IA",
				AssumeRoleARN: "arn:aws:iam::222222222222:role/deploy", KMSKeyARN: "arn:aws:kms:us-west-2:111111111111:key/1",
			},
		},
		Rules: []replication.RuleSpec{{ID: "critical", Prefix: "finance/", ReplicationTimeControl: ptr(true)}, {ID: "rest"}},
	}))[0].Configuration
}
