package replication_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-add-config.html#replication-config-min-rule-config
func TestExplain_PicksTheHighestPriorityForEachBucket(t *testing.T) {
	t.Parallel()
	finance := ruleTo("dr", "finance", 5)
	finance.Filter = prefixed("finance/")
	off := ruleTo("dr", "off", 9)
	off.Status = replication.Disabled
	logs := ruleTo("dr", "logs", 7)
	logs.Filter = prefixed("logs/")
	configuration := rulesOf(
		ruleTo("dr", "everything", 1), finance, off, logs,
		tagRule("dr", "critical", 6, tagged("finance/", "class", "critical")),
		ruleTo("archive", "copy", 2),
	)
	explanation := replication.NewExplainer(configuration, replication.Facts{}).Explain(replication.Object{
		Key: "finance/q3.pdf", Encryption: replication.SSES3,
	})
	require.Len(t, explanation.Decisions, 2)
	first, second := &explanation.Decisions[0], &explanation.Decisions[1]
	assert.Equal(t, "finance", first.Rule.ID)
	assert.Equal(t, "copy", second.Rule.ID)

	losses := explanation.UnusedRules(first)
	why := map[string]replication.UnusedReason{}
	for _, loss := range losses {
		why[loss.Rule.ID] = loss.Why
		assert.NotEmpty(t, loss.Detail)
	}
	assert.Equal(t, map[string]replication.UnusedReason{
		"everything": replication.UnusedPriority, "off": replication.UnusedDisabled,
		"logs": replication.UnusedPrefix, "critical": replication.UnusedTags,
	}, why)
	assert.Equal(t, "off", losses[len(losses)-1].Rule.ID, "disabled rules come last")
	assert.Empty(t, explanation.UnusedRules(second))
}

// The rule with the highest priority decides, even against the object.
func TestExplain_DoesNotFallBackToALowerRule(t *testing.T) {
	t.Parallel()
	without := ruleTo("dr", "without", 2)
	without.SourceSelectionCriteria, without.Destination.EncryptionConfiguration = nil, nil
	explainer := replication.NewExplainer(rulesOf(without, ruleTo("dr", "with", 1)), replication.Facts{})
	decision := explainer.Explain(replication.Object{Key: "a", Encryption: replication.SSEKMS}).Decisions[0]
	assert.Equal(t, replication.DoesNotReplicate, decision.Verdict)
	assert.Equal(t, "without", decision.Rule.ID)
}

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-status.html
func TestExplain_StatusOfSeveralDestinations(t *testing.T) {
	t.Parallel()
	elsewhere := ruleTo("other", "other", 3)
	elsewhere.Filter = prefixed("elsewhere/")
	cases := map[string]struct {
		second replication.BucketFacts
		status string
	}{
		"all complete":                {replication.BucketFacts{}, "COMPLETED"},
		"one fails, so all is FAILED": {replication.BucketFacts{Versioning: replication.VersioningSuspended}, "FAILED"},
		"one whose key is elsewhere":  {replication.BucketFacts{Region: "eu-west-1"}, "FAILED"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			facts := replication.Facts{Destinations: map[string]replication.BucketFacts{"second": test.second}}
			explainer := replication.NewExplainer(rulesOf(ruleTo("first", "a", 1), ruleTo("second", "b", 2), elsewhere), facts)
			explanation := explainer.Explain(replication.Object{Key: "a", Encryption: replication.SSEKMS})
			assert.Equal(t, test.status, explanation.Status)
			assert.Equal(t, replication.DoesNotReplicate, explanation.Decisions[2].Verdict, "a rule for other objects spoils nothing")
		})
	}
}

func TestExplain_SaysWhatItAssumes(t *testing.T) {
	t.Parallel()
	explainer := replication.NewExplainer(rulesOf(ruleTo("dr", "a", 1)), replication.Facts{})
	assumed := func(object replication.Object) []string {
		var ids []string
		for _, each := range explainer.Explain(object).Decisions[0].Assumptions {
			ids = append(ids, each.ID)
			assert.NotEmpty(t, each.Sentence)
		}
		return ids
	}
	always := []string{"source-versioned", "destination-versioned", "permitted", "object-lock", "accounts"}
	assert.Equal(t, always, assumed(replication.Object{Key: "a", Event: replication.DeleteMarkerMade}))
	assert.Equal(t, append(always, "owner"), assumed(replication.Object{Key: "a", Encryption: replication.SSES3}))
	assert.Equal(t, append(always, "keys-usable", "replica-key-region", "owner"), assumed(replication.Object{Key: "a", Encryption: replication.SSEKMS}))
	assert.Equal(t, append(always, "owner", "ssec-allowed"), assumed(replication.Object{Key: "a", Encryption: replication.SSEC}))
	assert.Equal(t, append(always, "owner", "replica-encryption"), assumed(replication.Object{Key: "a", Encryption: replication.Unencrypted}))
	assert.Equal(t, append(always, "owner", "source-encryption"), assumed(replication.Object{Key: "a"}))
}

func TestExplain_SaysUnknownWhereTheMissingFactDecides(t *testing.T) {
	t.Parallel()
	plain := ruleTo("dr", "plain", 1)
	plain.SourceSelectionCriteria, plain.Destination.EncryptionConfiguration = nil, nil
	alias := ruleTo("dr", "alias", 1)
	alias.Destination.EncryptionConfiguration.ReplicaKmsKeyID = "arn:aws:kms:us-west-2:222222222222:alias/dr"
	accounts := replication.Facts{
		Source:       replication.BucketFacts{Account: "111111111111"},
		Destinations: map[string]replication.BucketFacts{"dr": {Account: "222222222222"}},
	}
	cases := map[string]struct {
		rule   replication.ConfigurationRule
		facts  replication.Facts
		object replication.Object
		reason string
	}{
		"unknown encryption": {plain, replication.Facts{}, replication.Object{}, "encryption-unknown"},
		"unknown grants of an owner": {
			ruleTo("dr", "a", 1), replication.Facts{}, replication.Object{Owner: "333333333333", Encryption: replication.SSES3}, "owner-grants-unknown",
		},
		"an unknown key, and a role without keys": {
			ruleTo("dr", "a", 1), replication.Facts{Role: replication.RoleFacts{Decrypts: []string{}}}, replication.Object{Encryption: replication.SSEKMS}, "source-key-unknown",
		},
		"an alias across accounts": {alias, accounts, replication.Object{Encryption: replication.SSEKMS}, "replica-key-alias"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.object.Key = "a"
			explanation := replication.NewExplainer(rulesOf(test.rule), test.facts).Explain(test.object)
			assert.Equal(t, replication.VerdictUnknown, explanation.Decisions[0].Verdict)
			assert.Equal(t, []string{test.reason}, reasonIDs(explanation.Decisions[0].Reasons))
			assert.Empty(t, explanation.Status)
		})
	}
}

func TestExplain_Notes(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		change func(*question)
		note   string
	}{
		"a small object": {func(q *question) { q.object.Size, q.rule.Destination.StorageClass = 1000, "STANDARD_IA" }, "small-object"},
		"an archive":     {func(q *question) { q.rule.Destination.StorageClass = "DEEP_ARCHIVE" }, "archive-replica"},
		"ETags":          {func(q *question) { q.object.Encryption = replication.Unencrypted }, "etag-differs"},
		"retention":      {func(q *question) { q.destination.ObjectLock = replication.Yes }, "default-retention"},
		"does not cover delete markers": {func(q *question) {
			q.object.Event = replication.DeleteMarkerMade
			q.rule.Destination.ReplicationTime = &replication.ReplicationTime{Status: replication.Enabled}
		}, "no-time-promise-for-markers"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := fineQuestion()
			test.change(q)
			decision := q.ask().Decisions[0]
			assert.Equal(t, replication.Replicates, decision.Verdict)
			assert.Equal(t, []string{test.note}, reasonIDs(decision.Notes))
			assert.False(t, decision.ReplicationTimeControl)
		})
	}
}

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-change-owner.html
func TestExplain_OwnerAndEncryptionOfReplicas(t *testing.T) {
	t.Parallel()
	q := fineQuestion()
	q.destination.Ownership, q.destination.Account = replication.ObjectWriter, "222222222222"
	assert.Equal(t, replication.OwnedBySource, q.ask().Decisions[0].Replica.Owner)
	assert.Equal(t, "111111111111", q.ask().Decisions[0].Replica.OwnerAccount)
	q.rule.Destination.Account = "222222222222"
	q.rule.Destination.AccessControlTranslation = &replication.AccessControlTranslation{Owner: "Destination"}
	q.facts.Role.Policies = nil
	assert.Equal(t, replication.OwnedByDestination, q.ask().Decisions[0].Replica.Owner)
	assert.Equal(t, "222222222222", q.ask().Decisions[0].Replica.OwnerAccount)

	q.object.Encryption = replication.SSES3
	assert.Equal(t, replication.SSES3, q.ask().Decisions[0].Replica.Encryption, "the type of the source stays, whatever the destination's default")
	assert.Empty(t, q.ask().Decisions[0].Replica.KMSKey)
	q.object.Encryption = replication.Unencrypted
	assert.Equal(t, replication.SSEKMS, q.ask().Decisions[0].Replica.Encryption, "only what is unencrypted gets the destination's default")
	assert.Equal(t, destinationKey, q.ask().Decisions[0].Replica.KMSKey)
}
