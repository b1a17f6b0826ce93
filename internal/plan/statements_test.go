package plan

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

func allowingReads(resources ...string) policy.Statement {
	return policy.Statement{
		Sid: "Mine", Effect: policy.Allow, Principal: policy.AWS("arn:aws:iam::111111111111:role/app"),
		Action: policy.Values{"s3:GetObject", "s3:ListBucket"}, Resource: resources,
	}
}

func TestStatements_WithoutAResourceAreAboutTheBucketAndItsObjects(t *testing.T) {
	t.Parallel()
	args := Bucket{Region: "us-east-1", Statements: []policy.Statement{allowingReads()}}
	at := model.BucketRef{Region: "us-east-1", Account: "111111111111", BucketARN: "arn:aws:s3:::data-1a2b3c4", KMSKeyARN: "arn:aws:kms:us-east-1:111111111111:key/k"}
	document := BucketPolicy(args, at, "", nil)
	mine := document.Statement[len(document.Statement)-1]
	assert.Equal(t, allowingReads("arn:aws:s3:::data-1a2b3c4", "arn:aws:s3:::data-1a2b3c4/*"), mine)
	require.NoError(t, document.ValidateAs(policy.ResourcePolicy))
	assert.Empty(t, args.Statements[0].Resource, "what the caller gave stays as it is")
}

// S3 takes the policy of a bucket only for the bucket: "MalformedPolicy: Policy has invalid resource".
func TestStatements_AreOfTheBucketAlone(t *testing.T) {
	t.Parallel()
	except := allowingReads()
	except.NotResource = policy.Values{"arn:aws:s3:::other/private/*"}
	const generated = "can't be used for a bucket with a generated name; remove it"
	for name, test := range map[string]struct {
		bucket    string
		statement policy.Statement
		says      string
	}{
		"the bucket and a folder":          {"data", allowingReads("arn:aws:s3:::data", "arn:aws:s3:::data/in/*"), ""},
		"nothing named":                    {"data", allowingReads(), ""},
		"nothing named, generated name":    {"", allowingReads(), ""},
		"another bucket":                   {"data", allowingReads("arn:aws:s3:::data", "arn:aws:s3:::other/*"), `source.statements[0].Resource: "arn:aws:s3:::other/*" does not belong to this bucket, and S3 rejects such a policy; use arn:aws:s3:::data or arn:aws:s3:::data/*, or remove it for both`},
		"a bucket that begins like it":     {"data", allowingReads("arn:aws:s3:::data-2/*"), `"arn:aws:s3:::data-2/*" does not belong to this bucket`},
		"everything":                       {"data", allowingReads("*"), `"*" does not belong to this bucket`},
		"another partition":                {"data", allowingReads("arn:aws-cn:s3:::data/*"), "does not belong to this bucket"},
		"what is left out":                 {"data", except, `source.statements[0].NotResource: "arn:aws:s3:::other/private/*" does not belong to this bucket`},
		"any, generated name":              {"", allowingReads("arn:aws:s3:::data/*"), "source.statements[0].Resource: " + generated},
		"what is left out, generated name": {"", except, "source.statements[0].NotResource: " + generated},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := pairs()["within an account"]
			args.Source.Bucket, args.Source.Statements = test.bucket, []policy.Statement{test.statement}
			err := args.Validate()
			if test.says == "" {
				assert.NoError(t, err)
				return
			}
			assert.ErrorContains(t, err, test.says)
		})
	}
}

func TestStatements_OfABucketWithoutARegionAreNotItsFault(t *testing.T) {
	t.Parallel()
	args := pairs()["within an account"]
	args.Source = Bucket{Bucket: "data", Statements: []policy.Statement{allowingReads("arn:aws:s3:::data/*")}}
	err := args.Validate()
	require.ErrorContains(t, err, "source.region")
	assert.NotContains(t, err.Error(), "statements")
}
