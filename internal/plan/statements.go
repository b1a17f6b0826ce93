package plan

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/awsdocs"
	"github.com/crr-io/pulumi-aws-crr/internal/awsid"
	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// statementsOn returns the user's statements for the policy of a bucket. A statement
// without a resource applies to the bucket and its objects, because the ARN of a bucket
// with a generated name is unknown.
func statementsOn(bucketARN string, statements []policy.Statement) []policy.Statement {
	complete := slices.Clone(statements)
	for i := range complete {
		if statement := &complete[i]; len(statement.Resource)+len(statement.NotResource) == 0 {
			statement.Resource = policy.Values{bucketARN, bucketARN + "/*"}
		}
	}
	return complete
}

// statementsOnKey returns the user's statements for the policy of a key, in which "*"
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

func (a Bucket) validateKeyStatements() replication.Problems {
	var problems replication.Problems
	if len(a.KeyStatements) > 0 && (a.KMSKeyARN != "" || a.Existing) {
		problems.AddSee(awsdocs.KeyPolicies, "keyStatements", "apply to a key created by this stack, and kmsKeyArn is an existing key, whose policy is not changed. "+
			"Add them to the policy of the key, or remove kmsKeyArn")
		return problems
	}
	for i, statement := range statementsOnKey(a.KeyStatements) {
		path := fmt.Sprintf("keyStatements[%d]", i)
		if err := policy.New(statement).ValidateAs(policy.ResourcePolicy); err != nil {
			problems.Add(path, "%s", err)
			continue
		}
		if len(statement.NotResource) > 0 || !slices.Equal(statement.Resource, policy.Values{"*"}) {
			problems.AddSee(awsdocs.KeyPolicies, path+".Resource", `must be "*", which is the key itself; remove it`)
			continue
		}
		if a.locksOut(statement) {
			problems.AddSee(awsdocs.PutKeyPolicy, path, "%s would lock out the deployer: it denies kms:PutKeyPolicy, and KMS rejects a policy that its caller can't change afterwards. "+
				"Remove kms:PutKeyPolicy, or exempt the deploying roles with ArnNotLike on aws:PrincipalArn", cmp.Or(statement.Sid, "the Deny"))
		}
	}
	return problems
}

// locksOut reports whether a statement of a key policy denies changing the policy to
// every possible deployer.
func (a Bucket) locksOut(statement policy.Statement) bool {
	if statement.Effect != policy.Deny {
		return false
	}
	document := policy.New(statement)
	for _, deployer := range a.possibleDeployers(document.JSON()) {
		decision := policy.Evaluate(policy.Policies{Resource: &document, KeyPolicy: true}, policy.Request{
			Principal: deployer, Action: "kms:PutKeyPolicy", ResourceAccount: awsid.AccountOf(deployer), Incomplete: true,
			Resource: fmt.Sprintf("arn:aws:kms:%s:%s:key/any", a.Region, awsid.AccountOf(deployer)),
			Context:  map[string][]string{"aws:SecureTransport": {"true"}, model.CallerAccountConditionKey: {awsid.AccountOf(deployer)}},
		})
		if decision.Reason != policy.ExplicitDeny {
			return false
		}
	}
	return true
}

// principalPattern finds ARNs of users and roles, with wildcards or without.
var principalPattern = regexp.MustCompile(`arn:[^":]*:(?:iam|sts)::[^":]*:[^"]+`)

// possibleDeployers returns the candidate deployers that a policy can distinguish: the
// assumed role or, without one, the principals in the policy and one other.
func (a Bucket) possibleDeployers(policyText string) []string {
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

func (a Bucket) validateStatements() replication.Problems {
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

// validateResources rejects resources outside the bucket, as S3 does: "MalformedPolicy:
// Policy has invalid resource".
func (a Bucket) validateResources(path string, resources policy.Values, problems *replication.Problems) {
	if len(resources) > 0 && a.Bucket == "" {
		problems.AddSee(awsdocs.BucketPolicy, path, "can't be used for a bucket with a generated name; remove it, and the statement applies to the bucket and its objects")
		return
	}
	if _, known := replication.PartitionOf(a.Region); !known {
		return // and the region is refused
	}
	bucketARN := replication.BucketARN(a.Region, a.Bucket)
	for _, resource := range resources {
		if resource != bucketARN && !strings.HasPrefix(resource, bucketARN+"/") {
			problems.AddSee(awsdocs.BucketPolicy, path, "%q does not belong to this bucket, and S3 rejects such a policy; use %s or %s/*, or remove it for both",
				resource, bucketARN, bucketARN)
		}
	}
}
