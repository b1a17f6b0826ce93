package crr_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/pulumitest"
	"github.com/crr-io/pulumi-aws-crr/pkg/crr"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

const (
	trailType     = "aws:cloudtrail/trail:Trail"
	bucketType    = "aws:s3/bucketV2:BucketV2"
	loggingType   = "aws:s3/bucketLoggingV2:BucketLoggingV2"
	inventoryType = "aws:s3/inventory:Inventory"
)

// allRecords are all options of an audit.
var allRecords = crr.AuditOptions{Trail: true, AccessLogs: true, Inventory: crr.Daily}

// fullAudit has every setting of an audit.
func fullAudit() *crr.AuditArgs {
	return &crr.AuditArgs{
		Trail: crr.TrailArgs{
			ObjectLock: &replication.ObjectLock{Mode: replication.Governance, Days: 30}, CloudWatchLogs: &crr.CloudWatchLogsArgs{},
			Readers: []string{"arn:aws:iam::111111111111:role/auditor"}, DeletionWindowInDays: 7,
		},
		Logs: crr.LogArgs{RetentionDays: 400, Protect: true},
		Tags: map[string]string{"team": "storage"},
	}
}

// audited deploys replicated buckets under the name of their key, with an audit
// over all of them.
func audited(args *crr.AuditArgs, options crr.AuditOptions, buckets ...*crr.ReplicatedBucketArgs) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		for i, each := range buckets {
			name := "data"
			if i > 0 {
				name = fmt.Sprintf("data%d", i+1)
			}
			bucket, err := crr.NewReplicatedBucket(ctx, name, each)
			if err != nil {
				return err
			}
			args.Replications = append(args.Replications, crr.AuditedReplication{Bucket: bucket, AuditOptions: options})
		}
		_, err := crr.NewAudit(ctx, "audit", args)
		return err
	}
}

func runAudit(t *testing.T, args *crr.AuditArgs, options crr.AuditOptions, buckets ...*crr.ReplicatedBucketArgs) *pulumitest.Recorder {
	t.Helper()
	recorder, err := pulumitest.Run(t, audited(args, options, buckets...))
	require.NoError(t, err)
	return recorder
}

// watched returns the beginnings of the ARNs that a trail records calls on.
func watched(trail pulumitest.Resource) []string {
	var prefixes []string
	for _, selector := range trail.Inputs["advancedEventSelectors"].ArrayValue() {
		for _, field := range selector.ObjectValue()["fieldSelectors"].ArrayValue() {
			if values, found := field.ObjectValue()["startsWiths"]; found {
				for _, value := range values.ArrayValue() {
					prefixes = append(prefixes, value.StringValue())
				}
			}
		}
	}
	return prefixes
}

// records reports whether a trail records calls on an object.
func records(trail pulumitest.Resource, object string) bool {
	for _, prefix := range watched(trail) {
		if strings.HasPrefix(object, prefix) {
			return true
		}
	}
	return false
}

func TestAudit_Snapshot(t *testing.T) {
	t.Parallel()
	across := pair()
	across.Destinations[0].Bucket.AssumeRoleARN = "arn:aws:iam::222222222222:role/deploy"
	pulumitest.Golden(t, "audit-across-accounts", runAudit(t, fullAudit(), allRecords, across).Beyond(deploy(t, across)))
}

func TestAudit_CanBePreviewedBeforeAnythingIsKnown(t *testing.T) {
	t.Parallel()
	preview, err := pulumitest.Run(t, audited(fullAudit(), allRecords, pair()), pulumitest.Preview)
	require.NoError(t, err)
	assert.Len(t, preview.All(), len(runAudit(t, fullAudit(), allRecords, pair()).All()), "a preview must show what an update makes")
}

func TestAudit_TrailRecordsCallsOnReplicatedObjectsAndNoOthers(t *testing.T) {
	t.Parallel()
	args := pair()
	args.Source.Bucket, args.Destinations[0].Bucket.Bucket = "my-data", "my-replicas"
	trail := runAudit(t, &crr.AuditArgs{}, allRecords, args).One(t, trailType, "audit")
	for object, want := range map[string]bool{
		"arn:aws:s3:::my-data/q3.pdf":                   true,
		"arn:aws:s3:::my-replicas/finance/q3.pdf":       true,
		"arn:aws:s3:::my-data-2/q3.pdf":                 false,
		"arn:aws:s3:::audit-logs-0123456/AWSLogs/1/x":   false,
		"arn:aws:s3:::audit-us-east-1-0123456/access/x": false,
	} {
		assert.Equal(t, want, records(trail, object), object)
	}
}

// AWS charges for every trail of an account that records management events,
// after the first.
func TestAudit_OneTrailForEachAccount(t *testing.T) {
	t.Parallel()
	recorder := runAudit(t, &crr.AuditArgs{}, crr.AuditOptions{Trail: true}, pair(), acrossAccounts())
	home, vault := recorder.One(t, trailType, "audit"), recorder.One(t, trailType, "audit-222222222222")
	assert.Len(t, recorder.OfType(trailType), 2)
	assert.Equal(t, "crr-us-east-1", home.Provider)
	assert.Equal(t, "crr-us-west-2-222222222222", vault.Provider)
	assert.Equal(t, []string{
		"arn:aws:s3:::data-source-0123456/", "arn:aws:s3:::data-dr-0123456/", "arn:aws:s3:::data2-source-0123456/",
	}, watched(home))
	assert.Equal(t, []string{"arn:aws:s3:::data2-dr-0123456/"}, watched(vault))
}

func TestAudit_AnExistingBucketThatSeveralReplicateToIsWatchedOnce(t *testing.T) {
	t.Parallel()
	fanIn := adopted()
	second := adopted()
	second.Source.Bucket = "more"
	recorder := runAudit(t, &crr.AuditArgs{}, crr.AuditOptions{Trail: true}, fanIn, second)
	assert.Equal(t, []string{"arn:aws:s3:::theirs/", "arn:aws:s3:::vault/", "arn:aws:s3:::more/"}, watched(recorder.One(t, trailType, "audit")))
}

func TestAudit_ExistingBucketsAreLeftAsTheyAre(t *testing.T) {
	t.Parallel()
	mixed := pair()
	mixed.Destinations[0] = adopted().Destinations[0]
	recorder := runAudit(t, &crr.AuditArgs{}, crr.AuditOptions{AccessLogs: true, Inventory: crr.Weekly}, mixed)
	for _, token := range []string{loggingType, inventoryType} {
		require.Len(t, recorder.OfType(token), 1)
		assert.Equal(t, "data-source-0123456", recorder.OfType(token)[0].Inputs["bucket"].StringValue())
	}
	_, err := pulumitest.Run(t, audited(&crr.AuditArgs{}, crr.AuditOptions{AccessLogs: true, Inventory: crr.Weekly}, adopted()))
	assert.ErrorContains(t, err, "replications[0].accessLogs: would change existing buckets")
	assert.ErrorContains(t, err, "replications[0].inventory: would change existing buckets")
}

func TestAudit_MakesNothingThatIsNotAskedFor(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		options crr.AuditOptions
		absent  []string
	}{
		"nothing":          {crr.AuditOptions{}, []string{trailType, loggingType, inventoryType}},
		"a trail":          {crr.AuditOptions{Trail: true}, []string{loggingType, inventoryType, "aws:cloudwatch/logGroup:LogGroup"}},
		"access logs":      {crr.AuditOptions{AccessLogs: true}, []string{trailType, inventoryType}},
		"weekly inventory": {crr.AuditOptions{Inventory: crr.Weekly}, []string{trailType, loggingType}},
		"all but a trail":  {crr.AuditOptions{AccessLogs: true, Inventory: crr.Daily}, []string{trailType}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			recorder := runAudit(t, &crr.AuditArgs{}, c.options, pair())
			for _, token := range c.absent {
				assert.Empty(t, recorder.OfType(token))
			}
			added := recorder.Beyond(deploy(t, pair())).All()
			assert.Equal(t, c.options == crr.AuditOptions{}, len(added) == 1, "besides the audit itself: %v", added)
		})
	}
}

// Seed 001 removes the bucket before the trail, which goes on delivering.
func TestAudit_TrailComesLastAndGoesFirst(t *testing.T) {
	t.Parallel()
	trail := runAudit(t, fullAudit(), allRecords, pair()).One(t, trailType, "audit")
	assert.Subset(t, trail.DependsOn, []string{
		"aws:s3/bucketPolicy:BucketPolicy audit-logs-policy", bucketType + " audit-logs", "aws:kms/key:Key audit-key",
		"aws:iam/rolePolicy:RolePolicy audit-events-role-policy",
	})
}

func TestAudit_LogBucketsAreHardened(t *testing.T) {
	t.Parallel()
	recorder := runAudit(t, fullAudit(), allRecords, pair())
	for name, algorithm := range map[string]string{"audit-logs": "aws:kms", "audit-us-east-1": "AES256", "audit-us-west-2": "AES256"} {
		recorder.One(t, "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", name+"-public-access")
		recorder.One(t, "aws:s3/bucketOwnershipControls:BucketOwnershipControls", name+"-ownership")
		recorder.One(t, "aws:s3/bucketVersioningV2:BucketVersioningV2", name+"-versioning")
		encryption := recorder.One(t, "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2", name+"-encryption")
		assert.Contains(t, fmt.Sprint(encryption.Inputs.Mappable()), algorithm, name)
		bucket := recorder.One(t, bucketType, name)
		assert.Contains(t, fmt.Sprint(bucket.Inputs["lifecycleRules"].Mappable()), "days:400", name)
		assert.True(t, bucket.Protect && bucket.RetainOnDelete, name)
	}
	assert.Len(t, recorder.OfType("aws:s3/bucketObjectLockConfigurationV2:BucketObjectLockConfigurationV2"), 1,
		"S3 delivers no access logs to a bucket with Object Lock")
}

func TestAudit_AccessToTheLogsIsLoggedToo(t *testing.T) {
	t.Parallel()
	logging := runAudit(t, fullAudit(), allRecords, pair()).One(t, loggingType, "audit-logs-access-logs")
	assert.Equal(t, "audit-us-east-1-0123456", logging.Inputs["targetBucket"].StringValue())
	assert.Equal(t, "access-logs/audit-logs-0123456/", logging.Inputs["targetPrefix"].StringValue())
}

// S3 logs into a bucket of the same region only, and there is none for access
// logs where no replicated bucket is: the security page says so.
func TestAudit_AccessToLogsInARegionOfTheirOwnIsNotLogged(t *testing.T) {
	t.Parallel()
	args := fullAudit()
	args.Region = "eu-central-1"
	var logged []string
	for _, each := range runAudit(t, args, allRecords, pair()).OfType(loggingType) {
		logged = append(logged, each.Inputs["bucket"].StringValue())
	}
	assert.ElementsMatch(t, []string{"data-source-0123456", "data-dr-0123456"}, logged)
}

func TestAudit_InventoriesTellWhatReplicated(t *testing.T) {
	t.Parallel()
	for _, inventory := range runAudit(t, &crr.AuditArgs{}, allRecords, pair()).OfType(inventoryType) {
		assert.Contains(t, fmt.Sprint(inventory.Inputs["optionalFields"].Mappable()), "ReplicationStatus", inventory.Name)
		assert.Equal(t, "All", inventory.Inputs["includedObjectVersions"].StringValue(), inventory.Name)
	}
}

func TestAudit_TrailWithoutManagementEventsCostsNoSecondCopy(t *testing.T) {
	t.Parallel()
	off := false
	for _, args := range []*crr.AuditArgs{{}, {Trail: crr.TrailArgs{ManagementEvents: &off}}} {
		trail := runAudit(t, args, allRecords, pair()).One(t, trailType, "audit")
		assert.Equal(t, args.Trail.ManagementEvents == nil, strings.Contains(fmt.Sprint(trail.Inputs.Mappable()), "Management"))
		assert.Len(t, watched(trail), 2)
	}
}

func TestAudit_DescribesTheTrailOfEachAccount(t *testing.T) {
	t.Parallel()
	var described map[string]any
	_, err := pulumitest.Run(t, func(ctx *pulumi.Context) error {
		bucket, err := crr.NewReplicatedBucket(ctx, "data", acrossAccounts())
		if err != nil {
			return err
		}
		unwatched, err := crr.NewReplicatedBucket(ctx, "more", pair())
		if err != nil {
			return err
		}
		audit, err := crr.NewAudit(ctx, "audit", &crr.AuditArgs{Replications: []crr.AuditedReplication{
			{Bucket: bucket, AuditOptions: crr.AuditOptions{Trail: true}},
		}})
		if err != nil {
			return err
		}
		ctx.Export("described", pulumi.All(audit.Describe(bucket), audit.Describe(unwatched)).ApplyT(func(all []any) bool {
			described = all[0].(map[string]any)
			assert.NotContains(t, all[1], "trailArn", "no trail watches that one")
			return true
		}))
		return nil
	})
	require.NoError(t, err)
	assert.Equal(t, "arn:aws:cloudtrail:region-of-provider:111111111111:trail/project-stack-audit", described["trailArn"])
	destination := described["destinations"].([]any)[0].(map[string]any)
	assert.Equal(t, "arn:aws:cloudtrail:region-of-provider:222222222222:trail/project-stack-audit-222222222222", destination["trailArn"])
}

func TestAudit_RefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change  func(*crr.AuditArgs)
		problem string
	}{
		"an unknown region":       {func(a *crr.AuditArgs) { a.Region = "moon-1" }, `region: "moon-1" is not an AWS region`},
		"a short name":            {func(a *crr.AuditArgs) { a.Trail.Name = "a" }, `name: "a" is not a valid trail name`},
		"a name with two hyphens": {func(a *crr.AuditArgs) { a.Trail.Name = "my--trail" }, `name: "my--trail" is not a valid trail name`},
		"a reader without ARN":    {func(a *crr.AuditArgs) { a.Trail.Readers = []string{"auditor"} }, `readers[0]: "auditor" is not the ARN`},
		"days that Logs lacks":    {func(a *crr.AuditArgs) { a.Trail.CloudWatchLogs.RetentionDays = 31 }, "cloudWatchLogs.retentionDays: 31 is not supported"},
		"a lock without days":     {func(a *crr.AuditArgs) { a.Trail.ObjectLock.Days = 0 }, "objectLock.days: 0 is not a number of days"},
		"negative retention":      {func(a *crr.AuditArgs) { a.Logs.RetentionDays = -1 }, "retentionDays: -1 is not a number of days"},
		"a window KMS has not":    {func(a *crr.AuditArgs) { a.Trail.DeletionWindowInDays = 3 }, "deletionWindowInDays: 3 is out of range"},
		"tags of AWS":             {func(a *crr.AuditArgs) { a.Tags["aws:x"] = "y" }, "tags.aws:x: the prefix aws:"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := fullAudit()
			c.change(args)
			_, err := pulumitest.Run(t, audited(args, allRecords, pair()))
			assert.ErrorContains(t, err, c.problem)
		})
	}
	_, err := pulumitest.Run(t, audited(&crr.AuditArgs{}, crr.AuditOptions{Inventory: "Hourly"}, pair()))
	assert.ErrorContains(t, err, `replications[0].inventory: "Hourly" is not an inventory frequency; use Daily or Weekly`)
	_, err = pulumitest.Run(t, audited(&crr.AuditArgs{}, allRecords))
	assert.ErrorContains(t, err, "replications: are missing")
}

func TestAuditTrail_StandsAlone(t *testing.T) {
	t.Parallel()
	recorder, err := pulumitest.Run(t, func(ctx *pulumi.Context) error {
		_, err := crr.NewAuditTrail(ctx, "trail", &crr.AuditTrailArgs{
			Region: "eu-west-1", BucketARNs: []pulumi.StringInput{pulumi.String("arn:aws:s3:::theirs")},
		})
		return err
	})
	require.NoError(t, err)
	trail := recorder.One(t, trailType, "trail")
	assert.Equal(t, "project-stack-trail", trail.Inputs["name"].StringValue())
	assert.Equal(t, []string{"arn:aws:s3:::theirs/"}, watched(trail))
	_, err = pulumitest.Run(t, func(ctx *pulumi.Context) error {
		_, err := crr.NewAuditTrail(ctx, "trail", &crr.AuditTrailArgs{Region: "eu-west-1", BucketARNs: make([]pulumi.StringInput, 498)})
		return err
	})
	assert.ErrorContains(t, err, "bucketArns: are 498, and a trail can watch at most 497 buckets")
}

func TestBucketRecords_StandAlone(t *testing.T) {
	t.Parallel()
	run := func(region string, recorded func(*crr.EncryptedBucket) crr.RecordedBucket) (*pulumitest.Recorder, error) {
		return pulumitest.Run(t, func(ctx *pulumi.Context) error {
			bucket, err := crr.NewEncryptedBucket(ctx, "mine", &crr.EncryptedBucketArgs{Bucket: crr.BucketArgs{Region: "eu-west-1"}})
			if err != nil {
				return err
			}
			_, err = crr.NewBucketRecords(ctx, "records", &crr.BucketRecordsArgs{Region: region, Buckets: []crr.RecordedBucket{recorded(bucket)}})
			return err
		})
	}
	recorder, err := run("eu-west-1", func(b *crr.EncryptedBucket) crr.RecordedBucket {
		return crr.RecordedBucket{Bucket: b, AccessLogs: true}
	})
	require.NoError(t, err)
	assert.Equal(t, "records-0123456", recorder.One(t, loggingType, "mine-access-logs").Inputs["targetBucket"].StringValue())
	_, err = run("us-east-1", func(b *crr.EncryptedBucket) crr.RecordedBucket {
		return crr.RecordedBucket{Bucket: b, AccessLogs: true}
	})
	assert.ErrorContains(t, err, "buckets[0].bucket: is in eu-west-1, and S3 delivers records only within a region")
	_, err = run("eu-west-1", func(*crr.EncryptedBucket) crr.RecordedBucket { return crr.RecordedBucket{} })
	assert.ErrorContains(t, err, "buckets[0].bucket: is set together with a trail, or both are missing")
}
