package crr

import (
	"fmt"

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

// ProtectTogether has the replicated buckets that are registered after it share
// one protection, which [DeletionProtections.Register] registers.
func ProtectTogether(ctx *pulumi.Context) *DeletionProtections {
	shared := providersOf(ctx)
	shared.mu.Lock()
	defer shared.mu.Unlock()
	shared.protections = &DeletionProtections{}
	return shared.protections
}

// DeletionProtections collects what one [DeletionProtection] is for.
type DeletionProtections struct {
	protect   bool
	resources []pulumi.Resource
}

// Register registers the protection, and has it depend on further resources too.
func (p *DeletionProtections) Register(ctx *pulumi.Context, name string, further ...pulumi.Resource) error {
	return registerProtection(ctx, name, p.protect, append(p.resources, further...))
}

// protectFromDeletion protects a replicated bucket, by itself or with others.
func (b *ReplicatedBucket) protectFromDeletion(ctx *pulumi.Context, name string, args *ReplicatedBucketArgs) error {
	shared := providersOf(ctx)
	shared.mu.Lock()
	together := shared.protections
	shared.mu.Unlock()
	if together != nil {
		together.protect = together.protect || args.protected()
		together.resources = append(together.resources, b.parts()...)
		return nil
	}
	return registerProtection(ctx, name+"-deletion-protection", args.protected(), b.parts(), pulumi.Parent(b))
}

func registerProtection(ctx *pulumi.Context, name string, protect bool, resources []pulumi.Resource, opts ...pulumi.ResourceOption) error {
	protection := &DeletionProtection{}
	opts = append(opts, pulumi.Protect(protect), pulumi.DependsOn(resources))
	if err := ctx.RegisterComponentResourceV2(DeletionProtectionType, name, nil, protection, opts...); err != nil {
		return fmt.Errorf("registering the deletion protection %q: %w", name, err)
	}
	return ctx.RegisterResourceOutputs(protection, pulumi.Map{})
}

// protected reports whether a bucket could not be destroyed with its objects.
func (a *ReplicatedBucketArgs) protected() bool {
	if a.Protect {
		return true
	}
	for _, place := range a.places() {
		if !place.args.Existing && !forceDestroy(place.args.ForceDestroy, place.args.ObjectLock) {
			return true
		}
	}
	return false
}

// parts are the components and resources of a replicated bucket.
func (b *ReplicatedBucket) parts() []pulumi.Resource {
	var parts []pulumi.Resource
	for _, bucket := range b.buckets {
		parts = append(parts, bucket)
	}
	for _, role := range b.roles {
		parts = append(parts, role)
	}
	for _, configuration := range b.replicating {
		parts = append(parts, configuration)
	}
	for _, canary := range b.Canaries {
		parts = append(parts, canary)
	}
	for _, notifications := range b.Notifications {
		parts = append(parts, notifications)
	}
	if b.Dashboard != nil {
		parts = append(parts, b.Dashboard)
	}
	return append(parts, b.Alarms)
}
