package crr

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/internal/dashboard"
	"github.com/crr-io/pulumi-aws-crr/internal/heartbeat"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// ReplicationDashboardType is the type token of [ReplicationDashboard].
const ReplicationDashboardType = "crr:index:ReplicationDashboard"

// MaxOverview is how many replicated buckets fit on one overview.
const MaxOverview = dashboard.MaxOverview

// ReplicationDashboardArgs says what a dashboard shows and where it lives.
type ReplicationDashboardArgs struct {
	// Descriptors of the replicated buckets to show: a [pulumi.MapArray] of those of
	// [ReplicatedBucket], or another stack's output "replications" as a
	// [pulumi.StackReference] has it. Required.
	Descriptors pulumi.Input
	// Overview shows of each replicated bucket how it is doing, in a row.
	// Optional; left out, everything about it.
	Overview bool
	// DashboardName in the account. An account has one dashboard of a name, and
	// putting one replaces the other without a word. Optional; made of the project,
	// the stack and the name of the component when left out.
	DashboardName string
	// Stack that the commands on the dashboard name. Optional; the program's own
	// when left out.
	Stack string
	// RunbookURL to link to. Optional; [Runbooks] when left out.
	RunbookURL string
	// RunbookURLs to link to besides, where replicated buckets have different ones.
	// Optional.
	RunbookURLs []string
	// Region that keeps the dashboard. It can be seen from every region. Required.
	Region string
	// AssumeRoleARN is a role to assume, for a dashboard in another account:
	// CloudWatch shows metrics and alarms of accounts that share them with it.
	// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Cross-Account-Cross-Region.html
	// Optional.
	AssumeRoleARN string
	// Provider of the region. Optional; the region's shared one when left out.
	Provider pulumi.ProviderResource
}

// ReplicationDashboard is a CloudWatch dashboard about replicated buckets: latency
// against its threshold, what is pending, what failed, what both sides hold,
// alarms, and what drives the costs.
//
// An account's first three dashboards cost nothing, and each further one costs by
// the month: https://aws.amazon.com/cloudwatch/pricing/
type ReplicationDashboard struct {
	pulumi.ResourceState

	// Name of the dashboard.
	Name pulumi.StringOutput `pulumi:"name"`
	// URL of the dashboard in the AWS console.
	URL pulumi.StringOutput `pulumi:"url"`
}

// NewReplicationDashboard registers a dashboard.
func NewReplicationDashboard(
	ctx *pulumi.Context, name string, args *ReplicationDashboardArgs, opts ...pulumi.ResourceOption,
) (*ReplicationDashboard, error) {
	if err := args.validate(); err != nil {
		return nil, fmt.Errorf("dashboard %q: %w", name, err)
	}
	component := &ReplicationDashboard{}
	if err := register(ctx, ReplicationDashboardType, name, component, opts...); err != nil {
		return nil, fmt.Errorf("registering the dashboard %q: %w", name, err)
	}
	at, err := newEnvironment(ctx, BucketArgs{Region: args.Region, AssumeRoleARN: args.AssumeRoleARN, Provider: args.Provider})
	if err != nil {
		return nil, err
	}
	made, err := cloudwatch.NewDashboard(ctx, name, &cloudwatch.DashboardArgs{
		DashboardName: pulumi.String(cmp.Or(args.DashboardName, dashboardName(ctx, name))),
		DashboardBody: args.body(ctx, at.account),
	}, at.child(component))
	if err != nil {
		return nil, fmt.Errorf("making the dashboard %q: %w", name, err)
	}
	component.Name = made.DashboardName
	component.URL = made.DashboardName.ApplyT(func(name string) string { return dashboard.URL(args.Region, name) }).(pulumi.StringOutput)
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{"name": component.Name, "url": component.URL})
}

func (args *ReplicationDashboardArgs) validate() error {
	if args == nil || args.Descriptors == nil {
		return errors.New("descriptors: are missing; give those of the replicated buckets to show")
	}
	if name := args.DashboardName; name != dashboard.Name(name) {
		return fmt.Errorf("dashboardName: %q is not a name that CloudWatch takes; use up to 255 letters, digits, hyphens and underscores", name)
	}
	if _, known := replication.PartitionOf(args.Region); !known {
		return fmt.Errorf("region: %q is not a region; the dashboard can be seen from all regions, and one must keep it", args.Region)
	}
	if args.AssumeRoleARN != "" && args.Provider != nil {
		return errors.New("assumeRoleArn: is given, and a provider too, which has credentials of its own; leave one out")
	}
	return nil
}

// dashboardName is the name of a dashboard that was not given one.
func dashboardName(ctx *pulumi.Context, name string) string {
	return dashboard.Name(ctx.Project(), ctx.Stack(), name)
}

// runbooks are all links to runbooks, each once.
func (args *ReplicationDashboardArgs) runbooks() []string {
	var urls []string
	for _, url := range append([]string{args.RunbookURL}, args.RunbookURLs...) {
		if url != "" && !slices.Contains(urls, url) {
			urls = append(urls, url)
		}
	}
	return urls
}

// body waits for everything that the dashboard shows.
func (args *ReplicationDashboardArgs) body(ctx *pulumi.Context, account pulumi.StringOutput) pulumi.StringOutput {
	view := dashboard.View{Stack: cmp.Or(args.Stack, ctx.Stack()), Runbooks: args.runbooks()}
	return pulumi.All(args.Descriptors, account).ApplyT(func(known []any) (string, error) {
		descriptors, err := readDescriptors(known[0])
		if err != nil {
			return "", err
		}
		view.Account = known[1].(string)
		render := dashboard.Detail
		if args.Overview {
			render = dashboard.Overview
		}
		body, err := render(view, descriptors...)
		if err != nil {
			return "", err
		}
		return body.JSON()
	}).(pulumi.StringOutput)
}

// readDescriptors reads descriptors back from the plain data that Pulumi keeps.
func readDescriptors(values any) ([]replication.Descriptor, error) {
	data, err := json.Marshal(values)
	if err != nil {
		return nil, fmt.Errorf("reading the descriptors back: %w", err)
	}
	var descriptors []replication.Descriptor
	if err := json.Unmarshal(data, &descriptors); err != nil {
		return nil, fmt.Errorf("reading the descriptors back: %w", err)
	}
	for _, d := range descriptors {
		if err := d.CheckVersion(); err != nil {
			return nil, err
		}
	}
	return descriptors, nil
}

// validateDashboard refuses a dashboard that CloudWatch would: how many widgets it
// has is known before any of the buckets is made.
func (a *ReplicatedBucketArgs) validateDashboard() replication.Problems {
	var problems replication.Problems
	if !a.Monitoring.Dashboard {
		return nil
	}
	planned := func(name string, bucket BucketArgs) replication.DeployedBucket {
		return replication.DeployedBucket{Name: name, KMSKeyARN: bucket.placeholder(name).KMSKeyARN}
	}
	d := replication.Descriptor{Source: planned(replication.SourceName, a.Source), Rules: a.Topology().ReplicationRules()}
	for _, destination := range a.Destinations {
		d.Destinations = append(d.Destinations, planned(destination.Name, destination.Bucket))
	}
	if a.Canary != nil {
		for _, rule := range d.Rules {
			d.Alarms = append(d.Alarms, replication.Alarm{Rule: rule.ID, Metric: heartbeat.MetricName})
		}
	}
	if _, err := dashboard.Detail(dashboard.View{}, d); err != nil {
		problems.Add("monitoring.dashboard", "%s", err)
	}
	return problems
}
