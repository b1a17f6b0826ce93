package crr

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/internal/heartbeat"
	"github.com/crr-io/pulumi-aws-crr/internal/plan"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// CanaryType is the type token of [Canary].
const CanaryType = "crr:index:Canary"

const (
	canaryTimeoutSeconds = plan.CanaryWaitSeconds + 30
	canaryLogDays        = 14
)

// CanaryArgs are the arguments of [NewCanary].
type CanaryArgs struct {
	// Bucket to watch. Required.
	Bucket *ReplicatedBucket
	// From is the name of the bucket that heartbeats are written to and whose rules are
	// watched. Optional; the source by default. In a two-way replication the
	// destination has its own rules and needs its own canary.
	From string
	// Options of the canary. Optional.
	CanaryOptions
	// Tags of all resources. Optional.
	Tags map[string]string
}

// CanaryOptions configures the schedule, the alarm and the function of a canary.
type CanaryOptions struct {
	// EveryMinutes is the interval between heartbeats: 1 to 1440. Optional; 5 by
	// default.
	EveryMinutes int
	// AgeSeconds is the age of the newest heartbeat at a destination above which its
	// alarm goes off. Optional; by default 900 seconds plus the interval between
	// heartbeats.
	AgeSeconds int
	// Architecture of the function: "x86_64" or "arm64", which is cheaper. Optional;
	// x86_64 by default.
	Architecture string
	// Code of the function: a zip file with the program bootstrap for Linux on that
	// architecture. Optional; by default it is built with the go command, which needs
	// `go get -tool github.com/crr-io/pulumi-aws-crr/cmd/crr-canary` in the module of
	// the program.
	Code pulumi.Archive
}

// Canary is a Lambda function that writes heartbeat objects to a replicating bucket,
// looks for them at each destination, and publishes the age of the newest one: the data
// loss if the bucket were lost now.
//
// It runs in the account and region of that bucket. The metric is in the region of the
// destination, which stays available when the bucket's region does not. For alarms on
// it see [ReplicationAlarmsArgs.Canaries].
type Canary struct {
	pulumi.ResourceState

	// FunctionName of the Lambda function.
	FunctionName pulumi.StringOutput `pulumi:"functionName"`
	// RoleARN of the role that the function runs in.
	RoleARN pulumi.StringOutput `pulumi:"roleArn"`

	name  string
	args  *CanaryArgs
	from  string
	env   environment
	rules []replication.Rule
	// settings of the roles.
	settings []deployedSetting
	// firstRun is the first run of the function.
	firstRun pulumi.Resource
}

// NewCanary registers the function, its schedule and its role, and runs it once.
// [ReplicatedBucketArgs.Canary] creates the canaries of a replicated bucket, one for
// each replicating bucket, and their alarms.
func NewCanary(ctx *pulumi.Context, name string, args *CanaryArgs, opts ...pulumi.ResourceOption) (*Canary, error) {
	if err := args.validate(); err != nil {
		return nil, fmt.Errorf("canary %q: %w", name, err)
	}
	from := args.from()
	if err := plan.CheckNames(plan.CanaryNames(name, "name", args.readers())).Err(); err != nil {
		return nil, fmt.Errorf("canary %q: %w", name, err)
	}
	component := &Canary{name: name, args: args, from: from, env: args.Bucket.buckets[from].env, rules: plan.WatchedRules(args.Bucket.Rules, from)}
	if err := register(ctx, CanaryType, name, component, opts...); err != nil {
		return nil, fmt.Errorf("registering the canary %q: %w", name, err)
	}
	if err := component.create(ctx); err != nil {
		return nil, fmt.Errorf("canary %q: %w", name, err)
	}
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{"functionName": component.FunctionName})
}

// readers returns the destinations in other accounts.
func (a *CanaryArgs) readers() []string {
	destinations := plan.Linked(plan.WatchedRules(a.Bucket.Rules, a.from()), a.from(), replication.Rule.From, plan.DestinationOf)
	return slices.DeleteFunc(destinations, func(name string) bool {
		return !a.Bucket.buckets[a.from()].env.foreign(a.Bucket.buckets[name].env)
	})
}

func (a *CanaryArgs) from() string { return cmp.Or(a.From, replication.SourceName) }

func (a *CanaryArgs) validate() error {
	if a == nil || a.Bucket == nil {
		return errors.New("bucket: is missing; pass the replicated bucket to watch")
	}
	problems := a.plan().Validate()
	regions := map[string]string{}
	for name, bucket := range a.Bucket.buckets {
		regions[name] = bucket.env.region
	}
	rules := plan.WatchedRules(a.Bucket.Rules, a.from())
	if len(rules) == 0 {
		problems.Add("from", "no enabled rule replicates from %q", a.from())
	}
	if err := plan.CheckCanarySize(a.from(), rules, regions); err != nil {
		problems.Add("bucket", "%s", err)
	}
	return problems.Err()
}

func (c *Canary) create(ctx *pulumi.Context) error {
	replicated := c.args.Bucket.args
	limits := replicated.Role.limits(replicated.bucket(c.from))
	role, err := iam.NewRole(ctx, c.name+"-role", &iam.RoleArgs{
		Description:      pulumi.Sprintf("Assumed by the canary %s", c.name),
		AssumeRolePolicy: pulumi.String(canaryTrust.JSON()),
		Path:             optional(limits.path), PermissionsBoundary: optionalInput(limits.boundary),
		Tags: pulumi.ToStringMap(c.args.Tags),
	}, c.env.child(c))
	if err != nil {
		return fmt.Errorf("making the role: %w", err)
	}
	c.RoleARN = role.Arn
	c.settings = append(c.settings, roleSettings(c.env, role.Arn, pulumi.String(canaryTrust.JSON()), limits.boundary)...)
	readers, err := c.readers(ctx, role.Arn)
	if err != nil {
		return err
	}
	log, err := cloudwatch.NewLogGroup(ctx, c.name+"-log", &cloudwatch.LogGroupArgs{
		RetentionInDays: pulumi.Int(canaryLogDays), Tags: pulumi.ToStringMap(c.args.Tags),
	}, c.env.child(c))
	if err != nil {
		return fmt.Errorf("making the log group: %w", err)
	}
	allowed, err := c.allow(ctx, role, readers, log)
	if err != nil {
		return err
	}
	config := c.config(readers)
	function, err := c.function(ctx, role, config, log, allowed)
	if err != nil {
		return err
	}
	c.FunctionName = function.Name
	if err := c.schedule(ctx, function); err != nil {
		return err
	}
	return c.invoke(ctx, function, config)
}

// invoke runs the function when it is created and when its rules change, so that alarms
// created afterwards have data and don't go off.
func (c *Canary) invoke(ctx *pulumi.Context, function *lambda.Function, config pulumi.StringOutput) error {
	call, err := json.Marshal(heartbeat.Call{Deploying: true})
	if err != nil {
		return err
	}
	c.firstRun, err = lambda.NewInvocation(ctx, c.name+"-first", &lambda.InvocationArgs{
		FunctionName: function.Name, Input: pulumi.String(call), Triggers: pulumi.StringMap{"watched": config},
	}, c.env.child(c, pulumi.DependsOn([]pulumi.Resource{c.args.Bucket.replicating[c.from]})))
	if err != nil {
		return fmt.Errorf("writing the first heartbeats: %w", err)
	}
	return nil
}

func (c *Canary) function(
	ctx *pulumi.Context, role *iam.Role, config pulumi.StringOutput, log *cloudwatch.LogGroup, allowed pulumi.Resource,
) (*lambda.Function, error) {
	code := c.args.Code
	if code == nil {
		var err error
		if code, err = builtCanary(c.args.plan().Processor()); err != nil {
			return nil, err
		}
	}
	function, err := lambda.NewFunction(ctx, c.name+"-function", &lambda.FunctionArgs{
		Description:   pulumi.Sprintf("Writes heartbeats and looks for them at their destinations (%s)", c.name),
		Runtime:       pulumi.String("provided.al2023"),
		Architectures: pulumi.StringArray{pulumi.String(c.args.plan().Processor())},
		Handler:       pulumi.String("bootstrap"),
		Code:          code,
		Role:          role.Arn,
		MemorySize:    pulumi.Int(128),
		Timeout:       pulumi.Int(canaryTimeoutSeconds),
		Environment:   &lambda.FunctionEnvironmentArgs{Variables: pulumi.StringMap{heartbeat.Variable: config}},
		LoggingConfig: &lambda.FunctionLoggingConfigArgs{LogFormat: pulumi.String("JSON"), LogGroup: log.Name},
		Tags:          pulumi.ToStringMap(c.args.Tags),
	}, c.env.child(c, pulumi.DependsOn([]pulumi.Resource{allowed})))
	if err != nil {
		return nil, fmt.Errorf("making the function: %w", err)
	}
	return function, nil
}

func (c *Canary) schedule(ctx *pulumi.Context, function *lambda.Function) error {
	unit := "minutes"
	if c.args.plan().Minutes() == 1 {
		unit = "minute"
	}
	rule, err := cloudwatch.NewEventRule(ctx, c.name+"-schedule", &cloudwatch.EventRuleArgs{
		Description:        pulumi.Sprintf("Runs the canary %s", c.name),
		ScheduleExpression: pulumi.Sprintf("rate(%d %s)", c.args.plan().Minutes(), unit),
		Tags:               pulumi.ToStringMap(c.args.Tags),
	}, c.env.child(c))
	if err != nil {
		return fmt.Errorf("making the schedule: %w", err)
	}
	permission, err := lambda.NewPermission(ctx, c.name+"-permission", &lambda.PermissionArgs{
		Action: pulumi.String("lambda:InvokeFunction"), Function: function.Name,
		StatementId: statementID(c.name + "-permission"), Principal: pulumi.String("events.amazonaws.com"), SourceArn: rule.Arn,
	}, c.env.child(c))
	if err != nil {
		return fmt.Errorf("letting the schedule call the function: %w", err)
	}
	if _, err := cloudwatch.NewEventTarget(ctx, c.name+"-target", &cloudwatch.EventTargetArgs{Rule: rule.Name, Arn: function.Arn},
		c.env.child(c, pulumi.DependsOn([]pulumi.Resource{permission}))); err != nil {
		return fmt.Errorf("scheduling the function: %w", err)
	}
	return nil
}

// metric returns the heartbeat metric, which has an alarm for each rule.
func (c *Canary) metric() plan.Metric {
	return plan.Metric{
		Namespace: heartbeat.Namespace, Name: heartbeat.MetricName, Alarm: plan.HeartbeatAlarm,
		// The function publishes in its own account, regardless of where S3 does.
		Account:     plan.SourceAccount,
		Threshold:   func(replication.Thresholds) (int, bool) { return c.args.plan().MaxAgeSeconds(), true },
		Settings:    replication.HeartbeatAlarmSettings(c.args.plan().Minutes()),
		Description: "The newest heartbeat of the rule %s is old or no longer measured: objects written since would be lost with the source bucket.",
	}
}
