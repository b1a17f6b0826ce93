package model_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// Every defect of the recipes that the product started from, and every report
// of a user, that can be seen in a configuration and its policies.
func TestLint_ReportedMistakes(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		spoil func(*judged)
		id    string
		says  string
	}{
		// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html
		"the role has kms:GenerateDataKey and not kms:Encrypt": {
			func(j *judged) { withoutKeys(j, "kms:GenerateDataKey") }, "not-permitted", "kms:Encrypt",
		},
		"D1, and whether there are bucket keys is not known": {
			func(j *judged) {
				j.Facts.Source.BucketKey, j.destination.BucketKey = model.Unknown, model.Unknown
				withoutKeys(j, "kms:GenerateDataKey")
			}, "not-permitted", "kms:Encrypt",
		},
		"cloudposse#277: the role has no KMS permissions": {
			func(j *judged) { withoutKeys(j, "s3:ListBucket") }, "not-permitted", "kms:Encrypt",
		},
		"AFT#639: a bucket key, and conditions on the object's ARN": {
			func(j *judged) {
				last := withoutKeys(j, "kms:Encrypt", "kms:GenerateDataKey", "kms:Decrypt")
				last.Condition = policy.Conditions{"StringLike": {"kms:EncryptionContext:aws:s3:arn": {"arn:aws:s3:::dr/*"}}}
			}, "not-permitted", "with the encryption context arn:aws:s3:::dr",
		},
		"aws-root-account#1015: an alias for the key": {lintCases["replica-key-alias"][0], "replica-key-alias", "resolves in the account of the caller"},
		"seed 001: KMS is switched on one day": {
			func(j *judged) { j.rule.SourceSelectionCriteria, j.rule.Destination.EncryptionConfiguration = nil, nil },
			"kms-default-not-selected", "skips them silently",
		},
		"tpa#26241: a key for replicas without the opt-in": {
			func(j *judged) { j.rule.SourceSelectionCriteria = nil }, "s3-refuses", "SseKmsEncryptedObjects must be specified",
		},
		// https://docs.aws.amazon.com/AmazonS3/latest/userguide/repl-metrics.html
		"alarms without metrics on the rule":         {func(j *judged) { j.rule.Destination.Metrics = nil }, "metrics-off-with-alarms", "can never fire"},
		"an alarm that does not name the rule":       {alarm(model.AlarmFacts{Metric: "ReplicationLatency", Dimensions: []string{"SourceBucket", "DestinationBucket"}}), "alarm-dimensions", "can never fire"},
		"an alarm on latency in the source's region": {alarm(model.AlarmFacts{Metric: "ReplicationLatency", Region: "us-east-1"}), "alarm-wrong-region", "publishes ReplicationLatency in us-west-2"},
		"the average of a maximum":                   {alarm(model.AlarmFacts{Metric: "ReplicationLatency", Statistic: "Average"}), "alarm-statistic", "Average of ReplicationLatency"},
		"an alarm called failures watches latency": {
			func(j *judged) {
				j.Monitoring.Alarms[0] = model.AlarmFacts{Name: "Replication-Failures", Metric: "ReplicationLatency"}
			},
			"no-alarm-on-failures", "failures stay unnoticed",
		},
		"an alarm without actions": {func(j *judged) { j.Monitoring.Notifies = model.No }, "alarms-notify-nobody", "no notification targets"},
		"a metric that does not exist": {
			alarm(model.AlarmFacts{Metric: "NumberOfObjectsPendingReplication"}), "alarm-unknown-metric", "not a replication metric",
		},
		"govuk#4842: broken for months without notice": {lintCases["metrics-off"][0], "metrics-off", "stay unnoticed"},
		"MoJ#13496: failures are not notified":         {func(j *judged) { j.Monitoring.Alarms = nil }, "no-alarm-on-failures", "failures stay unnoticed"},
		"pulumi-aws#5806: a threshold without replication time control": {
			func(j *judged) { j.rule.Destination.Metrics.EventThreshold = &s3config.Minutes{Minutes: 15} },
			"s3-refuses", "Metrics cannot contain an event threshold",
		},
		// https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html
		"the role lacks s3:GetReplicationConfiguration": {
			func(j *judged) {
				statements := fineRole(j)
				statements[0].Action = policy.Values{"s3:ListBucket"}
			}, "not-permitted", "s3:GetReplicationConfiguration",
		},
		"MoJ#13496: the drill with an explicit deny on the role": {
			func(j *judged) {
				j.Facts.Role.Policies = append(j.Facts.Role.Policies, policy.New(policy.Statement{
					Sid: "Drill", Effect: policy.Deny, Action: policy.Values{"s3:ReplicateObject"}, Resource: policy.Values{"*"},
				}))
			}, "not-permitted", "Drill",
		},
		"only requests of an address or an endpoint": {
			func(j *judged) {
				j.destination.Policy = denying("s3:*", "*", policy.Conditions{"StringNotEquals": {"aws:SourceVpce": {"vpce-1"}}})
			}, "not-permitted", "Guard",
		},
		"CDK#35825: the other account's bucket does not let the role in": {
			func(j *judged) { j.destination.Account, j.destination.Policy = "222222222222", ptr(policy.New()) },
			"not-permitted", "no statement of the resource policy allows it",
		},
		// https://docs.aws.amazon.com/AmazonS3/latest/userguide/delete-marker-replication.html
		"deletions reach the copy silently":   {func(*judged) {}, "delete-markers-to-copy", "delete markers are replicated"},
		"existing objects are not replicated": {lintCases["existing-objects"][0], "existing-objects", "not replicated"},
		"delete markers and a filter by tags": {
			func(j *judged) { j.rule.Filter = tagged("", "class", "high") }, "s3-refuses", "not supported if any Tag filter",
		},
		// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-add-config.html
		"tpa#665: a rule without an id": {lintCases["rule-without-id"][0], "rule-without-id", "generates one"},
		"tpa#22007: a rule of the first schema, which replicates deletions": {
			lintCases["schema-v1"][0], "schema-v1", "replicates delete markers",
		},
		"simpleinfra#468: delete markers in a rule of the first schema": {
			func(j *judged) { j.rule.Filter, j.rule.Prefix = nil, ptr("") }, "s3-refuses", "DeleteMarkerReplication",
		},
		"aws-root-account#1297: two rules of one priority": {func(j *judged) { j.add(narrow("a", 1, "a/")) }, "s3-refuses", "priority must be unique"},
		"tpa#23840: existing objects by a rule":            {lintCases["s3-refuses"][0], "s3-refuses", "MalformedXML"},
		"a chain of buckets":                               {lintCases["chain-stops"][0], "chain-stops", "does not replicate replicas"},
		"a rule that never applies":                        {lintCases["rule-shadowed"][0], "rule-shadowed", "the rule everything has the same destination"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			subject := fineSubject()
			test.spoil(subject)
			var messages []string
			for _, finding := range subject.findings() {
				if finding.ID == test.id {
					messages = append(messages, finding.Message)
				}
			}
			assert.Contains(t, joinLines(messages), test.says)
		})
	}
}

func joinLines(lines []string) string {
	text := ""
	for _, line := range lines {
		text += line + "\n"
	}
	return text
}

// fineRole are the statements of the role's policy, the keys' last.
func fineRole(j *judged) []policy.Statement { return j.Facts.Role.Policies[0].Statement }

// withoutKeys leaves the role other permissions than it has for the key of
// replicas.
func withoutKeys(j *judged, actions ...string) *policy.Statement {
	statements := fineRole(j)
	last := &statements[len(statements)-1]
	last.Action = actions
	return last
}

// What looks bad and is not.
func TestLint_LeavesAlone(t *testing.T) {
	t.Parallel()
	cases := map[string]func(*judged){
		// D8: it is bad for uploads, and does not touch replicas.
		"a deny on uploads with other encryption": func(j *judged) {
			j.destination.Policy = denying("s3:PutObject", "arn:aws:s3:::dr/*",
				policy.Conditions{"StringNotEquals": {"s3:x-amz-server-side-encryption": {"aws:kms"}}})
		},
		// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-troubleshoot.html
		"replicas that cannot be deleted": func(j *judged) { j.destination.Policy = denying("s3:DeleteObject*", "arn:aws:s3:::dr/*", nil) },
		"no plain HTTP": func(j *judged) {
			j.destination.Policy = denying("s3:*", "*", policy.Conditions{"Bool": {"aws:SecureTransport": {"false"}}})
		},
		"an exception above the rule": func(j *judged) {
			exception := narrow("finance", 2, "finance/")
			exception.Destination.StorageClass = ""
			j.Configuration.Rules = append([]s3config.Rule{exception}, j.Configuration.Rules...)
			j.rule = &j.Configuration.Rules[1]
		},
		"a chain with a direct way": func(j *judged) {
			j.Configuration.Rules = append([]s3config.Rule{ruleTo("third", "third", 2)}, j.Configuration.Rules...)
			j.others = []model.Subject{from("dr", ruleTo("third", "on", 1))}
		},
		"two ways with sync": func(j *judged) {
			back := ruleTo("data", "back", 1)
			for _, rule := range []*s3config.Rule{j.rule, &back} {
				rule.SourceSelectionCriteria.ReplicaModifications = &s3config.Switch{Status: replication.Enabled}
			}
			j.others = []model.Subject{from("dr", back)}
		},
	}
	for name, change := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			subject := fineSubject()
			change(subject)
			assert.True(t, subject.findings().OK(), "%v", subject.findings())
		})
	}
}

// LZA#1144: its maintainers tested that kms:Encrypt alone replicates, without
// bucket keys. AWS's pages name the others too, so a warning stays.
func TestLint_TakesEncryptAloneForNoError(t *testing.T) {
	t.Parallel()
	subject := fineSubject()
	subject.Facts.Source.BucketKey, subject.destination.BucketKey = model.No, model.No
	withoutKeys(subject, "kms:Encrypt")
	findings := subject.findings()
	assert.Zero(t, findings.Count(model.SeverityError))
	assert.Contains(t, lintIDs(findings), "maybe-not-permitted")
}
