package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/awsid"
	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// prove checks the policies before deployment: the generated ones allow what
// replication needs and nothing else, the user's statements don't deny what it needs,
// and the documents are within AWS's size limits. Placeholders stand for generated
// names.
func (a *ReplicatedBucket) prove() replication.Problems {
	proposal := a.propose()
	return slices.Concat(proposal.proveGenerated(), proposal.proveStatements(), proposal.checkSizes())
}

// proveGenerated checks the generated policies. Only the exceptions of a guard can make
// it fail.
func (p proposal) proveGenerated() replication.Problems {
	var problems replication.Problems
	for _, pair := range p.pairs() {
		documents := p.documents(pair.from, pair.to)
		checks := model.Checks(p.roles[pair.from], p.args.Role.Trust(), p.placeholders[pair.from], p.placeholders[pair.to])
		for _, violation := range documents.Prove(checks) {
			problems.Add(p.pathOfTarget(violation.Check.Target, pair), "%s", violation)
		}
	}
	return problems
}

// pair is a source and a destination.
type pair struct{ from, to string }

// pairs returns the pairs with a rule, without duplicates.
func (p proposal) pairs() []pair {
	var pairs []pair
	for _, rule := range p.args.Topology().ReplicationRules() {
		if each := (pair{rule.From(), rule.Destination}); !slices.Contains(pairs, each) {
			pairs = append(pairs, each)
		}
	}
	return pairs
}

// pathOfTarget returns the path of the guard that failed a check.
func (p proposal) pathOfTarget(target model.Target, pair pair) string {
	if target == model.DestinationBucket || target == model.DestinationKey {
		return p.args.PathOf(pair.to) + ".guard"
	}
	return p.args.PathOf(pair.from) + ".guard"
}

// PathOf returns the path of a bucket in the arguments.
func (a *ReplicatedBucket) PathOf(bucket string) string {
	for i, destination := range a.Destinations {
		if destination.Name == bucket {
			return fmt.Sprintf("destinations[%d]", i)
		}
	}
	return replication.SourceName
}

// proposal has the policies of all buckets as they would be deployed.
type proposal struct {
	args         *ReplicatedBucket
	placeholders map[string]model.BucketRef
	roles        map[string]string
	buckets      map[string]Bucket
	// policies of the roles.
	policies map[string][]policy.Document
}

// placeholderAccount stands for the account of the deployment's own credentials.
const placeholderAccount = "000000000000"

// placeholderRole stands for the name of a role with a generated name.
func placeholderRole(from string) string { return longest("replicates-from-"+from, maxRoleName) }

// longest pads a placeholder to the maximum length of the name that it stands for.
func longest(placeholder string, length int) string {
	return strings.Repeat("x", max(0, length-len(placeholder))) + placeholder
}

func (a *ReplicatedBucket) propose() proposal {
	p := proposal{
		args: a, placeholders: map[string]model.BucketRef{}, roles: map[string]string{}, buckets: map[string]Bucket{},
		policies: map[string][]policy.Document{},
	}
	for _, bucket := range a.namedBuckets() {
		end := bucket.args.Placeholder(bucket.name)
		partition, _ := replication.PartitionOf(end.Region)
		p.buckets[bucket.name], p.placeholders[bucket.name] = bucket.args, end
		p.roles[bucket.name] = a.Role.At(bucket.name).arn(partition.ID, end.Account, placeholderRole(bucket.name))
	}
	for _, bucket := range a.namedBuckets() {
		p.policies[bucket.name] = rolePolicies(p.placeholders[bucket.name], p.targets(bucket.name))
	}
	return p
}

// Placeholder describes a bucket before deployment, with placeholders of maximum length
// for generated names.
func (a Bucket) Placeholder(name string) model.BucketRef {
	end := model.BucketRef{
		Region: a.Region, Account: placeholderAccount, ObjectLock: a.ObjectLock != nil, KeyChanges: a.AllowKeyChanges,
		BucketARN: replication.BucketARN(a.Region, longest("bucket-of-"+name, maxBucketName)), KMSKeyARN: known(a.KMSKeyARN),
	}
	for i, key := range a.DecryptKeyARNs {
		end.DecryptKeyARNs = append(end.DecryptKeyARNs, cmp.Or(known(key), placeholderKey(a.Region, end.Account, fmt.Sprintf("%s-%d", name, i))))
	}
	if account := awsid.AccountOf(a.AssumeRoleARN); account != "" {
		end.Account = account
	}
	if account := cmp.Or(a.AccountID, awsid.AccountOf(end.KMSKeyARN)); a.Existing && account != "" {
		end.Account = account
	}
	if a.Bucket != "" {
		end.BucketARN = replication.BucketARN(a.Region, a.Bucket)
	}
	if a.Guard != nil {
		end.Deployer = fmt.Sprintf("arn:aws:iam::%s:role/deploys", end.Account)
	}
	if end.KMSKeyARN == "" && !a.Keyless() {
		end.KMSKeyARN = placeholderKey(a.Region, end.Account, name)
	}
	return end
}

func placeholderKey(region, account, name string) string {
	return fmt.Sprintf("arn:aws:kms:%s:%s:key/%s", region, account, longest("of-"+name, keyIDLength))
}

// documents returns the policies that control replication between two buckets.
func (p proposal) documents(from, to string) model.Documents {
	documents := model.Documents{
		Trust: model.TrustPolicy(p.placeholders[from], p.args.Role.Trust()),
		Role:  p.policies[from],
	}
	if !p.buckets[from].Existing {
		documents.SourceBucket = p.BucketPolicy(from)
	}
	if !p.buckets[to].Existing {
		documents.DestinationBucket = p.BucketPolicy(to)
	}
	if p.makesKey(from) {
		documents.SourceKey = p.KeyPolicy(from)
	}
	if p.makesKey(to) {
		documents.DestinationKey = p.KeyPolicy(to)
	}
	return documents
}

// makesKey reports whether the key of a bucket is created with it.
func (p proposal) makesKey(name string) bool {
	return p.buckets[name].KMSKeyARN == "" && !p.buckets[name].Existing
}

// BucketPolicy returns the generated part of the bucket policy.
func (p proposal) BucketPolicy(name string) *policy.Document {
	bucket := p.buckets[name]
	bucket.Statements = nil
	document := BucketPolicy(bucket, p.placeholders[name], p.placeholders[name].Deployer, p.rolesInto(name))
	return &document
}

// KeyPolicy returns the generated part of the key policy.
func (p proposal) KeyPolicy(name string) *policy.Document {
	bucket := p.buckets[name]
	bucket.KeyStatements = nil
	document := KeyPolicy(bucket, p.placeholders[name].Account, p.rolesInto(name))
	return &document
}

func (p proposal) targets(from string) []model.BucketRef {
	var targets []model.BucketRef
	for _, name := range Linked(p.args.Topology().ReplicationRules(), from, replication.Rule.From, DestinationOf) {
		targets = append(targets, p.placeholders[name])
	}
	return targets
}

func (p proposal) rolesInto(bucket string) []string {
	var roles []string
	for _, name := range Linked(p.args.Topology().ReplicationRules(), bucket, DestinationOf, replication.Rule.From) {
		roles = append(roles, p.roles[name])
	}
	return roles
}
