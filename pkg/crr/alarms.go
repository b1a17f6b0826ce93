package crr

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// ReplicationAlarmsType is the type token of [ReplicationAlarms].
const ReplicationAlarmsType = "crr:index:ReplicationAlarms"

const defaultLatencySeconds = 900

// ReplicationAlarmsArgs says what to watch.
type ReplicationAlarmsArgs struct {
	// Buckets by the names that rules have for them. Required.
	Buckets map[string]*EncryptedBucket
	// Rules to watch. Those without metrics are left out, since S3 publishes
	// nothing about them. Required.
	Rules []replication.Rule
	// Monitoring has thresholds and whom to notify. Optional.
	Monitoring MonitoringArgs
	// Tags of alarms and topics. Optional.
	Tags map[string]string
}

// ReplicationAlarms are the alarms of a replicated bucket, and the topics that
// they notify.
type ReplicationAlarms struct {
	pulumi.ResourceState

	// Alarms, one for each metric of each rule.
	Alarms []Alarm
	// Topics that the alarms notify, one for each region.
	Topics []Topic
}

// Alarm is one alarm, and what it watches.
type Alarm struct {
	Name   pulumi.StringOutput
	ARN    pulumi.StringOutput
	Region string
	// AccountID that the alarm is in.
	AccountID pulumi.StringOutput
	Metric    string
	RuleID    string
	// Threshold above which it goes off, in the metric's unit.
	Threshold int
}

// replicationMetric is one of S3's replication metrics, and how to watch it.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html
type replicationMetric struct {
	name      string
	alarm     string
	statistic string
	// atSource tells in which of the two regions S3 publishes the metric.
	atSource  bool
	threshold func(MonitoringArgs) int
	// minutes that the threshold must be passed for.
	minutes     int
	missingData string
	description string
}

var replicationMetrics = []replicationMetric{
	{
		name: "OperationsFailedReplication", alarm: "failed", statistic: "Sum", atSource: true,
		threshold: func(MonitoringArgs) int { return 0 }, minutes: 1,
		// S3 publishes it only while something replicates: to ignore missing data
		// would leave the alarm on for ever after a single failure.
		missingData: "notBreaching",
		description: "Objects failed to replicate under the rule %s. S3 does not try them again.",
	},
	{
		name: "ReplicationLatency", alarm: "latency", statistic: "Maximum",
		threshold: MonitoringArgs.latency, minutes: 3,
		missingData: "ignore",
		description: "Replicas of the rule %s are late.",
	},
}

func (a MonitoringArgs) latency() int {
	if a.LatencySeconds == 0 {
		return defaultLatencySeconds
	}
	return a.LatencySeconds
}

// NewReplicationAlarms registers the alarms, and the topics where e-mails are
// to be notified.
func NewReplicationAlarms(
	ctx *pulumi.Context, name string, args *ReplicationAlarmsArgs, opts ...pulumi.ResourceOption,
) (*ReplicationAlarms, error) {
	if args == nil || len(args.Buckets) == 0 {
		return nil, fmt.Errorf("alarms %q: buckets: are missing; name the buckets to watch", name)
	}
	component := &ReplicationAlarms{}
	if err := ctx.RegisterComponentResourceV2(ReplicationAlarmsType, name, nil, component, opts...); err != nil {
		return nil, fmt.Errorf("registering the alarms %q: %w", name, err)
	}
	topics := &topics{parent: component, name: name, monitoring: args.Monitoring, tags: args.Tags}
	for _, rule := range args.Rules {
		if !rule.Metrics {
			continue
		}
		for _, metric := range replicationMetrics {
			if err := component.watch(ctx, name, args, rule, metric, topics); err != nil {
				return nil, fmt.Errorf("making the alarm on %s of the rule %q: %w", metric.name, rule.ID, err)
			}
		}
	}
	component.Topics = topics.made
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{})
}

func (c *ReplicationAlarms) watch(
	ctx *pulumi.Context, name string, args *ReplicationAlarmsArgs, rule replication.Rule, metric replicationMetric, topics *topics,
) error {
	source, destination := args.Buckets[rule.From()], args.Buckets[rule.Destination]
	if source == nil || destination == nil {
		return fmt.Errorf("there is no bucket for %s or %s", rule.From(), rule.Destination)
	}
	at, err := metric.place(ctx, source, destination)
	if err != nil {
		return err
	}
	notify, err := topics.in(ctx, at)
	if err != nil {
		return err
	}
	threshold := metric.threshold(args.Monitoring)
	alarm, err := cloudwatch.NewMetricAlarm(ctx, alarmName(name, rule, metric), &cloudwatch.MetricAlarmArgs{
		AlarmDescription:   pulumi.Sprintf(metric.description, rule.ID),
		Namespace:          pulumi.String("AWS/S3"),
		MetricName:         pulumi.String(metric.name),
		Dimensions:         dimensions(source, destination, rule),
		Statistic:          pulumi.String(metric.statistic),
		Period:             pulumi.Int(60),
		EvaluationPeriods:  pulumi.Int(metric.minutes),
		DatapointsToAlarm:  pulumi.Int(metric.minutes),
		ComparisonOperator: pulumi.String("GreaterThanThreshold"),
		Threshold:          pulumi.Float64(threshold),
		TreatMissingData:   pulumi.String(metric.missingData),
		AlarmActions:       notify,
		OkActions:          notify,
		Tags:               pulumi.ToStringMap(args.Tags),
	}, at.child(c))
	if err != nil {
		return err
	}
	c.Alarms = append(c.Alarms, Alarm{
		Name: alarm.Name, ARN: alarm.Arn, Region: at.region, AccountID: at.account, Metric: metric.name, RuleID: rule.ID, Threshold: threshold,
	})
	return nil
}

func alarmName(name string, rule replication.Rule, metric replicationMetric) string {
	if rule.Source != "" {
		name += "-" + rule.Source
	}
	return fmt.Sprintf("%s-%s-%s", name, rule.ID, metric.alarm)
}

// place is where S3 publishes the metric: in one of the two regions, and for
// all that is documented in the source's account.
func (m replicationMetric) place(ctx *pulumi.Context, source, destination *EncryptedBucket) (place, error) {
	if m.atSource || source.place.region == destination.place.region {
		return source.place, nil
	}
	return source.place.elsewhere(ctx, destination.place)
}

// dimensions are all three that S3 publishes a replication metric with.
// CloudWatch finds a metric only by its exact set of dimensions.
func dimensions(source, destination *EncryptedBucket, rule replication.Rule) pulumi.StringMap {
	return pulumi.StringMap{
		"SourceBucket":      source.Bucket,
		"DestinationBucket": destination.Bucket,
		"RuleId":            pulumi.String(rule.ID),
	}
}
