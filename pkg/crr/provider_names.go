package crr

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/internal/awsid"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// The engine replaces each resource whose explicit provider gets another name. So a
// provider keeps the name from the stack's last deployment, whichever role it assumes
// now, as long as it manages the same account.

const providerType = "pulumi:providers:aws"

var accountSuffix = regexp.MustCompile(`-(\d{12})(-|$)`)

// accountInName returns the account in the name of a shared provider, or "".
func accountInName(name string) string {
	if found := accountSuffix.FindStringSubmatch(name); found != nil {
		return found[1]
	}
	return ""
}

// name returns the name for a new provider.
func (p *providers) name(with credentials, previous *previousState) string {
	if name, known := p.names[with]; known {
		return name
	}
	for _, suffix := range p.suffixesOf(with, previous) {
		name := with.prefix() + suffix
		if p.holders[name] == (credentials{}) && p.userProviders[name] == nil {
			p.hold(with, name)
			return name
		}
	}
	// Two roles of the same name below different paths.
	name := with.prefix() + "-" + strings.NewReplacer(":", "-", "/", "-").Replace(with.assumeRoleARN)
	p.hold(with, name)
	return name
}

// suffixesOf returns the suffixes that a provider's name may have, in order of
// preference.
func (p *providers) suffixesOf(with credentials, previous *previousState) []string {
	var suffixes []string
	if kept, known := p.suffixes[with.assumeRoleARN]; known {
		suffixes = append(suffixes, kept)
	}
	if _, made := previous.find(providerType, with.prefix()+with.suffixOfRole()); made {
		suffixes = append(suffixes, with.suffixOfRole())
	}
	return append(suffixes, with.suffix(), with.suffixOfRole())
}

func (p *providers) hold(with credentials, name string) {
	p.names[with], p.holders[name] = name, with
}

func (p *providers) nameOf(with credentials) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.names[with]
}

func (p *providers) externalID(role string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.roles[role].externalID
}

// credentialsIn returns the credentials to use in a region without a bucket of theirs.
// If their previous provider there now belongs to other credentials of the same
// account, or to a user's provider of the same name, it returns those: then all other
// resources there stay unchanged.
func (p *providers) credentialsIn(with credentials, previous *previousState) (credentials, pulumi.ProviderResource) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, named := p.names[with]; named {
		return with, nil
	}
	name := with.prefix() + p.suffixesOf(with, previous)[0]
	if _, deployed := previous.find(providerType, name); !deployed {
		return with, nil
	}
	if userProvider := p.userProviders[name]; userProvider != nil {
		return credentials{region: with.region}, userProvider
	}
	holder, taken := p.holders[name]
	if account := p.accountOf(with); taken && account != "" && account == p.accountOf(holder) {
		return holder, nil
	}
	return with, nil
}

// accountOf returns the account of credentials, or "" if it is unknown.
func (p *providers) accountOf(with credentials) string {
	if with.assumeRoleARN != "" {
		return awsid.AccountOf(with.assumeRoleARN)
	}
	return p.roles[""].account
}

// managedBucket is a bucket that the stack's last deployment managed, and how.
type managedBucket struct {
	account, region string
	// provider is the URN of the provider that managed it, or "" if unknown.
	provider string
	// userProvider reports whether that was a user's provider, not a shared one.
	userProvider bool
}

// managedBucket finds the bucket of a component by its names, except adopted buckets.
func (s *previousState) managedBucket(names []string) (managedBucket, bool) {
	_, bucket := s.findAny(bucketType, names, "")
	key, ofKey := s.findAny(keyType, names, "-key")
	if !bucket && !ofKey {
		return managedBucket{}, false
	}
	arn := key.text("arn")
	found := managedBucket{account: awsid.AccountOf(arn), region: awsid.RegionOf(arn)}
	component, ok := s.findAny(EncryptedBucketType, names, "")
	if !ok || component.text("region") == "" {
		return found, true // that deployment did not complete
	}
	found.account, found.region = component.text("accountId"), component.text("region")
	if found.provider = component.text("provider"); found.provider != "" {
		found.userProvider = strings.Contains(found.provider, "$") || !strings.HasPrefix(nameOfURN(found.provider), credentials{region: found.region}.prefix())
		return found, true
	}
	// Earlier versions kept only the role.
	role, described := s.roleOf(component.text("bucket"))
	if !described {
		return found, true
	}
	with := credentials{found.region, role}
	suffix := with.suffixOfRole()
	if role == "" {
		suffix = ""
	}
	shared, made := s.find(providerType, with.prefix()+suffix)
	found.provider, found.userProvider = shared.urn, !made
	return found, true
}

// roleOf returns the role that managed a bucket, from the descriptors.
func (s *previousState) roleOf(bucket string) (role string, described bool) {
	for _, replicated := range s.byType[ReplicatedBucketType] {
		for _, deployed := range deployedBuckets(replicated) {
			if bucket != "" && deployed.Bucket == bucket {
				return deployed.AssumeRoleARN, true
			}
		}
	}
	return "", false
}

func nameOfURN(urn string) string { return urn[strings.LastIndex(urn, "::")+len("::"):] }

// keepName reserves the deployed name for the provider of a bucket, or reports why the
// bucket would be replaced.
func (p *providers) keepName(bucket checkedBucket, deployed managedBucket, previous *previousState) replication.Problems {
	var problems replication.Problems
	if bucket.args.Existing || deployed.region != bucket.args.Region {
		return nil // edits.go checks these
	}
	if bucket.args.Provider != nil {
		return checkUserProvider(bucket, deployed, previous)
	}
	if deployed.userProvider {
		problems.Add(bucket.path, "is managed by %s from BucketArgs.Provider, which was removed. Pulumi would replace the bucket and its key. "+
			"Set Provider to that provider again", describeProvider(deployed.provider))
		return problems
	}
	if deployed.provider == "" {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	with, name := credentials{bucket.args.Region, bucket.args.AssumeRoleARN}, nameOfURN(deployed.provider)
	if holder, taken := p.holders[name]; taken && holder != with {
		problems.Add(bucket.path, "and another bucket are managed by the same AWS provider %s; now one would be managed with %s and the other with %s. "+
			"Pulumi would replace one of them and its key. Give all buckets of the account in %s the same assumeRoleArn in one step, or leave it as it was", name, with, holder, with.region)
		return problems
	}
	if other, named := p.names[with]; named && other != name {
		problems.Add(bucket.path, "is managed by the AWS provider %s, and another bucket by %s; now both would be managed with %s. "+
			"Pulumi would replace one of them and its key. Leave assumeRoleArn as it was, or use another role of the account for one of them", name, other, with)
		return problems
	}
	p.hold(with, name)
	if _, known := p.suffixes[with.assumeRoleARN]; !known {
		p.suffixes[with.assumeRoleARN] = strings.TrimPrefix(name, with.prefix())
	}
	return nil
}

// checkUserProvider rejects a user's provider that would replace the bucket. It
// compares names; aliases of a provider are not visible to a program.
func checkUserProvider(bucket checkedBucket, deployed managedBucket, previous *previousState) replication.Problems {
	var problems replication.Problems
	switch {
	case deployed.provider == "" || deployed.provider == bucket.providerURN:
		return nil
	case !previous.recordsProvider(bucket.names) && previous.hasURN(providerType, bucket.providerURN):
		return nil // earlier versions did not record which of the two it was
	}
	problems.Add(bucket.path, "is managed by %s, but Provider is %s. Pulumi would replace the bucket and its key. "+
		"Keep the previous Provider, or create your provider with that name and no parent: aws.NewProvider(ctx, %q, ...)",
		describeProvider(deployed.provider), nameOfURN(bucket.providerURN), nameOfURN(deployed.provider))
	return problems
}

func describeProvider(urn string) string {
	if urn == "" {
		return "a provider"
	}
	return fmt.Sprintf("the AWS provider %q", nameOfURN(urn))
}

func (s *previousState) recordsProvider(names []string) bool {
	component, _ := s.findAny(EncryptedBucketType, names, "")
	return component.text("provider") != ""
}

func (s *previousState) hasURN(typ, urn string) bool {
	for _, resource := range s.byType[typ] {
		if resource.urn == urn {
			return true
		}
	}
	return false
}

// refuseProviders rejects resource options that set providers: a component has a
// provider for each of its buckets.
func refuseProviders(opts []pulumi.ResourceOption) error {
	given, err := pulumi.NewResourceOptions(opts...)
	if err != nil {
		return fmt.Errorf("reading the resource options: %w", err)
	}
	if given.Provider != nil || len(given.Providers) > 0 {
		return replication.Problems{{Path: "opts", Message: "pulumi.Provider and pulumi.Providers are not supported, because each bucket has its own region; " +
			"remove the option and set BucketArgs.Provider of the source and of each destination"}}
	}
	return nil
}

// register registers a component.
func register(ctx *pulumi.Context, typ, name string, component pulumi.ComponentResource, opts ...pulumi.ResourceOption) error {
	if err := refuseProviders(opts); err != nil {
		return err
	}
	return ctx.RegisterComponentResourceV2(typ, name, nil, component, opts...)
}
