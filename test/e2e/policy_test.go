package e2e

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/access"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// unseen are actions that a policy needs on AWS and that
// TestPolicy_HasNoActionTooMuch does not observe, by task, with the reason.
var unseen = map[string]string{
	"verify kms:GenerateDataKey":                 aboutKeys,
	"verify kms:Decrypt":                         aboutKeys,
	"compare kms:Decrypt":                        aboutKeys,
	"object kms:Decrypt":                         aboutKeys,
	"object s3:GetObjectRetention":               aboutAnswers,
	"object s3:GetObjectLegalHold":               aboutAnswers,
	"object s3:ListBucketVersions":               "object lists only if S3 returns nothing about an object, as with SSE-C",
	"object sqs:ReceiveMessage":                  aboutFailures,
	"object sqs:GetQueueUrl":                     aboutFailures,
	"object sqs:GetQueueAttributes":              aboutFailures,
	"status kms:Decrypt":                         aboutKeys,
	"report kms:Decrypt":                         aboutKeys,
	"deploy cloudtrail:GetEventSelectors":        "the provider asks where the trail says that it has selectors, and the emulator says of no trail that it has",
	"deploy logs:AssociateKmsKey":                "CloudWatch Logs is believed to ask for it when a group is made with a key",
	"deploy iam:UpdateRoleDescription":           aboutReleases,
	"deploy kms:UpdateKeyDescription":            aboutReleases,
	"deploy lambda:UpdateFunctionCode":           aboutReleases,
	"deploy s3:PutBucketObjectLockConfiguration": "the stack of this test must go, so it locks nothing; TestTopologies has locks",
	"verify s3:BypassGovernanceRetention":        "the same; TestVerify_TopologiesAreWell has locks",
	"verify s3:AbortMultipartUpload":             "verify aborts an upload in parts only where one of the parts fails",
	"compare cloudwatch:GetMetricStatistics":     "compare asks how many objects there are only where it takes long",
	"compare s3:ListBucket":                      aboutAnswers,
	"compare s3:GetObjectRetention":              aboutAnswers,
	"compare s3:GetObjectLegalHold":              aboutAnswers,
	"compare s3:GetObject":                       "an inventory of a bucket without versions names none",
}

const (
	aboutKeys     = "S3 and SQS use keys for their callers, and the local AWS does not check the right of the caller to the key"
	aboutReleases = "it changes with a release of this module, and with no configuration"
	aboutFailures = "object looks into queues for what failed, and nothing fails here; TestObject has failures"
	aboutAnswers  = "S3 answers without it too, and less: 403 for a missing object, and no locks"
)

// everythingConfig is a stack with all features of the topologies, except locks,
// with which it could not be destroyed.
const everythingConfig = `
config:
  crr:tags: { team: storage%s }
  crr:forceDestroy: true
  crr:deletionWindowInDays: 7
  crr:dashboard: true
  crr:audit: { %s }
  crr:replications:
    - name: data
      direction: %s
      source: { region: us-east-1%s }
      destinations: [{ name: vault, region: us-west-2, assumeRoleArn: "arn:aws:iam::222222222222:role/deploy" }]
      rules: [%s]
      monitoring: { pendingOperations: %d, emails: [ops@example.com], queueArns: ["arn:aws:sqs:us-east-1:123456789012:oncall"], failureQueue: true, dashboard: true }
      audit: { enabled: true, accessLogs: true, inventory: Daily }
      canary: { enabled: true, everyMinutes: %d, code: %q }
    - name: plain
      source: { region: us-east-1 }
      destinations: [{ name: copy, region: us-east-1 }]
      role: { path: /storage/%s }
`

// TestPolicy_HasNoActionTooMuch deploys everything, changes everything that can be
// changed in place, runs each command, and destroys it, each with the policies that
// crr prints for it. An action that allowed no call could be removed, so it does not
// belong in a policy.
func TestPolicy_HasNoActionTooMuch(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.makeQueue("oncall")
	code, boundary := l.canary(), makeBoundary(t, l.in("us-east-1"))
	const logs, everywhere, tagged = "cloudWatchLogs: { retentionDays: 30 }", "{ id: all }", "{ id: tagged, prefix: finance/, tags: { class: critical } }, { id: all }"
	l.project(fmt.Sprintf(everythingConfig, ", cost: a", logs, "one-way", ", acceleration: true", everywhere, 1000, 10, code, ""))
	l.up()
	l.project(fmt.Sprintf(everythingConfig, "", "cloudWatchLogs: { retentionDays: 60 }, managementEvents: false", "two-way",
		", intelligentTiering: { archiveDays: 90 }, lifecycle: { noncurrentDays: 30 }", tagged, 500, 20, code, fmt.Sprintf(", permissionsBoundary: %q", boundary)))
	l.up()
	l.mustRun("pulumi", "preview", "--refresh", "--expect-no-changes", "--stack", "test")
	deployed := l.descriptors()[0]
	_, err := l.in("us-east-1").s3.PutObject(t.Context(), &s3.PutObjectInput{
		Bucket: &deployed.Source.Bucket, Key: aws.String("finance/a"), Tagging: aws.String("class=critical"), Body: strings.NewReader("data"),
	})
	require.NoError(t, err)
	l.replicates(deployed.Source, "finance/a")
	r := l.verify(deployed)
	assert.Contains(t, []int{0, 1}, r.status, "%s%s", r.out, r.err)
	r = l.verify(l.descriptors()[1], "--no-write")
	assert.Contains(t, []int{0, 1}, r.status, "%s%s", r.out, r.err)
	for _, command := range [][]string{
		{"status", "--stack", "test"},
		{"report", "--stack", "test", "--window", "1h"},
		{"compare", "--stack", "test", "--attributes"},
		{"object", "s3://" + deployed.Source.Bucket + "/finance/a", "--stack", "test"},
		{"object", "s3://" + l.descriptors()[1].Source.Bucket + "/none", "--stack", "test"}, // its role has a boundary
		{"destroy-check", "--stack", "test"},
	} {
		output, complaint, status := l.exitOf(command...)
		assert.Contains(t, []int{0, 1}, status, "%v: %s%s", command, output, complaint)
	}
	l.project(fmt.Sprintf(everythingConfig, "", "managementEvents: false", "two-way", "", tagged, 500, 20, code, ", trustAnyAccount: true"))
	l.up()
	l.mustRun("pulumi", "stack", "export", "--stack", "test", "--file", "before.json")
	l.mustRun("pulumi", "destroy", "--yes", "--skip-preview", "--stack", "test")
	l.mustRun("crr", "schedule-key-deletion", "--state", "before.json", "--yes")
	l.assertEveryActionIsUsed()
}

// assertEveryActionIsUsed compares the granted actions of the lab's roles with the
// used ones.
func (l *lab) assertEveryActionIsUsed() {
	l.t.Helper()
	used := map[string]bool{}
	for _, each := range l.decisions() {
		task, own := strings.CutPrefix(each.role[strings.LastIndex(each.role, "/")+1:], "lab-")
		if !own {
			task = "" // a role in another account, which each task assumes in turn
		}
		if each.allowed {
			used[task+" "+each.action] = true
		}
	}
	var idle []string
	for task, actions := range l.rights.ever {
		for _, action := range slices.Sorted(maps.Keys(actions)) {
			right := string(task) + " " + action
			_, excused := unseen[right]
			if !used[right] && !used[" "+action] && !excused {
				idle = append(idle, right)
			}
			assert.False(l.t, used[right] && excused, "%s is used: it needs no excuse", right)
		}
	}
	assert.Empty(l.t, idle, "actions that are granted and not used")
}

// TestPolicy_OneActionLessIsTooLittle removes actions from the policy for deploying,
// and expects the deployment to fail with their names.
func TestPolicy_OneActionLessIsTooLittle(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.project("config:\n  crr:forceDestroy: true\n  crr:replications: [{ name: data, source: { region: us-east-1 }, destinations: [{ name: dr, region: us-west-2 }] }]\n")
	l.up()
	printed := l.policiesFor(access.ToDeploy, []string{"--config", "Pulumi.test.yaml", "--account", homeAccount}, nil)
	for _, action := range []string{"s3:GetBucketWebsite", "kms:GetKeyRotationStatus", "iam:GetRolePolicy"} {
		env := l.entitled(access.ToDeploy, lessened(printed, action))
		output, err := runIn(t, l.dir, env, "pulumi", "preview", "--refresh", "--stack", "test")
		assert.Error(t, err, action)
		assert.Contains(t, output, action)
	}
	// Every deployment needs to pass the role to S3.
	_, err := l.in("us-east-1").s3.DeleteBucketReplication(t.Context(), &s3.DeleteBucketReplicationInput{Bucket: aws.String(l.descriptors()[0].Source.Bucket)})
	require.NoError(t, err)
	output, err := runIn(t, l.dir, l.entitled(access.ToDeploy, lessened(printed, "iam:PassRole")), "pulumi", "up", "--refresh", "--yes", "--skip-preview", "--stack", "test")
	assert.Error(t, err)
	assert.Contains(t, output, "iam:PassRole")
	l.mayLack = true
	l.mustRun("pulumi", "destroy", "--yes", "--skip-preview", "--stack", "test")
}

// lessened returns policies without an action.
func lessened(policies []access.Policy, action string) []access.Policy {
	var less []access.Policy
	for _, each := range policies {
		var documents []policy.Document
		for _, document := range each.Documents {
			var statements []policy.Statement
			for _, statement := range document.Statement {
				statement.Action = slices.DeleteFunc(slices.Clone(statement.Action), func(other string) bool { return other == action })
				if len(statement.Action) > 0 {
					statements = append(statements, statement)
				}
			}
			documents = append(documents, policy.New(statements...))
		}
		each.Documents = documents
		less = append(less, each)
	}
	return less
}
