package crr

import (
	"fmt"
	"slices"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
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
