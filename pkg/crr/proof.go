package crr

import (
	"fmt"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// prove evaluates the policies that would be deployed, before anything is: what
// replication needs is allowed, and nothing else is possible. The names that
// AWS has yet to give are stood in for, since no decision hangs on them. What
// can fail here is what the user adds: statements of their own.
func (a *ReplicatedBucketArgs) prove() replication.Problems {
	var problems replication.Problems
	proposal := a.propose()
	seen := map[[2]string]bool{}
	for _, rule := range a.Topology().ReplicationRules() {
		pair := [2]string{rule.From(), rule.Destination}
		if seen[pair] {
			continue
		}
		seen[pair] = true
		documents := proposal.documents(pair[0], pair[1])
		checks := replication.Checks(proposal.roles[pair[0]], proposal.ends[pair[0]], proposal.ends[pair[1]])
		for _, violation := range documents.Prove(a.relevant(checks)) {
			problems.Add(a.path(violation.Check.Target, rule), "%s", violation)
		}
	}
	return problems
}

// relevant leaves out what the user has switched off.
func (a *ReplicatedBucketArgs) relevant(checks []replication.Check) []replication.Check {
	if !a.Role.TrustAnyAccount {
		return checks
	}
	var relevant []replication.Check
	for _, check := range checks {
		if check.Target != replication.RoleTrust || check.Caller != replication.S3 || check.Want != replication.Refused {
			relevant = append(relevant, check)
		}
	}
	return relevant
}

// path is where the statements are that may have failed a check.
func (a *ReplicatedBucketArgs) path(target replication.Target, rule replication.Rule) string {
	place := rule.From()
	if target == replication.DestinationBucket || target == replication.DestinationKey {
		place = rule.Destination
	}
	for i, destination := range a.Destinations {
		if destination.Name == place {
			return fmt.Sprintf("destinations[%d].statements", i)
		}
	}
	return "source.statements"
}

// proposal is what the policies of all places would be.
type proposal struct {
	args    *ReplicatedBucketArgs
	ends    map[string]replication.End
	roles   map[string]string
	buckets map[string]BucketArgs
}

// standInAccount is that of the credentials in the environment, until AWS says
// which it is.
const standInAccount = "000000000000"

func (a *ReplicatedBucketArgs) propose() proposal {
	p := proposal{args: a, ends: map[string]replication.End{}, roles: map[string]string{}, buckets: map[string]BucketArgs{}}
	for _, place := range a.places() {
		p.buckets[place.name] = place.args
		p.ends[place.name] = place.args.standIn(place.name)
		p.roles[place.name] = fmt.Sprintf("arn:aws:iam::%s:role/replicates-from-%s", p.ends[place.name].Account, place.name)
	}
	return p
}

func (a BucketArgs) standIn(name string) replication.End {
	end := replication.End{
		Region: a.Region, Account: standInAccount, ObjectLock: a.ObjectLock != nil,
		BucketARN: replication.BucketARN(a.Region, "bucket-of-"+name), KMSKeyARN: known(a.KMSKeyARN),
	}
	if account := replication.AccountOf(a.AssumeRoleARN); account != "" {
		end.Account = account
	}
	if account := replication.AccountOf(end.KMSKeyARN); a.Existing && account != "" {
		end.Account = account
	}
	if a.Bucket != "" {
		end.BucketARN = replication.BucketARN(a.Region, a.Bucket)
	}
	if a.Guard != nil {
		end.Deployer = fmt.Sprintf("arn:aws:iam::%s:role/deploys", end.Account)
	}
	if end.KMSKeyARN == "" {
		end.KMSKeyARN = fmt.Sprintf("arn:aws:kms:%s:%s:key/of-%s", a.Region, end.Account, name)
	}
	return end
}

// documents are the policies between two places.
func (p proposal) documents(from, to string) replication.Documents {
	documents := replication.Documents{
		Trust: replication.TrustPolicy(p.ends[from].Account, p.args.Role.TrustAnyAccount),
		Role:  replication.RolePolicy(p.ends[from], p.targets(from)),
	}
	if !p.buckets[from].Existing {
		documents.SourceBucket = p.bucketPolicy(from)
	}
	if !p.buckets[to].Existing {
		documents.DestinationBucket = p.bucketPolicy(to)
	}
	if p.buckets[from].KMSKeyARN == nil {
		documents.SourceKey = p.keyPolicy(from)
	}
	if p.buckets[to].KMSKeyARN == nil {
		documents.DestinationKey = p.keyPolicy(to)
	}
	return documents
}

func (p proposal) bucketPolicy(place string) *policy.Document {
	document := bucketPolicy(p.buckets[place], p.ends[place], p.ends[place].Deployer, p.rolesInto(place))
	return &document
}

func (p proposal) keyPolicy(place string) *policy.Document {
	document := keyPolicy(p.buckets[place], p.ends[place].Account, p.rolesInto(place))
	return &document
}

func (p proposal) targets(from string) []replication.End {
	var targets []replication.End
	for _, name := range linked(p.args.Topology().ReplicationRules(), from, replication.Rule.From, destinationOf) {
		targets = append(targets, p.ends[name])
	}
	return targets
}

func (p proposal) rolesInto(place string) []string {
	var roles []string
	for _, name := range linked(p.args.Topology().ReplicationRules(), place, destinationOf, replication.Rule.From) {
		roles = append(roles, p.roles[name])
	}
	return roles
}
