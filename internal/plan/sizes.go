package plan

import (
	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// checkSizes reports documents that exceed AWS's size limits.
func (p proposal) checkSizes() replication.Problems {
	var problems replication.Problems
	deployed := p.descriptor()
	for _, bucket := range p.args.namedBuckets() {
		problems = append(problems, p.checkRole(bucket)...)
		problems = append(problems, p.checkPolicies(bucket).Under(p.args.PathOf(bucket.name))...)
		if err := model.ConfigurationLimit.Check(model.ConfigurationXML(deployed, bucket.name)); err != nil {
			problems.AddSee(model.ConfigurationLimit.See, "rules", "from %s are too many or too long: %s. "+
				"Use fewer rules, or shorter prefixes and tags", bucket.name, err)
		}
	}
	return problems
}

// checkRole checks the policies of a replicating bucket's role.
func (p proposal) checkRole(from namedBucket) replication.Problems {
	var problems replication.Problems
	if p.args.Role.ARN != "" {
		return nil
	}
	if managed := len(p.policies[from.name]) - 1; managed > model.MaxManagedPolicies {
		problems.AddSee(model.AttachedPoliciesLimit.See, "destinations", "are %d, and the role that replicates from %s would need %d managed policies in addition to its inline policy. "+
			"A role gets up to %d: IAM attaches %d, and those that a change replaces stay attached until the new ones are. "+
			"Use fewer destinations, share keys between buckets of a region (kmsKeyArn), or use an existing role (role.arn) with the statements that `crr policy` prints",
			len(p.targets(from.name)), from.name, managed, model.MaxManagedPolicies, model.AttachedPoliciesLimit.Max)
	}
	trust := model.TrustPolicy(p.placeholders[from.name], p.args.Role.Trust())
	if err := model.TrustPolicyLimit.Check(trust.JSON()); err != nil {
		problems.AddSee(model.TrustPolicyLimit.See, "role", "%s", err)
	}
	return problems
}

// checkPolicies checks the policies of a bucket and its key.
func (p proposal) checkPolicies(bucket namedBucket) replication.Problems {
	var problems replication.Problems
	check := func(limit model.Limit, document policy.Document, field, advice string) {
		if err := limit.Check(document.JSON()); err != nil {
			problems.AddSee(limit.See, field, "%s, assuming the maximum length for generated names. %s", err, advice)
		}
	}
	ofBucket := "statements"
	if len(bucket.args.Statements) == 0 {
		ofBucket = "guard"
	}
	end, into := p.placeholders[bucket.name], p.rolesInto(bucket.name)
	if !bucket.args.Existing {
		check(model.BucketPolicyLimit, BucketPolicy(bucket.args, end, longestCaller(end.Account), into), ofBucket,
			"Join statements that differ in one element only, name principals by wildcards in a Condition, or use access points")
	}
	if bucket.args.KMSKeyARN == "" {
		check(model.KeyPolicyLimit, KeyPolicy(bucket.args, end.Account, into), "keyStatements",
			"Join statements that differ in one element only, or name principals by wildcards in a Condition")
	}
	return problems
}

// longestCaller returns the longest possible ARN of credentials of an account.
func longestCaller(account string) string {
	name := longest("", maxRoleName)
	return "arn:aws-us-gov:sts::" + account + ":assumed-role/" + name + "/" + name
}

// descriptor returns the descriptor of the deployment with the fields that S3's
// configuration needs.
func (p proposal) descriptor() replication.Descriptor {
	described := replication.Descriptor{
		Version: replication.DescriptorVersion, RoleARN: p.roleOf(replication.SourceName), Rules: p.args.Topology().ReplicationRules(),
	}
	for _, bucket := range p.args.namedBuckets() {
		end := p.placeholders[bucket.name]
		deployed := replication.DeployedBucket{
			Name: bucket.name, Region: end.Region, AccountID: end.Account, ARN: end.BucketARN, KMSKeyARN: end.KMSKeyARN,
			Bucket: end.BucketARN[len(replication.BucketARN(end.Region, "")):], RoleARN: p.roleOf(bucket.name),
		}
		if bucket.name == replication.SourceName {
			described.Source = deployed
		} else {
			described.Destinations = append(described.Destinations, deployed)
		}
	}
	return described
}

func (p proposal) roleOf(from string) string {
	if p.args.Role.ARN != "" {
		return known(p.args.Role.ARN)
	}
	return p.roles[from]
}
