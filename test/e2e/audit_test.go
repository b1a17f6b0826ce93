package e2e

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	cloudtrailtypes "github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

const otherAccount = "222222222222"

// audited is a stack with all auditing enabled. The placeholders are further
// settings of the destination and of the stack.
const audited = `
config:
  crr:tags: { team: storage }
  crr:forceDestroy: true
  crr:deletionWindowInDays: 7
  crr:audit: { cloudWatchLogs: { retentionDays: 30 }, readers: ["arn:aws:iam::123456789012:role/auditor"]%s }
  crr:replications:
    - name: data
      source: { region: us-east-1 }
      destinations: [{ name: dr, region: us-west-2%s }]
      audit: { enabled: true, accessLogs: true, inventory: %s }
`

// TestAudit runs an audited stack through its lifecycle. The local AWS keeps trails,
// logging settings and inventories, and checks the permissions to write; it delivers
// no logs. The tests of pkg/crr evaluate the permissions of CloudTrail and S3.
func TestAudit(t *testing.T) {
	t.Parallel()
	const elsewhere = `, assumeRoleArn: "arn:aws:iam::222222222222:role/deploy"`
	for name, c := range map[string]struct {
		destination string
		// accounts with a trail, by the region of their first bucket.
		trails map[string]string
	}{
		"in one account":      {"", map[string]string{"": "us-east-1"}},
		"across two accounts": {elsewhere, map[string]string{"": "us-east-1", otherAccount: "us-west-2"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.project(fmt.Sprintf(audited, "", c.destination, "Daily"))
			l.up()
			l.mustRun("pulumi", "preview", "--refresh", "--expect-no-changes", "--stack", "test")
			deployed := l.descriptors()[0]
			for account, region := range c.trails {
				l.assertTrail(l.trails(account, region), deployed, account)
			}
			l.assertRecords(deployed.Source, "", s3types.InventoryFrequencyDaily)
			if c.destination != "" {
				assert.Contains(t, deployed.Destinations[0].TrailARN, ":"+otherAccount+":")
				l.assertRecords(deployed.Destinations[0], otherAccount, s3types.InventoryFrequencyDaily)
			}

			if c.destination == "" {
				l.reportsTrail(deployed)
			}

			l.project(fmt.Sprintf(audited, ", retentionDays: 30, managementEvents: false", c.destination, "Weekly"))
			l.up()
			l.mustRun("pulumi", "preview", "--refresh", "--expect-no-changes", "--stack", "test")
			l.assertRecords(deployed.Source, "", s3types.InventoryFrequencyWeekly)

			for account, region := range c.trails {
				l.putLog(account, region)
			}
			l.mustRun("pulumi", "destroy", "--yes", "--skip-preview", "--stack", "test")
			for account, region := range c.trails {
				left, err := l.trails(account, region).ListTrails(t.Context(), &cloudtrail.ListTrailsInput{})
				require.NoError(t, err)
				assert.Empty(t, left.Trails)
				assert.Empty(t, l.as(account, region).leftovers(t.Context(), t))
			}
		})
	}
}

// as returns clients for an account, "" being that of the credentials.
func (l *lab) as(account, region string) clients {
	if account == "" {
		return l.in(region)
	}
	return l.inAccount(account, region)
}

func (l *lab) trails(account, region string) *cloudtrail.Client {
	l.t.Helper()
	cfg := configOf(l.t, l.env, region)
	if account != "" {
		cfg.Credentials = stscreds.NewAssumeRoleProvider(sts.NewFromConfig(cfg), "arn:aws:iam::"+account+":role/administrator")
	}
	return cloudtrail.NewFromConfig(cfg)
}

// assertTrail checks that the trail of an account is on, and selects the calls on
// the objects of that account's buckets.
func (l *lab) assertTrail(client *cloudtrail.Client, d replication.Descriptor, account string) {
	l.t.Helper()
	ctx := l.t.Context()
	arn, want := d.TrailARN, []string{}
	if account != "" {
		arn = d.Destinations[0].TrailARN
	}
	for _, place := range append([]replication.DeployedBucket{d.Source}, d.Destinations...) {
		if place.AccountID == account || (account == "" && place.AccountID == d.Source.AccountID) {
			want = append(want, place.ARN+"/")
		}
	}
	trail, err := client.GetTrail(ctx, &cloudtrail.GetTrailInput{Name: &arn})
	require.NoError(l.t, err, arn)
	assert.True(l.t, aws.ToBool(trail.Trail.IsMultiRegionTrail))
	assert.True(l.t, aws.ToBool(trail.Trail.LogFileValidationEnabled))
	assert.NotEmpty(l.t, aws.ToString(trail.Trail.KmsKeyId))
	assert.Contains(l.t, aws.ToString(trail.Trail.CloudWatchLogsLogGroupArn), ":log-group:/aws/cloudtrail/")

	status, err := client.GetTrailStatus(ctx, &cloudtrail.GetTrailStatusInput{Name: &arn})
	require.NoError(l.t, err)
	assert.True(l.t, aws.ToBool(status.IsLogging))

	selectors, err := client.GetEventSelectors(ctx, &cloudtrail.GetEventSelectorsInput{TrailName: &arn})
	require.NoError(l.t, err)
	assert.Len(l.t, selectors.AdvancedEventSelectors, 2)
	assert.ElementsMatch(l.t, want, selected(selectors.AdvancedEventSelectors))
}

// reportsTrail checks that the report contains whether the trail records.
func (l *lab) reportsTrail(deployed replication.Descriptor) {
	l.t.Helper()
	l.writeDescriptors([]replication.Descriptor{deployed})
	trail := func() reportedEvidence {
		output, complaint, _ := l.exitOf("report", "--descriptor", "deployed.json", "--window", "30m", "--format", "json")
		var report reported
		require.NoError(l.t, json.Unmarshal([]byte(output), &report), complaint)
		for _, each := range report.Deployments[0].Evidence {
			if each.Kind == "trail" {
				return each
			}
		}
		return reportedEvidence{}
	}
	assert.Equal(l.t, "recorded", trail().State)
	client := l.trails("", deployed.Source.Region)
	_, err := client.StopLogging(l.t.Context(), &cloudtrail.StopLoggingInput{Name: &deployed.TrailARN})
	require.NoError(l.t, err)
	assert.Equal(l.t, "not recorded", trail().State)
	assert.Contains(l.t, trail().Text, "it is stopped")
	_, err = client.StartLogging(l.t.Context(), &cloudtrail.StartLoggingInput{Name: &deployed.TrailARN})
	require.NoError(l.t, err)
	before, err := client.GetEventSelectors(l.t.Context(), &cloudtrail.GetEventSelectorsInput{TrailName: &deployed.TrailARN})
	require.NoError(l.t, err)
	_, err = client.PutEventSelectors(l.t.Context(), &cloudtrail.PutEventSelectorsInput{
		TrailName: &deployed.TrailARN, AdvancedEventSelectors: []cloudtrailtypes.AdvancedEventSelector{{
			FieldSelectors: []cloudtrailtypes.AdvancedFieldSelector{{Field: aws.String("eventCategory"), Equals: []string{"Management"}}},
		}},
	})
	require.NoError(l.t, err)
	assert.Contains(l.t, trail().Text, "its event selectors don't cover s3://"+deployed.Source.Bucket)
	_, err = client.PutEventSelectors(l.t.Context(), &cloudtrail.PutEventSelectorsInput{
		TrailName: &deployed.TrailARN, AdvancedEventSelectors: before.AdvancedEventSelectors,
	})
	require.NoError(l.t, err)
	assert.Equal(l.t, "recorded", trail().State)
}

// putLog acts as CloudTrail: a destroy must handle existing logs.
func (l *lab) putLog(account, region string) {
	l.t.Helper()
	trails, err := l.trails(account, region).DescribeTrails(l.t.Context(), &cloudtrail.DescribeTrailsInput{})
	require.NoError(l.t, err)
	require.Len(l.t, trails.TrailList, 1)
	_, err = l.as(account, region).s3.PutObject(l.t.Context(), &s3.PutObjectInput{
		Bucket: trails.TrailList[0].S3BucketName, Key: aws.String("AWSLogs/log.json.gz"), Body: strings.NewReader("{}"),
		ServerSideEncryption: s3types.ServerSideEncryptionAes256, // only CloudTrail may encrypt with the trail's key
	})
	require.NoError(l.t, err)
}

func selected(selectors []cloudtrailtypes.AdvancedEventSelector) []string {
	var prefixes []string
	for _, selector := range selectors {
		for _, field := range selector.FieldSelectors {
			if aws.ToString(field.Field) == "resources.ARN" {
				prefixes = append(prefixes, field.StartsWith...)
			}
		}
	}
	return prefixes
}

// assertRecords checks the targets of a bucket's access logs and inventory.
func (l *lab) assertRecords(place replication.DeployedBucket, account string, frequency s3types.InventoryFrequency) {
	l.t.Helper()
	c := l.as(account, place.Region)
	logging, err := c.s3.GetBucketLogging(l.t.Context(), &s3.GetBucketLoggingInput{Bucket: &place.Bucket})
	require.NoError(l.t, err)
	require.NotNil(l.t, logging.LoggingEnabled, place.Bucket)
	assert.Equal(l.t, "access-logs/"+place.Bucket+"/", aws.ToString(logging.LoggingEnabled.TargetPrefix))

	inventory, err := c.s3.GetBucketInventoryConfiguration(l.t.Context(), &s3.GetBucketInventoryConfigurationInput{
		Bucket: &place.Bucket, Id: aws.String("replication-status"),
	})
	require.NoError(l.t, err)
	configuration := inventory.InventoryConfiguration
	assert.Equal(l.t, frequency, configuration.Schedule.Frequency)
	assert.Contains(l.t, configuration.OptionalFields, s3types.InventoryOptionalFieldReplicationStatus)
	assert.Equal(l.t, "arn:aws:s3:::"+aws.ToString(logging.LoggingEnabled.TargetBucket), aws.ToString(configuration.Destination.S3BucketDestination.Bucket))
}
