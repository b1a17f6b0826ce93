package model_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// judged is a subject for cases to spoil. As it stands, there is nothing about
// it but that both buckets are in one account, and that deletions travel.
type judged struct {
	model.Subject
	rule        *s3config.Rule
	destination *model.BucketFacts
	others      []model.Subject
}

func fineSubject() *judged {
	facts := allFacts()
	configuration := rulesOf(ruleTo("dr", "everything", 1))
	destination := facts.Destinations["dr"]
	return &judged{
		Subject: model.Subject{
			Name: "data", Configuration: configuration, Facts: facts,
			Monitoring: &model.Monitoring{
				Requested: true, Notifies: model.Yes,
				Alarms: []model.AlarmFacts{{Name: "failed", Metric: "OperationsFailedReplication", Region: "us-east-1", Statistic: "Sum"}},
			},
		},
		rule: &configuration.Rules[0], destination: &destination,
	}
}

func (j *judged) findings() model.Findings {
	j.Facts.Destinations["dr"] = *j.destination
	return model.Lint(append([]model.Subject{j.Subject}, j.others...)...)
}

// add adds a rule below those that are there.
func (j *judged) add(rules ...s3config.Rule) {
	j.Configuration.Rules = append(j.Configuration.Rules, rules...)
	j.rule = &j.Configuration.Rules[0]
}

func lintIDs(findings model.Findings) []string {
	var ids []string
	for _, finding := range findings {
		ids = append(ids, finding.ID)
	}
	return ids
}

func TestLint_SaysNothingBadOfWhatIsFine(t *testing.T) {
	t.Parallel()
	findings := fineSubject().findings()
	assert.ElementsMatch(t, []string{"same-account", "delete-markers-to-copy"}, lintIDs(findings))
	assert.True(t, findings.OK())
}

func narrow(id string, priority int, prefix string) s3config.Rule {
	rule := ruleTo("dr", id, priority)
	rule.Filter = prefixed(prefix)
	return rule
}

// lintCases has at least one case for every finding, by its id.
var lintCases = map[string][]func(*judged){
	"s3-refuses": {func(j *judged) { j.rule.Status = "On" }},
	"existing-object-replication": {func(j *judged) {
		j.rule.ExistingObjectReplication = &s3config.Switch{Status: replication.Enabled}
	}},
	"no-configuration": {func(j *judged) { j.Facts.NoConfiguration = "S3 says so" }},
	"nothing-replicates": {
		func(j *judged) { j.rule.Status = replication.Disabled },
		func(j *judged) { j.Configuration.Rules = nil },
	},
	"partly-covered": {func(j *judged) { j.rule.Filter = prefixed("finance/") }},
	"rule-disabled":  {func(j *judged) { off := narrow("off", 2, "a/"); off.Status = replication.Disabled; j.add(off) }},
	"rule-shadowed": {
		func(j *judged) { j.add(narrow("finance", 0, "finance/")) },
		func(j *judged) { j.add(tagRule("dr", "critical", 0, tagged("a/", "class", "critical"))) },
		func(j *judged) {
			j.add(tagRule("dr", "wide", 9, tagged("a/", "x", "1")), tagRule("dr", "narrow", 8, &s3config.Filter{
				And: &s3config.And{Prefix: ptr("a/b/"), Tags: []s3config.Tag{{Key: "x", Value: "1"}, {Key: "y", Value: "2"}}},
			}))
		},
	},
	"rules-overlap": {func(j *judged) {
		cold := tagRule("dr", "cold", 8, tagged("", "class", "cold"))
		cold.Destination.StorageClass = "GLACIER_IR"
		j.add(narrow("finance", 9, "finance/"), cold)
	}},
	"rule-without-id": {func(j *judged) { j.rule.ID = "" }},
	"schema-v1": {func(j *judged) {
		j.rule.Filter, j.rule.Prefix, j.rule.Priority, j.rule.DeleteMarkerReplication = nil, ptr(""), nil, nil
	}},
	"schema-v1-overlap": {func(j *judged) {
		j.add(narrow("a", 2, "a/"))
		for i, prefix := range []string{"", "a/"} {
			rule := &j.Configuration.Rules[i]
			rule.Filter, rule.Prefix, rule.Priority, rule.DeleteMarkerReplication = nil, &prefix, nil, nil
		}
	}},
	"priority-order":       {func(j *judged) { j.add(narrow("b", 3, "b/"), narrow("c", 2, "c/")) }},
	"prefix-leading-slash": {func(j *judged) { j.add(narrow("a", 2, "/finance/")) }},
	"prefix-wildcard":      {func(j *judged) { j.add(narrow("a", 2, "finance/*")) }},
	"prefix-names-bucket": {
		func(j *judged) { j.add(narrow("a", 2, "data/finance/")) },
		func(j *judged) { j.add(narrow("a", 2, "s3://data/finance/")) },
	},
	"prefix-without-delimiter": {func(j *judged) { j.add(narrow("a", 2, "finance")) }},
	"delete-markers-to-copy":   {func(*judged) {}},
	"existing-objects":         {func(j *judged) { j.Facts.Source.HadObjects = model.Yes }},
	"kms-not-selected": {func(j *judged) {
		j.rule.SourceSelectionCriteria, j.rule.Destination.EncryptionConfiguration = nil, nil
		j.Facts.Source.DefaultEncryption, j.Facts.Source.DefaultKey = model.SSES3, ""
	}},
	"kms-default-not-selected": {func(j *judged) {
		j.rule.SourceSelectionCriteria, j.rule.Destination.EncryptionConfiguration = nil, nil
	}},
	"replica-key-invalid": {
		func(j *judged) { j.rule.Destination.EncryptionConfiguration.ReplicaKmsKeyID = "my-key" },
		func(j *judged) { j.rule.Destination.EncryptionConfiguration.ReplicaKmsKeyID = "" },
	},
	"source-not-judged": {func(j *judged) { j.Facts.Source.Bucket = "" }},
	"judged-with-stand-ins": {func(j *judged) {
		j.Configuration.Role = "arn:aws:iam::<account>:role/data-role-<generated>"
		j.destination.Policy = denying("s3:*", "*", nil)
	}},
	"replica-key-region": {func(j *judged) { j.rule.Destination.EncryptionConfiguration.ReplicaKmsKeyID = sourceKey }},
	"replica-key-alias": {func(j *judged) {
		j.rule.Destination.EncryptionConfiguration.ReplicaKmsKeyID = "arn:aws:kms:us-west-2:111111111111:alias/dr"
	}},
	"replica-key-aws-managed": {func(j *judged) {
		j.destination.Account = "222222222222"
		j.rule.Destination.EncryptionConfiguration.ReplicaKmsKeyID = "arn:aws:kms:us-west-2:222222222222:alias/aws/s3"
	}},
	"replica-key-unusable": {func(j *judged) {
		j.destination.Keys = map[string]model.KeyFacts{destinationKey: {State: model.KeyPendingDeletion}}
	}},
	"source-key-unusable": {func(j *judged) {
		j.Facts.Source.Keys = map[string]model.KeyFacts{sourceKey: {State: model.KeyDisabled}}
	}},
	"dsse-bucket-key": {
		func(j *judged) { j.Facts.Source.DefaultEncryption = model.DSSEKMS },
		func(j *judged) { j.destination.DefaultEncryption = model.DSSEKMS },
	},
	"source-unversioned":           {func(j *judged) { j.Facts.Source.Versioning = model.VersioningSuspended }},
	"destination-unversioned":      {func(j *judged) { j.destination.Versioning = model.VersioningNever }},
	"destination-is-source":        {func(j *judged) { j.Facts.Source.Bucket = "dr" }},
	"object-lock-source-only":      {func(j *judged) { j.Facts.Source.ObjectLock = model.Yes }},
	"object-lock-destination-only": {func(j *judged) { j.destination.ObjectLock = model.Yes }},
	"region-unknown": {
		func(j *judged) { j.Facts.Source.Region = "us-esat-1" },
		func(j *judged) { j.destination.Region = "us-west-99" },
	},
	"same-region":  {func(j *judged) { j.destination.Region = "us-east-1" }},
	"same-account": {func(*judged) {}},
	"owner-override-same-account": {func(j *judged) {
		j.rule.Destination.Account = "111111111111"
		j.rule.Destination.AccessControlTranslation = &s3config.AccessControlTranslation{Owner: "Destination"}
	}},
	"owner-override-missing": {func(j *judged) {
		j.destination.Account, j.destination.Ownership = "222222222222", model.ObjectWriter
	}},
	"account-mismatch":         {func(j *judged) { j.rule.Destination.Account = "222222222222" }},
	"requester-pays":           {func(j *judged) { j.destination.Account, j.destination.RequesterPays = "222222222222", model.Yes }},
	"class-archive":            {func(j *judged) { j.rule.Destination.StorageClass = "GLACIER" }},
	"class-one-zone":           {func(j *judged) { j.rule.Destination.StorageClass = "ONEZONE_IA" }},
	"class-reduced-redundancy": {func(j *judged) { j.rule.Destination.StorageClass = "REDUCED_REDUNDANCY" }},
	"class-minimums":           {func(j *judged) { j.rule.Destination.StorageClass = "STANDARD_IA" }},
	"class-minimum-duration":   {func(j *judged) { j.rule.Destination.StorageClass, j.destination.NoncurrentDays = "GLACIER_IR", 30 }},
	"metrics-off":              {func(j *judged) { j.rule.Destination.Metrics, j.Monitoring = nil, nil }},
	"metrics-off-with-alarms":  {func(j *judged) { j.rule.Destination.Metrics.Status = replication.Disabled }},
	"no-alarm-on-failures":     {func(j *judged) { j.Monitoring.Alarms = nil }},
	"alarm-unknown-metric":     {alarm(model.AlarmFacts{Metric: "FailedReplication"})},
	"alarm-wrong-region":       {alarm(model.AlarmFacts{Metric: "ReplicationLatency", Region: "us-east-1"})},
	"alarm-dimensions":         {alarm(model.AlarmFacts{Metric: "ReplicationLatency", Dimensions: []string{"SourceBucket"}})},
	"alarm-statistic":          {alarm(model.AlarmFacts{Metric: "ReplicationLatency", Statistic: "Average"})},
	"alarms-notify-nobody":     {func(j *judged) { j.Monitoring.Notifies = model.No }},
	"rtc-cost": {func(j *judged) {
		minutes := s3config.Minutes{Minutes: 15}
		j.rule.Destination.ReplicationTime = &s3config.ReplicationTime{Status: replication.Enabled, Time: minutes}
		j.rule.Destination.Metrics.EventThreshold = &minutes
	}},
	"chain-stops": {func(j *judged) { j.others = []model.Subject{from("dr", ruleTo("third", "on", 1))} }},
	"two-way-spokes": {func(j *judged) {
		there := from("hub", ruleTo("data", "one", 2), ruleTo("third", "two", 1))
		there.Name, j.ReverseOf = "there", "there"
		j.rule.Destination.Bucket = "arn:aws:s3:::hub"
		j.others = []model.Subject{there}
	}},
	"two-way-without-sync": {func(j *judged) { j.others = []model.Subject{from("dr", ruleTo("data", "back", 1))} }},
	"not-permitted": {
		func(j *judged) { j.destination.Policy = denying("s3:*", "arn:aws:s3:::dr/*", nil) },
		func(j *judged) { j.Facts.Source.Policy = denying("s3:Get*", "arn:aws:s3:::data/*", nil) },
		func(j *judged) { j.Facts.Role.Boundary = ptr(policy.New()) },
		func(j *judged) {
			j.destination.Policy = denying("s3:ReplicateObject", "arn:aws:s3:::dr/finance/*", nil)
		},
	},
	"permission-undecided": {
		func(j *judged) { j.destination.Policy = denying("s3:*", "arn:aws:s3:::dr/*", ofOurOrganization) },
		func(j *judged) { j.Facts.Source.Policy = denying("s3:*", "arn:aws:s3:::data/*", ofOurOrganization) },
	},
	"maybe-not-permitted": {func(j *judged) { j.destination.Policy = denying("s3:ReplicateTags", "arn:aws:s3:::dr/*", nil) }},
}

func alarm(facts model.AlarmFacts) func(*judged) {
	facts.Name = "odd"
	return func(j *judged) { j.Monitoring.Alarms = append(j.Monitoring.Alarms, facts) }
}

// from is another bucket that replicates.
func from(bucket string, rules ...s3config.Rule) model.Subject {
	return model.Subject{
		Name: bucket, Configuration: rulesOf(rules...),
		Facts: model.Facts{Source: model.BucketFacts{Bucket: bucket}},
	}
}

func TestLint_Finds(t *testing.T) {
	t.Parallel()
	for id, changes := range lintCases {
		for i, change := range changes {
			t.Run(fmt.Sprintf("%s/%d", id, i), func(t *testing.T) {
				t.Parallel()
				subject := fineSubject()
				change(subject)
				findings := subject.findings()
				require.Contains(t, lintIDs(findings), id)
				for _, finding := range findings {
					assert.NotContains(t, finding.Message+finding.Fix, "%!", "the texts are filled in")
					assert.NotContains(t, finding.Fix, "%")
					assert.NotEmpty(t, finding.Fix)
					assert.NotEmpty(t, finding.Path)
					assert.NotEmpty(t, finding.Replication)
					assert.Contains(t, finding.See, "https://docs.aws.amazon.com/")
				}
			})
		}
	}
}

// Every finding has a case.
func TestLint_HasACaseForEveryFinding(t *testing.T) {
	t.Parallel()
	var cases []string
	for id := range lintCases {
		cases = append(cases, id)
	}
	assert.ElementsMatch(t, model.FindingIDs(), cases)
}

func TestLint_EachSeverityComesAfterTheWorse(t *testing.T) {
	t.Parallel()
	rank := map[model.Severity]int{model.SeverityError: 0, model.SeverityWarning: 1, model.SeverityInfo: 2}
	rapid.Check(t, func(t *rapid.T) {
		findings := model.Lint(
			model.Subject{Name: "one", Configuration: randomConfiguration(t), Facts: randomFacts(t)},
			model.Subject{Name: "two", Configuration: randomConfiguration(t), Facts: randomFacts(t)})
		for i := 1; i < len(findings); i++ {
			assert.LessOrEqual(t, rank[findings[i-1].Severity], rank[findings[i].Severity])
		}
	})
}

// The order of rules changes neither what is found, nor about which rules; but
// for the finding that is about the order, and those that name the first rule
// for a destination.
func TestLint_DoesNotDependOnTheOrderOfRules(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		configuration, facts := randomConfiguration(t), randomFacts(t)
		shuffled := configuration
		shuffled.Rules = rapid.Permutation(configuration.Rules).Draw(t, "order")
		found := func(c s3config.Configuration) []string {
			var texts []string
			for _, finding := range model.Lint(model.Subject{Configuration: c, Facts: facts, Valid: true}) {
				if finding.ID != "priority-order" {
					texts = append(texts, finding.ID+" "+finding.Rule+" "+finding.Message)
				}
			}
			return texts
		}
		assert.ElementsMatch(t, found(configuration), found(shuffled))
	})
}

// The canary publishes the metric of its alarms, and S3 does not know it.
func TestLint_AlarmsOfACanaryAreWell(t *testing.T) {
	t.Parallel()
	d := deployed("222222222222")
	d.Topics = []replication.Topic{{ARN: "arn:aws:sns:us-east-1:111111111111:oncall", Region: "us-east-1"}}
	d.Alarms = []replication.Alarm{
		{Name: "failed", Region: "us-east-1", Metric: "OperationsFailedReplication", Rule: "dr"},
		{Name: "heartbeat", Region: "us-west-2", Metric: "HeartbeatAge", Rule: "dr"},
	}
	for _, finding := range model.Lint(model.Subjects(d)...) {
		assert.NotContains(t, []string{"alarm-unknown-metric", "alarm-wrong-region", "no-alarm-on-failures"}, finding.ID, finding.Message)
	}
}
