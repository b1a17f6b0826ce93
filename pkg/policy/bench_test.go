package policy_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// The documents of facts/aws.md: a bucket policy (5.2 and 5.4), a replication role's policy (1.1 and 1.2), a key policy.
const (
	bucketPolicy = `{"Version":"2012-10-17","Statement":[
		{"Sid":"DenyWrongSseHeader","Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::source/*",
		 "Condition":{"Null":{"s3:x-amz-server-side-encryption":"false"},"StringNotEquals":{"s3:x-amz-server-side-encryption":["aws:kms"]}}},
		{"Sid":"DenyWrongKmsKey","Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::source/*",
		 "Condition":{"Null":{"s3:x-amz-server-side-encryption-aws-kms-key-id":"false"},
		              "StringNotEquals":{"s3:x-amz-server-side-encryption-aws-kms-key-id":"` + keyARN + `"}}},
		{"Sid":"DenyKmsWithoutKeyId","Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::source/*",
		 "Condition":{"StringEquals":{"s3:x-amz-server-side-encryption":"aws:kms"},"Null":{"s3:x-amz-server-side-encryption-aws-kms-key-id":"true"}}},
		{"Sid":"DenySseC","Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::source/*",
		 "Condition":{"Null":{"s3:x-amz-server-side-encryption-customer-algorithm":"false"}}},
		{"Sid":"DenyInsecureTransport","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::source","arn:aws:s3:::source/*"],
		 "Condition":{"Bool":{"aws:SecureTransport":"false"}}},
		{"Sid":"DenyOldTls","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::source","arn:aws:s3:::source/*"],
		 "Condition":{"NumericLessThan":{"s3:TlsVersion":"1.2"},"Bool":{"aws:PrincipalIsAWSService":"false"}}}]}`

	rolePolicy = `{"Version":"2012-10-17","Statement":[
		{"Sid":"ReadConfiguration","Effect":"Allow","Action":["s3:GetReplicationConfiguration","s3:ListBucket"],"Resource":"arn:aws:s3:::source"},
		{"Sid":"ReadObjects","Effect":"Allow","Action":["s3:GetObjectVersionForReplication","s3:GetObjectVersionAcl","s3:GetObjectVersionTagging"],
		 "Resource":"arn:aws:s3:::source/*"},
		{"Sid":"WriteReplicas","Effect":"Allow","Action":["s3:ReplicateObject","s3:ReplicateDelete","s3:ReplicateTags"],"Resource":"arn:aws:s3:::replica/*",
		 "Condition":{"StringLikeIfExists":{"s3:x-amz-server-side-encryption":["aws:kms","AES256","aws:kms:dsse"],
		              "s3:x-amz-server-side-encryption-aws-kms-key-id":["arn:aws:kms:us-west-2:111111111111:key/replica"]}}},
		{"Sid":"DecryptSource","Effect":"Allow","Action":"kms:Decrypt","Resource":"` + keyARN + `",
		 "Condition":{"StringLike":{"kms:ViaService":"s3.us-east-1.amazonaws.com",
		              "kms:EncryptionContext:aws:s3:arn":["arn:aws:s3:::source","arn:aws:s3:::source/*"]}}},
		{"Sid":"EncryptReplica","Effect":"Allow","Action":["kms:Encrypt","kms:GenerateDataKey","kms:Decrypt"],"Resource":"arn:aws:kms:us-west-2:111111111111:key/replica",
		 "Condition":{"StringLike":{"kms:ViaService":"s3.us-west-2.amazonaws.com",
		              "kms:EncryptionContext:aws:s3:arn":["arn:aws:s3:::replica","arn:aws:s3:::replica/*"]}}}]}`

	keyPolicy = `{"Version":"2012-10-17","Statement":[
		{"Sid":"Enable IAM User Permissions","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:root"},"Action":"kms:*","Resource":"*"},
		{"Sid":"AllowSourceReplicationRole","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::222222222222:role/reader"},
		 "Action":["kms:Encrypt","kms:GenerateDataKey","kms:Decrypt"],"Resource":"*",
		 "Condition":{"StringEquals":{"kms:ViaService":"s3.us-east-1.amazonaws.com"},
		              "StringLike":{"kms:EncryptionContext:aws:s3:arn":["arn:aws:s3:::source","arn:aws:s3:::source/*"]}}}]}`
)

type benchmark struct {
	policies policy.Policies
	request  policy.Request
	want     policy.Reason
}

// benchmarks are calls that an upload and a replication make.
func benchmarks(tb testing.TB) map[string]benchmark {
	tb.Helper()
	bucketDocument, roleDocument, keyDocument := mustParse(tb, bucketPolicy), mustParse(tb, rolePolicy), mustParse(tb, keyPolicy)
	writer := identity(allowing(nil, "s3:PutObject", "kms:GenerateDataKey"))
	upload := policy.Request{
		Principal: session, Action: "s3:PutObject", Resource: object, ResourceAccount: account1,
		Context: map[string][]string{
			"aws:SecureTransport":                            {"true"},
			"s3:TlsVersion":                                  {"1.3"},
			"s3:x-amz-server-side-encryption":                {"aws:kms"},
			"s3:x-amz-server-side-encryption-aws-kms-key-id": {keyARN},
			"aws:SourceIp":                                   {"203.0.113.7"},
		},
	}
	wrongKey := upload
	wrongKey.Context = map[string][]string{"aws:SecureTransport": {"true"}, "s3:x-amz-server-side-encryption-aws-kms-key-id": {"arn:aws:kms:us-east-1:111111111111:key/other"}}
	decrypt := policy.Request{
		Principal: pathSession, Action: "kms:Decrypt", Resource: keyARN, ResourceAccount: account1,
		Context: map[string][]string{"kms:ViaService": {"s3.us-east-1.amazonaws.com"}, "kms:EncryptionContext:aws:s3:arn": {object}},
	}
	openCall := policy.Request{Action: "s3:GetObject", Resource: object, ResourceAccount: account1, Context: upload.Context, Incomplete: true}
	return map[string]benchmark{
		"upload allowed":               {policy.Policies{Identity: writer, Resource: &bucketDocument}, upload, policy.Allowed},
		"upload, wrong key":            {policy.Policies{Identity: writer, Resource: &bucketDocument}, wrongKey, policy.ExplicitDeny},
		"replica written":              {policy.Policies{Identity: []policy.Document{roleDocument}}, policy.Request{Principal: pathSession, Action: "s3:ReplicateObject", Resource: "arn:aws:s3:::replica/finance/q3.pdf", ResourceAccount: account1}, policy.Allowed},
		"source decrypted":             {policy.Policies{Identity: []policy.Document{roleDocument}, Resource: &keyDocument, KeyPolicy: true}, decrypt, policy.Allowed},
		"role's call denied":           {policy.Policies{Identity: []policy.Document{roleDocument}, Resource: &bucketDocument}, policy.Request{Principal: pathSession, Action: "s3:DeleteObject", Resource: object, ResourceAccount: account1}, policy.ImplicitDenyIdentity},
		"stranger, incomplete request": {policy.Policies{Resource: &bucketDocument}, openCall, policy.ImplicitDenyResource},
		"stranger turned away":         {policy.Policies{Resource: &bucketDocument}, policy.Request{Action: "s3:GetObject", Resource: object, ResourceAccount: account1, Context: upload.Context}, policy.ImplicitDenyResource},
	}
}

// The documents and calls of the benchmarks decide as the facts say they do.
func TestDocumentsOfTheFacts(t *testing.T) {
	t.Parallel()
	for name, b := range benchmarks(t) {
		d := policy.Evaluate(b.policies, b.request)
		assert.Equal(t, b.want, d.Reason, "%s: %s", name, d)
	}
}

func BenchmarkEvaluate(b *testing.B) {
	for name, bench := range benchmarks(b) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				policy.Evaluate(bench.policies, bench.request)
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	data := []byte(bucketPolicy)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := policy.Parse(data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkJSON(b *testing.B) {
	d := mustParse(b, bucketPolicy)
	b.ReportAllocs()
	for b.Loop() {
		_ = d.JSON()
	}
}
