package crr

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// prove evaluates the policies that would be deployed, before anything is: by
// those that are generated, what replication needs is allowed, and nothing else
// is possible; no statement of the user's keeps it from what it needs; and AWS
// takes documents of their sizes. The names that AWS has yet to give are stood in
// for.
func (a *ReplicatedBucketArgs) prove() replication.Problems {
	proposal := a.propose()
	return slices.Concat(proposal.proveGenerated(), proposal.proveStatements(), proposal.checkSizes())
}

// proveGenerated can fail only for what a guard excepts: the rest is ours.
func (p proposal) proveGenerated() replication.Problems {
	var problems replication.Problems
	for _, pair := range p.pairs() {
		documents := p.documents(pair.from, pair.to)
		checks := replication.Checks(p.roles[pair.from], p.args.Role.trust(), p.placeholders[pair.from], p.placeholders[pair.to])
		for _, violation := range documents.Prove(checks) {
			problems.Add(p.pathOfTarget(violation.Check.Target, pair), "%s", violation)
		}
	}
	return problems
}

// pair is two places of which one replicates to the other.
type pair struct{ from, to string }

// pairs are those that have a rule, each once.
func (p proposal) pairs() []pair {
	var pairs []pair
	for _, rule := range p.args.Topology().ReplicationRules() {
		if each := (pair{rule.From(), rule.Destination}); !slices.Contains(pairs, each) {
			pairs = append(pairs, each)
		}
	}
	return pairs
}

// pathOfTarget is where the guard is that may have failed a check.
func (p proposal) pathOfTarget(target replication.Target, pair pair) string {
	if target == replication.DestinationBucket || target == replication.DestinationKey {
		return p.args.pathOf(pair.to) + ".guard"
	}
	return p.args.pathOf(pair.from) + ".guard"
}

// pathOf a place in the arguments.
func (a *ReplicatedBucketArgs) pathOf(bucket string) string {
	for i, destination := range a.Destinations {
		if destination.Name == bucket {
			return fmt.Sprintf("destinations[%d]", i)
		}
	}
	return replication.SourceName
}

// proposal is what the policies of all places would be.
type proposal struct {
	args         *ReplicatedBucketArgs
	placeholders map[string]replication.BucketRef
	roles        map[string]string
	buckets      map[string]BucketArgs
	// policies of the roles.
	policies map[string][]policy.Document
}

// standInAccount is that of the credentials in the environment, until AWS says
// which it is.
const placeholderAccount = "000000000000"

// standInRole is the name of a role that is going to have a generated one.
func placeholderRole(from string) string { return longest("replicates-from-"+from, maxRoleName) }

// longest makes a stand-in as long as the longest name that it may stand for.
func longest(standIn string, length int) string {
	return strings.Repeat("x", max(0, length-len(standIn))) + standIn
}

func (a *ReplicatedBucketArgs) propose() proposal {
	p := proposal{
		args: a, placeholders: map[string]replication.BucketRef{}, roles: map[string]string{}, buckets: map[string]BucketArgs{},
		policies: map[string][]policy.Document{},
	}
	for _, bucket := range a.namedBuckets() {
		end := bucket.args.placeholder(bucket.name)
		partition, _ := replication.PartitionOf(end.Region)
		p.buckets[bucket.name], p.placeholders[bucket.name] = bucket.args, end
		p.roles[bucket.name] = a.Role.at(bucket.name).arn(partition.ID, end.Account, placeholderRole(bucket.name))
	}
	for _, bucket := range a.namedBuckets() {
		p.policies[bucket.name] = rolePolicies(p.placeholders[bucket.name], p.targets(bucket.name))
	}
	return p
}

// standIn is what is known of a bucket before it is deployed, with names as long
// as AWS gives them in place of those that it has yet to give.
func (a BucketArgs) placeholder(name string) replication.BucketRef {
	end := replication.BucketRef{
		Region: a.Region, Account: placeholderAccount, ObjectLock: a.ObjectLock != nil, KeyChanges: a.AllowKeyChanges,
		BucketARN: replication.BucketARN(a.Region, longest("bucket-of-"+name, maxBucketName)), KMSKeyARN: known(a.KMSKeyARN),
	}
	for i, key := range a.DecryptKeyARNs {
		end.DecryptKeyARNs = append(end.DecryptKeyARNs, cmp.Or(known(key), placeholderKey(a.Region, end.Account, fmt.Sprintf("%s-%d", name, i))))
	}
	if account := replication.AccountOf(a.AssumeRoleARN); account != "" {
		end.Account = account
	}
	if account := cmp.Or(a.AccountID, replication.AccountOf(end.KMSKeyARN)); a.Existing && account != "" {
		end.Account = account
	}
	if a.Bucket != "" {
		end.BucketARN = replication.BucketARN(a.Region, a.Bucket)
	}
	if a.Guard != nil {
		end.Deployer = fmt.Sprintf("arn:aws:iam::%s:role/deploys", end.Account)
	}
	if end.KMSKeyARN == "" && !a.keyless() {
		end.KMSKeyARN = placeholderKey(a.Region, end.Account, name)
	}
	return end
}

func placeholderKey(region, account, name string) string {
	return fmt.Sprintf("arn:aws:kms:%s:%s:key/%s", region, account, longest("of-"+name, keyIDLength))
}

// documents are the policies between two places.
func (p proposal) documents(from, to string) replication.Documents {
	documents := replication.Documents{
		Trust: replication.TrustPolicy(p.placeholders[from], p.args.Role.trust()),
		Role:  p.policies[from],
	}
	if !p.buckets[from].Existing {
		documents.SourceBucket = p.bucketPolicy(from)
	}
	if !p.buckets[to].Existing {
		documents.DestinationBucket = p.bucketPolicy(to)
	}
	if p.makesKey(from) {
		documents.SourceKey = p.keyPolicy(from)
	}
	if p.makesKey(to) {
		documents.DestinationKey = p.keyPolicy(to)
	}
	return documents
}

// makesKey reports whether the key of a place is made with its bucket.
func (p proposal) makesKey(name string) bool {
	return p.buckets[name].KMSKeyARN == nil && !p.buckets[name].Existing
}

// bucketPolicy is the policy as far as it is generated.
func (p proposal) bucketPolicy(name string) *policy.Document {
	bucket := p.buckets[name]
	bucket.Statements = nil
	document := bucketPolicy(bucket, p.placeholders[name], p.placeholders[name].Deployer, p.rolesInto(name))
	return &document
}

// keyPolicy is the policy of the key as far as it is generated.
func (p proposal) keyPolicy(name string) *policy.Document {
	bucket := p.buckets[name]
	bucket.KeyStatements = nil
	document := keyPolicy(bucket, p.placeholders[name].Account, p.rolesInto(name))
	return &document
}

func (p proposal) targets(from string) []replication.BucketRef {
	var targets []replication.BucketRef
	for _, name := range linked(p.args.Topology().ReplicationRules(), from, replication.Rule.From, destinationOf) {
		targets = append(targets, p.placeholders[name])
	}
	return targets
}

func (p proposal) rolesInto(bucket string) []string {
	var roles []string
	for _, name := range linked(p.args.Topology().ReplicationRules(), bucket, destinationOf, replication.Rule.From) {
		roles = append(roles, p.roles[name])
	}
	return roles
}
