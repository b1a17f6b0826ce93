package model_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// TestTrustPolicy_DoesNotDependOnKeysThatAWSDoesNotDocument has the requests that S3
// may make: AWS's page on the role of replication says nothing of condition keys.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html
func TestTrustPolicy_DoesNotDependOnKeysThatAWSDoesNotDocument(t *testing.T) {
	t.Parallel()
	source := model.BucketRef{Account: "111111111111", BucketARN: "arn:aws:s3:::data"}
	const account, bucket = "aws:SourceAccount", "aws:SourceArn"
	for _, test := range []struct {
		name    string
		context map[string][]string
		// allowed by the trust in the account, in the bucket, in any account.
		allowed [3]bool
	}{
		{"no key is sent", nil, [3]bool{true, true, true}},
		{"the account is sent", map[string][]string{account: {"111111111111"}}, [3]bool{true, true, true}},
		{"both are sent", map[string][]string{account: {"111111111111"}, bucket: {"arn:aws:s3:::data"}}, [3]bool{true, true, true}},
		{"another bucket", map[string][]string{account: {"111111111111"}, bucket: {"arn:aws:s3:::other"}}, [3]bool{true, false, true}},
		{"another account", map[string][]string{account: {"222222222222"}, bucket: {"arn:aws:s3:::data"}}, [3]bool{false, false, true}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for i, trust := range []model.Trust{model.TrustAccount, model.TrustBucket, model.TrustAnyAccount} {
				document := model.TrustPolicy(source, trust)
				decision := policy.Evaluate(policy.Policies{Resource: &document}, policy.Request{
					Principal: "s3.amazonaws.com", Action: "sts:AssumeRole", Resource: "arn:aws:iam::111111111111:role/r", Context: test.context,
				})
				assert.Equal(t, test.allowed[i], decision.Allowed, "trust %d: %s", trust, decision)
			}
		})
	}
}

func TestTrustDependsOn_NamesTheKeys(t *testing.T) {
	t.Parallel()
	place := replication.DeployedBucket{AccountID: "111111111111", ARN: "arn:aws:s3:::data", Region: "us-east-1"}
	trust := func(condition policy.Conditions) policy.Document {
		return policy.New(policy.Statement{
			Effect: policy.Allow, Principal: policy.Service("s3.amazonaws.com"), Action: policy.Values{"sts:AssumeRole"}, Condition: condition,
		})
	}
	const role = "arn:aws:iam::111111111111:role/r"
	assert.Equal(t, []string{"aws:SourceAccount"}, model.TrustDependsOn(place, role, trust(policy.Conditions{"StringEquals": {"aws:SourceAccount": {"111111111111"}}})))
	assert.Equal(t, []string{"aws:SourceAccount", "aws:SourceArn"}, model.TrustDependsOn(place, role, trust(policy.Conditions{
		"StringEquals": {"aws:SourceAccount": {"111111111111"}}, "ArnLike": {"aws:SourceArn": {"arn:aws:s3:::data"}},
	})))
	assert.Empty(t, model.TrustDependsOn(place, role, trust(nil)))
	assert.Empty(t, model.TrustDependsOn(place, role, model.TrustPolicy(model.BucketRef{Account: "111111111111"}, model.TrustAccount)))
}
