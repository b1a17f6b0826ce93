package crr

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// ReplicatedBucketType is the type token of [ReplicatedBucket].
const ReplicatedBucketType = "crr:index:ReplicatedBucket"

// ReplicatedBucket is a bucket whose objects S3 copies to buckets in other
// regions.
type ReplicatedBucket struct {
	pulumi.ResourceState

	// Source is the bucket that clients write to.
	Source *EncryptedBucket
	// Destinations get the replicas, in the order of the arguments.
	Destinations []*EncryptedBucket
	// Role is what S3 assumes to replicate.
	Role *ReplicationRole
	// Alarms on the replication metrics.
	Alarms *ReplicationAlarms
	// Rules as they were deployed, with every default filled in.
	Rules []replication.Rule

	// Descriptor is a [replication.Descriptor] as plain data, for a stack
	// output that the operator's commands read.
	Descriptor pulumi.MapOutput `pulumi:"descriptor"`

	byName map[string]*EncryptedBucket
}

// NewReplicatedBucket registers the buckets, their keys, the role, the
// replication configuration and the alarms. It registers nothing at all where
// the arguments have problems.
func NewReplicatedBucket(
	ctx *pulumi.Context, name string, args *ReplicatedBucketArgs, opts ...pulumi.ResourceOption,
) (*ReplicatedBucket, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("replicated bucket %q: %w", name, err)
	}
	component := &ReplicatedBucket{byName: map[string]*EncryptedBucket{}, Rules: args.topology().ReplicationRules()}
	if err := ctx.RegisterComponentResourceV2(ReplicatedBucketType, name, nil, component, opts...); err != nil {
		return nil, fmt.Errorf("registering the replicated bucket %q: %w", name, err)
	}
	if err := component.create(ctx, name, args); err != nil {
		return nil, fmt.Errorf("replicated bucket %q: %w", name, err)
	}
	var err error
	if component.Descriptor, err = component.describe(name, args); err != nil {
		return nil, fmt.Errorf("replicated bucket %q: %w", name, err)
	}
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{"descriptor": component.Descriptor})
}

func (b *ReplicatedBucket) create(ctx *pulumi.Context, name string, args *ReplicatedBucketArgs) error {
	if err := b.createRole(ctx, name, args); err != nil {
		return err
	}
	if err := b.createBuckets(ctx, name, args); err != nil {
		return err
	}
	allowed, err := b.Role.Allow(ctx, b.Source, b.Destinations...)
	if err != nil {
		return err
	}
	if err := b.replicate(ctx, name, b.Rules, allowed); err != nil {
		return err
	}
	b.Alarms, err = NewReplicationAlarms(ctx, name+"-alarms", &ReplicationAlarmsArgs{
		Source: b.Source, Destinations: b.byName, Rules: b.Rules, Monitoring: args.Monitoring, Tags: args.Tags,
	}, pulumi.Parent(b))
	return err
}

func (b *ReplicatedBucket) createRole(ctx *pulumi.Context, name string, args *ReplicatedBucketArgs) error {
	var err error
	b.Role, err = NewReplicationRole(ctx, name+"-role", &ReplicationRoleArgs{
		Region: args.Source.Region, Provider: args.Source.Provider, Role: args.Role, Tags: args.Tags,
	}, pulumi.Parent(b))
	return err
}

// createBuckets makes the buckets. Those for replicas name the role in their
// policies, which is why the role comes first.
func (b *ReplicatedBucket) createBuckets(ctx *pulumi.Context, name string, args *ReplicatedBucketArgs) error {
	var err error
	b.Source, err = NewEncryptedBucket(ctx, name+"-"+replication.SourceName, &EncryptedBucketArgs{
		Bucket: args.Source, Protect: args.Protect, Tags: args.Tags,
	}, pulumi.Parent(b))
	if err != nil {
		return err
	}
	for _, destination := range args.Destinations {
		bucket, err := NewEncryptedBucket(ctx, name+"-"+destination.Name, &EncryptedBucketArgs{
			Bucket: destination.Bucket, Protect: args.Protect, Tags: args.Tags,
			ReplicationRoleARNs: []pulumi.StringInput{b.Role.ARN},
		}, pulumi.Parent(b))
		if err != nil {
			return err
		}
		b.Destinations = append(b.Destinations, bucket)
		b.byName[destination.Name] = bucket
	}
	return nil
}

func (b *ReplicatedBucket) destination(name string) *EncryptedBucket { return b.byName[name] }
