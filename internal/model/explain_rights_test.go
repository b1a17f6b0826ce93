package model_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// without is the role's policy without some of its actions, and with others.
func without(gone []string, instead ...policy.Statement) []policy.Document {
	document := rolePolicy()
	for i := range document.Statement {
		statement := &document.Statement[i]
		statement.Action = slices.DeleteFunc(slices.Clone(statement.Action), func(action string) bool {
			return slices.Contains(gone, action)
		})
	}
	document.Statement = slices.DeleteFunc(document.Statement, func(s policy.Statement) bool { return len(s.Action) == 0 })
	document.Statement = append(document.Statement, instead...)
	return []policy.Document{document}
}

func onlyEncryption(operator, value string) *policy.Document {
	return denying("s3:*", "arn:aws:s3:::dr/*", policy.Conditions{operator: {"s3:x-amz-server-side-encryption": {value}}})
}

func TestExplain_JudgesTheRightsOfTheRole(t *testing.T) {
	t.Parallel()
	reading := policy.Statement{
		Effect: policy.Allow, Action: policy.Values{"s3:GetObjectVersion"}, Resource: policy.Values{"arn:aws:s3:::data/*"},
	}
	getVersion := without([]string{"s3:GetObjectVersionForReplication"}, reading)
	ssecDenied := denying("s3:ReplicateObject", "arn:aws:s3:::dr/*",
		policy.Conditions{"Null": {"s3:x-amz-server-side-encryption-customer-algorithm": {"false"}}})
	for name, test := range map[string]struct {
		change func(*question)
		want   model.Verdict
		note   string
	}{
		// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html
		"GetObjectVersion, SSE-S3": {func(q *question) {
			q.facts.Role.Policies, q.object.Encryption = getVersion, model.SSES3
		}, model.Replicates, "reads-without-kms"},
		"GetObjectVersion, SSE-KMS": {func(q *question) { q.facts.Role.Policies = getVersion }, model.DoesNotReplicate, ""},
		"only aws:kms, DSSE": {func(q *question) {
			q.object.Encryption, q.destination.Policy = model.DSSEKMS, onlyEncryption("StringNotEqualsIfExists", "aws:kms")
		}, model.DoesNotReplicate, ""},
		"only DSSE, DSSE": {func(q *question) {
			q.object.Encryption, q.destination.Policy = model.DSSEKMS, onlyEncryption("StringNotEqualsIfExists", "aws:kms:dsse")
		}, model.Replicates, ""},
		"no SSE-C, SSE-C": {func(q *question) {
			q.object.Encryption, q.destination.Policy = model.SSEC, ssecDenied
		}, model.DoesNotReplicate, ""},
		"no SSE-C, SSE-S3": {func(q *question) {
			q.object.Encryption, q.destination.Policy = model.SSES3, ssecDenied
		}, model.Replicates, ""},
		"no AES256, SSE-C": {func(q *question) {
			q.object.Encryption, q.destination.Policy = model.SSEC, onlyEncryption("StringEquals", "AES256")
		}, model.Replicates, ""},
		"no Decrypt on any key": {func(q *question) {
			q.facts.Source.DefaultEncryption, q.facts.Source.DefaultKey = "", ""
			q.facts.Role.Decrypts, q.object.Encryption = nil, model.SSEKMS
			q.facts.Role.Policies = without([]string{"kms:Decrypt"})
		}, model.DoesNotReplicate, ""},
		"Decrypt on one key, another may be in use": {func(q *question) {
			q.facts.Source.DefaultEncryption, q.facts.Source.DefaultKey = "", ""
			q.facts.Role.Decrypts, q.object.Encryption = nil, model.SSEKMS
		}, model.VerdictUnknown, ""},
		"a source bucket without a name": {func(q *question) { q.facts.Source.Bucket = "" }, model.VerdictUnknown, ""},
		"a change of tags, without the right to read them": {func(q *question) {
			q.object.Event, q.facts.Role.Policies = model.TagsChanged, without([]string{"s3:GetObjectVersionTagging"})
		}, model.DoesNotReplicate, ""},
		"a change of tags, which s3:ReplicateObject is enough for": {func(q *question) {
			q.object.Event, q.facts.Role.Policies = model.TagsChanged, without([]string{"s3:ReplicateTags"})
		}, model.Replicates, ""},
		"a change of tags, which a Deny keeps the role from": {func(q *question) {
			q.object.Event, q.destination.Policy = model.TagsChanged, denying("s3:ReplicateTags", "arn:aws:s3:::dr/*", nil)
		}, model.DoesNotReplicate, ""},
		"an object, whose tags a Deny keeps the role from": {func(q *question) {
			q.destination.Policy = denying("s3:ReplicateTags", "arn:aws:s3:::dr/*", nil)
		}, model.Replicates, "tags-stay-behind"},
		"a change of a lock, without the right to read it": {func(q *question) {
			q.object.Event, q.destination.ObjectLock = model.LockChanged, model.Yes
		}, model.DoesNotReplicate, ""},
		"a planned role, denied everything": {func(q *question) {
			q.facts.Role.Policies = []policy.Document{policy.New(policy.Statement{
				Effect: policy.Deny, Action: policy.Values{"s3:*"}, Resource: policy.Values{"*"},
			})}
		}, model.DoesNotReplicate, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := fineQuestion()
			test.change(q)
			decision := q.ask().Decisions[0]
			assert.Equal(t, test.want, decision.Verdict, "%v", decision.Reasons)
			if test.note != "" {
				assert.Contains(t, reasonIDs(decision.Notes), test.note)
			}
		})
	}
}

// "Permissions for the s3:ReplicateObject action on the destination bucket also allow
// replication of both object tags and ACLs."
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html
func TestReplicateTags_NeedsNoAllowOfItsOwn(t *testing.T) {
	t.Parallel()
	q := fineQuestion()
	q.facts.Role.Policies = without([]string{"s3:ReplicateTags"})
	assert.Empty(t, q.ask().Decisions[0].Notes)
	subject := fineSubject()
	subject.Facts.Role.Policies = without([]string{"s3:ReplicateTags"})
	assert.NotContains(t, lintIDs(subject.findings()), "maybe-not-permitted")
	subject.Facts.Role.Policies = without([]string{"s3:ReplicateTags", "s3:ReplicateObject"})
	assert.Contains(t, lintIDs(subject.findings()), "not-permitted")
}

func TestExplain_JudgesPoliciesOfAPlan(t *testing.T) {
	t.Parallel()
	q := fineQuestion()
	q.facts.Role.Policies, q.destination.Policy = nil, denying("s3:*", "*", nil)
	q.facts.Destinations["dr"] = q.destination
	configuration := rulesOf(q.rule)
	configuration.Role = "arn:aws:iam::<account>:role/data-role-<generated>"
	decision := model.NewExplainer(configuration, q.facts).Explain(q.object).Decisions[0]
	assert.Equal(t, model.DoesNotReplicate, decision.Verdict)
	assert.Contains(t, reasonIDs(decision.Reasons), "not-permitted")
}

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/delete-marker-replication.html
func TestExplain_DeleteMarkersAreNewVersions(t *testing.T) {
	t.Parallel()
	for name, object := range map[string]model.Object{
		"on a replica": {Replica: true}, "on an older object": {Existing: true}, "on one replicated elsewhere": {AlreadyReplicated: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := fineQuestion()
			object.Key, object.Event = "a", model.DeleteMarkerMade
			q.object = object
			assert.Equal(t, model.Replicates, q.ask().Decisions[0].Verdict)
		})
	}
}

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-status.html
func TestExplain_AFailedChangeOfAReplicaIsFailed(t *testing.T) {
	t.Parallel()
	q := fineQuestion()
	q.rule.SourceSelectionCriteria.ReplicaModifications = &s3config.Switch{Status: replication.Enabled}
	q.destination.SyncsReplicas = model.Yes
	q.object.Replica, q.object.Event = true, model.TagsChanged
	assert.Equal(t, "REPLICA", q.ask().Status)
	q.facts.Role.Policies = without([]string{"s3:GetObjectVersionTagging"})
	assert.Equal(t, "FAILED", q.ask().Status)
}

func TestLint_JudgesEveryEncryptionOfARule(t *testing.T) {
	t.Parallel()
	subject := fineSubject()
	subject.destination.Policy = onlyEncryption("StringNotEqualsIfExists", "aws:kms")
	assert.Contains(t, lintIDs(subject.findings()), "not-permitted", "the rule replicates SSE-S3 objects, too")
}

func TestLint_ChainsNeedRulesForTheSameObjects(t *testing.T) {
	t.Parallel()
	chain := func(first, second *s3config.Filter) []string {
		one, other := ruleTo("b", "one", 1), ruleTo("c", "other", 1)
		one.Filter, other.Filter = first, second
		return lintIDs(model.Lint(from("a", one), from("b", other)))
	}
	assert.NotContains(t, chain(prefixed("a/"), prefixed("b/")), "chain-stops")
	assert.NotContains(t, chain(tagged("", "k", "1"), tagged("", "k", "2")), "chain-stops")
	assert.Contains(t, chain(prefixed("a/"), prefixed("a/b/")), "chain-stops")
	assert.Contains(t, chain(prefixed("a/"), prefixed("")), "chain-stops")
}

func TestCheck_DestinationsAreWholeBuckets(t *testing.T) {
	t.Parallel()
	for _, bucket := range []string{
		"arn:aws:s3:::b/", "arn:aws:s3:::b/*", "arn:aws:s3:::*", "arn:aws:s3:us-west-2:111111111111:accesspoint/dr", "arn:aws:s3::111111111111:b",
	} {
		rule := ruleTo("dr", "a", 1)
		rule.Destination.Bucket = bucket
		assert.NotEmpty(t, rulesOf(rule).Check(), bucket)
	}
}

func TestCheck_RulesOfTheFirstSchemaHaveOneDestination(t *testing.T) {
	t.Parallel()
	rule := func(bucket, prefix string) s3config.Rule {
		return s3config.Rule{
			ID: prefix, Prefix: &prefix, Status: replication.Enabled, Destination: s3config.Destination{Bucket: "arn:aws:s3:::" + bucket},
		}
	}
	assert.Empty(t, rulesOf(rule("b", "a/"), rule("b", "b/")).Check())
	faults := rulesOf(rule("b", "a/"), rule("c", "b/")).Check()
	assert.Len(t, faults, 1)
	assert.Contains(t, faults[0].Message, "cannot exceed 1")
}
