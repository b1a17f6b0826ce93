package crr

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/internal/heartbeat"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// CanaryType is the type token of [Canary].
const CanaryType = "crr:index:Canary"

const (
	defaultCanaryMinutes = 5
	canaryWaitSeconds    = 45
	canaryTimeoutSeconds = canaryWaitSeconds + 30
	canaryLogDays        = 14
	// canaryMisses is how many heartbeats in a row must be missing or old. One
	// may be lost to a cold start or a retry.
	canaryMisses = 2
)

// CanaryArgs says what to watch, and when to worry.
type CanaryArgs struct {
	// Bucket to watch. Required.
	Bucket *ReplicatedBucket
	// Options of the canary. Optional.
	CanaryOptions
	// Tags of all resources. Optional.
	Tags map[string]string
}

// CanaryOptions say how often a canary looks, and when to worry.
type CanaryOptions struct {
	// EveryMinutes is how often a heartbeat is written: 1 to 1440. Optional; 5
	// when left out.
	EveryMinutes int
	// AgeSeconds of the newest heartbeat at a destination above which its alarm
	// goes off. Optional; when left out, what [MonitoringArgs] takes for late by
	// default, and the time between two heartbeats.
	AgeSeconds int
	// Code of the function: a zip file with the program bootstrap for Linux on
	// x86-64. Optional; when left out, it is built with the go command, which
	// needs `go get -tool github.com/crr-io/pulumi-aws-crr/cmd/crr-canary` in the
	// module of the program.
	Code pulumi.Archive
}

func (o CanaryOptions) problems() replication.Problems {
	const day = 24 * 60
	var problems replication.Problems
	if o.EveryMinutes < 0 || o.EveryMinutes > day {
		problems.Add("everyMinutes", "%d is not between 1 and %d", o.EveryMinutes, day)
	}
	if o.AgeSeconds < 0 {
		problems.Add("ageSeconds", "%d is less than nothing", o.AgeSeconds)
	}
	return problems
}

// Canary is a Lambda function that writes heartbeat objects to the source of a
// replicated bucket, looks for them at each destination, and publishes how old
// the newest one there is: what would be lost if the source were gone now. An
// alarm for each rule goes off where that gets too old, and where nothing is
// published any more: a dead canary is no good news.
//
// It is in the region of the source; metric and alarms are in that of the
// destination, which is there when the source's region is not. Alarms notify
// the topic that the bucket's other alarms have there.
type Canary struct {
	pulumi.ResourceState

	// FunctionName of the Lambda function.
	FunctionName pulumi.StringOutput `pulumi:"functionName"`
	// Alarms, one for each rule that replicates from the source.
	Alarms []Alarm

	name  string
	args  *CanaryArgs
	place place
	rules []replication.Rule
}

// NewCanary registers the function, its schedule, its role and its alarms.
// [ReplicatedBucketArgs.Canary] makes a canary along with a bucket, which then has
// its alarms in its descriptor and on its dashboard.
func NewCanary(ctx *pulumi.Context, name string, args *CanaryArgs, opts ...pulumi.ResourceOption) (*Canary, error) {
	if err := args.validate(); err != nil {
		return nil, fmt.Errorf("canary %q: %w", name, err)
	}
	component := &Canary{name: name, args: args, place: args.Bucket.Source.place, rules: watchedRules(args.Bucket.Rules)}
	if err := ctx.RegisterComponentResourceV2(CanaryType, name, nil, component, opts...); err != nil {
		return nil, fmt.Errorf("registering the canary %q: %w", name, err)
	}
	if err := component.create(ctx); err != nil {
		return nil, fmt.Errorf("canary %q: %w", name, err)
	}
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{"functionName": component.FunctionName})
}

// watchedRules are those that replicate from the source.
func watchedRules(rules []replication.Rule) []replication.Rule {
	return slices.DeleteFunc(rulesFrom(rules, replication.SourceName), func(rule replication.Rule) bool {
		return rule.Status != replication.Enabled
	})
}

func (a *CanaryArgs) validate() error {
	if a == nil || a.Bucket == nil {
		return errors.New("bucket: is missing; give the replicated bucket to watch")
	}
	return a.problems().Err()
}

func (o CanaryOptions) everyMinutes() int {
	if o.EveryMinutes == 0 {
		return defaultCanaryMinutes
	}
	return o.EveryMinutes
}

func (o CanaryOptions) ageSeconds() int {
	if o.AgeSeconds == 0 {
		return defaultLatencySeconds + 60*o.everyMinutes()
	}
	return o.AgeSeconds
}

func (c *Canary) create(ctx *pulumi.Context) error {
	role, err := iam.NewRole(ctx, c.name+"-role", &iam.RoleArgs{
		Description:      pulumi.Sprintf("Assumed by the canary %s", c.name),
		AssumeRolePolicy: pulumi.String(canaryTrust.JSON()),
		Tags:             pulumi.ToStringMap(c.args.Tags),
	}, c.place.child(c))
	if err != nil {
		return fmt.Errorf("making the role: %w", err)
	}
	readers, err := c.readers(ctx, role.Arn)
	if err != nil {
		return err
	}
	log, err := cloudwatch.NewLogGroup(ctx, c.name+"-log", &cloudwatch.LogGroupArgs{
		RetentionInDays: pulumi.Int(canaryLogDays), Tags: pulumi.ToStringMap(c.args.Tags),
	}, c.place.child(c))
	if err != nil {
		return fmt.Errorf("making the log group: %w", err)
	}
	allowed, err := c.allow(ctx, role, readers, log)
	if err != nil {
		return err
	}
	function, err := c.function(ctx, role, readers, log, allowed)
	if err != nil {
		return err
	}
	c.FunctionName = function.Name
	if err := c.schedule(ctx, function); err != nil {
		return err
	}
	return c.alarms(ctx)
}

// config is what the function writes and looks for.
func (c *Canary) config(readers map[string]pulumi.StringInput) pulumi.StringOutput {
	inputs := pulumi.StringArray{c.args.Bucket.Source.Bucket}
	for _, rule := range c.rules {
		inputs = append(inputs, c.args.Bucket.buckets[rule.Destination].Bucket, orEmpty(readers[rule.Destination]))
	}
	return inputs.ToStringArrayOutput().ApplyT(func(texts []string) (string, error) {
		config := heartbeat.Config{
			Source: heartbeat.Place{Bucket: texts[0], Region: c.place.region}, WaitSeconds: canaryWaitSeconds,
		}
		for i, rule := range c.rules {
			config.Heartbeats = append(config.Heartbeats, heartbeat.Beat{
				Rule: rule.ID, Key: heartbeatKey(rule), Tags: rule.Tags,
				Destination: heartbeat.Place{
					Bucket: texts[2*i+1], Region: c.args.Bucket.buckets[rule.Destination].place.region, RoleARN: texts[2*i+2],
				},
			})
		}
		return heartbeatVariable(config)
	}).(pulumi.StringOutput)
}

// heartbeatVariable is the configuration as the function's environment holds it.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
func heartbeatVariable(config heartbeat.Config) (string, error) {
	const mostOfEnvironment = 4096
	data, err := json.Marshal(config)
	if err != nil {
		return "", err
	}
	if size := len(heartbeat.Variable) + len(data); size > mostOfEnvironment {
		return "", fmt.Errorf("the canary has %d rules to watch, which take %d bytes to describe, and Lambda has room for %d; "+
			"join rules, or watch this bucket without a canary", len(config.Heartbeats), size, mostOfEnvironment)
	}
	return string(data), nil
}

// heartbeatKey is where the rule's heartbeat is written: under its prefix, and
// where it would be looked for by nobody else.
func heartbeatKey(rule replication.Rule) string { return rule.Prefix + ".crr-heartbeat/" + rule.ID }

func orEmpty(input pulumi.StringInput) pulumi.StringInput {
	if input == nil {
		return pulumi.String("")
	}
	return input
}

func (c *Canary) function(
	ctx *pulumi.Context, role *iam.Role, readers map[string]pulumi.StringInput, log *cloudwatch.LogGroup, allowed pulumi.Resource,
) (*lambda.Function, error) {
	code := c.args.Code
	if code == nil {
		var err error
		if code, err = builtCanary(); err != nil {
			return nil, err
		}
	}
	function, err := lambda.NewFunction(ctx, c.name+"-function", &lambda.FunctionArgs{
		Description:   pulumi.Sprintf("Writes heartbeats and looks for them at their destinations (%s)", c.name),
		Runtime:       pulumi.String("provided.al2023"),
		Architectures: pulumi.StringArray{pulumi.String("x86_64")},
		Handler:       pulumi.String("bootstrap"),
		Code:          code,
		Role:          role.Arn,
		MemorySize:    pulumi.Int(128),
		Timeout:       pulumi.Int(canaryTimeoutSeconds),
		Environment:   &lambda.FunctionEnvironmentArgs{Variables: pulumi.StringMap{heartbeat.Variable: c.config(readers)}},
		LoggingConfig: &lambda.FunctionLoggingConfigArgs{LogFormat: pulumi.String("JSON"), LogGroup: log.Name},
		Tags:          pulumi.ToStringMap(c.args.Tags),
	}, c.place.child(c, pulumi.DependsOn([]pulumi.Resource{allowed})))
	if err != nil {
		return nil, fmt.Errorf("making the function: %w", err)
	}
	return function, nil
}

func (c *Canary) schedule(ctx *pulumi.Context, function *lambda.Function) error {
	unit := "minutes"
	if c.args.everyMinutes() == 1 {
		unit = "minute"
	}
	rule, err := cloudwatch.NewEventRule(ctx, c.name+"-schedule", &cloudwatch.EventRuleArgs{
		Description:        pulumi.Sprintf("Runs the canary %s", c.name),
		ScheduleExpression: pulumi.Sprintf("rate(%d %s)", c.args.everyMinutes(), unit),
		Tags:               pulumi.ToStringMap(c.args.Tags),
	}, c.place.child(c))
	if err != nil {
		return fmt.Errorf("making the schedule: %w", err)
	}
	permission, err := lambda.NewPermission(ctx, c.name+"-permission", &lambda.PermissionArgs{
		Action: pulumi.String("lambda:InvokeFunction"), Function: function.Name,
		Principal: pulumi.String("events.amazonaws.com"), SourceArn: rule.Arn,
	}, c.place.child(c))
	if err != nil {
		return fmt.Errorf("letting the schedule call the function: %w", err)
	}
	if _, err := cloudwatch.NewEventTarget(ctx, c.name+"-target", &cloudwatch.EventTargetArgs{Rule: rule.Name, Arn: function.Arn},
		c.place.child(c, pulumi.DependsOn([]pulumi.Resource{permission}))); err != nil {
		return fmt.Errorf("scheduling the function: %w", err)
	}
	return nil
}

// alarms are in the destination's region, like the metric.
func (c *Canary) alarms(ctx *pulumi.Context) error {
	for _, rule := range c.rules {
		source, destination := c.args.Bucket.Source, c.args.Bucket.buckets[rule.Destination]
		at, err := c.place.elsewhere(ctx, destination.place)
		if err != nil {
			return err
		}
		notify, err := c.notify(ctx, at)
		if err != nil {
			return err
		}
		alarm, err := cloudwatch.NewMetricAlarm(ctx, fmt.Sprintf("%s-%s", c.name, rule.ID), &cloudwatch.MetricAlarmArgs{
			AlarmDescription: c.args.Bucket.Alarms.described(fmt.Sprintf(
				"The newest heartbeat of the rule %s is old, or nobody measures it any more: what was written to the source since would be lost with it.",
				rule.ID), "heartbeat"),
			Namespace:          pulumi.String(heartbeat.Namespace),
			MetricName:         pulumi.String(heartbeat.MetricName),
			Dimensions:         dimensions(source, destination, rule),
			Statistic:          pulumi.String("Maximum"),
			Period:             pulumi.Int(60 * c.args.everyMinutes()),
			EvaluationPeriods:  pulumi.Int(canaryMisses),
			DatapointsToAlarm:  pulumi.Int(canaryMisses),
			ComparisonOperator: pulumi.String("GreaterThanThreshold"),
			Threshold:          pulumi.Float64(c.args.ageSeconds()),
			TreatMissingData:   pulumi.String("breaching"),
			AlarmActions:       notify,
			OkActions:          notify,
			Tags:               pulumi.ToStringMap(c.args.Tags),
		}, at.child(c))
		if err != nil {
			return fmt.Errorf("making the alarm of the rule %q: %w", rule.ID, err)
		}
		c.Alarms = append(c.Alarms, Alarm{
			Name: alarm.Name, ARN: alarm.Arn, Region: at.region, AccountID: at.account,
			Metric: heartbeat.MetricName, RuleID: rule.ID, Threshold: c.args.ageSeconds(),
		})
	}
	return nil
}

// notify is the topic that the bucket's other alarms of a place notify, if
// somebody is to be told.
func (c *Canary) notify(ctx *pulumi.Context, at place) (pulumi.Array, error) {
	topic, err := c.args.Bucket.Alarms.topics.in(ctx, at)
	if err != nil || topic == nil {
		return nil, err
	}
	return pulumi.Array{topic}, nil
}
