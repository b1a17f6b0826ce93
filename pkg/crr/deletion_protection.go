package crr

import (
	"fmt"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// DeletionProtectionType is the type token of [DeletionProtection].
const DeletionProtectionType = "crr:index:DeletionProtection"

// DeletionProtection makes `pulumi destroy` fail before it deletes anything. The engine
// rejects the deletion of a protected resource only when it gets to it, after it has
// deleted the resources that depend on the bucket. This resource does not exist in AWS.
// It depends on all others, so the engine deletes it first.
//
// Each [ReplicatedBucket] has one, unless [ProtectTogether] creates one for all of
// them. It is protected unless all buckets were deployed with ForceDestroy, without
// Protect and without ObjectLock. To destroy the stack anyway, remove the protection:
// `pulumi state unprotect URN`. Buckets and keys with retainOnDelete are still
// retained.
type DeletionProtection struct {
	pulumi.ResourceState
}

// covered collects the resources that are deleted after a protection. DependsOn with a
// component covers only the children that are registered by then, and these differ from
// run to run.
type covered struct {
	mu        sync.Mutex
	resources []pulumi.Resource
}

// add returns a transformation that changes nothing. It records each resource that is
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

// protect registers the protection of the covered resources.
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

// ProtectTogether makes all resources that the program registers afterwards share one
// protection, instead of one for each replicated bucket.
func ProtectTogether(ctx *pulumi.Context) (*DeletionProtections, error) {
	together := &DeletionProtections{}
	shared := providersOf(ctx)
	shared.mu.Lock()
	defer shared.mu.Unlock()
	shared.protections = together
	return together, ctx.RegisterStackTransformation(together.covered.add)
}

// Register registers the protection. Call it after all protected resources.
func (p *DeletionProtections) Register(ctx *pulumi.Context, name string) error {
	return p.covered.protect(ctx, name, p.protect)
}

// protectFromDeletion protects a replicated bucket, individually or together with
// others.
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

// protected reports whether any bucket can't be destroyed with its objects.
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
