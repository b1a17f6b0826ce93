package crr

import (
	"fmt"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// DeletionProtectionType is the type token of [DeletionProtection].
const DeletionProtectionType = "crr:index:DeletionProtection"

// DeletionProtection refuses `pulumi destroy` before it has deleted anything. The
// engine refuses to delete a protected resource, but only when its turn comes, and
// what depends on a bucket is deleted before the bucket. So this resource, which
// has nothing in AWS, depends on everything else and is the first in turn.
//
// Each [ReplicatedBucket] has one, unless [ProtectTogether] makes one for all of
// them. It protects unless all buckets were deployed with ForceDestroy, without
// Protect and without ObjectLock. To destroy all the same, take the protection
// away: `pulumi state unprotect URN`. The buckets and keys are then retained where
// they would have been.
type DeletionProtection struct {
	pulumi.ResourceState
}

// covered are the resources that are deleted after a protection. The engine's
// own way to depend on a component, DependsOn, sees the children that have got as
// far as the engine by then, and these differ from run to run.
type covered struct {
	mu        sync.Mutex
	resources []pulumi.Resource
}

// add is a transformation that changes nothing: it notes each resource that is
// registered below a component.
func (c *covered) add(args *pulumi.ResourceTransformationArgs) *pulumi.ResourceTransformationResult {
	_, provider := args.Resource.(pulumi.ProviderResource)
	if resource, custom := args.Resource.(pulumi.CustomResource); custom && !provider {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.resources = append(c.resources, resource)
	}
	return nil
}

func (c *covered) option() pulumi.ResourceOption {
	return pulumi.Transformations([]pulumi.ResourceTransformation{c.add})
}

// protect registers the protection of what is covered.
func (c *covered) protect(ctx *pulumi.Context, name string, protect bool, opts ...pulumi.ResourceOption) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	protection := &DeletionProtection{}
	opts = append(opts, pulumi.Protect(protect), pulumi.DependsOn(c.resources))
	if err := register(ctx, DeletionProtectionType, name, protection, opts...); err != nil {
		return fmt.Errorf("registering the deletion protection %q: %w", name, err)
	}
	return ctx.RegisterResourceOutputs(protection, pulumi.Map{})
}

// DeletionProtections is one [DeletionProtection] for a whole program.
type DeletionProtections struct {
	covered covered
	protect bool
}

// ProtectTogether has all resources that the program registers after it share one
// protection, in place of one for each replicated bucket.
func ProtectTogether(ctx *pulumi.Context) (*DeletionProtections, error) {
	together := &DeletionProtections{}
	shared := providersOf(ctx)
	shared.mu.Lock()
	defer shared.mu.Unlock()
	shared.protections = together
	return together, ctx.RegisterStackTransformation(together.covered.add)
}

// Register registers the protection, after everything that it is for.
func (p *DeletionProtections) Register(ctx *pulumi.Context, name string) error {
	return p.covered.protect(ctx, name, p.protect)
}

// protectFromDeletion protects a replicated bucket, by itself or with others.
func (b *ReplicatedBucket) protectFromDeletion(ctx *pulumi.Context, name string, args *ReplicatedBucketArgs) error {
	shared := providersOf(ctx)
	shared.mu.Lock()
	defer shared.mu.Unlock()
	if together := shared.protections; together != nil {
		together.protect = together.protect || args.protected()
		return nil
	}
	return b.covered.protect(ctx, name+"-deletion-protection", args.protected(), pulumi.Parent(b))
}

// protected reports whether a bucket could not be destroyed with its objects.
func (a *ReplicatedBucketArgs) protected() bool {
	if a.Protect {
		return true
	}
	for _, bucket := range a.namedBuckets() {
		if !bucket.args.Existing && !forceDestroy(bucket.args.ForceDestroy, bucket.args.ObjectLock) {
			return true
		}
	}
	return false
}
