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
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// ReplicationDashboardType is the type token of [ReplicationDashboard].
const ReplicationDashboardType = "crr:index:ReplicationDashboard"

// MaxOverview is the maximum number of replicated buckets on one overview.
const MaxOverview = dashboard.MaxOverview

// ReplicationDashboardArgs are the arguments of [NewReplicationDashboard].
type ReplicationDashboardArgs struct {
	// Descriptors of the replicated buckets to show: a [pulumi.MapArray] of
	// [ReplicatedBucket.Descriptor], or the output "replications" of another stack from
	// a [pulumi.StackReference]. Required.
	Descriptors pulumi.Input
	// Overview shows one row for each replicated bucket. Optional; by default, the
	// dashboard shows all details.
	Overview bool
	// DashboardName is unique in an account: CloudWatch replaces an existing dashboard
	// of the same name without a warning. Optional; built from the project, the stack
	// and the component's name by default.
	DashboardName string
	// Stack to use in the commands on the dashboard. Optional; the program's stack by
	// default.
	Stack string
	// RunbookURL to link to. Optional; [Runbooks] by default.
	RunbookURL string
	// RunbookURLs are further runbooks to link to, for replicated buckets with
	// different ones. Optional.
	RunbookURLs []string
	// Region that the dashboard is created in. It is visible from all regions.
	// Required.
	Region string
	// AssumeRoleARN is a role to assume, for a dashboard in another account. CloudWatch
	// shows metrics and alarms of accounts that share them with that account.
	// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Cross-Account-Cross-Region.html
	// Optional.
	AssumeRoleARN string
	// Provider of the region. Optional; the shared provider of the region by default.
	Provider pulumi.ProviderResource
}

// ReplicationDashboard is a CloudWatch dashboard of replicated buckets: latency with
// its threshold, pending and failed operations, the size of the buckets, alarms, and
// cost drivers.
//
// The first three dashboards of an account are free; each further one is charged
// monthly: https://aws.amazon.com/cloudwatch/pricing/
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
		return errors.New("descriptors: are missing; pass the descriptors of the replicated buckets to show")
	}
	if name := args.DashboardName; name != dashboard.Name(name) {
		return fmt.Errorf("dashboardName: %q is not a valid dashboard name; use up to 255 letters, digits, hyphens and underscores", name)
	}
	if _, known := replication.PartitionOf(args.Region); !known {
		return fmt.Errorf("region: %q is not an AWS region; set the region to create the dashboard in", args.Region)
	}
	if args.AssumeRoleARN != "" && args.Provider != nil {
		return errors.New("assumeRoleArn: is set together with a provider, which has its own credentials; remove one of them")
	}
	return nil
}

// dashboardName returns the default name of a dashboard.
func dashboardName(ctx *pulumi.Context, name string) string {
	return dashboard.Name(ctx.Project(), ctx.Stack(), name)
}

// runbooks returns the links to runbooks without duplicates.
func (args *ReplicationDashboardArgs) runbooks() []string {
	var urls []string
	for _, url := range append([]string{args.RunbookURL}, args.RunbookURLs...) {
		if url != "" && !slices.Contains(urls, url) {
			urls = append(urls, url)
		}
	}
	return urls
}

// body returns the body of the dashboard, once all descriptors are known.
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

// readDescriptors decodes descriptors from the maps of a Pulumi output.
func readDescriptors(values any) ([]replication.Descriptor, error) {
	data, err := json.Marshal(values)
	if err != nil {
		return nil, fmt.Errorf("decoding the descriptors: %w", err)
	}
	var descriptors []replication.Descriptor
	if err := json.Unmarshal(data, &descriptors); err != nil {
		return nil, fmt.Errorf("decoding the descriptors: %w", err)
	}
	for _, d := range descriptors {
		if err := d.CheckVersion(); err != nil {
			return nil, err
		}
	}
	return descriptors, nil
}
