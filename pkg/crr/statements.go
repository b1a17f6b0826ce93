package crr

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

const (
	seeKeyPolicy = "https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html"
	seeLockout   = "https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html"
)

const seeBucketPolicy = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/add-bucket-policy.html"

// statementsOn are the user's statements in the policy of a bucket. One that
// names no resource is about the bucket and its objects: the name of a bucket
// may be generated, and then nobody can write its ARN.
func statementsOn(bucketARN string, statements []policy.Statement) []policy.Statement {
	complete := slices.Clone(statements)
	for i := range complete {
		if statement := &complete[i]; len(statement.Resource)+len(statement.NotResource) == 0 {
			statement.Resource = policy.Values{bucketARN, bucketARN + "/*"}
		}
	}
	return complete
}

// statementsOnKey are the user's statements in the policy of a key, in which "*"
// is the key.
func statementsOnKey(statements []policy.Statement) []policy.Statement {
	complete := slices.Clone(statements)
	for i := range complete {
		if len(complete[i].Resource)+len(complete[i].NotResource) == 0 {
			complete[i].Resource = policy.Values{"*"}
		}
	}
	return complete
}

func (a BucketArgs) validateKeyStatements() replication.Problems {
	var problems replication.Problems
	if len(a.KeyStatements) > 0 && (a.KMSKeyARN != nil || a.Existing) {
		problems.AddSee(seeKeyPolicy, "keyStatements", "are for a key that is made here, and this one is brought along: its policy is left as it is. "+
			"Add them to the policy of the key, or leave kmsKeyArn out")
		return problems
	}
	for i, statement := range statementsOnKey(a.KeyStatements) {
		path := fmt.Sprintf("keyStatements[%d]", i)
		if err := policy.New(statement).ValidateAs(policy.ResourcePolicy); err != nil {
			problems.Add(path, "%s", err)
			continue
		}
		if len(statement.NotResource) > 0 || !slices.Equal(statement.Resource, policy.Values{"*"}) {
			problems.AddSee(seeKeyPolicy, path+".Resource", `cannot be but "*", which is the key that the policy is of; leave it out`)
			continue
		}
		if a.locksOut(statement) {
			problems.AddSee(seeLockout, path, "%s would lock out whoever deploys: it denies kms:PutKeyPolicy, and KMS refuses a policy that does not let its caller change it. "+
				"Leave kms:PutKeyPolicy out, or exempt the roles that deploy, by ArnNotLike on aws:PrincipalArn", cmp.Or(statement.Sid, "the Deny"))
		}
	}
	return problems
}

// locksOut reports whether a statement of a key's policy is certain to keep those
// who deploy from changing the policy, whoever that is.
func (a BucketArgs) locksOut(statement policy.Statement) bool {
	if statement.Effect != policy.Deny {
		return false
	}
	document := policy.New(statement)
	for _, deployer := range a.possibleDeployers(document.JSON()) {
		decision := policy.Evaluate(policy.Policies{Resource: &document, KeyPolicy: true}, policy.Request{
			Principal: deployer, Action: "kms:PutKeyPolicy", ResourceAccount: replication.AccountOf(deployer), Incomplete: true,
			Resource: fmt.Sprintf("arn:aws:kms:%s:%s:key/any", a.Region, replication.AccountOf(deployer)),
			Context:  map[string][]string{"aws:SecureTransport": {"true"}, replication.CallerAccountConditionKey: {replication.AccountOf(deployer)}},
		})
		if decision.Reason != policy.ExplicitDeny {
			return false
		}
	}
	return true
}

// principalPattern finds ARNs of users and roles, with wildcards or without.
var principalPattern = regexp.MustCompile(`arn:[^":]*:(?:iam|sts)::[^":]*:[^"]+`)

// possibleDeployers are the principals that deploy, as far as a policy could tell
// them apart: the role that is assumed, or where none is, any that the policy
// names, or another.
func (a BucketArgs) possibleDeployers(policyText string) []string {
	if a.AssumeRoleARN != "" {
		return []string{a.AssumeRoleARN}
	}
	var deployers []string
	for _, account := range possibleAccounts(placeholderAccount, policyText) {
		partition, _ := replication.PartitionOf(a.Region)
		deployers = append(deployers, fmt.Sprintf("arn:%s:iam::%s:role/deploys", partition.ID, account))
	}
	for _, found := range principalPattern.FindAllString(policyText, -1) {
		deployers = append(deployers, strings.NewReplacer("*", "x", "?", "x").Replace(strings.Replace(found, "::*:", "::"+placeholderAccount+":", 1)))
	}
	return deployers
}

func (a BucketArgs) validateStatements() replication.Problems {
	var problems replication.Problems
	bucketARN := replication.BucketARN(a.Region, a.Bucket)
	for i, statement := range statementsOn(bucketARN, a.Statements) {
		path := fmt.Sprintf("statements[%d]", i)
		if err := policy.New(statement).ValidateAs(policy.ResourcePolicy); err != nil {
			problems.Add(path, "%s", err)
		}
		a.validateResources(path+".Resource", a.Statements[i].Resource, &problems)
		a.validateResources(path+".NotResource", a.Statements[i].NotResource, &problems)
	}
	return problems
}

// validateResources refuses what is not the bucket's own, as S3 does:
// "MalformedPolicy: Policy has invalid resource".
func (a BucketArgs) validateResources(path string, resources policy.Values, problems *replication.Problems) {
	if len(resources) > 0 && a.Bucket == "" {
		problems.AddSee(seeBucketPolicy, path, "cannot be written for a bucket whose name is generated; leave it out, and the statement is about the bucket and its objects")
		return
	}
	if _, known := replication.PartitionOf(a.Region); !known {
		return // and the region is refused
	}
	bucketARN := replication.BucketARN(a.Region, a.Bucket)
	for _, resource := range resources {
		if resource != bucketARN && !strings.HasPrefix(resource, bucketARN+"/") {
			problems.AddSee(seeBucketPolicy, path, "%q is not of this bucket, and S3 refuses a policy with it; name %s or %s/*, or leave it out for both",
				resource, bucketARN, bucketARN)
		}
	}
}
