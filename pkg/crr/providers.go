package crr

import (
	"fmt"
	"runtime"
	"sync"
	"weak"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// SharedProvider returns the AWS provider of a region that all components of a
// program share, and makes it on first use. Use it for resources of your own
// in the same region rather than paying for another provider process. It takes
// credentials from where the AWS provider always does: the environment and the
// shared configuration files.
func SharedProvider(ctx *pulumi.Context, region string) (*aws.Provider, error) {
	return providersOf(ctx).provider(ctx, region)
}

// providers are those that one run of a program has made.
type providers struct {
	mu       sync.Mutex
	byRegion map[string]*aws.Provider
	accounts map[pulumi.ProviderResource]pulumi.StringOutput
}

// programs finds the providers of a run by its context. The SDK offers no place
// on the context to keep them, and an entry must not outlive its run.
var programs sync.Map // weak.Pointer[pulumi.Context] to *providers

func providersOf(ctx *pulumi.Context) *providers {
	key := weak.Make(ctx)
	found, known := programs.LoadOrStore(key, &providers{
		byRegion: map[string]*aws.Provider{},
		accounts: map[pulumi.ProviderResource]pulumi.StringOutput{},
	})
	if !known {
		runtime.AddCleanup(ctx, func(key weak.Pointer[pulumi.Context]) { programs.Delete(key) }, key)
	}
	return found.(*providers)
}

func (p *providers) provider(ctx *pulumi.Context, region string) (*aws.Provider, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if provider, made := p.byRegion[region]; made {
		return provider, nil
	}
	provider, err := aws.NewProvider(ctx, "crr-"+region, &aws.ProviderArgs{Region: pulumi.String(region)})
	if err != nil {
		return nil, fmt.Errorf("making the AWS provider of %s: %w", region, err)
	}
	p.byRegion[region] = provider
	return provider, nil
}

// account is the account that a provider's credentials belong to.
func (p *providers) account(ctx *pulumi.Context, provider pulumi.ProviderResource) pulumi.StringOutput {
	p.mu.Lock()
	defer p.mu.Unlock()
	if account, asked := p.accounts[provider]; asked {
		return account
	}
	account := aws.GetCallerIdentityOutput(ctx, aws.GetCallerIdentityOutputArgs{}, pulumi.Provider(provider)).AccountId()
	p.accounts[provider] = account
	return account
}

// place is where the resources of a bucket live: its region, the provider that
// manages them, and the account that owns them.
type place struct {
	region   string
	provider pulumi.ProviderResource
	account  pulumi.StringOutput
}

// newPlace finds the provider of a region unless the caller brought one.
func newPlace(ctx *pulumi.Context, region string, provider pulumi.ProviderResource) (place, error) {
	shared := providersOf(ctx)
	if provider == nil {
		regional, err := shared.provider(ctx, region)
		if err != nil {
			return place{}, err
		}
		provider = regional
	}
	return place{region: region, provider: provider, account: shared.account(ctx, provider)}, nil
}

// child is the option set of a resource of this place below a parent.
func (p place) child(parent pulumi.Resource, opts ...pulumi.ResourceOption) pulumi.ResourceOption {
	return pulumi.Composite(append([]pulumi.ResourceOption{pulumi.Parent(parent), pulumi.Provider(p.provider)}, opts...)...)
}
