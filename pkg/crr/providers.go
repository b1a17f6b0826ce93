package crr

import (
	"fmt"
	"path"
	"reflect"
	"runtime"
	"slices"
	"sync"
	"weak"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// SharedProvider returns the AWS provider of a region that all components of a
// program share, and makes it on first use. Use it for resources of your own
// in the same region rather than paying for another provider process. It inherits
// the stack's configuration of the AWS package, aws:profile and the like, but for
// the region, and takes the rest from where the AWS provider always does: the
// environment and the shared configuration files.
//
// assumeRoleARN is a role to assume, for a bucket of another account; it may be
// empty.
func SharedProvider(ctx *pulumi.Context, region, assumeRoleARN string) (*aws.Provider, error) {
	shared := providersOf(ctx)
	return shared.provider(ctx, credentials{region, assumeRoleARN})
}

// credentials are what providers differ by.
type credentials struct {
	region, assumeRoleARN string
}

// prefix begins the names of all providers of a region.
func (c credentials) prefix() string { return "crr-" + c.region }

// suffix ends the name of the provider. An account has one role to deploy with,
// as a rule, and the provider of an account stays the same under another role.
func (c credentials) suffix() string {
	if c.assumeRoleARN == "" {
		return ""
	}
	return "-" + replication.AccountOf(c.assumeRoleARN)
}

// suffixOfRole ends the name where an account has several roles, and those that
// earlier versions gave.
func (c credentials) suffixOfRole() string {
	if c.assumeRoleARN == "" {
		return "-own"
	}
	return c.suffix() + "-" + path.Base(c.assumeRoleARN)
}

func (c credentials) String() string {
	if c.assumeRoleARN == "" {
		return "the deployment's own credentials"
	}
	return "the role " + c.assumeRoleARN
}

// providers are those that one run of a program has made.
type providers struct {
	mu      sync.Mutex
	made    map[credentials]*aws.Provider
	callers map[pulumi.ProviderResource]aws.GetCallerIdentityResultOutput
	regions map[pulumi.ProviderResource]aws.GetRegionResultOutput

	// names of the providers, and which credentials have them.
	names   map[credentials]string
	holders map[string]credentials
	// brought are the providers that callers brought along, by their names.
	userProviders map[string]pulumi.ProviderResource
	// suffixes of names by the role, where the last deployment had others.
	suffixes map[string]string
	// roles by their ARN; the credentials at hand are "".
	roles map[string]assumedRole
	// checked has the places whose accounts were found right.
	checked map[string]bool

	// protections of the replicated buckets, where they share one.
	protections *DeletionProtections
	// lookups are the answers about what was there before.
	lookups sync.Map // lookupKey to func() string

	messages     sharedMessages
	readPrevious sync.Once
	previous     *previousState

	readSettings sync.Once
	settings     *providerSettings
	unreadable   replication.Problems
}

// assumedRole is what is known of a role beside its ARN.
type assumedRole struct {
	externalID, accountID string
	// account that AWS found; "" where it was not asked yet.
	account string
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
		made:          map[credentials]*aws.Provider{},
		callers:       map[pulumi.ProviderResource]aws.GetCallerIdentityResultOutput{},
		messages:      sharedMessages{keys: map[accountRegion]pulumi.StringOutput{}, topics: map[accountRegion][]sharedTopic{}},
		regions:       map[pulumi.ProviderResource]aws.GetRegionResultOutput{},
		names:         map[credentials]string{},
		holders:       map[string]credentials{},
		userProviders: map[string]pulumi.ProviderResource{},
		suffixes:      map[string]string{},
		roles:         map[string]assumedRole{},
		checked:       map[string]bool{},
	})
	if !known {
		runtime.AddCleanup(log, func(key weak.Pointer[byte]) { programs.Delete(key) }, key)
	}
	return found.(*providers)
}

// inherited returns the stack's configuration of the AWS package.
func (p *providers) inherited(ctx *pulumi.Context) (*providerSettings, replication.Problems) {
	p.readSettings.Do(func() { p.settings, p.unreadable = readProviderSettings(ctx) })
	return p.settings, p.unreadable
}

func (p *providers) provider(ctx *pulumi.Context, with credentials) (*aws.Provider, error) {
	previous := previousOf(ctx)
	settings, problems := p.inherited(ctx)
	if with.assumeRoleARN != "" {
		problems = append(slices.Clone(problems), settings.checkRole(with.assumeRoleARN)...)
	}
	if len(problems) > 0 {
		return nil, problems
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if provider, made := p.made[with]; made {
		return provider, nil
	}
	args := settings.args()
	args.Region = pulumi.String(with.region)
	role := p.roles[with.assumeRoleARN]
	if role.accountID != "" {
		args.AllowedAccountIds = pulumi.ToStringArray([]string{role.accountID})
	}
	if arn := with.assumeRoleARN; arn != "" && arn != settings.assumeRole() {
		args.AssumeRole = aws.ProviderAssumeRoleArgs{RoleArn: pulumi.String(arn), ExternalId: optional(role.externalID)}
	}
	provider, err := aws.NewProvider(ctx, p.name(with, previous), args)
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

// region is where a provider works.
func (p *providers) region(ctx *pulumi.Context, provider pulumi.ProviderResource) aws.GetRegionResultOutput {
	p.mu.Lock()
	defer p.mu.Unlock()
	if region, asked := p.regions[provider]; asked {
		return region
	}
	region := aws.GetRegionOutput(ctx, aws.GetRegionOutputArgs{}, pulumi.Provider(provider))
	p.regions[provider] = region
	return region
}

// place is where the resources of a bucket live: its region, the provider that
// manages them, and the account that owns them.
type environment struct {
	region   string
	provider pulumi.ProviderResource
	account  pulumi.StringOutput
	// caller is the ARN of the provider's credentials.
	caller pulumi.StringOutput
	// assumeRoleARN of the shared provider; nil where the caller brought one.
	assumeRoleARN *string
	// externalID that the role is assumed with.
	externalID string
	// providerName is that of the shared provider.
	providerName string
}

// newPlace finds the provider of a bucket unless the caller brought one.
func newEnvironment(ctx *pulumi.Context, args BucketArgs) (environment, error) {
	shared := providersOf(ctx)
	p := environment{region: args.Region, provider: args.Provider}
	if args.Provider == nil {
		with := credentials{args.Region, args.AssumeRoleARN}
		provider, err := shared.provider(ctx, with)
		if err != nil {
			return environment{}, err
		}
		p.provider, p.assumeRoleARN = provider, &args.AssumeRoleARN
		p.externalID, p.providerName = shared.externalID(args.AssumeRoleARN), shared.nameOf(with)
	}
	caller := shared.caller(ctx, p.provider)
	p.account, p.caller = caller.AccountId(), caller.Arn()
	return p, nil
}

// elsewhere is this place's account in the region of another place. With the
// credentials of a provider that was brought along nothing can be made in
// another region, so there it is the other place as it is.
func (p environment) inRegionOf(ctx *pulumi.Context, other environment) (environment, error) {
	if p.assumeRoleARN == nil {
		return other, nil
	}
	return p.inRegion(ctx, other.region)
}

// in is this place's account in another region. Where the region is not known,
// or the provider was brought along, it is the place itself.
func (p environment) inRegion(ctx *pulumi.Context, region string) (environment, error) {
	if region == "" || region == p.region || p.assumeRoleARN == nil {
		return p, nil
	}
	with, userProvider := providersOf(ctx).credentialsIn(credentials{region, *p.assumeRoleARN}, previousOf(ctx))
	return newEnvironment(ctx, BucketArgs{Region: region, AssumeRoleARN: with.assumeRoleARN, Provider: userProvider})
}

// foreign tells whether another place may be in another account. With the
// credentials of a provider that was brought along nobody knows.
func (p environment) foreign(other environment) bool {
	if p.assumeRoleARN == nil || other.assumeRoleARN == nil {
		return true
	}
	return replication.AccountOf(*p.assumeRoleARN) != replication.AccountOf(*other.assumeRoleARN)
}

// child is the option set of a resource of this place below a parent.
func (p environment) child(parent pulumi.Resource, opts ...pulumi.ResourceOption) pulumi.ResourceOption {
	return pulumi.Composite(append([]pulumi.ResourceOption{pulumi.Parent(parent), pulumi.Provider(p.provider)}, opts...)...)
}
