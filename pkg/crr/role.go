package crr

import (
	"fmt"
	"path"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/plan"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// ReplicationRoleType is the type token of [ReplicationRole].
const ReplicationRoleType = "crr:index:ReplicationRole"

// ReplicationRoleArgs are the arguments of [NewReplicationRole].
type ReplicationRoleArgs struct {
	// Source is the bucket to replicate from. Its region, credentials or provider
	// determine the account of the role. Required.
	Source BucketArgs
	// Role has the options of the role itself. Optional.
	Role RoleArgs
	// Tags of the role. Optional.
	Tags map[string]string
}

// ReplicationRole is the role that S3 assumes to replicate objects. It has no
// permissions until [ReplicationRole.Allow] is called with the buckets: their policies
// refer to the role, so it must exist first.
type ReplicationRole struct {
	pulumi.ResourceState

	// ARN of the role.
	ARN pulumi.StringOutput `pulumi:"arn"`
	// Name of the role.
	Name pulumi.StringOutput `pulumi:"name"`

	name    string
	env     environment
	adopted bool
	// path and tags of the role's policies.
	path string
	tags map[string]string
	// grants are the role, if it is created here, and the policies from Allow.
	grants []grant
	// settings of the role, if it is created here.
	settings []deployedSetting
}

// NewReplicationRole registers the role.
func NewReplicationRole(
	ctx *pulumi.Context, name string, args *ReplicationRoleArgs, opts ...pulumi.ResourceOption,
) (*ReplicationRole, error) {
	if args == nil || args.Source.Region == "" {
		return nil, fmt.Errorf("role %q: region: is missing; name the region of the source bucket", name)
	}
	if err := plan.CheckNames(plain[plan.Role](args.Role).Names(name, "name")).Err(); err != nil {
		return nil, fmt.Errorf("role %q: %w", name, err)
	}
	component := &ReplicationRole{name: name, path: args.Role.Path, tags: args.Tags}
	if err := register(ctx, ReplicationRoleType, name, component, opts...); err != nil {
		return nil, fmt.Errorf("registering the role %q: %w", name, err)
	}
	var err error
	if component.env, err = newEnvironment(ctx, args.Source); err != nil {
		return nil, err
	}
	if args.Role.ARN != nil {
		component.adopted = true
		component.ARN = args.Role.ARN.ToStringOutput()
		component.Name = component.ARN.ApplyT(path.Base).(pulumi.StringOutput)
		return component, component.registerOutputs(ctx)
	}
	limits := args.Role.limits(args.Source)
	trust := documentOf(func(texts []string) policy.Document {
		source := model.BucketRef{Account: texts[0], BucketARN: replication.BucketARN(args.Source.Region, args.Source.Bucket)}
		return model.TrustPolicy(source, plain[plan.Role](args.Role).Trust())
	}, component.env.account)
	role, err := iam.NewRole(ctx, name, &iam.RoleArgs{
		Description:         pulumi.Sprintf("Assumed by S3 to replicate objects (%s)", name),
		AssumeRolePolicy:    trust,
		Name:                optional(args.Role.Name),
		Path:                optional(limits.path),
		PermissionsBoundary: optionalInput(limits.boundary),
		Tags:                pulumi.ToStringMap(args.Tags),
	}, component.env.child(component))
	if err != nil {
		return nil, fmt.Errorf("making the role %q: %w", name, err)
	}
	component.ARN, component.Name = role.Arn, role.Name
	component.grants = []grant{{roleType, name, "arn", role.Arn, role.ID()}}
	component.settings = roleSettings(component.env, role.Arn, trust, limits.boundary)
	return component, component.registerOutputs(ctx)
}

func (r *ReplicationRole) registerOutputs(ctx *pulumi.Context) error {
	return ctx.RegisterResourceOutputs(r, pulumi.Map{"arn": r.ARN, "name": r.Name})
}

// Allow gives the role the permissions to replicate from the source to the
// destinations, and returns the resources that a replication configuration must wait
// for. An existing role is not changed.
func (r *ReplicationRole) Allow(ctx *pulumi.Context, source *EncryptedBucket, destinations ...*EncryptedBucket) ([]pulumi.Resource, error) {
	if r.adopted {
		return nil, nil
	}
	return r.allow(ctx, source, destinations)
}

// optionalInput returns a nil StringPtrInput for a nil StringInput.
func optionalInput(input pulumi.StringInput) pulumi.StringPtrInput {
	if input == nil {
		return nil
	}
	return input.ToStringOutput().ToStringPtrOutput()
}
