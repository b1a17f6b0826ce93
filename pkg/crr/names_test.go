package crr

import (
	"fmt"
	"strings"
	"testing"

	presource "github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/pulumitest"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// watchedPair returns a pair with every resource that has a generated name.
func watchedPair(destination string) *ReplicatedBucketArgs {
	return &ReplicatedBucketArgs{
		Direction:    replication.TwoWay,
		Source:       BucketArgs{Region: "us-east-1"},
		Destinations: []DestinationArgs{{Name: destination, Bucket: BucketArgs{Region: "us-west-2", AssumeRoleARN: "arn:aws:iam::222222222222:role/deploy"}}},
		Canary:       &CanaryOptions{Code: pulumi.NewAssetArchive(nil)},
		Monitoring:   MonitoringArgs{FailureQueue: true, Emails: []string{"ops@example.com"}},
	}
}

// generatedNames are the types that Pulumi generates names for, and the input that
// has a name that was given.
var generatedNames = map[string]string{
	"aws:s3/bucketV2:BucketV2":                     "bucket",
	"aws:kms/alias:Alias":                          "name",
	"aws:iam/role:Role":                            "name",
	"aws:iam/policy:Policy":                        "name",
	"aws:cloudwatch/metricAlarm:MetricAlarm":       "name",
	"aws:cloudwatch/logGroup:LogGroup":             "name",
	"aws:cloudwatch/eventRule:EventRule":           "name",
	"aws:lambda/function:Function":                 "name",
	"aws:sqs/queue:Queue":                          "name",
	"aws:sns/topic:Topic":                          "name",
	"aws:cloudwatch/compositeAlarm:CompositeAlarm": "alarmName",
}

func TestNames_OfEveryResourceAreChecked(t *testing.T) {
	t.Parallel()
	args := watchedPair("dr")
	recorder, err := pulumitest.Run(t, func(ctx *pulumi.Context) error {
		_, err := NewReplicatedBucket(ctx, "data", args)
		return err
	})
	require.NoError(t, err)
	checked := map[string]bool{}
	for _, each := range args.plan().Names("data") {
		checked[each.String()] = true
	}
	found := 0
	for _, resource := range recorder.All() {
		property, has := generatedNames[resource.Type]
		if _, given := resource.Inputs[presource.PropertyKey(property)]; !has || given {
			continue
		}
		// What the program's components share has names that no user chooses.
		if strings.HasPrefix(resource.Name, "crr-") {
			continue
		}
		found++
		assert.Truef(t, checked[resource.Name], "%s is not checked", resource.Key())
	}
	assert.Greater(t, found, 15)
}

func TestNames_ThatAreTooLongTogetherAreRefused(t *testing.T) {
	t.Parallel()
	long := strings.Repeat
	cases := map[string]struct {
		component, destination string
		change                 func(*ReplicatedBucketArgs)
		path, want             string
	}{
		"the bucket of a destination": {
			component: long("a", 32), destination: long("d", 32), path: "destinations[0].name",
			change: func(a *ReplicatedBucketArgs) { a.Direction, a.Canary, a.Monitoring = "", nil, MonitoringArgs{} },
			want: fmt.Sprintf("makes the name of a bucket too long: %q has 73 characters, with the 8 that Pulumi appends, and AWS accepts 63. "+
				"Shorten the names in it by 10", long("a", 32)+"-"+long("d", 32)+"-0123456"),
		},
		"the role of a destination that replicates back": {
			component: long("a", 26), destination: long("d", 26), path: "destinations[0].name",
			change: func(a *ReplicatedBucketArgs) {
				a.Canary, a.Monitoring, a.Destinations[0].Bucket.Bucket = nil, MonitoringArgs{}, "replicas"
			},
			want: "makes the name of an IAM role too long: ",
		},
		"the bucket of the source": {
			component: long("a", 49), destination: "dr", path: "name",
			change: func(a *ReplicatedBucketArgs) { a.Direction, a.Canary, a.Monitoring = "", nil, MonitoringArgs{} },
			want:   "makes the name of a bucket too long: ",
		},
		"the failure queue": {
			component: long("a", 32), destination: "dr", path: "name", change: func(a *ReplicatedBucketArgs) { a.Direction, a.Canary = "", nil },
			want: "makes the name of an SQS queue too long: ",
		},
		"the function of a canary": {
			component: long("a", 20), destination: long("d", 20), path: "destinations[0].name",
			change: func(a *ReplicatedBucketArgs) {
				a.Destinations[0].Bucket.AssumeRoleARN, a.Destinations[0].Bucket.Bucket, a.Monitoring = "", "replicas", MonitoringArgs{}
			},
			want: "makes the name of a Lambda function too long: ",
		},
		"the reader of a canary": {
			component: long("a", 20), destination: long("d", 25), path: "name",
			change: func(a *ReplicatedBucketArgs) { a.Direction, a.Monitoring = "", MonitoringArgs{} },
			want:   "makes the name of an IAM role too long: ",
		},
		"an alarm": {
			component: "data", destination: "dr", path: "rules",
			change: func(a *ReplicatedBucketArgs) { a.Rules = []RuleArgs{{ID: long("r", 240)}} },
			want:   "makes the name of a CloudWatch alarm too long: ",
		},
		"a role with a name that was given": {
			component: "data", destination: long("d", 20), path: "role.name", change: func(a *ReplicatedBucketArgs) { a.Role.Name = long("r", 50) },
			want: fmt.Sprintf("makes the name of an IAM role too long: %q has 71 characters, and AWS accepts 64", long("r", 50)+"-"+long("d", 20)),
		},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := watchedPair(test.destination)
			test.change(args)
			require.NoError(t, args.Validate())
			recorder, err := pulumitest.Run(t, func(ctx *pulumi.Context) error {
				_, err := NewReplicatedBucket(ctx, test.component, args)
				return err
			})
			var problems replication.Problems
			require.ErrorAs(t, err, &problems)
			assert.Contains(t, problems.Error(), test.path+": "+test.want)
			assert.Empty(t, recorder.All(), "nothing is registered")
		})
	}
}

func TestNames_OfGoComponentsAreChecked(t *testing.T) {
	t.Parallel()
	components := map[string]func(*pulumi.Context, string) error{
		"replicated bucket": func(ctx *pulumi.Context, name string) error {
			_, err := NewReplicatedBucket(ctx, name, watchedPair("dr"))
			return err
		},
		"encrypted bucket": func(ctx *pulumi.Context, name string) error {
			_, err := NewEncryptedBucket(ctx, name, &EncryptedBucketArgs{Bucket: BucketArgs{Region: "us-east-1"}})
			return err
		},
		"records": func(ctx *pulumi.Context, name string) error {
			_, err := NewBucketRecords(ctx, name, &BucketRecordsArgs{Region: "us-east-1", Buckets: []RecordedBucket{{Bucket: &EncryptedBucket{}, AccessLogs: true}}})
			return err
		},
		"trail": func(ctx *pulumi.Context, name string) error {
			_, err := NewAuditTrail(ctx, name, &AuditTrailArgs{Region: "us-east-1", BucketARNs: []pulumi.StringInput{pulumi.String("arn:aws:s3:::data")}})
			return err
		},
		"role": func(ctx *pulumi.Context, name string) error {
			_, err := NewReplicationRole(ctx, strings.ReplaceAll(name, "_", " "), &ReplicationRoleArgs{Source: BucketArgs{Region: "us-east-1"}})
			return err
		},
		"topic": func(ctx *pulumi.Context, name string) error {
			_, err := NewNotificationTopic(ctx, strings.ReplaceAll(name, "_", "."), &NotificationTopicArgs{Region: "us-east-1", Emails: []string{"ops@example.com"}})
			return err
		},
	}
	for what, register := range components {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			for _, name := range []string{"my_data", "-data_", "daten_für", strings.Repeat("a_", 200)} {
				recorder, err := pulumitest.Run(t, func(ctx *pulumi.Context) error { return register(ctx, name) })
				require.ErrorContains(t, err, "name: ", name)
				assert.Empty(t, recorder.All(), "nothing is registered")
			}
		})
	}
	t.Run("capitals, which Pulumi writes small in names of buckets", func(t *testing.T) {
		t.Parallel()
		_, err := pulumitest.Run(t, func(ctx *pulumi.Context) error {
			_, err := NewReplicatedBucket(ctx, "MyData", watchedPair("dr"))
			return err
		})
		assert.NoError(t, err)
	})
	t.Run("a bucket that has a name of its own", func(t *testing.T) {
		t.Parallel()
		args := watchedPair("dr")
		args.Source.Bucket, args.Destinations[0].Bucket.Bucket = "data", "replicas"
		assert.NoError(t, args.plan().CheckNames("my_data"))
	})
}

func TestStatementID_IsGivenOnlyWhereTheGeneratedOneIsTooLong(t *testing.T) {
	t.Parallel()
	assert.Nil(t, statementID(strings.Repeat("a", 92)))
	long := statementID(strings.Repeat("a", 93)).(pulumi.String)
	assert.Len(t, string(long), 100)
	assert.NotEqual(t, long, statementID(strings.Repeat("a", 94)).(pulumi.String))
}
