package crr

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/internals"

	"github.com/crr-io/pulumi-aws-crr/internal/awsid"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// checkedBucket is a bucket whose account and provider are checked before anything is
// registered.
type checkedBucket struct {
	// path identifies the bucket in messages: "data/source".
	path string
	// names of its [EncryptedBucket], the current name first.
	names []string
	args  BucketArgs
	// providerURN is the URN of BucketArgs.Provider, or "".
	providerURN string
}

// CheckAccounts checks that the AWS credentials of replicated buckets belong to the
// configured accounts, and that a change of credentials replaces no bucket. The map's
// keys are the names of the replicated buckets. It registers the AWS providers and
// nothing else.
//
// [NewReplicatedBucket] checks its own buckets. A program that makes several replicated
// buckets calls this first, so that nothing is registered if one of them has problems.
// The error is a [replication.Problems].
func CheckAccounts(ctx *pulumi.Context, buckets map[string]*ReplicatedBucketArgs) error {
	var checked []checkedBucket
	for _, name := range slices.Sorted(maps.Keys(buckets)) {
		for _, bucket := range buckets[name].namedBuckets() {
			names := append([]string{name + "-" + bucket.name}, buckets[name].formerNames(name, bucket)...)
			checked = append(checked, checkedBucket{path: name + "/" + bucket.name, names: names, args: bucket.args})
		}
	}
	return providersOf(ctx).check(ctx, checked).Err()
}

// check returns the problems of the accounts and providers of buckets. It waits until
// AWS has identified the credentials.
func (p *providers) check(ctx *pulumi.Context, buckets []checkedBucket) replication.Problems {
	buckets = slices.DeleteFunc(slices.Clone(buckets), func(bucket checkedBucket) bool { return p.isChecked(bucket) })
	if len(buckets) == 0 {
		return nil
	}
	settings, problems := p.inherited(ctx)
	previous := previousOf(ctx)
	if previous.unknown != nil && !ctx.RunningWithMocks() {
		return append(problems, replication.Problem{Path: buckets[0].path, Message: fmt.Sprintf(
			"the state of the stack's last deployment can't be read, so a change that replaces a bucket would not be noticed: %s", previous.unknown)})
	}
	problems = append(slices.Clone(problems), p.recordRoles(settings, buckets)...)
	if len(problems) > 0 {
		return problems
	}
	for i, bucket := range buckets {
		if bucket.args.Provider == nil {
			continue
		}
		urn, err := awaited[pulumi.URN](ctx, bucket.args.Provider.URN())
		if err != nil {
			problems.Add(bucket.path, "its Provider can't be used: %s", err)
			continue
		}
		buckets[i].providerURN = string(urn)
		p.recordProvider(buckets[i])
	}
	for _, bucket := range buckets {
		deployed, managed := previous.managedBucket(bucket.names)
		if account := awsid.AccountOf(bucket.args.AssumeRoleARN); managed && account != "" && deployed.moves(bucket, account) {
			problems = append(problems, deployed.inAnotherAccount(bucket, account, "the role "+bucket.args.AssumeRoleARN))
		} else if managed {
			problems = append(problems, p.keepName(bucket, deployed, previous)...)
		}
	}
	if len(problems) > 0 {
		return problems
	}
	return p.ask(ctx, settings, buckets)
}

// managed reports whether the deployment changes anything about the bucket, which
// requires credentials of its account.
func (a BucketArgs) managed() bool { return !a.Existing || a.ReplaceRules }

func (p *providers) isChecked(bucket checkedBucket) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.checked[bucket.names[0]]
}

// recordRoles records the external IDs and accounts that the buckets state for the
// roles they assume.
func (p *providers) recordRoles(settings *providerSettings, buckets []checkedBucket) replication.Problems {
	p.mu.Lock()
	defer p.mu.Unlock()
	var problems replication.Problems
	for _, bucket := range buckets {
		if bucket.args.Provider != nil {
			continue
		}
		arn := bucket.args.AssumeRoleARN
		role := p.roles[arn]
		note := func(field string, known *string, said string) {
			if said != "" && *known != "" && said != *known {
				problems.Add(bucket.path+"."+field, "is %q, but another bucket with %s has %q; use one value for both", said, credentials{assumeRoleARN: arn}, *known)
			}
			*known = cmp.Or(*known, said)
		}
		note("externalId", &role.externalID, bucket.args.ExternalID)
		if bucket.args.managed() {
			note("accountId", &role.accountID, bucket.args.AccountID)
		}
		p.roles[arn] = role
		problems = append(problems, settings.checkRole(arn).Under(bucket.path+".assumeRoleArn")...)
		if arn == "" && bucket.args.managed() {
			problems = append(problems, settings.checkAccount(bucket.args.AccountID).Under(bucket.path+".accountId")...)
		}
	}
	return problems
}

// checkRole reports conflicts between the stack's settings of the AWS provider and a
// role.
func (s *providerSettings) checkRole(arn string) replication.Problems {
	if arn == "" {
		return nil
	}
	var problems replication.Problems
	if first := s.assumeRole(); first != "" && first != arn {
		problems.Add("", "%q and aws:assumeRole %q are both set; the AWS provider v6 assumes one role only. "+
			"Move the first role to a profile of the AWS configuration file (role_arn and source_profile), and set aws:profile to that profile", arn, first)
	}
	return append(problems, s.checkAccount(awsid.AccountOf(arn))...)
}

// checkAccount reports conflicts between the stack's settings and an account.
func (s *providerSettings) checkAccount(account string) replication.Problems {
	var problems replication.Problems
	if account == "" {
		return nil
	}
	if allowed := s.list("allowedAccountIds"); len(allowed) > 0 && !slices.Contains(allowed, account) {
		problems.Add("", "the account %s is not among aws:allowedAccountIds of the stack: %s; add it there, or use the right account", account, strings.Join(allowed, ", "))
	}
	if slices.Contains(s.list("forbiddenAccountIds"), account) {
		problems.Add("", "the account %s is among aws:forbiddenAccountIds of the stack", account)
	}
	return problems
}

// ask asks AWS which accounts the credentials of the buckets belong to, for all buckets
// at once.
func (p *providers) ask(ctx *pulumi.Context, settings *providerSettings, buckets []checkedBucket) replication.Problems {
	var problems replication.Problems
	deployed := make([]environment, len(buckets))
	for i, each := range buckets {
		var err error
		if deployed[i], err = newEnvironment(ctx, each.args); err != nil {
			problems.Add(each.path, "%s", err)
			return problems
		}
		if each.args.Provider != nil {
			p.region(ctx, each.args.Provider)
		}
	}
	failed := map[pulumi.ProviderResource]bool{}
	for i, each := range buckets {
		caller, err := awaited[aws.GetCallerIdentityResult](ctx, p.caller(ctx, deployed[i].provider))
		switch {
		case err != nil && failed[deployed[i].provider]: // already reported
		case err != nil:
			failed[deployed[i].provider] = true
			problems.Add(each.path, "%s", p.unusable(settings, each, err))
		default:
			problems = append(problems, p.judge(ctx, each, caller)...)
		}
	}
	if len(problems) > 0 {
		return problems
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, each := range buckets {
		p.checked[each.names[0]] = true
	}
	return nil
}

// unusable explains why the provider of a bucket does not work.
func (p *providers) unusable(settings *providerSettings, bucket checkedBucket, err error) string {
	with := "those of Provider"
	if bucket.args.Provider == nil {
		with = settings.source()
		if role := bucket.args.AssumeRoleARN; role != "" {
			with = fmt.Sprintf("the role %s, assumed with %s", role, with)
		}
	}
	expected := settings.list("allowedAccountIds")
	p.mu.Lock()
	if account := p.roles[bucket.args.AssumeRoleARN].accountID; account != "" && bucket.args.Provider == nil {
		expected = []string{account}
	}
	p.mu.Unlock()
	text := fmt.Sprintf("the AWS provider of %s can't be used; its credentials are %s", bucket.args.Region, with)
	if len(expected) > 0 && bucket.args.Provider == nil {
		text += fmt.Sprintf(", and must be of account %s", strings.Join(expected, " or "))
	}
	return fmt.Sprintf("%s: %s", text, reason(err))
}

// reason returns the provider's message without the engine's prefix.
func reason(err error) string {
	_, text, found := strings.Cut(err.Error(), "returned an error: ")
	if !found {
		text = err.Error()
	}
	return strings.Trim(text, ": \n")
}

// judge compares the account and region of a bucket with the configured ones. In a
// preview, they may not be known yet.
func (p *providers) judge(ctx *pulumi.Context, each checkedBucket, caller aws.GetCallerIdentityResult) replication.Problems {
	var problems replication.Problems
	if each.args.Provider == nil && each.args.AssumeRoleARN == "" {
		p.mu.Lock()
		role := p.roles[""]
		role.account = caller.AccountId
		p.roles[""] = role
		p.mu.Unlock()
	}
	if each.args.Provider != nil {
		region, err := awaited[aws.GetRegionResult](ctx, p.region(ctx, each.args.Provider))
		if err != nil {
			problems.Add(each.path, "the region of its Provider can't be determined: %s", err)
		} else if region.Name != "" && region.Name != each.args.Region {
			problems.Add(each.path, "its Provider is for %s, but its Region is %s; use a provider for %s", region.Name, each.args.Region, each.args.Region)
		}
	}
	if caller.AccountId == "" {
		return problems
	}
	expected := awsid.AccountOf(each.args.AssumeRoleARN)
	if each.args.managed() {
		expected = cmp.Or(each.args.AccountID, expected)
	}
	managed, deployed := previousOf(ctx).managedBucket(each.names)
	switch {
	case expected != "" && expected != caller.AccountId:
		problems.Add(each.path, "must be in account %s, but the credentials belong to account %s (%s); use credentials of %s, or correct accountId",
			expected, caller.AccountId, caller.Arn, expected)
	case deployed && managed.moves(each, caller.AccountId):
		problems = append(problems, managed.inAnotherAccount(each, caller.AccountId, caller.Arn))
	}
	return problems
}

// moves reports whether a bucket is deployed in an account other than the given one.
func (b managedBucket) moves(bucket checkedBucket, account string) bool {
	return !bucket.args.Existing && b.account != "" && b.account != account
}

func (b managedBucket) inAnotherAccount(bucket checkedBucket, account, credentials string) replication.Problem {
	return replication.Problem{Path: bucket.path, Message: fmt.Sprintf("is deployed in account %s, but the credentials belong to account %s (%s). "+
		"A new, empty bucket would be created there, and the bucket with the data would no longer be managed. Use credentials of account %s; "+
		"to move the data, add a destination in the new account and wait until everything is replicated", b.account, account, credentials, b.account)}
}

// recordProvider records the name of a user's provider, so that no shared provider gets
// the same name.
func (p *providers) recordProvider(bucket checkedBucket) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !strings.Contains(bucket.providerURN, "$") {
		p.userProviders[nameOfURN(bucket.providerURN)] = bucket.args.Provider
	}
}

// awaited returns the value of an output, or the zero value if it is not known yet.
func awaited[T any](ctx *pulumi.Context, output pulumi.Output) (T, error) {
	result, err := internals.UnsafeAwaitOutput(ctx.Context(), output)
	value, _ := result.Value.(T)
	return value, err
}
