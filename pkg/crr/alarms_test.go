package crr_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/pulumitest"
	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
	"github.com/crr-io/pulumi-aws-crr/pkg/crr"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// thresholds returns those of the alarms that were registered, by name.
func thresholds(recorder *pulumitest.Recorder) map[string]float64 {
	found := map[string]float64{}
	for _, alarm := range recorder.OfType(alarmType) {
		found[strings.TrimPrefix(alarm.Name, "data-alarms-")] = alarm.Inputs["threshold"].NumberValue()
	}
	return found
}

func TestAlarms_ThresholdsOfARuleComeFirst(t *testing.T) {
	t.Parallel()
	args := pair()
	args.Rules = []crr.RuleArgs{
		{ID: "own", Prefix: "a/", Thresholds: replication.Thresholds{LatencySeconds: 60, PendingOperations: 7}},
		{ID: "rest"},
	}
	args.Monitoring = crr.MonitoringArgs{LatencySeconds: 600, PendingBytes: 5000}
	assert.Equal(t, map[string]float64{
		"own-failed": 0, "own-latency": 60, "own-pending-operations": 7, "own-pending-bytes": 5000,
		"rest-failed": 0, "rest-latency": 600, "rest-pending-bytes": 5000,
	}, thresholds(deploy(t, args)))
}

func TestAlarms_WatchNothingThatS3DoesNotPublish(t *testing.T) {
	t.Parallel()
	off := false
	args := pair()
	args.Rules = []crr.RuleArgs{{ID: "quiet", Prefix: "a/", Metrics: &off}, {ID: "off", Prefix: "b/", Enabled: &off}, {ID: "on"}}
	args.Monitoring.Emails = []string{"ops@example.com"}
	assert.Equal(t, map[string]float64{"on-failed": 0, "on-latency": 900}, thresholds(deploy(t, args)))
}

// The model has a table of its own of what S3 publishes, and where. The local
// AWS is a third: see test/e2e.
func TestAlarms_AreThoseThatTheModelFindsNoFaultWith(t *testing.T) {
	t.Parallel()
	recorder := deploy(t, monitored())
	regionOf := func(each pulumitest.Resource) string {
		return recorder.One(t, "pulumi:providers:aws", each.Provider).Inputs["region"].StringValue()
	}
	for from, to := range map[string]string{"data-source-0123456": "data-dr-0123456", "data-dr-0123456": "data-source-0123456"} {
		regions := map[string]string{"data-source-0123456": "us-east-1", "data-dr-0123456": "us-west-2"}
		subject := model.Subject{
			Valid: true, Monitoring: &model.Monitoring{Notifies: model.Yes},
			Facts: model.Facts{
				Source:       model.BucketFacts{Bucket: from, Region: regions[from]},
				Destinations: map[string]model.BucketFacts{to: {Bucket: to, Region: regions[to]}},
			},
			Configuration: s3config.Configuration{Rules: []s3config.Rule{{
				ID: "rest", Destination: s3config.Destination{Bucket: "arn:aws:s3:::" + to},
			}}},
		}
		for _, alarm := range recorder.OfType(alarmType) {
			dimensions := alarm.Inputs["dimensions"].ObjectValue()
			if dimensions["SourceBucket"].StringValue() != from {
				continue
			}
			facts := model.AlarmFacts{
				Name: alarm.Name, Metric: alarm.Inputs["metricName"].StringValue(),
				Region: regionOf(alarm), Statistic: alarm.Inputs["statistic"].StringValue(),
			}
			for _, key := range dimensions.StableKeys() {
				facts.Dimensions = append(facts.Dimensions, string(key))
			}
			subject.Monitoring.Alarms = append(subject.Monitoring.Alarms, facts)
		}
		require.Len(t, subject.Monitoring.Alarms, 7)
		for _, finding := range model.Lint(subject) {
			assert.False(t, strings.HasPrefix(finding.ID, "alarm") || finding.ID == "no-alarm-on-failures", "%v", finding)
		}
	}
}

func TestAlarms_NotifyByThemselvesWithoutACompositeAlarm(t *testing.T) {
	t.Parallel()
	args := everything()
	args.Monitoring.Composite = new(bool)
	recorder := deploy(t, args)
	assert.Empty(t, recorder.OfType(compositeType))
	for _, alarm := range recorder.OfType(alarmType) {
		assert.NotEmpty(t, alarm.Inputs["alarmActions"], alarm.Name)
		assert.Equal(t, alarm.Inputs["alarmActions"], alarm.Inputs["okActions"], alarm.Name)
	}
}

func TestAlarms_AreComposedForNobodyOnlyWhenAsked(t *testing.T) {
	t.Parallel()
	assert.Empty(t, deploy(t, pair()).OfType(compositeType))
	asked := true
	args := pair()
	args.Monitoring.Composite = &asked
	composites := deploy(t, args).OfType(compositeType)
	require.Len(t, composites, 2, "one for each region")
	assert.NotContains(t, composites[0].Inputs.Mappable(), "alarmActions")
}

// A composite alarm takes 100 alarms, and a rule of 10,240 characters.
func TestAlarms_OfManyRulesAreComposedInSeveral(t *testing.T) {
	t.Parallel()
	for name, id := range map[string]string{"many": "r", "with long names": strings.Repeat("r", 150)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := pair()
			args.Monitoring.Emails = []string{"ops@example.com"}
			for i := range 101 {
				args.Rules = append(args.Rules, crr.RuleArgs{ID: fmt.Sprintf("%s-%d", id, i), Prefix: fmt.Sprintf("%d/", i)})
			}
			recorder := deploy(t, args)
			assert.Len(t, recorder.OfType(compositeType), 4, "two for each region")
			inEast := 0
			for _, composite := range recorder.OfType(compositeType) {
				rule := composite.Inputs["alarmRule"].StringValue()
				assert.LessOrEqual(t, len(rule), 10240, composite.Name)
				assert.LessOrEqual(t, strings.Count(rule, "ALARM("), 100, composite.Name)
				inEast += strings.Count(rule, "-failed-")
			}
			assert.Equal(t, 101, inEast, "each alarm is in one")
		})
	}
}

func TestAlarms_OfADestinationCanBeInItsAccount(t *testing.T) {
	t.Parallel()
	args := pair()
	args.Destinations[0].Bucket.AssumeRoleARN = "arn:aws:iam::222222222222:role/deploy"
	providers := func(account crr.MetricsAccount) map[string]string {
		args.Monitoring.Account = account
		found := map[string]string{}
		for _, alarm := range deploy(t, args).OfType(alarmType) {
			found[alarm.Name] = alarm.Provider
		}
		return found
	}
	assert.Equal(t, map[string]string{"data-alarms-dr-failed": "crr-us-east-1", "data-alarms-dr-latency": "crr-us-west-2"}, providers(""))
	assert.Equal(t, providers(""), providers(crr.SourceAccount))
	assert.Equal(t, map[string]string{
		"data-alarms-dr-failed": "crr-us-east-1", "data-alarms-dr-latency": "crr-us-west-2-222222222222",
	}, providers(crr.DestinationAccount))
}

func TestMonitoring_OffCostsNothing(t *testing.T) {
	t.Parallel()
	for _, each := range deploy(t, pair()).All() {
		for _, service := range []string{"aws:sns/", "aws:sqs/", "aws:lambda/", "aws:s3/bucketNotification", "CompositeAlarm", "crr:index:NotificationTopic", "crr:index:FailureQueue"} {
			assert.NotContains(t, each.Type, service)
		}
		assert.NotContains(t, each.Name, "messages")
	}
}

func TestAlarms_PointToARunbookOfTheUsers(t *testing.T) {
	t.Parallel()
	args := pair()
	args.Monitoring.RunbookURL = "https://wiki.example.com/replication"
	alarm := deploy(t, args).One(t, alarmType, "data-alarms-dr-failed")
	assert.Contains(t, alarm.Inputs["alarmDescription"].StringValue(), "What to do: https://wiki.example.com/replication#failed")
}

func TestDescriptor_HasAllThatWatches(t *testing.T) {
	t.Parallel()
	var composites, notifications []any
	_, err := pulumitest.Run(t, func(ctx *pulumi.Context) error {
		bucket, err := crr.NewReplicatedBucket(ctx, "data", monitored())
		if err != nil {
			return err
		}
		ctx.Export("seen", bucket.Descriptor.ApplyT(func(d map[string]any) bool {
			composites, notifications = d["compositeAlarms"].([]any), d["notifications"].([]any)
			return true
		}))
		return nil
	})
	require.NoError(t, err)
	assert.Len(t, composites, 4, "one for each region of each account")
	require.Len(t, notifications, 4, "failures and lateness of each place")
	assert.Equal(t, map[string]any{
		"place": "source", "targetArn": "arn:aws:sqs:region-of-provider:111111111111:data-source-notifications-failures-0123456",
		"events": []string{"s3:Replication:OperationFailedReplication", "s3:Replication:OperationNotTracked"},
	}, notifications[0])
}

// TestDescriptor_HasAllNotifications has those of the user's own, and that there are none.
func TestDescriptor_HasAllNotifications(t *testing.T) {
	t.Parallel()
	described := func(args *crr.ReplicatedBucketArgs) (all []any) {
		_, err := pulumitest.Run(t, func(ctx *pulumi.Context) error {
			bucket, err := crr.NewReplicatedBucket(ctx, "data", args)
			if err != nil {
				return err
			}
			ctx.Export("seen", bucket.Descriptor.ApplyT(func(d map[string]any) bool {
				for _, each := range d["settings"].([]any) {
					if setting := each.(map[string]any); setting["kind"] == string(replication.NotificationsSetting) {
						all = append(all, setting["values"])
					}
				}
				return true
			}))
			return nil
		})
		require.NoError(t, err)
		return all
	}
	const queue = "arn:aws:sqs:us-west-2:111111111111:events"
	args := pair()
	args.Destinations[0].Bucket.Notifications = []crr.NotificationArgs{
		{Events: []string{"s3:ObjectCreated:*"}, Prefix: "a/", TargetArgs: eventQueue("us-west-2")},
		{Events: []string{"s3:ObjectRemoved:*"}, Suffix: ".csv", TargetArgs: eventQueue("us-west-2")},
	}
	assert.Equal(t, []any{
		map[string]string{}, map[string]string{queue + ", prefix a/": "s3:ObjectCreated:*", queue + ", suffix .csv": "s3:ObjectRemoved:*", "EventBridge": "true"},
	}, described(args))
	assert.Empty(t, described(adopted()), "an adopted bucket keeps those that it has")
	args = adopted()
	args.Monitoring.FailureQueue, args.Source.ReplaceNotifications, args.Source.EventBridge = true, true, new(bool)
	assert.Len(t, described(args), 1)
}

// The anchors of alarms are headings of the runbooks of this repository.
func TestAlarms_PointToASectionThatIsThere(t *testing.T) {
	t.Parallel()
	_, path, _ := strings.Cut(crr.Runbooks, "/blob/main/")
	page, err := os.ReadFile("../../" + path)
	require.NoError(t, err)
	sections := map[string]bool{}
	for _, line := range strings.Split(string(page), "\n") {
		if heading, ok := strings.CutPrefix(line, "## "); ok {
			sections[strings.ToLower(strings.ReplaceAll(heading, " ", "-"))] = true
		}
	}
	recorder := withCanary(t, monitored())
	for _, alarm := range append(recorder.OfType(alarmType), recorder.OfType(compositeType)...) {
		description := alarm.Inputs["alarmDescription"].StringValue()
		_, link, _ := strings.Cut(description, crr.Runbooks+"#")
		assert.True(t, sections[link], "%s points to #%s", alarm.Name, link)
	}
}

func TestAlarms_RefuseToWatchNoRule(t *testing.T) {
	t.Parallel()
	_, err := pulumitest.Run(t, func(ctx *pulumi.Context) error {
		_, err := crr.NewReplicationAlarms(ctx, "lonely", &crr.ReplicationAlarmsArgs{Buckets: map[string]*crr.EncryptedBucket{"source": nil}})
		return err
	})
	assert.ErrorContains(t, err, `alarms "lonely": rules: are missing`)
}
