package model_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// question is an object, a configuration and what is known, for cases to
// change. As it stands, the object replicates and nothing is assumed.
type question struct {
	object      model.Object
	rule        s3config.Rule
	others      []s3config.Rule
	facts       model.Facts
	destination model.BucketFacts
}

func (q *question) ask() model.Explanation {
	q.facts.Destinations["dr"] = q.destination
	return model.NewExplainer(rulesOf(append([]s3config.Rule{q.rule}, q.others...)...), q.facts).Explain(q.object)
}

func TestExplain_OfABucketWithoutConfiguration(t *testing.T) {
	t.Parallel()
	explanation := model.NewExplainer(s3config.Configuration{}, model.Facts{NoConfiguration: "S3 says so"}).Explain(model.Object{Key: "a"})
	require.Len(t, explanation.Decisions, 1)
	assert.Equal(t, model.DoesNotReplicate, explanation.Decisions[0].Verdict)
	assert.Equal(t, []string{"no-configuration"}, reasonIDs(explanation.Decisions[0].Reasons))
	assert.Contains(t, explanation.Decisions[0].Reasons[0].Sentence, "S3 says so")
	assert.Empty(t, explanation.UnusedRules(&explanation.Decisions[0]))
}

func fineQuestion() *question {
	facts := allFacts()
	return &question{
		object: model.Object{Key: "finance/q3.pdf"}, rule: ruleTo("dr", "everything", 1),
		facts: facts, destination: facts.Destinations["dr"],
	}
}

func reasonIDs(reasons []model.Reason) []string {
	var ids []string
	for _, reason := range reasons {
		ids = append(ids, reason.ID)
	}
	return ids
}

func TestExplain_SaysWhatTheReplicaIs(t *testing.T) {
	t.Parallel()
	q := fineQuestion()
	q.rule.Destination.StorageClass = "STANDARD_IA"
	explanation := q.ask()
	require.Len(t, explanation.Decisions, 1)
	decision := explanation.Decisions[0]
	assert.Equal(t, model.Replicates, decision.Verdict)
	assert.Equal(t, "COMPLETED", explanation.Status)
	assert.Equal(t, &model.RuleRef{Index: 0, ID: "everything", Priority: 1}, decision.Rule)
	assert.Equal(t, &model.Replica{
		StorageClass: "STANDARD_IA", Encryption: model.SSEKMS, KMSKey: destinationKey,
		Owner: model.OwnedByDestination, OwnerAccount: "111111111111",
	}, decision.Replica)
	assert.True(t, decision.Metrics)
	assert.False(t, decision.ReplicationTimeControl)
	assert.Empty(t, decision.Assumptions, "everything is known")
	assert.Empty(t, decision.Reasons)
}

// Each case says what stands against replication, and whether S3 tries: then
// it reports a failure, and else says nothing at all.
func TestExplain_SaysWhyNot(t *testing.T) {
	t.Parallel()
	for name, test := range whyNotCases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := fineQuestion()
			test.change(q)
			explanation := q.ask()
			decision := explanation.Decisions[0]
			assert.Equal(t, model.DoesNotReplicate, decision.Verdict)
			require.NotEmpty(t, decision.Reasons)
			assert.Contains(t, reasonIDs(decision.Reasons), test.reason)
			assert.Equal(t, test.failure, decision.Reasons[0].Failure)
			assert.Nil(t, decision.Replica)
			for _, reason := range decision.Reasons {
				assert.NotContains(t, reason.Sentence, "%!", "the sentence is filled in")
				assert.NotEmpty(t, reason.Fix)
				assert.Contains(t, reason.See, "https://docs.aws.amazon.com/")
			}
			if !q.object.Replica {
				want := map[bool]string{true: "FAILED", false: ""}
				assert.Equal(t, want[test.failure != ""], explanation.Status)
			}
		})
	}
}

// Every reason has a case. Those that leave the answer open have
// theirs in [TestExplain_SaysUnknownWhereTheMissingFactDecides] and in
// explain_policy_test.go.
func TestExplain_HasACaseForEveryReason(t *testing.T) {
	t.Parallel()
	cases := map[string]bool{"no-configuration": true, "encryption-unknown": true, "owner-grants-unknown": true, "replica-key-alias": true, "permission-undecided": true, "source-key-unknown": true, "source-not-judged": true}
	for _, test := range whyNotCases {
		cases[test.reason] = true
	}
	for id, reason := range model.Reasons() {
		assert.True(t, cases[id], "there is no case for %s", id)
		if reason.Failure != "" {
			_, err := model.FailureByID(reason.Failure)
			assert.NoError(t, err)
		}
	}
}

var whyNotCases = map[string]struct {
	change  func(*question)
	reason  string
	failure string
}{
	// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-requirements.html
	"the source is not versioned": {
		func(q *question) { q.facts.Source.Versioning = model.VersioningSuspended }, "source-unversioned", "",
	},
	"the destination is not versioned any more": {
		func(q *question) { q.destination.Versioning = model.VersioningSuspended },
		"destination-unversioned", "DstBucketUnversioned",
	},
	"Requester Pays across accounts": {
		func(q *question) {
			q.destination.RequesterPays, q.destination.Account = model.Yes, "222222222222"
		},
		"requester-pays", "DstPutObjectNotPermitted",
	},
	// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-what-is-isnot-replicated.html
	"an object from before the rule":     {func(q *question) { q.object.Existing = true }, "written-before-rule", ""},
	"a replica":                          {func(q *question) { q.object.Replica = true }, "is-replica", ""},
	"a new destination for old replicas": {func(q *question) { q.object.AlreadyReplicated = true }, "already-replicated", ""},
	"an archived object":                 {func(q *question) { q.object.StorageClass = "GLACIER" }, "archived", "SrcObjectNotEligible"},
	"an object in an archive tier": {
		func(q *question) {
			q.object.StorageClass, q.object.ArchiveTier = "INTELLIGENT_TIERING", model.ArchiveAccess
		},
		"archived", "SrcObjectNotEligible",
	},
	"the deletion of a version":          {func(q *question) { q.object.Event = model.VersionDeleted }, "version-delete", ""},
	"a transition by a lifecycle rule":   {func(q *question) { q.object.Event = model.Transitioned }, "lifecycle-action", ""},
	"a restore":                          {func(q *question) { q.object.Event = model.RestoredFromArchive }, "restore-stays", ""},
	"no rule for the key":                {func(q *question) { q.rule.Filter = prefixed("logs/") }, "no-rule-matches", ""},
	"a rule that is switched off":        {func(q *question) { q.rule.Status = replication.Disabled }, "rule-disabled", ""},
	"a rule for a tag it has not":        {func(q *question) { q.rule = tagRule("dr", "t", 1, tagged("", "a", "b")) }, "no-rule-matches", ""},
	"a tag of another value":             {withTagRule(map[string]string{"class": "low"}, nil), "no-rule-matches", ""},
	"tags that came after the upload":    {withTagRule(nil, map[string]string{"class": "high"}), "tagged-later", ""},
	"a later tag over one of the upload": {withTagRule(map[string]string{"class": "low"}, map[string]string{"class": "high"}), "tagged-later", ""},
	// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-metrics-events.html#replication-failure-codes
	"an object of another account": {
		func(q *question) {
			q.facts.Source.Ownership, q.object.Owner, q.object.OwnerGrants = model.ObjectWriter, "333333333333", model.No
		}, "owner-cannot-read", "SrcGetAclNotPermitted",
	},
	"a disabled key for replicas": {
		func(q *question) {
			q.destination.Keys = map[string]model.KeyFacts{destinationKey: {State: model.KeyDisabled}}
		},
		"replica-key-unusable", "DstKmsKeyInvalidState",
	},
	"a key for replicas that is not there": {
		func(q *question) {
			q.destination.Keys = map[string]model.KeyFacts{destinationKey: {State: model.KeyNotFound}}
		},
		"replica-key-not-found", "DstKmsKeyNotFound",
	},
	"a source key that is about to be deleted": {
		func(q *question) {
			q.facts.Source.Keys = map[string]model.KeyFacts{sourceKey: {State: model.KeyPendingDeletion}}
		},
		"source-key-unusable", "SrcKmsKeyInvalidState",
	},
	// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html
	"KMS without the rule opting in": {
		func(q *question) { q.rule.SourceSelectionCriteria = nil }, "kms-not-selected", "",
	},
	"DSSE-KMS without the rule opting in": {
		func(q *question) { q.rule.SourceSelectionCriteria, q.object.Encryption = nil, model.DSSEKMS }, "kms-not-selected", "",
	},
	"KMS without a key for replicas": {
		func(q *question) { q.rule.Destination.EncryptionConfiguration = nil }, "replica-key-missing", "",
	},
	"a key of another region": {
		func(q *question) { q.rule.Destination.EncryptionConfiguration.ReplicaKmsKeyID = sourceKey }, "replica-key-region", "DstKmsKeyNotFound",
	},
	"the key that AWS manages, across accounts": {
		func(q *question) {
			q.destination.Account = "222222222222"
			q.rule.Destination.EncryptionConfiguration.ReplicaKmsKeyID = "arn:aws:kms:us-west-2:222222222222:alias/aws/s3"
		}, "replica-key-aws-managed", "DstPutObjectNotPermitted",
	},
	"a key that the role knows nothing of": {
		func(q *question) { q.object.KMSKey = sourceKey + "0" }, "source-key-not-granted", "SrcGetObjectNotPermitted",
	},
	// https://docs.aws.amazon.com/AmazonS3/latest/userguide/blocking-unblocking-s3-c-encryption-gpb.html
	"SSE-C in a bucket that refuses it": {
		func(q *question) { q.object.Encryption, q.facts.Source.BlocksSSEC = model.SSEC, model.Yes },
		"ssec-blocked-at-source", "",
	},
	"the destination is the source": {
		func(q *question) { q.facts.Source.Bucket = "dr"; q.facts.Role.Policies = nil }, "destination-is-source", "",
	},
	// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html
	"a bare id for the key of replicas": {
		func(q *question) {
			q.rule.Destination.EncryptionConfiguration.ReplicaKmsKeyID = "22222222-2222-2222-2222-222222222222"
			q.facts.Role.Policies = nil
		},
		"replica-key-invalid", "DstKmsKeyNotFound",
	},
	"SSE-C into a bucket that blocks it": {
		func(q *question) { q.object.Encryption, q.destination.BlocksSSEC = model.SSEC, model.Yes },
		"ssec-blocked", "DstPutObjectNotPermitted",
	},
	// https://docs.aws.amazon.com/AmazonS3/latest/userguide/delete-marker-replication.html
	"a delete marker of a lifecycle rule": {
		func(q *question) { q.object.Event = model.DeleteMarkerExpired }, "delete-marker-by-lifecycle", "",
	},
	"a delete marker that the rule keeps": {
		func(q *question) {
			q.object.Event, q.rule.DeleteMarkerReplication.Status = model.DeleteMarkerMade, replication.Disabled
		},
		"delete-markers-off", "",
	},
	"a delete marker and a rule with tags": {
		func(q *question) {
			withTagRule(map[string]string{"class": "high"}, nil)(q)
			q.object.Event = model.DeleteMarkerMade
		}, "delete-marker-needs-untagged-rule", "",
	},
	// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-for-metadata-changes.html
	"tags of a replica without replica modification sync": {
		func(q *question) { q.object.Replica, q.object.Event = true, model.TagsChanged }, "replica-modifications-off", "",
	},
	"tags of a replica with sync on one side only": {
		func(q *question) {
			q.object.Replica, q.object.Event = true, model.TagsChanged
			q.rule.SourceSelectionCriteria.ReplicaModifications = &s3config.Switch{Status: replication.Enabled}
		}, "replica-modifications-one-sided", "",
	},
	// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-change-owner.html
	"an ACL where the destination owns the replica": {
		func(q *question) { q.object.Event = model.ACLChanged }, "acl-not-replicated", "",
	},
	// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html
	"Object Lock at the source alone": {
		func(q *question) {
			q.facts.Source.ObjectLock = model.Yes
			q.facts.Role.Policies = append(q.facts.Role.Policies, policy.New(policy.Statement{
				Effect: policy.Allow, Action: policy.Values{"s3:GetObject*"}, Resource: policy.Values{"*"},
			}))
		}, "object-lock-missing", "DstBucketObjectLockConfigMissing",
	},
	// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-troubleshoot.html
	"a Deny in the destination's policy": {
		func(q *question) { q.destination.Policy = denying("s3:Replicate*", "arn:aws:s3:::dr/finance/*", nil) },
		"not-permitted", "DstPutObjectNotPermitted",
	},
	"a role without kms:Encrypt": {
		func(q *question) {
			statements := q.facts.Role.Policies[0].Statement
			statements[len(statements)-1].Action = policy.Values{"kms:GenerateDataKey"}
		}, "not-permitted", "DstPutObjectNotPermitted",
	},
}

// withTagRule leaves only a rule for class=high, for an object with such tags.
func withTagRule(tags, later map[string]string) func(*question) {
	return func(q *question) {
		q.rule = tagRule("dr", "critical", 1, tagged("", "class", "high"))
		q.object.Tags, q.object.TagsAddedLater = tags, later
	}
}

func TestExplain_ReplicatesWhatS3Does(t *testing.T) {
	t.Parallel()
	cases := map[string]func(*question){
		// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-what-is-isnot-replicated.html
		"SSE-S3 without any key":    func(q *question) { q.object.Encryption, q.rule.SourceSelectionCriteria = model.SSES3, nil },
		"an unencrypted object":     func(q *question) { q.object.Encryption, q.rule.SourceSelectionCriteria = model.Unencrypted, nil },
		"SSE-C":                     func(q *question) { q.object.Encryption, q.rule.SourceSelectionCriteria = model.SSEC, nil },
		"DSSE-KMS":                  func(q *question) { q.object.Encryption = model.DSSEKMS },
		"an instantly read archive": func(q *question) { q.object.StorageClass = "GLACIER_IR" },
		"a delete marker":           func(q *question) { q.object.Event = model.DeleteMarkerMade },
		"a change of tags":          func(q *question) { q.object.Event = model.TagsChanged },
		"a change of the ACL, where ACLs are": func(q *question) {
			q.object.Event, q.destination.Ownership = model.ACLChanged, model.ObjectWriter
		},
		"a tag of the upload":    withTagRule(map[string]string{"class": "high", "more": "x"}, nil),
		"a delete marker in V1":  firstSchemaDeleteMarker,
		"Object Lock both sides": lockedOnBothSides,
		"changes of a replica with sync on both sides": func(q *question) {
			q.object.Replica, q.object.Event, q.destination.SyncsReplicas = true, model.TagsChanged, model.Yes
			q.rule.SourceSelectionCriteria.ReplicaModifications = &s3config.Switch{Status: replication.Enabled}
		},
		"an object of another account that lets the owner read": func(q *question) {
			q.facts.Source.Ownership, q.object.Owner, q.object.OwnerGrants = model.ObjectWriter, "333333333333", model.Yes
		},
		"an object of another account, where the bucket's owner owns all": func(q *question) { q.object.Owner = "333333333333" },
		"Requester Pays within an account":                                func(q *question) { q.destination.RequesterPays = model.Yes },
	}
	for name, change := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := fineQuestion()
			change(q)
			decision := q.ask().Decisions[0]
			assert.Equal(t, model.Replicates, decision.Verdict, "%v", decision.Reasons)
		})
	}
}

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-add-config.html#replication-backward-compat-considerations
func firstSchemaDeleteMarker(q *question) {
	prefix := "finance/"
	q.rule.Filter, q.rule.Prefix, q.rule.Priority, q.rule.DeleteMarkerReplication = nil, &prefix, nil, nil
	q.object.Event = model.DeleteMarkerMade
}

func lockedOnBothSides(q *question) {
	q.facts.Source.ObjectLock, q.destination.ObjectLock, q.object.Locked = model.Yes, model.Yes, true
	q.facts.Role.Policies = append(q.facts.Role.Policies, policy.New(policy.Statement{
		Effect: policy.Allow, Action: policy.Values{"s3:GetObjectRetention", "s3:GetObjectLegalHold"}, Resource: policy.Values{"arn:aws:s3:::data/*"},
	}))
}
