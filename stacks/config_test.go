package stacks

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/crr-io/pulumi-aws-crr/internal/pulumitest"
	"github.com/crr-io/pulumi-aws-crr/internal/stackfile"
)

// stackFile reads a stack file as Pulumi hands it to the program: by key, what
// is structured as JSON.
func stackFile(t *testing.T, text string) map[string]string {
	t.Helper()
	var file struct {
		Config map[string]any `yaml:"config"`
	}
	require.NoError(t, yaml.Unmarshal([]byte(text), &file))
	values := map[string]string{}
	for key, value := range file.Config {
		name, ours := strings.CutPrefix(key, stackfile.Namespace+":")
		require.Truef(t, ours, "the key %s is not in the namespace %s", key, stackfile.Namespace)
		if plain, ok := value.(string); ok {
			values[name] = plain
			continue
		}
		data, err := json.Marshal(value)
		require.NoError(t, err)
		values[name] = string(data)
	}
	return values
}

func run(t *testing.T, text string) (*pulumitest.Recorder, error) {
	t.Helper()
	values := stackFile(t, text)
	return pulumitest.Run(t, func(ctx *pulumi.Context) error { return deploy(ctx, values) })
}

func TestStackFiles_OfThisRepositoryDeploy(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../Pulumi.*.yaml")
	require.NoError(t, err)
	require.Len(t, files, 3)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			recorder, err := run(t, string(text))
			require.NoError(t, err)
			assert.Len(t, recorder.OfType("aws:s3/bucketReplicationConfig:BucketReplicationConfig"), 1)
		})
	}
}

func TestEnvironments_DifferWhereTheyShould(t *testing.T) {
	t.Parallel()
	load := func(stack string) *pulumitest.Recorder {
		text, err := os.ReadFile("../Pulumi." + stack + ".yaml")
		require.NoError(t, err)
		recorder, err := run(t, string(text))
		require.NoError(t, err)
		return recorder
	}
	for stack, want := range map[string]struct {
		protected, forceDestroy bool
		window                  float64
		subscriptions           int
		timed, dashboard        bool
	}{
		"local": {forceDestroy: true, window: 7},
		"dev":   {forceDestroy: true, window: 7},
		"prod":  {protected: true, window: 30, subscriptions: 2, timed: true, dashboard: true},
	} {
		recorder := load(stack)
		bucket := recorder.One(t, "aws:s3/bucketV2:BucketV2", "data-source")
		assert.Equal(t, want.protected, bucket.Protect && bucket.RetainOnDelete, "protection of %s", stack)
		assert.Equal(t, want.forceDestroy, bucket.Inputs["forceDestroy"].BoolValue(), "force-destroy of %s", stack)
		key := recorder.One(t, "aws:kms/key:Key", "data-source-key")
		assert.InDelta(t, want.window, key.Inputs["deletionWindowInDays"].NumberValue(), 0, "deletion window of %s", stack)
		assert.Len(t, recorder.OfType("aws:sns/topicSubscription:TopicSubscription"), want.subscriptions, "subscriptions of %s", stack)
		configuration := recorder.One(t, "aws:s3/bucketReplicationConfig:BucketReplicationConfig", "data-replication")
		rule := configuration.Inputs.Mappable()["rules"].([]any)[0].(map[string]any)
		_, timed := rule["destination"].(map[string]any)["replicationTime"]
		assert.Equal(t, want.timed, timed, "replication time control of %s", stack)
		assert.Equal(t, want.dashboard, len(recorder.OfType(dashboardToken)) == 1, "dashboard of %s", stack)
	}
}

// everyKey is a configuration with all keys.
const everyKey = `
config:
  crr:tags: { team: storage }
  crr:protect: true
  crr:forceDestroy: true
  crr:deletionWindowInDays: 12
  crr:dashboard: true
  crr:accountId: "111111111111"
  crr:allowUnknownRegions: true
  crr:audit:
    region: eu-west-1
    name: data-trail
    managementEvents: false
    retentionDays: 400
    objectLock: { mode: COMPLIANCE, days: 60 }
    cloudWatchLogs: { retentionDays: 90 }
    readers: ["arn:aws:iam::222222222222:role/auditor"]
    path: /audit/
    permissionsBoundary: arn:aws:iam::222222222222:policy/audit
  crr:replications:
    - name: data
      direction: one-way
      source:
        region: us-east-1
        bucket: my-bucket
        decryptKeyArns: ["arn:aws:kms:us-east-1:222222222222:key/before"]
        eventBridge: false
        acceleration: true
        guard: { except: ["arn:aws:iam::111111111111:role/break-glass"] }
        allowKeyChanges: true
        statements: [{ Sid: Mine, Effect: Allow, Principal: { AWS: "arn:aws:iam::111111111111:role/app" }, Action: "s3:GetObject", Resource: "arn:aws:s3:::my-bucket/*" }]
        keyStatements: [{ Sid: Backup, Effect: Allow, Principal: { AWS: "arn:aws:iam::333333333333:role/backup" }, Action: "kms:Decrypt" }]
        lifecycle: { noncurrentDays: 33, transitions: [{ days: 90, storageClass: GLACIER }] }
        objectLock: { mode: GOVERNANCE, days: 30 }
        intelligentTiering: { archiveDays: 91, deepArchiveDays: 181 }
        assumeRoleArn: arn:aws:iam::222222222222:role/deploy
        externalId: of-us
        accountId: "222222222222"
        notifications: [{ events: ["s3:ObjectCreated:*"], prefix: in/, suffix: .csv, topicArn: "arn:aws:sns:us-east-1:222222222222:created" }]
      destinations:
        - name: dr
          region: us-west-2
          storageClass: STANDARD_IA
          kmsKeyArn: arn:aws:kms:us-west-2:111111111111:key/mine
          objectLock: {}
          permissionsBoundary: arn:aws:iam::111111111111:policy/there
      rules:
        - id: critical
          preset: critical
          destinations: [dr]
          prefixes: [finance/, legal/]
          tags: { class: critical }
          enabled: true
          deleteMarkers: false
          replicationTimeControl: true
          metrics: true
          storageClass: GLACIER_IR
          monitoring: { latencySeconds: 60, pendingOperations: 10, pendingBytes: 1000 }
        - id: rest
          enabled: false
      role: { name: replication, path: /storage/, permissionsBoundary: "arn:aws:iam::222222222222:policy/boundary", trustAnyAccount: true }
      monitoring:
        latencySeconds: 123
        pendingOperations: 456
        pendingBytes: 789
        composite: true
        account: source
        runbookUrl: https://wiki.example.com/replication
        emails: [ops@example.com]
        queueArns: ["arn:aws:sqs:us-east-1:222222222222:oncall"]
        functionArns: ["arn:aws:lambda:us-east-1:222222222222:function:page"]
        webhooks: ["https://example.com/hook"]
        topicArns: { us-west-2: "arn:aws:sns:us-west-2:111111111111:oncall" }
        events: { us-east-1: { alarmTopic: true } }
        failureQueue: true
        dashboard: true
      audit: { enabled: true, accessLogs: true, inventory: Weekly }
      canary: { enabled: true, everyMinutes: 10, ageSeconds: 1000, code: testdata/canary.zip }
`

func TestConfig_EveryKeySnapshot(t *testing.T) {
	t.Parallel()
	recorder, err := run(t, everyKey)
	require.NoError(t, err)
	pulumitest.Golden(t, "every-key", recorder)
}

func TestConfig_ExistingBucketsAreAdopted(t *testing.T) {
	t.Parallel()
	const config = `
config:
  crr:replications:
    - name: data
      source: { region: us-east-1, bucket: theirs, existing: true, replaceRules: true }
      destinations: [{ name: dr, region: us-west-2, bucket: copies, existing: true, accountId: "333333333333" }]
    - name: more
      source: { region: us-east-1, bucket: more, existing: true, replaceRules: true, kmsKeyArn: "arn:aws:kms:us-east-1:111111111111:key/a" }
      destinations: [{ name: dr, region: us-west-2 }]
      role: { arn: "arn:aws:iam::111111111111:role/mine" }
`
	recorder, err := run(t, config)
	require.NoError(t, err)
	rule := recorder.One(t, "aws:s3/bucketReplicationConfig:BucketReplicationConfig", "data-replication").Inputs["rules"].ArrayValue()[0].ObjectValue()
	assert.False(t, rule.HasValue("sourceSelectionCriteria"), "SSE-S3 replicates without KMS")
	assert.Equal(t, "333333333333", rule["destination"].ObjectValue()["account"].StringValue())

	values := stackFile(t, config)
	recorder, err = pulumitest.RunBeside(t, pulumitest.Existing{
		"copies": errors.New("reading S3 Bucket (copies): couldn't find resource"), "mine": errors.New("NoSuchEntity"),
		"arn:aws:kms:us-east-1:111111111111:key/a": map[string]any{"keyState": "PendingDeletion", "deletionDate": "2026-12-24"},
	}, func(ctx *pulumi.Context) error { return deploy(ctx, values) })
	for _, problem := range []string{
		"the configuration of the stack stack: 3 problems:", "replications[0].destinations[0].bucket: the bucket copies does not exist",
		"replications[1].source.kmsKeyArn: the key arn:aws:kms:us-east-1:111111111111:key/a is pending deletion (2026-12-24)",
		"replications[1].role.arn: the role arn:aws:iam::111111111111:role/mine does not exist",
	} {
		require.ErrorContains(t, err, problem)
	}
	for _, each := range recorder.All() {
		assert.True(t, strings.HasPrefix(each.Type, "pulumi:providers:"), "%s is registered", each.Key())
	}
}

func TestConfig_RegionsThatLookLikeSlips(t *testing.T) {
	t.Parallel()
	const slips = "crr:audit: { region: eu-wset-1 }, crr:replications: [{ name: data, source: { region: us-esat-1 }, destinations: [{ name: dr, region: us-west-2 }], audit: { enabled: true } }] }"
	recorder, err := run(t, "config: { "+slips)
	require.ErrorContains(t, err, `audit.region: "eu-wset-1" is not a known region; did you mean eu-west-1?`)
	require.ErrorContains(t, err, `replications[0].source.region: "us-esat-1" is not a known region; did you mean us-east-1?`)
	assert.Empty(t, recorder.All())
	_, err = run(t, "config: { crr:allowUnknownRegions: true, "+slips)
	require.NoError(t, err)
}

// The stack's account is that of the credentials at hand, so it says nothing of
// buckets that a role manages or that are only replicated to.
func TestConfig_TheAccountOfTheStackIsThatOfItsOwnCredentials(t *testing.T) {
	t.Parallel()
	recorder, err := run(t, `
config:
  crr:accountId: "111111111111"
  crr:replications:
    - name: data
      source: { region: us-east-1 }
      destinations:
        - { name: dr, region: us-west-2, assumeRoleArn: "arn:aws:iam::222222222222:role/deploy" }
        - { name: partner, region: eu-west-1, bucket: theirs, existing: true, kmsKeyArn: "arn:aws:kms:eu-west-1:333333333333:key/theirs" }
`)
	require.NoError(t, err)
	for name, want := range map[string]any{"crr-us-east-1": []any{"111111111111"}, "crr-eu-west-1": []any{"111111111111"}, "crr-us-west-2-222222222222": nil} {
		assert.Equal(t, want, recorder.One(t, "pulumi:providers:aws", name).Inputs.Mappable()["allowedAccountIds"], name)
	}
	_, err = run(t, `config: { crr:accountId: 12, crr:replications: [{ name: data, source: { region: us-east-1 }, destinations: [{ name: dr, region: us-west-2 }] }] }`)
	require.ErrorContains(t, err, `accountId: "12" is not the id of an AWS account`)
}

func TestConfig_EventsHaveTargetsOfEveryKind(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ events, key, target string }{
		"a topic":    {"{ topicArn: 'arn:aws:sns:us-east-1:111111111111:t' }", "topics", "topicArn"},
		"a queue":    {"{ queueArn: 'arn:aws:sqs:us-east-1:111111111111:q' }", "queues", "queueArn"},
		"a function": {"{ functionArn: 'arn:aws:lambda:us-east-1:111111111111:function:f' }", "lambdaFunctions", "lambdaFunctionArn"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			recorder, err := run(t, "config: { 'crr:replications': [{ name: data, source: { region: us-east-1 }, destinations: [{ name: dr, region: us-west-2 }], "+
				"monitoring: { events: { us-east-1: "+c.events+" } } }] }")
			require.NoError(t, err)
			sent := recorder.One(t, "aws:s3/bucketNotification:BucketNotification", "data-source-notifications").Inputs.Mappable()
			assert.Contains(t, c.events, sent[c.key].([]any)[0].(map[string]any)[c.target])
		})
	}
}

func TestConfig_BadOnesAreRefusedWithAllTheirProblemsAndRegisterNothing(t *testing.T) {
	t.Parallel()
	const good = "{ name: data, source: { region: us-east-1 }, destinations: [{ name: dr, region: us-west-2 }] }"
	cases := map[string]struct {
		config string
		says   []string
	}{
		"nothing at all": {
			"config: {}",
			[]string{"replications: is empty; describe at least one replicated bucket"},
		},
		"an unknown key at the top": {
			"config: { 'crr:replicatons': [], 'crr:replications': [" + good + "] }",
			[]string{`replicatons: "replicatons" is not a key; did you mean replications? there is tags, protect, forceDestroy, abandonBuckets, iamSettleSeconds, deletionWindowInDays, dashboard, audit, accountId, allowUnknownRegions, replications`},
		},
		"a bucket in the regional namespace of an account": {
			"config: { 'crr:replications': [{ name: data, source: { region: us-east-1, bucket: data-111111111111-us-east-1-an }, destinations: [{ name: dr, region: us-west-2 }] }] }",
			[]string{`replications[0].source.bucket: "data-111111111111-us-east-1-an" is in an account regional namespace`, "existing: true"},
		},
		"unknown keys further down": {
			"config: { 'crr:replications': [{ name: data, sauce: 1, source: { region: us-east-1, bukket: x }, destinations: [{ name: dr, region: us-west-2, lifecycle: { days: 1 } }] }] }",
			[]string{
				`replications[0].sauce: "sauce" is not a key; there is name, formerNames, direction, source, destinations, rules, role, monitoring`,
				`replications[0].source.bukket: "bukket" is not a key; did you mean bucket? there is region, bucket, accountId, existing, replaceRules, kmsKeyArn, decryptKeyArns, assumeRoleArn, externalId, objectLock, acceleration, guard, allowKeyChanges, statements, keyStatements, lifecycle`,
				`replications[0].destinations[0].lifecycle.days: "days" is not a key; there is noncurrentDays, transitions, noncurrentTransitions`,
			},
		},
		"settings that S3 or Terraform has under another name, or that no stack file has": {
			"config: { 'crr:replications': [{ name: data, source: { region: us-east-1, versioning: true }, destinations: [{ name: dr, region: us-west-2 }], rules: [{ existingObjectReplication: true, delete_marker_replication: true, priority: 1 }] }] }",
			[]string{
				`replications[0].source.versioning: "versioning" is not a key; versioning is always on; there is region`,
				`rules[0].existingObjectReplication: "existingObjectReplication" is not a key; S3 does not support it, and a rule replicates only objects written after it was set: replicate existing objects with S3 Batch Replication; there is id`,
				`rules[0].delete_marker_replication: "delete_marker_replication" is not a key; write deleteMarkers; there is id`,
				`rules[0].priority: "priority" is not a key; of the rules for a destination that match an object, the first in the list applies; there is id`,
			},
		},
		"values of a wrong type": {
			"config: { 'crr:protect': maybe, 'crr:deletionWindowInDays': 7.5, 'crr:replications': [{ name: data, source: us-east-1, rules: [{ enabled: 'yes' }] }] }",
			[]string{
				`deletionWindowInDays: must be a whole number, not 7.5`,
				`protect: "maybe" cannot be read`,
				`replications[0].source: must be a set of keys`,
				`replications[0].rules[0].enabled: must be true or false, not yes`,
			},
		},
		"a missing region": {
			"config: { 'crr:replications': [{ name: data, source: {}, destinations: [{ name: dr }] }] }",
			[]string{"replications[0].source.region: is missing", "replications[0].destinations[0].region: is missing"},
		},
		"the same bucket twice": {
			"config: { 'crr:replications': [{ name: data, source: { region: us-east-1, bucket: my-data }, destinations: [{ name: dr, region: us-west-2, bucket: my-data }] }] }",
			[]string{`replications[0].destinations[0].bucket: "my-data" is source.bucket already`},
		},
		"the same bucket in two replications": {
			"config: { 'crr:replications': [" + good + ", { name: a, source: { region: us-east-1, bucket: my-data }, destinations: [{ name: dr, region: us-west-2 }] }, { name: b, source: { region: us-east-1, bucket: my-data }, destinations: [{ name: dr, region: us-west-2 }] }] }",
			[]string{`replications[2].source.bucket: "my-data" is replications[1].source.bucket already, and S3 keeps one set of replication rules`},
		},
		"one bucket that two replications make": {
			"config: { 'crr:replications': [" + into("a", "bucket: logs-of-all") + ", " + into("b", "bucket: logs-of-all") + "] }",
			[]string{`replications[1].destinations[0].bucket: "logs-of-all" is replications[0].destinations[0].bucket already, and a bucket can be created only once; create it outside of this stack`},
		},
		"a bucket adopted by the stack that makes it": {
			"config: { 'crr:replications': [" + into("a", "bucket: logs-of-all") + ", " + into("b", adoptedLogs) + "] }",
			[]string{`replications[1].destinations[0].bucket: "logs-of-all" is replications[0].destinations[0].bucket already, and a bucket can be created only once`},
		},
		"a bucket that two replications put their rules on": {
			"config: { 'crr:replications': [" + into("a", adoptedLogs+", replaceRules: true", "direction: two-way") + ", " + into("b", adoptedLogs+", replaceRules: true", "direction: two-way") + "] }",
			[]string{`replications[1].destinations[0].bucket: "logs-of-all" is replications[0].destinations[0].bucket already, and S3 keeps one set of replication rules`},
		},
		"an overview of several partitions": {
			"config: { 'crr:dashboard': true, 'crr:replications': [" + good + ", { name: a, source: { region: cn-north-1 }, destinations: [{ name: dr, region: cn-northwest-1 }] }] }",
			[]string{"dashboard: cannot show replications[1] in aws-cn next to replications[0] in aws"},
		},
		"an alias for a key": {
			"config: { 'crr:replications': [{ name: data, source: { region: us-east-1, kmsKeyArn: alias/data }, destinations: [{ name: dr, region: us-west-2 }] }] }",
			[]string{`replications[0].source.kmsKeyArn: "alias/data" is an alias`},
		},
		"a key of another region": {
			"config: { 'crr:replications': [{ name: data, source: { region: us-east-1, kmsKeyArn: 'arn:aws:kms:us-west-2:111111111111:key/k' }, destinations: [{ name: dr, region: us-west-2 }] }] }",
			[]string{"replications[0].source.kmsKeyArn: the key", "needs a key of us-east-1"},
		},
		"replication time control without metrics": {
			"config: { 'crr:replications': [{ name: data, source: { region: us-east-1 }, destinations: [{ name: dr, region: us-west-2 }], rules: [{ id: a, replicationTimeControl: true, metrics: false }] }] }",
			[]string{"replications[0].rules[0].metrics: replication time control needs metrics"},
		},
		"a tag filter with delete markers": {
			"config: { 'crr:replications': [{ name: data, source: { region: us-east-1 }, destinations: [{ name: dr, region: us-west-2 }], rules: [{ id: x, prefix: a }, { id: a, tags: { a: b }, deleteMarkers: true }] }] }",
			[]string{"replications[0].rules[1].tags: delete-marker replication cannot be used with a tag filter; set deleteMarkers: false or drop the tags"},
		},
		"two replications of one name": {
			"config: { 'crr:replications': [" + good + "," + good + "] }",
			[]string{`replications[1].name: "data" is the name of replications[0] already`},
		},
		"a direction that is none": {
			"config: { 'crr:replications': [{ name: data, direction: sideways, source: { region: us-east-1 }, destinations: [{ name: dr, region: us-west-2 }] }] }",
			[]string{`replications[0].direction: "sideways" is not a direction`},
		},
		"statements that IAM cannot read": {
			"config: { 'crr:replications': [{ name: data, source: { region: us-east-1, statements: [{ Efect: Deny }, { Effect: Deny }] }, destinations: [{ name: dr, region: us-west-2 }] }] }",
			[]string{"replications[0].source.statements[0]: ", "replications[0].source.statements[0]: "},
		},
		"a statement that can't be read": {
			"config: { 'crr:replications': [{ name: data, source: { region: us-east-1, keyStatements: [{ Sid: Fine, Effect: Allow, Principal: '*', Action: 'kms:Decrypt' }, " +
				"{ Efect: Deny }] }, destinations: [{ name: dr, region: us-west-2, statements: [{ Effect: 3 }] }] }] }",
			[]string{"replications[0].source.keyStatements[1]: Statement.Efect: unknown element; did you mean Effect?", "replications[0].destinations[0].statements[0]: "},
		},
		"statements of a key that is brought along, and some that KMS refuses": {
			"config: { 'crr:replications': [{ name: data, source: { region: us-east-1, keyStatements: [{ Sid: Closed, Effect: Deny, Principal: '*', Action: 'kms:*' }] }, " +
				"destinations: [{ name: dr, region: us-west-2, kmsKeyArn: 'arn:aws:kms:us-west-2:111111111111:key/mine', " +
				"keyStatements: [{ Effect: Allow, Principal: { AWS: '*' }, Action: 'kms:Decrypt' }] }] }] }",
			[]string{
				"replications[0].source.keyStatements[0]: Closed would lock out the deployer",
				"replications[0].destinations[0].keyStatements: apply to a key created by this stack",
			},
		},
		"statements about other buckets": {
			"config: { 'crr:replications': [{ name: data, " +
				"source: { region: us-east-1, bucket: my-data, statements: [{ Effect: Deny, Principal: '*', Action: 's3:*', Resource: 'arn:aws:s3:::other/*' }] }, " +
				"destinations: [{ name: dr, region: us-west-2, statements: [{ Effect: Deny, Principal: '*', Action: 's3:*', Resource: 'arn:aws:s3:::dr/*' }] }] }] }",
			[]string{
				`replications[0].source.statements[0].Resource: "arn:aws:s3:::other/*" does not belong to this bucket`,
				"replications[0].destinations[0].statements[0].Resource: can't be used for a bucket with a generated name; remove it",
			},
		},
		"a statement that keeps replicas out": {
			"config: { 'crr:replications': [{ name: data, source: { region: us-east-1 }, " +
				"destinations: [{ name: dr, region: us-west-2, statements: [{ Sid: Closed, Effect: Deny, Principal: '*', Action: 's3:*' }] }] }] }",
			[]string{"replications[0].destinations[0].statements[0]: Closed would prevent replication"},
		},
		"an audit that cannot be": {
			"config: { 'crr:audit': { name: a, retentionDays: -1, objectLock: { mode: SOFT, days: 1 }, cloudWatchLogs: { retentionDays: 31 } }, " +
				"'crr:replications': [{ name: data, audit: { enabled: true, inventory: Hourly }, source: { region: us-east-1 }, destinations: [{ name: dr, region: us-west-2 }] }] }",
			[]string{
				`audit.name: "a" is not a valid trail name`, "audit.retentionDays: -1 is not a number of days", `audit.objectLock.mode: "SOFT" is not a mode`,
				"audit.cloudWatchLogs.retentionDays: 31 is not supported", `replications[0].audit.inventory: "Hourly" is not an inventory frequency`,
			},
		},
		"a canary that cannot be": {
			"config: { 'crr:replications': [{ name: data, canary: { enabled: true, everyMinutes: 2000, ageSeconds: -1 }, source: { region: us-east-1 }, " +
				"destinations: [{ name: dr, region: us-west-2 }] }] }",
			[]string{"replications[0].canary.everyMinutes: 2000 is not between 1 and 1440", "replications[0].canary.ageSeconds: -1 is negative"},
		},
		"settings of a disabled canary": {
			"config: { 'crr:replications': [{ name: data, canary: { everyMinutes: 1 }, source: { region: us-east-1 }, " +
				"destinations: [{ name: dr, region: us-west-2 }] }] }",
			[]string{"replications[0].canary: has settings but is not enabled; add enabled: true, or remove them"},
		},
		"settings of an audit without audited replications": {
			"config: { 'crr:audit': { retentionDays: 30 }, 'crr:replications': [" + good + "] }",
			[]string{"audit: has settings, but no replication is audited; add audit: { enabled: true } to a replication"},
		},
		"settings of trails where only access logs are kept": {
			"config: { 'crr:audit': { name: data-trail, region: eu-west-1, managementEvents: false, retentionDays: 30, objectLock: { mode: COMPLIANCE, days: 10 }, " +
				"cloudWatchLogs: {}, readers: ['arn:aws:iam::111111111111:role/auditor'] }, " +
				"'crr:replications': [{ name: data, audit: { accessLogs: true }, source: { region: us-east-1 }, destinations: [{ name: dr, region: us-west-2 }] }] }",
			[]string{
				"6 problems:\naudit.name: is a setting of trails, but no replication has audit: { enabled: true }",
				"audit.region: is a", "audit.managementEvents: is a", "audit.objectLock: is a", "audit.cloudWatchLogs: is a", "audit.readers: is a",
				"enable it in a replication, or remove readers",
			},
		},
		"alarms in an account that nothing can be made in": {
			"config: { 'crr:replications': [{ name: data, monitoring: { account: destination }, source: { region: us-east-1 }, destinations: [{ name: dr, region: us-west-2, " +
				"bucket: theirs, existing: true, kmsKeyArn: 'arn:aws:kms:us-west-2:222222222222:key/1' }] }] }",
			[]string{"replications[0].monitoring.account: requires alarms in the account of destinations[0], 222222222222, which needs assumeRoleArn"},
		},
		"settings of the stack, reported once with their path": {
			"config: { 'crr:deletionWindowInDays': 3, 'crr:tags': { 'aws:x': y }, 'crr:replications': [" + good + "] }",
			[]string{"2 problems:\ndeletionWindowInDays: 3 is out of range; KMS accepts 7 to 30 days\ntags.aws:x: the prefix aws: is reserved"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			recorder, err := run(t, c.config)
			require.Error(t, err)
			for _, says := range c.says {
				assert.ErrorContains(t, err, says)
			}
			assert.Empty(t, recorder.All(), "nothing may be registered")
		})
	}
}

func TestAudit_RetentionOfAccessLogsWithoutATrail(t *testing.T) {
	t.Parallel()
	recorder, err := run(t, "config: { 'crr:audit': { retentionDays: 31 }, 'crr:replications': [{ name: data, audit: { accessLogs: true }, "+
		"source: { region: us-east-1 }, destinations: [{ name: dr, region: us-west-2 }] }] }")
	require.NoError(t, err)
	for _, region := range []string{"us-east-1", "us-west-2"} {
		logs := recorder.One(t, "aws:s3/bucketV2:BucketV2", "audit-"+region)
		assert.Containsf(t, fmt.Sprint(logs.Inputs.Mappable()["lifecycleRules"]), "days:31", "logs of %s", region)
	}
}

func TestAudit_OfABucketInAnotherAccountIsWarnedOf(t *testing.T) {
	t.Parallel()
	for account, want := range map[string]int{pulumitest.Account: 0, "222222222222": 1} {
		recorder, err := run(t, "config: { 'crr:replications': [{ name: data, audit: { enabled: true }, source: { region: us-east-1 }, destinations: [{ name: dr, region: us-west-2, "+
			"bucket: theirs, existing: true, kmsKeyArn: 'arn:aws:kms:us-west-2:"+account+":key/1' }] }] }")
		require.NoError(t, err)
		require.Lenf(t, recorder.Warnings(), want, "bucket of %s: %q", account, recorder.Warnings())
		for _, warning := range recorder.Warnings() {
			assert.Contains(t, warning, "the bucket theirs is in account 222222222222, and the trail is in 111111111111")
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add("replications", `[{"name":"data","source":{"region":"us-east-1"},"destinations":[{"name":"dr","region":"us-west-2"}]}]`)
	f.Add("replications", `[{"rules":[{"tags":{"a":1},"enabled":"x"}]},null,3]`)
	f.Add("protect", "maybe")
	f.Fuzz(func(_ *testing.T, key, text string) {
		_, _ = stackfile.Load(map[string]string{key: text})
	})
}

const adoptedLogs = "bucket: logs-of-all, existing: true, kmsKeyArn: 'arn:aws:kms:us-west-2:111111111111:key/1'"

// into returns a replication with more to say about its destination, and about itself.
func into(name, destination string, more ...string) string {
	return "{ " + strings.Join(append(more, "name: "+name, "source: { region: us-east-1 }",
		"destinations: [{ name: logs, region: us-west-2, "+destination+" }]"), ", ") + " }"
}

func TestConfig_SeveralSourcesMayReplicateIntoOneExistingBucket(t *testing.T) {
	t.Parallel()
	_, err := run(t, "config: { 'crr:replications': ["+into("a", adoptedLogs)+", "+into("b", adoptedLogs)+"] }")
	require.NoError(t, err)
}
