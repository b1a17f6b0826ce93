package crr_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"

	"github.com/crr-io/pulumi-aws-crr/internal/pulumitest"
	"github.com/crr-io/pulumi-aws-crr/pkg/crr"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// The seeds are the recipes that this product started from. Each test here is
// named after a defect of theirs, and fails where we have it too.

const (
	alarmType         = "aws:cloudwatch/metricAlarm:MetricAlarm"
	compositeType     = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
	bucketPolicyType  = "aws:s3/bucketPolicy:BucketPolicy"
	keyType           = "aws:kms/key:Key"
	rolePolicyType    = "aws:iam/rolePolicy:RolePolicy"
	configurationType = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"
)

func document(t *testing.T, each pulumitest.Resource) policy.Document {
	t.Helper()
	parsed, err := policy.Parse([]byte(each.Inputs["policy"].StringValue()))
	assert.NoError(t, err)
	return parsed
}

func grantedActions(document policy.Document, resourcePart string) []string {
	var actions []string
	for _, statement := range document.Statement {
		if statement.Effect == policy.Allow && strings.Contains(fmt.Sprint(statement.Resource), resourcePart) {
			actions = append(actions, statement.Action...)
		}
	}
	return actions
}

func firstRule(each pulumitest.Resource) resource.PropertyMap {
	return each.Inputs["rules"].ArrayValue()[0].ObjectValue()
}

func TestSeedD1_RoleMayEncryptWithTheDestinationKey(t *testing.T) {
	t.Parallel()
	actions := grantedActions(document(t, deploy(t, pair()).One(t, rolePolicyType, "data-role-policy")), "data-dr-key")
	assert.Subset(t, actions, []string{"kms:Encrypt", "kms:GenerateDataKey", "kms:Decrypt"})
}

func TestSeedD2_EveryRuleHasTheMetricsThatAlarmsWatch(t *testing.T) {
	t.Parallel()
	destination := firstRule(deploy(t, pair()).One(t, configurationType, "data-replication"))["destination"].ObjectValue()
	assert.Equal(t, "Enabled", destination["metrics"].ObjectValue()["status"].StringValue())
}

func TestSeedD3_AlarmsHaveAllThreeDimensions(t *testing.T) {
	t.Parallel()
	for _, alarm := range deploy(t, pair()).OfType(alarmType) {
		keys := alarm.Inputs["dimensions"].ObjectValue().StableKeys()
		assert.Equal(t, []resource.PropertyKey{"DestinationBucket", "RuleId", "SourceBucket"}, keys, alarm.Name)
	}
}

func TestSeedD4_AlarmsAreWhereS3PublishesTheirMetric(t *testing.T) {
	t.Parallel()
	at := map[string]string{}
	for _, alarm := range deploy(t, pair()).OfType(alarmType) {
		at[alarm.Inputs["metricName"].StringValue()] = alarm.Provider
	}
	assert.Equal(t, map[string]string{"OperationsFailedReplication": "crr-us-east-1", "ReplicationLatency": "crr-us-west-2"}, at)
}

func TestSeedD5_AlarmsUseTheStatisticOfTheirMetric(t *testing.T) {
	t.Parallel()
	statistics := map[string]string{}
	for _, alarm := range deploy(t, pair()).OfType(alarmType) {
		statistics[alarm.Inputs["metricName"].StringValue()] = alarm.Inputs["statistic"].StringValue() + "/" + alarm.Inputs["treatMissingData"].StringValue()
	}
	assert.Equal(t, map[string]string{"OperationsFailedReplication": "Sum/notBreaching", "ReplicationLatency": "Maximum/ignore"}, statistics)
}

func TestSeedD6_SomebodyIsToldWhereSomebodyIsNamed(t *testing.T) {
	t.Parallel()
	recorder := deploy(t, everything())
	rules := map[string]bool{}
	for _, composite := range recorder.OfType(compositeType) {
		assert.NotEmpty(t, composite.Inputs["alarmActions"], composite.Name)
		assert.Equal(t, composite.Inputs["alarmActions"], composite.Inputs["okActions"], composite.Name)
		rules[composite.Provider+" "+composite.Inputs["alarmRule"].StringValue()] = true
	}
	for _, alarm := range recorder.OfType(alarmType) {
		heard := false
		for rule := range rules {
			heard = heard || (strings.HasPrefix(rule, alarm.Provider+" ") && strings.Contains(rule, `ALARM("`+alarm.Name+`-0123456")`))
		}
		assert.True(t, heard, "%s is in no composite alarm of its region", alarm.Name)
		assert.NotContains(t, alarm.Inputs, resource.PropertyKey("alarmActions"), "one fault must not send two messages")
	}
	topics := recorder.OfType("aws:sns/topic:Topic")
	assert.Len(t, topics, 2, "one for each region without a topic of the user's")
	assert.Len(t, recorder.OfType("aws:sns/topicSubscription:TopicSubscription"), len(topics))
	assert.Len(t, recorder.OfType("aws:sns/topicPolicy:TopicPolicy"), len(topics))
}

func TestSeedD7_AlarmsWatchMetricsThatS3Publishes(t *testing.T) {
	t.Parallel()
	published := []string{"ReplicationLatency", "BytesPendingReplication", "OperationsPendingReplication", "OperationsFailedReplication"}
	for _, alarm := range deploy(t, everything()).OfType(alarmType) {
		assert.Contains(t, published, alarm.Inputs["metricName"].StringValue(), alarm.Name)
		assert.Equal(t, "AWS/S3", alarm.Inputs["namespace"].StringValue(), alarm.Name)
	}
}

// Also ministryofjustice's modules, which had to add a switch for it.
func TestSeedD8_UploadsThatRelyOnDefaultEncryptionAreAccepted(t *testing.T) {
	t.Parallel()
	for _, statement := range document(t, deploy(t, pair()).One(t, bucketPolicyType, "data-source-policy")).Statement {
		if _, negated := statement.Condition["StringNotEquals"]; negated {
			assert.Contains(t, statement.Condition, "Null", "%s also refuses requests without the header", statement.Sid)
		}
	}
}

// Services that use a key on their own, to encrypt messages, are named with what they
// may use it for.
func TestSeedD9_KeyPoliciesNameNoServiceWithoutItsSource(t *testing.T) {
	t.Parallel()
	for _, key := range deploy(t, monitored()).OfType(keyType) {
		for _, statement := range document(t, key).Statement {
			if strings.Contains(key.Name, "-messages-") && len(statement.Principal.Service) > 0 {
				assert.Contains(t, statement.Condition["StringEquals"], "aws:SourceAccount", key.Name)
				continue
			}
			assert.Empty(t, statement.Principal.Service, key.Name)
		}
	}
}

// Also E16: "captures all S3 API calls" is true of no trail without data events.
func TestSeedD10_TrailRecordsCallsOnObjectsAndOnlyItMayWriteItsLogs(t *testing.T) {
	t.Parallel()
	recorder := runAudit(t, &crr.AuditArgs{}, crr.AuditOptions{Trail: true}, pair())
	trail := recorder.One(t, trailType, "audit")
	for _, bucket := range []string{"data-source-0123456", "data-dr-0123456"} {
		assert.True(t, records(trail, "arn:aws:s3:::"+bucket+"/object"), "calls on objects of %s", bucket)
	}
	for _, statement := range document(t, recorder.One(t, bucketPolicyType, "audit-logs-policy")).Statement {
		if statement.Effect == policy.Allow {
			assert.Equal(t, policy.Values{"arn:aws:cloudtrail:us-east-1:111111111111:trail/project-stack-audit"},
				statement.Condition["StringEquals"]["aws:SourceArn"], statement.Sid)
		}
	}
}

func TestSeedD11_RoleMayReadTheConfiguration(t *testing.T) {
	t.Parallel()
	actions := grantedActions(document(t, deploy(t, pair()).One(t, rolePolicyType, "data-role-policy")), "data-source-0123456")
	assert.Contains(t, actions, "s3:GetReplicationConfiguration")
	assert.NotContains(t, actions, "s3:GetObjectVersion", "GetObjectVersionForReplication is enough")
}

// The seeds suspend versioning and leave versions behind. Here nothing is taken
// back from a bucket that goes, and so every version goes with it.
func TestSeedD12_SettingsGoWithTheirBucket(t *testing.T) {
	t.Parallel()
	recorder := deploy(t, pair())
	for _, name := range []string{"data-source", "data-dr"} {
		versioning := recorder.One(t, "aws:s3/bucketVersioningV2:BucketVersioningV2", name+"-versioning")
		assert.Equal(t, "aws:s3/bucketV2:BucketV2 "+name, versioning.DeletedWith)
	}
}

func TestSeedD13_BothBucketsAreHardened(t *testing.T) {
	t.Parallel()
	recorder := deploy(t, pair())
	for _, name := range []string{"data-source", "data-dr"} {
		recorder.One(t, "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", name+"-public-access")
		recorder.One(t, "aws:s3/bucketOwnershipControls:BucketOwnershipControls", name+"-ownership")
		sids := []string{}
		for _, statement := range document(t, recorder.One(t, bucketPolicyType, name+"-policy")).Statement {
			sids = append(sids, statement.Sid)
		}
		assert.Subset(t, sids, []string{"DenyInsecureTransport", "DenyOutdatedTLS"}, name)
	}
}

func TestSeedD14_AccelerationIsForClientsAndTouchesNothingOfReplication(t *testing.T) {
	t.Parallel()
	accelerated := pair()
	accelerated.Source.Acceleration = true
	without, with := deploy(t, pair()).All(), deploy(t, accelerated).All()
	added := []string{}
	for _, each := range with {
		if each.Type == "aws:s3/bucketAccelerateConfigurationV2:BucketAccelerateConfigurationV2" {
			added = append(added, each.Name)
			continue
		}
		if each.Type == crr.DeletionProtectionType {
			continue // which depends on everything
		}
		assert.Contains(t, without, each, "%s is another one with acceleration", each.Key())
	}
	assert.Equal(t, []string{"data-source-acceleration"}, added)
	assert.Len(t, with, len(without)+1)
}

func TestSeedD15_DeleteMarkersAreAChoiceThatIsWrittenDown(t *testing.T) {
	t.Parallel()
	for _, choice := range []bool{true, false} {
		args := pair()
		args.Rules = []crr.RuleArgs{{ID: "all", DeleteMarkers: &choice}}
		rule := firstRule(deploy(t, args).One(t, configurationType, "data-replication"))
		want := map[bool]string{true: "Enabled", false: "Disabled"}[choice]
		assert.Equal(t, want, rule["deleteMarkerReplication"].ObjectValue()["status"].StringValue())
	}
}

// The reports below are of users of our peers.

// pulumi-aws#5806, terraform-provider-aws#22774: S3 refuses an event threshold
// without replication time control.
func TestReport5806_MetricsWithoutTimeControlHaveNoThreshold(t *testing.T) {
	t.Parallel()
	destination := firstRule(deploy(t, pair()).One(t, configurationType, "data-replication"))["destination"].ObjectValue()
	assert.NotContains(t, destination["metrics"].ObjectValue(), resource.PropertyKey("eventThreshold"))
	assert.NotContains(t, destination, resource.PropertyKey("replicationTime"))
}

// terraform-provider-aws#665: rules without id, filter and priority drift.
func TestReport665_RulesHaveAnIdAFilterAndAPriority(t *testing.T) {
	t.Parallel()
	for _, rule := range deploy(t, everything()).One(t, configurationType, "data-replication").Inputs["rules"].ArrayValue() {
		for _, key := range []resource.PropertyKey{"id", "filter", "priority", "deleteMarkerReplication"} {
			assert.Contains(t, rule.ObjectValue(), key)
		}
	}
}

// aws-ia AFT#639: with a bucket key, the encryption context is the bucket's ARN.
func TestReport639_KeysMayBeUsedWithEitherEncryptionContext(t *testing.T) {
	t.Parallel()
	for _, statement := range document(t, deploy(t, pair()).One(t, rolePolicyType, "data-role-policy")).Statement {
		if strings.HasPrefix(statement.Action[0], "kms:") {
			contexts := statement.Condition["StringLike"]["kms:EncryptionContext:aws:s3:arn"]
			assert.Len(t, contexts, 2, statement.Sid)
		}
	}
}

// terraform-provider-aws#26241: a replica key without the selection of
// KMS-encrypted objects fails only when it is applied.
func TestReport26241_ReplicaKeyAndSelectionComeTogether(t *testing.T) {
	t.Parallel()
	rule := firstRule(deploy(t, pair()).One(t, configurationType, "data-replication"))
	assert.Contains(t, rule["destination"].ObjectValue(), resource.PropertyKey("encryptionConfiguration"))
	assert.Contains(t, rule["sourceSelectionCriteria"].ObjectValue(), resource.PropertyKey("sseKmsEncryptedObjects"))
}

// AWS CDK#33355: a fixed role name broke the second bucket.
func TestReport33355_RoleNamesAreGenerated(t *testing.T) {
	t.Parallel()
	role := deploy(t, pair()).One(t, "aws:iam/role:Role", "data-role")
	assert.NotContains(t, role.Inputs, resource.PropertyKey("name"))
}

// AWS CDK#34104, terraform#20253: two buckets that replicate to one another make
// no cycle.
func TestReport34104_TwoWayReplicationHasNoCycle(t *testing.T) {
	t.Parallel()
	args := pair()
	args.Direction = "two-way"
	recorder := deploy(t, args)
	assert.Len(t, recorder.OfType(configurationType), 2)
	assertNoCycle(t, recorder)
}

func assertNoCycle(t *testing.T, recorder *pulumitest.Recorder) {
	t.Helper()
	after := map[string][]string{}
	for _, each := range recorder.All() {
		after[each.Key()] = each.DependsOn
	}
	var visit func(key string, path []string)
	visit = func(key string, path []string) {
		for _, seen := range path {
			if seen == key {
				assert.Failf(t, "a cycle", "%v", append(path, key))
				return
			}
		}
		for _, next := range after[key] {
			visit(next, append(path, key))
		}
	}
	for key := range after {
		visit(key, nil)
	}
}

// cloudposse#277, #279: no KMS permission at all in the role.
func TestReport277_RoleMayUseBothKeysAndNoOther(t *testing.T) {
	t.Parallel()
	for _, statement := range document(t, deploy(t, pair()).One(t, rolePolicyType, "data-role-policy")).Statement {
		for _, action := range statement.Action {
			if strings.HasPrefix(action, "kms:") {
				assert.NotContains(t, fmt.Sprint(statement.Resource), "*", statement.Sid)
			}
		}
	}
}

// A smoke test that the helpers above look at what they say.
func TestSeeds_LookAtADeploymentWithSomethingInIt(t *testing.T) {
	t.Parallel()
	recorder := deploy(t, &crr.ReplicatedBucketArgs{Source: pair().Source, Destinations: pair().Destinations})
	assert.Len(t, recorder.OfType(alarmType), 2)
	assert.Len(t, recorder.OfType(keyType), 2)
	assert.NotEmpty(t, grantedActions(document(t, recorder.One(t, rolePolicyType, "data-role-policy")), "data-dr-0123456"))
}
