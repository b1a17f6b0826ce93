package crr

import (
	"fmt"
	"path"
	"reflect"
	"runtime"
	"sync"
	"weak"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// SharedProvider returns the AWS provider of a region that all components of a
// program share, and makes it on first use. Use it for resources of your own
// in the same region rather than paying for another provider process. It takes
// credentials from where the AWS provider always does: the environment and the
// shared configuration files.
//
// assumeRoleARN is a role to assume, for a bucket of another account; it may be
// empty.
func SharedProvider(ctx *pulumi.Context, region, assumeRoleARN string) (*aws.Provider, error) {
	return providersOf(ctx).provider(ctx, credentials{region, assumeRoleARN})
}

// credentials are what providers differ by.
type credentials struct {
	region, assumeRoleARN string
}

// name of the provider. An account has one role to deploy with, as a rule, so
// the account tells providers of a region apart better than the role would.
func (c credentials) name() string {
	if c.assumeRoleARN == "" {
		return "crr-" + c.region
	}
	return fmt.Sprintf("crr-%s-%s-%s", c.region, replication.AccountOf(c.assumeRoleARN), path.Base(c.assumeRoleARN))
}

func (c credentials) args() *aws.ProviderArgs {
	args := &aws.ProviderArgs{Region: pulumi.String(c.region)}
	if c.assumeRoleARN != "" {
		args.AssumeRole = aws.ProviderAssumeRoleArgs{RoleArn: pulumi.String(c.assumeRoleARN)}
	}
	return args
}

// providers are those that one run of a program has made.
type providers struct {
	mu      sync.Mutex
	made    map[credentials]*aws.Provider
	callers map[pulumi.ProviderResource]aws.GetCallerIdentityResultOutput

	// protections of the replicated buckets, where they share one.
	protections *DeletionProtections
	// lookups are the answers about what was there before.
	lookups sync.Map // lookupKey to func() string

	messages     sharedMessages
	readPrevious sync.Once
	previous     *previousState
}

// programs finds the providers of a run by its context. The SDK offers no place
// on the context to keep them, and an entry must not outlive its run.
var programs sync.Map // weak.Pointer[byte] to *providers

// providersOf finds a run by its log, the one part that [pulumi.Context.WithValue]
// hands on to every copy of a context.
func providersOf(ctx *pulumi.Context) *providers {
	log := (*byte)(reflect.ValueOf(ctx.Log).UnsafePointer())
	key := weak.Make(log)
	found, known := programs.LoadOrStore(key, &providers{
		made:     map[credentials]*aws.Provider{},
		callers:  map[pulumi.ProviderResource]aws.GetCallerIdentityResultOutput{},
		messages: sharedMessages{keys: map[spot]pulumi.StringOutput{}, topics: map[spot][]sharedTopic{}},
	})
	if !known {
		runtime.AddCleanup(log, func(key weak.Pointer[byte]) { programs.Delete(key) }, key)
	}
	return found.(*providers)
}

func (p *providers) provider(ctx *pulumi.Context, with credentials) (*aws.Provider, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if provider, made := p.made[with]; made {
		return provider, nil
	}
	provider, err := aws.NewProvider(ctx, with.name(), with.args())
	if err != nil {
		return nil, fmt.Errorf("making the AWS provider of %s: %w", with.region, err)
	}
	p.made[with] = provider
	return provider, nil
}

// caller is who AWS takes a provider's credentials for.
func (p *providers) caller(ctx *pulumi.Context, provider pulumi.ProviderResource) aws.GetCallerIdentityResultOutput {
	p.mu.Lock()
	defer p.mu.Unlock()
	if caller, asked := p.callers[provider]; asked {
		return caller
	}
	caller := aws.GetCallerIdentityOutput(ctx, aws.GetCallerIdentityOutputArgs{}, pulumi.Provider(provider))
	p.callers[provider] = caller
	return caller
}

// place is where the resources of a bucket live: its region, the provider that
// manages them, and the account that owns them.
type place struct {
	region   string
	provider pulumi.ProviderResource
	account  pulumi.StringOutput
	// caller is the ARN of the provider's credentials.
	caller pulumi.StringOutput
	// assumeRoleARN of the shared provider; nil where the caller brought one.
	assumeRoleARN *string
}

// newPlace finds the provider of a bucket unless the caller brought one.
func newPlace(ctx *pulumi.Context, args BucketArgs) (place, error) {
	shared := providersOf(ctx)
	p := place{region: args.Region, provider: args.Provider}
	if args.Provider == nil {
		provider, err := shared.provider(ctx, credentials{args.Region, args.AssumeRoleARN})
		if err != nil {
			return place{}, err
		}
		p.provider, p.assumeRoleARN = provider, &args.AssumeRoleARN
	}
	caller := shared.caller(ctx, p.provider)
	p.account, p.caller = caller.AccountId(), caller.Arn()
	return p, nil
}

// elsewhere is this place's account in the region of another place. With the
// credentials of a provider that was brought along nothing can be made in
// another region, so there it is the other place as it is.
func (p place) elsewhere(ctx *pulumi.Context, other place) (place, error) {
	if p.assumeRoleARN == nil {
		return other, nil
	}
	return p.in(ctx, other.region)
}

// in is this place's account in another region. Where the region is not known,
// or the provider was brought along, it is the place itself.
func (p place) in(ctx *pulumi.Context, region string) (place, error) {
	if region == "" || region == p.region || p.assumeRoleARN == nil {
		return p, nil
	}
	return newPlace(ctx, BucketArgs{Region: region, AssumeRoleARN: *p.assumeRoleARN})
}

// foreign tells whether another place may be in another account. With the
// credentials of a provider that was brought along nobody knows.
func (p place) foreign(other place) bool {
	if p.assumeRoleARN == nil || other.assumeRoleARN == nil {
		return true
	}
	return replication.AccountOf(*p.assumeRoleARN) != replication.AccountOf(*other.assumeRoleARN)
}

// child is the option set of a resource of this place below a parent.
func (p place) child(parent pulumi.Resource, opts ...pulumi.ResourceOption) pulumi.ResourceOption {
	return pulumi.Composite(append([]pulumi.ResourceOption{pulumi.Parent(parent), pulumi.Provider(p.provider)}, opts...)...)
}
