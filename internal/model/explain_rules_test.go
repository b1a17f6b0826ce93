package model_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
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
	explanation := model.NewExplainer(configuration, model.Facts{}).Explain(model.Object{
		Key: "finance/q3.pdf", Encryption: model.SSES3,
	})
	require.Len(t, explanation.Decisions, 2)
	first, second := &explanation.Decisions[0], &explanation.Decisions[1]
	assert.Equal(t, "finance", first.Rule.ID)
	assert.Equal(t, "copy", second.Rule.ID)

	losses := explanation.UnusedRules(first)
	why := map[string]model.UnusedReason{}
	for _, loss := range losses {
		why[loss.Rule.ID] = loss.Why
		assert.NotEmpty(t, loss.Detail)
	}
	assert.Equal(t, map[string]model.UnusedReason{
		"everything": model.UnusedPriority, "off": model.UnusedDisabled,
		"logs": model.UnusedPrefix, "critical": model.UnusedTags,
	}, why)
	assert.Equal(t, "off", losses[len(losses)-1].Rule.ID, "disabled rules come last")
	assert.Empty(t, explanation.UnusedRules(second))
}

// The rule with the highest priority decides, even against the object.
func TestExplain_DoesNotFallBackToALowerRule(t *testing.T) {
	t.Parallel()
	without := ruleTo("dr", "without", 2)
	without.SourceSelectionCriteria, without.Destination.EncryptionConfiguration = nil, nil
	explainer := model.NewExplainer(rulesOf(without, ruleTo("dr", "with", 1)), model.Facts{})
	decision := explainer.Explain(model.Object{Key: "a", Encryption: model.SSEKMS}).Decisions[0]
	assert.Equal(t, model.DoesNotReplicate, decision.Verdict)
	assert.Equal(t, "without", decision.Rule.ID)
}

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-status.html
func TestExplain_StatusOfSeveralDestinations(t *testing.T) {
	t.Parallel()
	elsewhere := ruleTo("other", "other", 3)
	elsewhere.Filter = prefixed("elsewhere/")
	cases := map[string]struct {
		second model.BucketFacts
		status string
	}{
		"all complete":                {model.BucketFacts{}, "COMPLETED"},
		"one fails, so all is FAILED": {model.BucketFacts{Versioning: model.VersioningSuspended}, "FAILED"},
		"one whose key is elsewhere":  {model.BucketFacts{Region: "eu-west-1"}, "FAILED"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			facts := model.Facts{Destinations: map[string]model.BucketFacts{"second": test.second}}
			explainer := model.NewExplainer(rulesOf(ruleTo("first", "a", 1), ruleTo("second", "b", 2), elsewhere), facts)
			explanation := explainer.Explain(model.Object{Key: "a", Encryption: model.SSEKMS})
			assert.Equal(t, test.status, explanation.Status)
			assert.Equal(t, model.DoesNotReplicate, explanation.Decisions[2].Verdict, "a rule for other objects spoils nothing")
		})
	}
}

func TestExplain_SaysWhatItAssumes(t *testing.T) {
	t.Parallel()
	explainer := model.NewExplainer(rulesOf(ruleTo("dr", "a", 1)), model.Facts{})
	assumed := func(object model.Object) []string {
		var ids []string
		for _, each := range explainer.Explain(object).Decisions[0].Assumptions {
			ids = append(ids, each.ID)
			assert.NotEmpty(t, each.Sentence)
		}
		return ids
	}
	always := []string{"source-versioned", "destination-versioned", "permitted", "object-lock", "accounts"}
	assert.Equal(t, always, assumed(model.Object{Key: "a", Event: model.DeleteMarkerMade}))
	assert.Equal(t, append(always, "owner"), assumed(model.Object{Key: "a", Encryption: model.SSES3}))
	assert.Equal(t, append(always, "keys-usable", "replica-key-region", "owner"), assumed(model.Object{Key: "a", Encryption: model.SSEKMS}))
	assert.Equal(t, append(always, "owner", "ssec-allowed"), assumed(model.Object{Key: "a", Encryption: model.SSEC}))
	assert.Equal(t, append(always, "owner", "replica-encryption"), assumed(model.Object{Key: "a", Encryption: model.Unencrypted}))
	assert.Equal(t, append(always, "owner", "source-encryption"), assumed(model.Object{Key: "a"}))
}

func TestExplain_SaysUnknownWhereTheMissingFactDecides(t *testing.T) {
	t.Parallel()
	plain := ruleTo("dr", "plain", 1)
	plain.SourceSelectionCriteria, plain.Destination.EncryptionConfiguration = nil, nil
	alias := ruleTo("dr", "alias", 1)
	alias.Destination.EncryptionConfiguration.ReplicaKmsKeyID = "arn:aws:kms:us-west-2:222222222222:alias/dr"
	accounts := model.Facts{
		Source:       model.BucketFacts{Account: "111111111111"},
		Destinations: map[string]model.BucketFacts{"dr": {Account: "222222222222"}},
	}
	cases := map[string]struct {
		rule   s3config.Rule
		facts  model.Facts
		object model.Object
		reason string
	}{
		"unknown encryption": {plain, model.Facts{}, model.Object{}, "encryption-unknown"},
		"unknown grants of an owner": {
			ruleTo("dr", "a", 1), model.Facts{}, model.Object{Owner: "333333333333", Encryption: model.SSES3}, "owner-grants-unknown",
		},
		"an unknown key, and a role without keys": {
			ruleTo("dr", "a", 1), model.Facts{Role: model.RoleFacts{Decrypts: []string{}}}, model.Object{Encryption: model.SSEKMS}, "source-key-unknown",
		},
		"an alias across accounts": {alias, accounts, model.Object{Encryption: model.SSEKMS}, "replica-key-alias"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.object.Key = "a"
			explanation := model.NewExplainer(rulesOf(test.rule), test.facts).Explain(test.object)
			assert.Equal(t, model.VerdictUnknown, explanation.Decisions[0].Verdict)
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
		"ETags":          {func(q *question) { q.object.Encryption = model.Unencrypted }, "etag-differs"},
		"retention":      {func(q *question) { q.destination.ObjectLock = model.Yes }, "default-retention"},
		"does not cover delete markers": {func(q *question) {
			q.object.Event = model.DeleteMarkerMade
			q.rule.Destination.ReplicationTime = &s3config.ReplicationTime{Status: replication.Enabled}
		}, "no-time-promise-for-markers"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := fineQuestion()
			test.change(q)
			decision := q.ask().Decisions[0]
			assert.Equal(t, model.Replicates, decision.Verdict)
			assert.Equal(t, []string{test.note}, reasonIDs(decision.Notes))
			assert.False(t, decision.ReplicationTimeControl)
		})
	}
}

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-change-owner.html
func TestExplain_OwnerAndEncryptionOfReplicas(t *testing.T) {
	t.Parallel()
	q := fineQuestion()
	q.destination.Ownership, q.destination.Account = model.ObjectWriter, "222222222222"
	assert.Equal(t, model.OwnedBySource, q.ask().Decisions[0].Replica.Owner)
	assert.Equal(t, "111111111111", q.ask().Decisions[0].Replica.OwnerAccount)
	q.rule.Destination.Account = "222222222222"
	q.rule.Destination.AccessControlTranslation = &s3config.AccessControlTranslation{Owner: "Destination"}
	q.facts.Role.Policies = nil
	assert.Equal(t, model.OwnedByDestination, q.ask().Decisions[0].Replica.Owner)
	assert.Equal(t, "222222222222", q.ask().Decisions[0].Replica.OwnerAccount)

	q.object.Encryption = model.SSES3
	assert.Equal(t, model.SSES3, q.ask().Decisions[0].Replica.Encryption, "the type of the source stays, whatever the destination's default")
	assert.Empty(t, q.ask().Decisions[0].Replica.KMSKey)
	q.object.Encryption = model.Unencrypted
	assert.Equal(t, model.SSEKMS, q.ask().Decisions[0].Replica.Encryption, "only what is unencrypted gets the destination's default")
	assert.Equal(t, destinationKey, q.ask().Decisions[0].Replica.KMSKey)
}
