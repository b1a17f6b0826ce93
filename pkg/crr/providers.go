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

	"github.com/crr-io/pulumi-aws-crr/internal/awsid"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// SharedProvider returns the AWS provider of a region that all components of a program
// share, and creates it on first use. Use it for your own resources in the region to
// avoid another provider process. It inherits the stack's configuration of the AWS
// package, such as aws:profile, except the region. Everything else comes from the
// environment and the shared configuration files, as usual.
//
// assumeRoleARN is a role to assume, for a bucket of another account; it may be
// empty.
func SharedProvider(ctx *pulumi.Context, region, assumeRoleARN string) (*aws.Provider, error) {
	shared := providersOf(ctx)
	return shared.provider(ctx, credentials{region, assumeRoleARN})
}

// credentials identifies a shared provider.
type credentials struct {
	region, assumeRoleARN string
}

// prefix returns the prefix of the names of all providers of a region.
func (c credentials) prefix() string { return "crr-" + c.region }

// suffix returns the suffix of the provider's name. It contains only the account, so
// that the provider keeps its name under another role.
func (c credentials) suffix() string {
	if c.assumeRoleARN == "" {
		return ""
	}
	return "-" + awsid.AccountOf(c.assumeRoleARN)
}

// suffixOfRole returns the suffix for accounts with several roles, which earlier
// versions always used.
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

// providers has the providers of one run of a program.
type providers struct {
	mu      sync.Mutex
	made    map[credentials]*aws.Provider
	callers map[pulumi.ProviderResource]aws.GetCallerIdentityResultOutput
	regions map[pulumi.ProviderResource]aws.GetRegionResultOutput

	// names of the providers by credentials, and the reverse.
	names   map[credentials]string
	holders map[string]credentials
	// userProviders are the providers from BucketArgs.Provider, by name.
	userProviders map[string]pulumi.ProviderResource
	// suffixes of names by role, if the last deployment had other ones.
	suffixes map[string]string
	// roles by ARN; "" stands for the deployment's own credentials.
	roles map[string]assumedRole
	// checked has the buckets whose accounts are correct.
	checked map[string]bool

	// protections of the replicated buckets, if they share one.
	protections *DeletionProtections
	// lookups has the results of lookups of existing resources.
	lookups sync.Map // lookupKey to func() string

	messages     sharedMessages
	readPrevious sync.Once
	previous     *previousState

	readSettings sync.Once
	settings     *providerSettings
	unreadable   replication.Problems
}

// assumedRole has the known properties of a role.
type assumedRole struct {
	externalID, accountID string
	// account according to AWS; "" if unknown.
	account string
}

// programs has the providers of each run. The SDK's context can't store them, and an
// entry must not outlive its run.
var programs sync.Map // weak.Pointer[byte] to *providers

// providersOf identifies a run by its log, which all copies of a context made by
// [pulumi.Context.WithValue] share.
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

// caller returns the identity of a provider's credentials.
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

// region returns the region of a provider.
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

// environment is the region, the account and the provider of a bucket's resources.
type environment struct {
	region   string
	provider pulumi.ProviderResource
	account  pulumi.StringOutput
	// caller is the ARN of the provider's credentials.
	caller pulumi.StringOutput
	// assumeRoleARN of the shared provider; nil for a user's provider.
	assumeRoleARN *string
	// externalID for assuming the role.
	externalID string
	// providerName is the name of the shared provider.
	providerName string
}

// newEnvironment returns the environment of a bucket, with the shared provider unless
// the arguments have one.
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

// inRegionOf returns this account in the region of another environment. For a user's
// provider, which works in one region only, it returns the other environment.
func (p environment) inRegionOf(ctx *pulumi.Context, other environment) (environment, error) {
	if p.assumeRoleARN == nil {
		return other, nil
	}
	return p.inRegion(ctx, other.region)
}

// inRegion returns this account in another region. If the region is unknown, or for a
// user's provider, it returns the environment unchanged.
func (p environment) inRegion(ctx *pulumi.Context, region string) (environment, error) {
	if region == "" || region == p.region || p.assumeRoleARN == nil {
		return p, nil
	}
	with, userProvider := providersOf(ctx).credentialsIn(credentials{region, *p.assumeRoleARN}, previousOf(ctx))
	return newEnvironment(ctx, BucketArgs{Region: region, AssumeRoleARN: with.assumeRoleARN, Provider: userProvider})
}

// foreign reports whether another environment may be in another account. The account of
// a user's provider is unknown.
func (p environment) foreign(other environment) bool {
	if p.assumeRoleARN == nil || other.assumeRoleARN == nil {
		return true
	}
	return awsid.AccountOf(*p.assumeRoleARN) != awsid.AccountOf(*other.assumeRoleARN)
}

// child returns the options of a resource in this environment below a parent.
func (p environment) child(parent pulumi.Resource, opts ...pulumi.ResourceOption) pulumi.ResourceOption {
	return pulumi.Composite(append([]pulumi.ResourceOption{pulumi.Parent(parent), pulumi.Provider(p.provider)}, opts...)...)
}
