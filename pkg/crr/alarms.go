package crr

import (
	"cmp"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/internal/plan"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// ReplicationAlarmsType is the type token of [ReplicationAlarms].
const ReplicationAlarmsType = "crr:index:ReplicationAlarms"

// ReplicationAlarmsArgs are the arguments of [NewReplicationAlarms].
type ReplicationAlarmsArgs struct {
	// Buckets by the names that rules use for them. Required.
	Buckets map[string]*EncryptedBucket
	// Rules to watch. Rules that are disabled or without metrics get no alarms, since
	// S3 publishes nothing about them. Required.
	Rules []replication.Rule
	// Canaries whose heartbeats to watch, one alarm for each of their rules. Optional.
	Canaries []*Canary
	// Monitoring has thresholds and subscribers. Optional.
	Monitoring MonitoringArgs
	// Protect the topics and keys that are made. Optional.
	Protect bool
	// DeletionWindowInDays of the keys: 7 to 30. Optional; 30 by default.
	DeletionWindowInDays int
	// Tags of alarms and topics. A topic or key that components share has the tags of
	// the first component. Optional.
	Tags map[string]string

	// formerNames of the component.
	formerNames []string

	// keys are the keys of the parent component; nil if there is none.
	keys *messageKeys
}

// messages returns the options of the topics and keys that are created.
func (a *ReplicationAlarmsArgs) messages() messageOptions {
	return messageOptions{tags: a.Tags, protect: a.Protect, deletionWindow: a.DeletionWindowInDays, formerNames: a.formerNames}
}

// ReplicationAlarms are the alarms of a replicated bucket, and the topics that
// they notify.
type ReplicationAlarms struct {
	pulumi.ResourceState

	// Alarms, one for each watched metric of each rule.
	Alarms []Alarm
	// Composites combine all alarms of a region and notify in their place.
	Composites []CompositeAlarm
	// Topics that are notified, one for each region.
	Topics []Topic

	name   string
	args   *ReplicationAlarmsArgs
	topics *topics
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
	// Threshold above which the alarm goes off, in the metric's unit.
	Threshold int
}

// NewReplicationAlarms registers the alarms and, if there are subscribers, their
// topics.
func NewReplicationAlarms(
	ctx *pulumi.Context, name string, args *ReplicationAlarmsArgs, opts ...pulumi.ResourceOption,
) (*ReplicationAlarms, error) {
	if args == nil || len(args.Buckets) == 0 {
		return nil, fmt.Errorf("alarms %q: buckets: are missing; name the buckets to watch", name)
	}
	if len(args.Rules) == 0 {
		return nil, fmt.Errorf("alarms %q: rules: are missing; pass the rules of the replication", name)
	}
	if err := plan.CheckDeletionWindow(args.DeletionWindowInDays); err != nil {
		return nil, fmt.Errorf("alarms %q: deletionWindowInDays: %w", name, err)
	}
	if err := plan.CheckNames(plain[plan.Monitoring](args.Monitoring).Names(name, args.Rules, len(args.Canaries) > 0)).Err(); err != nil {
		return nil, fmt.Errorf("alarms %q: %w", name, err)
	}
	component := &ReplicationAlarms{name: name, args: args}
	if err := register(ctx, ReplicationAlarmsType, name, component, opts...); err != nil {
		return nil, fmt.Errorf("registering the alarms %q: %w", name, err)
	}
	component.topics = newTopics(component, args)
	if err := component.create(ctx); err != nil {
		return nil, fmt.Errorf("alarms %q: %w", name, err)
	}
	component.Topics = component.topics.all
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{})
}

func (c *ReplicationAlarms) create(ctx *pulumi.Context) error {
	groups, monitoring := &alarmGroups{}, plain[plan.Monitoring](c.args.Monitoring)
	for _, rule := range c.args.Rules {
		if err := c.watch(ctx, rule, monitoring.Watched(rule), groups); err != nil {
			return err
		}
	}
	for _, canary := range c.args.Canaries {
		for _, rule := range canary.rules {
			if err := c.watch(ctx, rule, []plan.Metric{canary.metric()}, groups, canary.firstRun); err != nil {
				return err
			}
		}
	}
	return c.compose(ctx, groups)
}

// watch registers the alarms on metrics of a rule.
func (c *ReplicationAlarms) watch(ctx *pulumi.Context, rule replication.Rule, metrics []plan.Metric, groups *alarmGroups, after ...pulumi.Resource) error {
	for _, metric := range metrics {
		if err := c.watchOne(ctx, rule, metric, groups, after); err != nil {
			return fmt.Errorf("making the alarm on %s of the rule %q: %w", metric.Name, rule.ID, err)
		}
	}
	return nil
}

func (c *ReplicationAlarms) watchOne(ctx *pulumi.Context, rule replication.Rule, metric plan.Metric, groups *alarmGroups, after []pulumi.Resource) error {
	source, destination := c.args.Buckets[rule.From()], c.args.Buckets[rule.Destination]
	if source == nil || destination == nil {
		return fmt.Errorf("there is no bucket for %s or %s", rule.From(), rule.Destination)
	}
	at, err := environmentOf(ctx, metric, c.args.Monitoring.Account, source, destination)
	if err != nil {
		return err
	}
	topic, err := c.topics.in(ctx, at)
	if err != nil {
		return err
	}
	threshold, _ := metric.Threshold(plain[plan.Monitoring](c.args.Monitoring).ThresholdsFor(rule))
	logical := plan.AlarmName(c.name, rule, metric)
	alarm, err := cloudwatch.NewMetricAlarm(ctx, logical, &cloudwatch.MetricAlarmArgs{
		AlarmDescription:   c.described(fmt.Sprintf(metric.Description, rule.ID), metric.Alarm),
		Namespace:          pulumi.String(metric.Namespace),
		MetricName:         pulumi.String(metric.Name),
		Dimensions:         dimensions(source, destination, rule),
		Statistic:          pulumi.String(metric.Settings.Statistic),
		Period:             pulumi.Int(metric.Settings.PeriodSeconds),
		EvaluationPeriods:  pulumi.Int(metric.Settings.Periods),
		DatapointsToAlarm:  pulumi.Int(metric.Settings.Datapoints),
		ComparisonOperator: pulumi.String(replication.AlarmComparison),
		Threshold:          pulumi.Float64(threshold),
		TreatMissingData:   pulumi.String(metric.Settings.MissingData),
		AlarmActions:       c.actions(topic),
		OkActions:          c.actions(topic),
		Tags:               pulumi.ToStringMap(c.args.Tags),
	}, at.child(c, pulumi.DependsOn(after)))
	if err != nil {
		return err
	}
	made := Alarm{
		Name: alarm.Name, ARN: alarm.Arn, Region: at.region, AccountID: at.account, Metric: metric.Name, RuleID: rule.ID, Threshold: threshold,
	}
	c.Alarms = append(c.Alarms, made)
	groups.add(at, topic, logical, made)
	return nil
}

// actions returns the actions of a single alarm: none if a composite alarm notifies in
// its place.
func (c *ReplicationAlarms) actions(topic *Topic) pulumi.Array {
	if topic == nil || c.hasComposite(topic) {
		return nil
	}
	return pulumi.Array{topic.ARN}
}

// described returns a description with a link to the runbook.
func (c *ReplicationAlarms) described(text, section string) pulumi.StringInput {
	return pulumi.Sprintf("%s What to do: %s#%s", text, cmp.Or(c.args.Monitoring.RunbookURL, Runbooks), section)
}

// dimensions returns the three dimensions of S3's replication metrics. CloudWatch finds
// a metric only by its exact set of dimensions.
func dimensions(source, destination *EncryptedBucket, rule replication.Rule) pulumi.StringMap {
	return pulumi.StringMap{
		"SourceBucket":      source.madeName,
		"DestinationBucket": destination.madeName,
		"RuleId":            pulumi.String(rule.ID),
	}
}
