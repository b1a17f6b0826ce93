package crr_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// report is a public issue of another project, and the test that fails where we have it
// too, or why there is none.
type report struct {
	issues, said, test, why string
}

const (
	tpa = "terraform-provider-aws"
	tam = "terraform-aws-modules"
)

// reports returns all that were found, by what they are about.
func reports() []report {
	return []report{
		// Order
		{issues: tam + "#172, nozaq#107, " + tpa + "#828, #749, crossplane#553", said: "two-way replication needs two applies", test: "TestReport172_BothDirectionsWaitForBothVersionings"},
		{issues: "nozaq#59", said: "destroy cannot change versioning under rules", test: "TestReport59_RulesGoBeforeVersioning"},
		{issues: "nozaq#59", said: "the same, and versions are left", test: "TestDeployment"},
		{issues: "nozaq#35, " + tpa + "#7628", said: "OperationAborted: policy and public access at once", test: "TestReplicatedBucket_BucketPolicyWaitsForThePublicAccessBlock"},
		{issues: "terraform#10909", said: "an error, and the state says applied", why: "Pulumi's engine records a resource only once its provider returned it"},
		// Cycles
		{issues: "terraform#14295, #20253, " + tpa + "#749, #972, #20777, " + tam + "#42, CDK#34104", said: "two buckets that replicate to one another are a cycle", test: "TestReport34104_TwoWayReplicationHasNoCycle"},
		{issues: "CDK#33974, #34119", said: "role and destination's policies are a cycle", test: "TestReport34119_RoleAndPoliciesAcrossAccountsMakeNoCycle"},
		// Regions
		{issues: tpa + "#27758", said: "replicas in any number of regions", test: "TestReport27758_AnyNumberOfRegionsComesFromALoop"},
		{issues: "pulumi-eks#555, awsx#1928, #1933", said: "a component ignores its provider", test: "TestReport555_EveryChildHasTheProviderOfItsPlace"},
		{issues: "pulumi-aws#5226", said: "a process for each region of each component", test: "TestReplicatedBucket_ThreeOverTheSameRegionsShareTwoProviders"},
		// KMS
		{issues: "cloudposse#277, #279, PR#162", said: "the role may use no key", test: "TestReport277_RoleMayUseBothKeysAndNoOther"},
		{issues: "terraform#17740, #18966, #26704, " + tpa + "#15833, nozaq PR#11, MoJ#13498, #13504, #13520", said: "FAILED until the console adds a permission", test: "TestProof_HoldsForEveryCall"},
		{issues: tpa + "#26241", said: "a replica key without the selection of encrypted objects", test: "TestReport26241_ReplicaKeyAndSelectionComeTogether"},
		{issues: "AFT#639", said: "bucket keys have another encryption context", test: "TestReport639_KeysMayBeUsedWithEitherEncryptionContext"},
		{issues: "LZA#1144", said: "Encrypt or GenerateDataKey", test: "TestSeedD1_RoleMayEncryptWithTheDestinationKey"},
		{issues: "LZA#1144", said: "Encrypt alone works where bucket keys are off", test: "TestLint_TakesEncryptAloneForNoError"},
		{issues: "aws-root-account#1015", said: "an alias cannot be used", test: "TestReport1015_AnAliasIsNoKey"},
		{issues: "nozaq#45", said: "multi-Region keys", test: "TestReport45_AMultiRegionKeyIsAKeyOfItsRegion"},
		// Across accounts
		{issues: "cloudposse#68, PR#69, " + tpa + "#3575, #2221", said: "replicas belong to the source's account", test: "TestReport68_OwnerOverrideIsForOtherAccountsAlone"},
		{issues: "CDK#35825, aws-cdk-examples#661, PR#662, ACK#1993, LeapBeyond", said: "replication into another account does not work", test: "TestReplication_AcrossAccounts"},
		{issues: "LeapBeyond", said: "the other side is not ours to manage", test: "TestAdopt_TheOtherSideGrantsWhatTheStackSays"},
		// Time control, metrics, alarms
		{issues: "pulumi-aws#5806, " + tpa + "#22774, #21895, #16347, #17817, #10974, CDK#35772, crossplane#1117, PR#1129", said: "metrics with a threshold and without time control", test: "TestReport5806_MetricsWithoutTimeControlHaveNoThreshold"},
		{issues: "govuk-infrastructure#4842", said: "broken for months", test: "TestReport4842_EveryRuleHasAnAlarmOnFailures"},
		{issues: "MoJ#13496, #13717, #13774, #13775", said: "an explicit deny, and the failure event", test: "TestReplication_SendsEventsOfFailures"},
		{issues: "MoJ#13496", said: "HeadObject of a delete marker is MethodNotAllowed", why: "noise of the monitoring that they had written; ours reads S3's metrics and events"},
		{issues: "govuk-infrastructure#4841", said: "a batch job for what failed", why: "a command of its own, not part of a deployment"},
		// Diffs that never end, and traps of the provider
		{issues: tpa + "#665, terraform#14320, #14243", said: "rules without id, filter and priority drift", test: "TestReport665_RulesHaveAnIdAFilterAndAPriority"},
		{issues: tpa + "#23487, #23690", said: "an empty filter is another one afterwards", test: "TestReport23487_AFilterOfEverythingIsAnEmptyPrefix"},
		{issues: tpa + "#26976", said: "rules change their order", test: "TestReplicationRules_KeepTheOrderOfTheirAuthor"},
		{issues: "pulumi-aws#2063, " + tpa + "#44192, PR#47962, #25317", said: "a change of the bucket puts other rules", test: "TestReport2063_BucketsSayNothingOfReplication"},
		{issues: "cfn-roadmap#1714", said: "drift where there is none", test: "TestTopologies"},
		// Filters and schema
		{issues: tpa + "#21961, #24427", said: "MalformedXML", test: "TestReplicationRules_OfAnyValidTopologyAreOnesThatS3Accepts"},
		{issues: tpa + "#16546, " + tam + " PR#104, PR#105", said: "several destinations need a filter each", test: "TestReport16546_EachPrefixOfEachDestinationIsARuleWithAFilter"},
		{issues: "rust-lang/simpleinfra PR#468, " + tpa + "#22007, #16250, aws-root-account PR#1012", said: "delete markers in the first version of the schema", test: "TestReport665_RulesHaveAnIdAFilterAndAPriority"},
		{issues: "MinIO PR#14167", said: "delete markers of tagged objects", test: "TestReport14167_TagsAndDeleteMarkersDoNotGoTogether"},
		{issues: "aws-root-account#1297", said: "two rules of one priority", test: "TestReport1297_PrioritiesAreNeverGivenTwice"},
		{issues: tpa + "#13179", said: "a disabled rule needs versioning", test: "TestReport13179_DisabledRulesWaitForVersioningToo"},
		{issues: "crossplane#1288", said: "removing the rules leaves them on", test: "TestAdopt_ExistingBucketsGetRulesAndNothingElse"},
		{issues: "cloudposse PR#250, #251, CDK#33355", said: "fixed names of roles", test: "TestReport33355_RoleNamesAreGenerated"},
		// What is there already
		{issues: tpa + "#23840", said: "existing object replication is MalformedXML", test: "TestReport23840_ExistingObjectReplicationIsNeverAskedFor"},
		{issues: tpa + "#46231, #18538, #12223", said: "batch jobs for existing objects", why: "a command of its own, not part of a deployment"},
		{issues: "LeapBeyond#1, " + tam + "#106, cloudposse#22", said: "existing buckets", test: "TestAdopt_ExistingBucketsGetRulesAndNothingElse"},
		// Object Lock
		{issues: tpa + "#14061, PR#23624, #36938", said: "a token from AWS Support", test: "TestReport36938_NothingAsksForAToken"},
		{issues: "MoJ#13105", said: "replicas that not even root can delete", test: "TestReport13105_ReplicasAloneMayBeLocked"},
		// Failover and emulators
		{issues: tpa + "#29144, #45554, PR#47994", said: "routes of Multi-Region Access Points", why: "there are none in a deployment yet; the provider's version has no such resource"},
		{issues: "localstack#10759, ministack#1552, moto PR#4421", said: "no emulator replicates", test: "TestReplication_AnObjectArrives"},
	}
}

var (
	testName = regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	ofReport = regexp.MustCompile(`^TestReport\d`)
)

// TestReports_AreCoveredByTestsThatExist reads the tests of the whole repository.
func TestReports_AreCoveredByTestsThatExist(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	require.NoError(t, filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, match := range testName.FindAllStringSubmatch(string(text), -1) {
			names[match[1]] = true
		}
		return err
	}))
	named := map[string]bool{}
	for _, each := range reports() {
		assert.NotEqual(t, each.test == "", each.why == "", "%s has a test, or a reason for none", each.issues)
		assert.True(t, each.test == "" || names[each.test], "%s: there is no %s", each.issues, each.test)
		named[each.test] = true
	}
	for name := range names {
		assert.True(t, !ofReport.MatchString(name) || named[name], "no report names %s", name)
	}
}
