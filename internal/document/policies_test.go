package document_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/document"
)

const (
	denies     = `{"Version":"2012-10-17","Statement":[{"Sid":"x","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}]}`
	deniesText = `"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"x\",\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]}"`
	allows     = `{"Version":"2012-10-17","Statement":[{"Sid":"x","Effect":"Allow","Action":"s3:*","Resource":"*"}]}`
	allowsText = `"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"x\",\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]}"`
	deniesYAML = "Version: 2012-10-17\nStatement:\n- Sid: x\n  Effect: Deny\n  Principal: '*'\n  Action: s3:*\n  Resource: '*'\n"
)

func indented(indent, text string) string {
	return indent + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n"+indent) + "\n"
}

func state(resources string) string {
	return `{"version": 4, "terraform_version": "1.9.0", "resources": [` + resources + `]}`
}

func managed(kind, name, attributes string) string {
	return `{"mode": "managed", "type": "` + kind + `", "name": "` + name + `", "instances": [{"attributes": {` + attributes + `}}]}`
}

func TestPolicies_InEveryForm(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		kind document.PolicyKind
		text string
		of   []string
	}{
		"a policy":                  {document.OtherPolicy, denies, nil},
		"a policy in YAML":          {document.OtherPolicy, deniesYAML, nil},
		"get-bucket-policy":         {document.BucketPolicy, `{"Policy":` + deniesText + `}`, nil},
		"get-bucket-policy in YAML": {document.BucketPolicy, "Policy: '" + denies + "'\n", nil},
		"get-key-policy":            {document.KeyPolicy, `{"Policy":` + deniesText + `,"PolicyName":"default"}`, nil},
		"get-key-policy as text":    {document.KeyPolicy, denies + "\tdefault\n", nil},
		"get-role-policy":           {document.RolePolicy, `{"RoleName":"r","PolicyName":"p","PolicyDocument":` + denies + `}`, nil},
		"get-role-policy in YAML":   {document.RolePolicy, "PolicyDocument:\n" + indented("  ", deniesYAML) + "PolicyName: p\nRoleName: r\n", nil},
		"get-role-policy of IAM":    {document.RolePolicy, `{"PolicyDocument":"%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Sid%22%3A%22x%22%2C%22Effect%22%3A%22Deny%22%2C%22Action%22%3A%22s3%3A%2A%22%2C%22Resource%22%3A%22%2A%22%7D%5D%7D"}`, nil},
		"get-policy-version":        {document.RolePolicy, `{"PolicyVersion":{"Document":` + denies + `,"VersionId":"v1"}}`, nil},
		"get-role":                  {document.TrustPolicy, `{"Role":{"RoleName":"r","AssumeRolePolicyDocument":` + denies + `}}`, nil},
		"describe-policy":           {document.OtherPolicy, `{"Policy":{"PolicySummary":{},"Content":` + deniesText + `}}`, nil},
		"aws_s3_bucket_policy":      {document.BucketPolicy, state(managed("aws_s3_bucket_policy", "a", `"bucket":"data","policy":`+deniesText)), []string{"data"}},
		"aws_kms_key":               {document.KeyPolicy, state(managed("aws_kms_key", "a", `"arn":"arn:k","key_id":"k","policy":`+deniesText)), []string{"arn:k", "k"}},
		"aws_kms_key_policy":        {document.KeyPolicy, state(managed("aws_kms_key_policy", "a", `"key_id":"k","policy":`+deniesText)), []string{"k"}},
		"aws_iam_role_policy":       {document.RolePolicy, state(managed("aws_iam_role_policy", "a", `"role":"r","policy":`+allowsText)), []string{"r"}},
		"aws_iam_role":              {document.RolePolicy, state(managed("aws_iam_role", "a", `"arn":"arn:r","name":"r","inline_policy":[{"name":"","policy":""},{"name":"p","policy":`+allowsText+`}]`)), []string{"arn:r", "r"}},
		"aws_iam_policy": {document.RolePolicy, state(managed("aws_iam_policy", "a", `"arn":"arn:p","policy":`+allowsText) + "," +
			managed("aws_iam_role_policy_attachment", "a", `"role":"r","policy_arn":"arn:p"`)), []string{"r"}},
		"assume_role_policy":         {document.TrustPolicy, state(managed("aws_iam_role", "a", `"arn":"arn:r","name":"r","assume_role_policy":`+deniesText)), []string{"arn:r", "r"}},
		"AWS::S3::BucketPolicy":      {document.BucketPolicy, `{"Resources":{"P":{"Type":"AWS::S3::BucketPolicy","Properties":{"Bucket":{"Ref":"Data"},"PolicyDocument":` + denies + `}}}}`, []string{"Data"}},
		"AWS::KMS::Key":              {document.KeyPolicy, `{"Resources":{"K":{"Type":"AWS::KMS::Key","Properties":{"KeyPolicy":` + denies + `}}}}`, nil},
		"AWS::IAM::Policy":           {document.RolePolicy, `{"Resources":{"P":{"Type":"AWS::IAM::Policy","Properties":{"Roles":["r"],"PolicyDocument":` + allows + `}}}}`, []string{"r"}},
		"policies of AWS::IAM::Role": {document.RolePolicy, "Resources:\n  R:\n    Type: AWS::IAM::Role\n    Properties:\n      RoleName: r\n      Policies:\n      - PolicyName: p\n        PolicyDocument:\n" + indented("          ", strings.Replace(deniesYAML, "  Principal: '*'\n", "", 1)), []string{"r"}},
		"no bucket policy":           {document.BucketPolicy, "An error occurred (NoSuchBucketPolicy) when calling the GetBucketPolicy operation: The bucket policy does not exist", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found, err := document.Policies([]byte(test.text), test.kind)
			require.NoError(t, err)
			require.Len(t, found, 1)
			assert.ElementsMatch(t, test.of, found[0].Of)
			policy, err := found[0].Document()
			require.NoError(t, err)
			if name == "no bucket policy" {
				assert.Empty(t, policy.Statement)
				return
			}
			require.Len(t, policy.Statement, 1)
			assert.Equal(t, "x", policy.Statement[0].Sid)
		})
	}
}

func TestPolicies_ThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		kind       document.PolicyKind
		text, says string
	}{
		"nothing":                 {document.BucketPolicy, "", "it is empty"},
		"--output text":           {document.RolePolicy, "POLICYDOCUMENT\t2012-10-17\nSTATEMENT\tAllow\n", "--output json"},
		"another error of AWS":    {document.BucketPolicy, "An error occurred (AccessDenied) when calling the GetBucketPolicy operation", "AccessDenied"},
		"no such policy of a key": {document.KeyPolicy, "An error occurred (NoSuchBucketPolicy) when calling the GetBucketPolicy operation", "NoSuchBucketPolicy"},
		"a state without any":     {document.BucketPolicy, state(""), "there is no bucket policy in it"},
		"a boundary in a state":   {document.OtherPolicy, state(""), "give the policy by itself"},
		"!Sub in a template":      {document.BucketPolicy, "Resources:\n  P:\n    Type: AWS::S3::BucketPolicy\n    Properties:\n      Bucket: data\n      PolicyDocument:\n        Version: 2012-10-17\n        Statement:\n        - Effect: Deny\n          Principal: '*'\n          Action: s3:*\n          Resource: !Sub '${Data.Arn}/*'\n", "Statement[0].Resource is !Sub ${Data.Arn}/*: only CloudFormation"},
		"a policy after apply":    {document.BucketPolicy, `{"format_version":"1.0","planned_values":{"root_module":{"resources":[{"address":"aws_s3_bucket_policy.a","mode":"managed","type":"aws_s3_bucket_policy","values":{"bucket":"data"}}]}},"resource_changes":[{"address":"aws_s3_bucket_policy.a","change":{"after_unknown":{"policy":true}}}]}`, "aws_s3_bucket_policy.a: policy: Terraform knows that only after"},
		"no policy":               {document.BucketPolicy, `{"Role":"r"}`, "Statement"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found, err := document.Policies([]byte(test.text), test.kind)
			if err == nil {
				_, err = found[0].Document()
			}
			require.ErrorContains(t, err, test.says)
		})
	}
}
