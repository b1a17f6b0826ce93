package crr

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/internal/plan"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// ReplicatedBucketType is the type token of [ReplicatedBucket].
const ReplicatedBucketType = "crr:index:ReplicatedBucket"

// ReplicatedBucket is a bucket whose objects S3 replicates to buckets in other regions.
type ReplicatedBucket struct {
	pulumi.ResourceState

	// Source is the bucket that clients write to.
	Source *EncryptedBucket
	// Destinations get the replicas, in the order of the arguments.
	Destinations []*EncryptedBucket
	// Role that S3 assumes to replicate from the source.
	Role *ReplicationRole
	// Alarms on the replication metrics.
	Alarms *ReplicationAlarms
	// Notifications that S3 sends, by the name of the bucket. Buckets without
	// notifications have no entry.
	Notifications map[string]*ReplicationNotifications
	// Canaries that measure replication end to end, by the name of the bucket that they
	// write heartbeats to.
	Canaries map[string]*Canary
	// Dashboard of this replicated bucket, or nil.
	Dashboard *ReplicationDashboard
	// Rules as deployed, including all defaults.
	Rules []replication.Rule

	// Descriptor is a [replication.Descriptor] as plain data, for a stack output that
	// the commands of crr read.
	Descriptor pulumi.MapOutput `pulumi:"descriptor"`
	// Policies are [replication.Grant]s as plain data: statements that the policies of
	// roles, buckets and keys need. Resources created by this component already have
	// them. See [Policies] for several components.
	Policies pulumi.ArrayOutput `pulumi:"policies"`

	// args of the component.
	args *ReplicatedBucketArgs
	// buckets and roles by the name of the bucket.
	buckets map[string]*EncryptedBucket
	roles   map[string]*ReplicationRole
	// covered has the resources that are deleted after the protection.
	covered covered
	// replicating are the replication configurations by source bucket.
	replicating map[string]pulumi.Resource
}

// NewReplicatedBucket registers the buckets, their keys, the role, the replication
// configuration, the alarms and the notifications. It registers nothing if the
// arguments have problems.
func NewReplicatedBucket(
	ctx *pulumi.Context, name string, args *ReplicatedBucketArgs, opts ...pulumi.ResourceOption,
) (*ReplicatedBucket, error) {
	if err := args.problems(name); err != nil {
		return nil, fmt.Errorf("replicated bucket %q: %w", name, err)
	}
	if err := CheckAccounts(ctx, map[string]*ReplicatedBucketArgs{name: args}); err != nil {
		return nil, fmt.Errorf("replicated bucket %q: %w", name, err)
	}
	if err := args.checkEdits(ctx, name).Err(); err != nil {
		return nil, fmt.Errorf("replicated bucket %q: %w", name, err)
	}
	if err := args.CheckExisting(ctx); err != nil {
		return nil, fmt.Errorf("replicated bucket %q: %w", name, err)
	}
	component := &ReplicatedBucket{
		args:          args,
		Rules:         args.plan().Topology().ReplicationRules(),
		Notifications: map[string]*ReplicationNotifications{},
		Canaries:      map[string]*Canary{},
		buckets:       map[string]*EncryptedBucket{},
		roles:         map[string]*ReplicationRole{},
		replicating:   map[string]pulumi.Resource{},
	}
	if err := register(ctx, ReplicatedBucketType, name, component, append(opts, aliases(args.FormerNames), component.covered.option())...); err != nil {
		return nil, fmt.Errorf("registering the replicated bucket %q: %w", name, err)
	}
	if !args.NoWarnings {
		Warn(ctx, component, args.plan().Lint(name))
	}
	if err := component.create(ctx, name, args); err != nil {
		return nil, fmt.Errorf("replicated bucket %q: %w", name, err)
	}
	var err error
	if component.Descriptor, err = component.describe(ctx, name, args); err != nil {
		return nil, fmt.Errorf("replicated bucket %q: %w", name, err)
	}
	component.Policies = Policies(component)
	if err := component.createDashboard(ctx, name, args); err != nil {
		return nil, fmt.Errorf("replicated bucket %q: %w", name, err)
	}
	if err := component.protectFromDeletion(ctx, name, args); err != nil {
		return nil, fmt.Errorf("replicated bucket %q: %w", name, err)
	}
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{
		"descriptor": component.Descriptor, "policies": component.Policies,
	})
}

func (b *ReplicatedBucket) create(ctx *pulumi.Context, name string, args *ReplicatedBucketArgs) error {
	described := args.namedBuckets()
	if err := b.createRoles(ctx, name, args, described); err != nil {
		return err
	}
	if err := b.createBuckets(ctx, name, args, described); err != nil {
		return err
	}
	for _, bucket := range described {
		if err := b.replicateFrom(ctx, name, bucket.name, args.formerly(name, bucket, "-replication")); err != nil {
			return err
		}
	}
	for from, configuration := range b.replicating {
		bucket := b.buckets[from]
		bucket.resolveAfter(ctx, append(slices.Clone(bucket.ready), configuration)...)
	}
	if err := b.createCanaries(ctx, name, args); err != nil {
		return err
	}
	return b.monitor(ctx, name, args)
}

// createCanaries registers a canary for each replicating bucket.
func (b *ReplicatedBucket) createCanaries(ctx *pulumi.Context, name string, args *ReplicatedBucketArgs) error {
	if args.Canary == nil {
		return nil
	}
	for _, bucket := range args.namedBuckets() {
		if len(plan.WatchedRules(b.Rules, bucket.name)) == 0 {
			continue
		}
		canary, err := NewCanary(ctx, plan.ResourcePrefix(name, bucket.name)+"-canary", &CanaryArgs{
			Bucket: b, From: bucket.name, CanaryOptions: *args.Canary, Tags: args.Tags,
		}, pulumi.Parent(b), args.formerly(name, bucket, "-canary"))
		if err != nil {
			return err
		}
		b.Canaries[bucket.name] = canary
	}
	return nil
}

// createDashboard registers the dashboard in the account and region of the source.
func (b *ReplicatedBucket) createDashboard(ctx *pulumi.Context, name string, args *ReplicatedBucketArgs) error {
	if !args.Monitoring.Dashboard {
		return nil
	}
	var err error
	b.Dashboard, err = NewReplicationDashboard(ctx, name+"-dashboard", &ReplicationDashboardArgs{
		Descriptors: pulumi.MapArray{b.Descriptor}, DashboardName: dashboardName(ctx, name), RunbookURL: args.Monitoring.RunbookURL,
		Region: args.Source.Region, AssumeRoleARN: args.Source.AssumeRoleARN, Provider: args.Source.Provider,
	}, pulumi.Parent(b))
	return err
}

// namedBucket is the source or a destination of the arguments.
type namedBucket struct {
	name        string
	formerNames []string
	args        BucketArgs
}

// namedBuckets returns the source and the destinations, in this order.
func (a *ReplicatedBucketArgs) namedBuckets() []namedBucket {
	described := []namedBucket{{name: replication.SourceName, args: a.Source}}
	for _, destination := range a.Destinations {
		described = append(described, namedBucket{destination.Name, destination.FormerNames, destination.Bucket})
	}
	return described
}

// formerNames returns the names under which a bucket's component was deployed before.
func (a *ReplicatedBucketArgs) formerNames(name string, bucket namedBucket) []string {
	var former []string
	for _, once := range append([]string{name}, a.FormerNames...) {
		for _, where := range append([]string{bucket.name}, bucket.formerNames...) {
			if once != name || where != bucket.name {
				former = append(former, once+"-"+where)
			}
		}
	}
	return former
}

// formerly returns the aliases of a destination's component. Names of the source's
// components change only with the name of the replicated bucket, whose aliases apply to
// its children.
func (a *ReplicatedBucketArgs) formerly(name string, bucket namedBucket, suffix string) pulumi.ResourceOption {
	if bucket.name == replication.SourceName {
		return pulumi.Composite()
	}
	former := a.formerNames(name, bucket)
	for i := range former {
		former[i] += suffix
	}
	return aliases(former)
}

// bucket returns the arguments of a bucket by its name.
func (a *ReplicatedBucketArgs) bucket(name string) BucketArgs {
	for _, bucket := range a.namedBuckets() {
		if bucket.name == name {
			return bucket.args
		}
	}
	return BucketArgs{}
}

// createRoles registers a role for each replicating bucket. They are created first,
// because the policies of buckets and keys refer to them.
func (b *ReplicatedBucket) createRoles(ctx *pulumi.Context, name string, args *ReplicatedBucketArgs, described []namedBucket) error {
	for _, bucket := range described {
		if len(b.rulesFrom(bucket.name)) == 0 {
			continue
		}
		role, err := NewReplicationRole(ctx, plan.ResourcePrefix(name, bucket.name)+"-role", &ReplicationRoleArgs{
			Source: bucket.args, Role: args.Role.at(bucket.name), Tags: args.Tags,
		}, pulumi.Parent(b), args.formerly(name, bucket, "-role"))
		if err != nil {
			return err
		}
		b.roles[bucket.name] = role
	}
	b.Role = b.roles[replication.SourceName]
	return nil
}

func (b *ReplicatedBucket) createBuckets(ctx *pulumi.Context, name string, args *ReplicatedBucketArgs, described []namedBucket) error {
	for _, each := range described {
		bucket, err := NewEncryptedBucket(ctx, name+"-"+each.name, &EncryptedBucketArgs{
			Bucket: each.args, Protect: args.Protect, Tags: args.Tags,
			ReplicationRoleARNs: b.rolesInto(each.name), formerNames: args.formerNames(name, each),
		}, pulumi.Parent(b))
		if err != nil {
			return err
		}
		b.buckets[each.name] = bucket
		if each.name == replication.SourceName {
			b.Source = bucket
		} else {
			b.Destinations = append(b.Destinations, bucket)
		}
	}
	return nil
}

// replicateFrom registers the permissions of a bucket's role and the bucket's rules.
func (b *ReplicatedBucket) replicateFrom(ctx *pulumi.Context, name, from string, formerly pulumi.ResourceOption) error {
	rules := b.rulesFrom(from)
	if len(rules) == 0 {
		return nil
	}
	var targets []*EncryptedBucket
	for _, target := range plan.Linked(b.Rules, from, replication.Rule.From, plan.DestinationOf) {
		targets = append(targets, b.buckets[target])
	}
	allowed, err := b.roles[from].Allow(ctx, b.buckets[from], targets...)
	if err != nil {
		return err
	}
	options := pulumi.Composite(formerly, pulumi.DependsOn(b.waitFor(append(targets, b.buckets[from]), allowed)))
	return b.replicate(ctx, plan.ResourcePrefix(name, from), from, rules, options)
}

func (b *ReplicatedBucket) rulesFrom(bucket string) []replication.Rule {
	return plan.RulesFrom(b.Rules, bucket)
}

// rolesInto returns the roles that replicate to a bucket.
func (b *ReplicatedBucket) rolesInto(bucket string) []pulumi.StringInput {
	var arns []pulumi.StringInput
	for _, from := range plan.Linked(b.Rules, bucket, plan.DestinationOf, replication.Rule.From) {
		arns = append(arns, b.roles[from].ARN)
	}
	return arns
}
