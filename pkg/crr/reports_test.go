package crr_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/pkg/crr"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// Each test here is named after what a user of one of our peers reported, and
// fails where we have it too. reports_table_test.go lists all reports.

// terraform-aws-modules#172: "Destination bucket must have versioning enabled",
// and a second apply works.
func TestReport172_BothDirectionsWaitForBothVersionings(t *testing.T) {
	t.Parallel()
	args := pair()
	args.Direction = replication.TwoWay
	for _, configuration := range deploy(t, args).OfType(configurationType) {
		assert.Subset(t, configuration.DependsOn, []string{versioningType + " data-source-versioning", versioningType + " data-dr-versioning"}, configuration.Name)
	}
}

// nozaq#59: "a replication configuration is present, cannot change versioning".
// What depends on versioning goes before it, and versioning goes with its bucket.
func TestReport59_RulesGoBeforeVersioning(t *testing.T) {
	t.Parallel()
	recorder := deploy(t, pair())
	for _, name := range []string{"data-source", "data-dr"} {
		versioning := recorder.One(t, versioningType, name+"-versioning")
		assert.Contains(t, recorder.One(t, configurationType, "data-replication").DependsOn, versioning.Key())
		assert.Equal(t, bucketType+" "+name, versioning.DeletedWith)
	}
}

// AWS CDK#33974, #34119: the role and the policies of the other account's bucket
// and key name one another.
func TestReport34119_RoleAndPoliciesAcrossAccountsMakeNoCycle(t *testing.T) {
	t.Parallel()
	recorder := deploy(t, acrossAccounts())
	assertNoCycle(t, recorder)
	assert.Contains(t, recorder.One(t, bucketPolicyType, "data-dr-policy").Inputs["policy"].StringValue(), "role/data-role-0123456")
	named := pair()
	named.Role.Name = "replicates-data"
	assert.Equal(t, "replicates-data", deploy(t, named).One(t, "aws:iam/role:Role", "data-role").Inputs["name"].StringValue(),
		"who asks for a predictable name gets it")
}

// terraform-provider-aws#27758: replicas in any number of regions, from a list.
func TestReport27758_AnyNumberOfRegionsComesFromALoop(t *testing.T) {
	t.Parallel()
	regions := []string{"us-west-2", "eu-west-1", "eu-central-1", "ap-south-1", "sa-east-1"}
	args := &crr.ReplicatedBucketArgs{Source: crr.BucketArgs{Region: "us-east-1"}}
	for _, region := range regions {
		args.Destinations = append(args.Destinations, crr.DestinationArgs{Name: region, Bucket: crr.BucketArgs{Region: region}})
	}
	recorder := deploy(t, args)
	assert.Len(t, recorder.OfType("pulumi:providers:aws"), len(regions)+1)
	assert.Len(t, recorder.One(t, configurationType, "data-replication").Inputs["rules"].ArrayValue(), len(regions))
	for _, region := range regions {
		assert.Equal(t, "crr-"+region, recorder.One(t, bucketType, "data-"+region).Provider)
	}
}

// aws-root-account#1015: an alias is looked up in the caller's account.
func TestReport1015_AnAliasIsNoKey(t *testing.T) {
	t.Parallel()
	for _, alias := range []string{"alias/mine", "arn:aws:kms:us-west-2:111111111111:alias/mine"} {
		args := pair()
		args.Destinations[0].Bucket.KMSKeyARN = pulumi.String(alias)
		assert.ErrorContains(t, args.Validate(), "is an alias", alias)
	}
}

// nozaq#45: S3 takes a multi-Region key for a key of its region.
func TestReport45_AMultiRegionKeyIsAKeyOfItsRegion(t *testing.T) {
	t.Parallel()
	args := pair()
	args.Source.KMSKeyARN = pulumi.String("arn:aws:kms:us-east-1:111111111111:key/mrk-1234")
	args.Destinations[0].Bucket.KMSKeyARN = pulumi.String("arn:aws:kms:us-west-2:111111111111:key/mrk-1234")
	deploy(t, args)
	args.Destinations[0].Bucket.KMSKeyARN = args.Source.KMSKeyARN
	assert.ErrorContains(t, args.Validate(), "needs a key of us-west-2")
}

// cloudposse#68, terraform-provider-aws#3575: without it, the source's account owns
// the replicas; within an account, it stops ACLs from being replicated.
func TestReport68_OwnerOverrideIsForOtherAccountsAlone(t *testing.T) {
	t.Parallel()
	for account, args := range map[string]*crr.ReplicatedBucketArgs{"": pair(), "222222222222": acrossAccounts()} {
		destination := firstRule(deploy(t, args).One(t, configurationType, "data-replication"))["destination"].ObjectValue()
		_, overridden := destination["accessControlTranslation"]
		assert.Equal(t, account != "", overridden && !destination["accessControlTranslation"].IsNull())
		if account != "" {
			assert.Equal(t, account, destination["account"].StringValue())
		}
	}
}

// govuk-infrastructure#4842: "broken for months and we didn't notice".
func TestReport4842_EveryRuleHasAnAlarmOnFailures(t *testing.T) {
	t.Parallel()
	recorder := deploy(t, everything())
	watched := map[string]bool{}
	for _, alarm := range recorder.OfType(alarmType) {
		if alarm.Inputs["metricName"].StringValue() == "OperationsFailedReplication" {
			dimensions := alarm.Inputs["dimensions"].ObjectValue()
			watched[dimensions["RuleId"].StringValue()] = true
			assert.Equal(t, "my-data", dimensions["SourceBucket"].StringValue(), "the alarm names the bucket")
		}
	}
	for _, rule := range recorder.One(t, configurationType, "data-replication").Inputs["rules"].ArrayValue() {
		assert.True(t, watched[rule.ObjectValue()["id"].StringValue()], rule.ObjectValue()["id"].StringValue())
	}
}

// terraform-provider-aws#23487, #23690: an empty filter is read back as another.
func TestReport23487_AFilterOfEverythingIsAnEmptyPrefix(t *testing.T) {
	t.Parallel()
	filter := firstRule(deploy(t, pair()).One(t, configurationType, "data-replication"))["filter"].ObjectValue()
	assert.Equal(t, resource.PropertyMap{"prefix": resource.NewStringProperty("")}, filter)
}

// pulumi-aws#2063, terraform-provider-aws#44192, #25317: the old bucket resource
// puts its own idea of the rules back at every change.
func TestReport2063_BucketsSayNothingOfReplication(t *testing.T) {
	t.Parallel()
	recorder := runAudit(t, fullAudit(), allRecords, everything())
	assert.Empty(t, recorder.OfType("aws:s3/bucket:Bucket"))
	for _, bucket := range recorder.OfType(bucketType) {
		for _, key := range []resource.PropertyKey{"replicationConfiguration", "replicationConfigurations"} {
			assert.NotContains(t, bucket.Inputs, key, bucket.Name)
		}
	}
}

// terraform-provider-aws#16546, terraform-aws-modules PR#104: several rules are
// accepted only where each has a filter and a priority.
func TestReport16546_EachPrefixOfEachDestinationIsARuleWithAFilter(t *testing.T) {
	t.Parallel()
	args := everything()
	args.Rules = []crr.RuleArgs{{ID: "some", Prefixes: []string{"a/", "b/"}}}
	rules := deploy(t, args).One(t, configurationType, "data-replication").Inputs["rules"].ArrayValue()
	seen := map[string]bool{}
	for _, rule := range rules {
		object := rule.ObjectValue()
		seen[object["destination"].ObjectValue()["bucket"].StringValue()+" "+object["filter"].ObjectValue()["prefix"].StringValue()] = true
	}
	assert.Len(t, seen, 4, "two prefixes for two destinations: %v", seen)
}

// MinIO PR#14167: a rule for tagged objects must not replicate delete markers.
func TestReport14167_TagsAndDeleteMarkersDoNotGoTogether(t *testing.T) {
	t.Parallel()
	args := pair()
	args.Rules = []crr.RuleArgs{{ID: "tagged", Tags: map[string]string{"class": "critical"}}}
	rule := firstRule(deploy(t, args).One(t, configurationType, "data-replication"))
	assert.Equal(t, "Disabled", rule["deleteMarkerReplication"].ObjectValue()["status"].StringValue())
	yes := true
	args.Rules[0].DeleteMarkers = &yes
	assert.ErrorContains(t, args.Validate(), "rules[0].tags: delete-marker replication cannot be used with a tag filter")
}

// aws-root-account#1297: two rules of the same priority.
func TestReport1297_PrioritiesAreNeverGivenTwice(t *testing.T) {
	t.Parallel()
	seen := map[float64]string{}
	for _, rule := range deploy(t, everything()).One(t, configurationType, "data-replication").Inputs["rules"].ArrayValue() {
		priority, id := rule.ObjectValue()["priority"].NumberValue(), rule.ObjectValue()["id"].StringValue()
		assert.Empty(t, seen[priority], "the priority of %s", id)
		seen[priority] = id
	}
	assert.Len(t, seen, 4)
}

// terraform-provider-aws#13179: S3 asks for versioning even where every rule is
// disabled.
func TestReport13179_DisabledRulesWaitForVersioningToo(t *testing.T) {
	t.Parallel()
	no := false
	args := pair()
	args.Rules = []crr.RuleArgs{{ID: "off", Enabled: &no}}
	recorder := deploy(t, args)
	configuration := recorder.One(t, configurationType, "data-replication")
	assert.Equal(t, "Disabled", firstRule(configuration)["status"].StringValue())
	assert.Subset(t, configuration.DependsOn, []string{versioningType + " data-source-versioning", versioningType + " data-dr-versioning"})
}

// terraform-provider-aws#23840: S3 answers MalformedXML to it.
func TestReport23840_ExistingObjectReplicationIsNeverAskedFor(t *testing.T) {
	t.Parallel()
	for _, rule := range deploy(t, everything()).One(t, configurationType, "data-replication").Inputs["rules"].ArrayValue() {
		assert.NotContains(t, rule.ObjectValue(), resource.PropertyKey("existingObjectReplication"))
	}
}

// terraform-provider-aws#14061, #36938: Object Lock no longer needs a token, which
// would make a secret of the whole output.
func TestReport36938_NothingAsksForAToken(t *testing.T) {
	t.Parallel()
	for _, each := range secured(t) {
		assert.NotContains(t, each.Inputs, resource.PropertyKey("token"), each.Key())
	}
}

// ministryofjustice#13105: replicas that not even the root user can delete.
func TestReport13105_ReplicasAloneMayBeLocked(t *testing.T) {
	t.Parallel()
	args := pair()
	args.Destinations[0].Bucket.ObjectLock = &replication.ObjectLock{Mode: replication.Compliance, Days: 365}
	recorder := deploy(t, args)
	locks := recorder.OfType("aws:s3/bucketObjectLockConfigurationV2:BucketObjectLockConfigurationV2")
	require.Len(t, locks, 1)
	assert.Contains(t, fmt.Sprint(locks[0].Inputs.Mappable()), "COMPLIANCE")
	assert.Contains(t, recorder.One(t, configurationType, "data-replication").DependsOn, locks[0].Key(), "replicas come when they can be locked")
}

// pulumi-eks#555, awsx#1928: a component that forgets its provider for one child,
// or for one function, acts in another region or account without a word. The mocks
// refuse functions that are called without one.
func TestReport555_EveryChildHasTheProviderOfItsPlace(t *testing.T) {
	t.Parallel()
	for _, each := range append(deploy(t, acrossAccounts()).All(), secured(t)...) {
		if strings.HasPrefix(each.Type, "aws:") {
			assert.NotEmpty(t, each.Provider, each.Key())
		}
	}
}
