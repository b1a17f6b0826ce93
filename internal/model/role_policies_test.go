package model_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// manyEnds are a source and destinations whose names are as long as can be, in a
// few regions, all in one account.
func manyEnds(n int) (model.BucketRef, []model.BucketRef) {
	end := func(region, name string, i int) model.BucketRef {
		return model.BucketRef{
			Region: region, Account: "111111111111", BucketARN: "arn:aws:s3:::" + fmt.Sprintf("%s-%03d-", name, i) + strings.Repeat("b", 58-len(name)),
			KMSKeyARN: fmt.Sprintf("arn:aws:kms:%s:111111111111:key/%036d", region, i),
		}
	}
	regions := []string{"us-west-2", "eu-west-1", "ap-southeast-2"}
	var destinations []model.BucketRef
	for i := range n {
		destinations = append(destinations, end(regions[i%len(regions)], "dest", i))
	}
	return end("us-east-1", "data", 999), destinations
}

func split(source model.BucketRef, destinations []model.BucketRef) []policy.Document {
	var documents []policy.Document
	for _, part := range model.SplitRolePolicy(source, destinations) {
		documents = append(documents, part.Policy(source, destinations))
	}
	return documents
}

// The limits of IAM, in characters without white space.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
func TestSplitRolePolicy_FitsIntoTheLimitsOfIAM(t *testing.T) {
	t.Parallel()
	for n, managed := range map[int]int{1: 0, 10: 0, 11: 1, 12: 1, 20: 2, 40: 5} {
		t.Run(fmt.Sprintf("%d destinations", n), func(t *testing.T) {
			t.Parallel()
			source, destinations := manyEnds(n)
			documents := split(source, destinations)
			assert.LessOrEqual(t, len(documents)-1, managed, "managed policies")
			assert.LessOrEqual(t, len(documents[0].JSON()), 10240)
			for _, document := range documents[1:] {
				assert.LessOrEqual(t, len(document.JSON()), 6144)
			}
			for _, destination := range destinations {
				proof := model.Documents{Role: documents}
				for _, violation := range proof.Prove(ofTheRole(source, destination)) {
					assert.Fail(t, violation.String())
				}
			}
		})
	}
}

// ofTheRole are the checks that the role's own policies decide.
func ofTheRole(source, destination model.BucketRef) []model.Check {
	var checks []model.Check
	for _, check := range model.Checks(roleARN, model.TrustAccount, source, destination) {
		if check.Caller == model.Role && check.Target != model.RoleTrust && check.Request.Action[:3] == "s3:" {
			check.Target = model.Elsewhere
			checks = append(checks, check)
		}
	}
	return checks
}

func TestSplitRolePolicy_AppendingADestinationLeavesTheOthersWhereTheyAre(t *testing.T) {
	t.Parallel()
	source, destinations := manyEnds(40)
	for n := 1; n < len(destinations); n++ {
		before, after := model.SplitRolePolicy(source, destinations[:n]), model.SplitRolePolicy(source, destinations[:n+1])
		for i, part := range before {
			assert.Equalf(t, part.Destinations, after[i].Destinations[:len(part.Destinations)], "policy %d with %d destinations", i, n)
		}
	}
}

// TestRolePolicy_NoDestinationTakesTheKeyOfAnother tries each destination with
// each key: what statements share must not loosen what they are limited to.
func TestRolePolicy_NoDestinationTakesTheKeyOfAnother(t *testing.T) {
	t.Parallel()
	source, destinations := manyEnds(14)
	destinations[3].KMSKeyARN = destinations[0].KMSKeyARN // of the same region
	documents := split(source, destinations)
	decide := func(action, resource string, context map[string][]string) policy.Decision {
		return policy.Evaluate(policy.Policies{Identity: documents}, policy.Request{
			Principal: roleARN, Action: action, Resource: resource, ResourceAccount: "111111111111", Context: context,
		})
	}
	for _, bucket := range destinations {
		for _, key := range destinations {
			own := bucket.KMSKeyARN == key.KMSKeyARN
			assert.Equal(t, own, decide("s3:ReplicateObject", bucket.BucketARN+"/any", map[string][]string{
				model.SSEConditionKey: {"aws:kms"}, model.SSEKMSKeyIDConditionKey: {key.KMSKeyARN},
			}).Allowed, "%s with %s", bucket.BucketARN, key.KMSKeyARN)
			for _, context := range []string{bucket.BucketARN, bucket.BucketARN + "/any"} {
				assert.Equal(t, own, decide("kms:Encrypt", key.KMSKeyARN, map[string][]string{
					"kms:ViaService": {replication.S3ViaService(key.Region)}, "kms:EncryptionContext:aws:s3:arn": {context},
				}).Allowed, "%s for %s", key.KMSKeyARN, context)
			}
		}
	}
}

func TestRolePolicy_SharesStatements(t *testing.T) {
	t.Parallel()
	source, destinations := manyEnds(30)
	t.Run("of one key", func(t *testing.T) {
		t.Parallel()
		ends := make([]model.BucketRef, len(destinations))
		for i, end := range destinations {
			ends[i] = end
			ends[i].Region, ends[i].KMSKeyARN = "us-west-2", destinations[0].KMSKeyARN
		}
		assert.Len(t, model.RolePolicy(source, ends).Statement, 5)
		assert.Len(t, model.SplitRolePolicy(source, ends), 1, "fits into the inline policy")
	})
	t.Run("without a known key", func(t *testing.T) {
		t.Parallel()
		ends := make([]model.BucketRef, len(destinations))
		for i, end := range destinations {
			ends[i] = end
			ends[i].KMSKeyARN = ""
		}
		document := model.RolePolicy(source, ends)
		assert.Len(t, document.Statement, 4)
		assert.Len(t, document.Statement[3].Resource, len(ends))
	})
}

func TestLimit_CountsAsAWSDoes(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 10240)
	assert.NoError(t, model.InlinePolicyLimit.Check(" \n\t"+long), "IAM does not count white space")
	assert.EqualError(t, model.InlinePolicyLimit.Check(long+"é"), "the inline policies of a role would have 10241 characters, and AWS takes 10240 at most")
	assert.EqualError(t, model.BucketPolicyLimit.Check(strings.Repeat(" ", 20<<10+1)), "the policy of a bucket would have 20481 bytes, and AWS takes 20480 at most")
}

func TestGrants_SaysWhatToDoWithPoliciesThatAreTooLong(t *testing.T) {
	t.Parallel()
	source, destinations := manyEnds(11)
	descriptor := replication.Descriptor{RoleARN: roleARN, Source: deployedAt("source", source)}
	for i, end := range destinations {
		name := fmt.Sprint("d", i)
		descriptor.Destinations = append(descriptor.Destinations, deployedAt(name, end))
		descriptor.Rules = append(descriptor.Rules, replication.Rule{ID: name, Destination: name})
	}
	grants := model.Grants(descriptor)
	require.Equal(t, roleARN, grants[0].Resource)
	assert.Contains(t, grants[0].Note, "managed policies of up to 6144 characters")
	data, err := json.Marshal(grants[0].Document)
	require.NoError(t, err)
	assert.Greater(t, len(data), 10240)
}

func deployedAt(name string, end model.BucketRef) replication.DeployedBucket {
	return replication.DeployedBucket{
		Name: name, Region: end.Region, AccountID: end.Account, ARN: end.BucketARN, KMSKeyARN: end.KMSKeyARN, Bucket: strings.TrimPrefix(end.BucketARN, "arn:aws:s3:::"),
	}
}
