package front

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

const (
	denyAll = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"]}]}`

	key = "arn:aws:kms:us-east-1:123456789012:key/1"

	// safe is a policy as the product deploys it.
	safe = `{"Version":"2012-10-17","Statement":[
  {"Sid":"DenyInsecureTransport","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"],
   "Condition":{"Bool":{"aws:SecureTransport":"false"}}},
  {"Sid":"DenyWrongSseHeader","Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::b/*",
   "Condition":{"Null":{"s3:x-amz-server-side-encryption":"false"},"StringNotEquals":{"s3:x-amz-server-side-encryption":"aws:kms"}}},
  {"Sid":"DenyWrongKmsKey","Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::b/*",
   "Condition":{"Null":{"s3:x-amz-server-side-encryption-aws-kms-key-id":"false"},"StringNotEquals":{"s3:x-amz-server-side-encryption-aws-kms-key-id":"` + key + `"}}},
  {"Sid":"DenyKmsWithoutKeyId","Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::b/*",
   "Condition":{"StringEquals":{"s3:x-amz-server-side-encryption":"aws:kms"},"Null":{"s3:x-amz-server-side-encryption-aws-kms-key-id":"true"}}},
  {"Sid":"DenySseC","Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::b/*",
   "Condition":{"Null":{"s3:x-amz-server-side-encryption-customer-algorithm":"false"}}}]}`
)

func TestPoliciesAreKeptWordForWord(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.must("PUT", "/b", "")
	l.refused(404, "NoSuchBucketPolicy", "The bucket policy does not exist", "GET", "/b?policy", "")
	l.must("PUT", "/b?policy", safe)
	assert.Equal(t, safe, l.must("GET", "/b?policy", ""))
	assert.Contains(t, l.must("GET", "/b?policyStatus", ""), "<IsPublic>false</IsPublic>")
	l.must("DELETE", "/b?policy", "")
	l.refused(404, "NoSuchBucketPolicy", "", "GET", "/b?policyStatus", "")
	for _, r := range l.emulator.Requests() {
		assert.NotContains(t, r.URL.RawQuery, "policy", "the emulator would deny everything under it")
	}
}

func TestPoliciesGoWithTheirBucket(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.must("PUT", "/b", "")
	l.must("PUT", "/b?policy", safe)
	l.must("DELETE", "/b", "")
	l.refused(404, "NoSuchBucket", "The specified bucket does not exist", "GET", "/b?policy", "")
	l.must("PUT", "/b", "")
	l.refused(404, "NoSuchBucketPolicy", "", "GET", "/b?policy", "")
}

func TestMalformedPolicies(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.must("PUT", "/b", "")
	statement := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",%s}]}`
	for text, message := range map[string]string{
		"":      "the first byte must be '{'",
		"\n{}":  "the first byte must be '{'",
		`{"a":`: "",
		fmt.Sprintf(statement, `"Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::other/*"`):                             "Policy has invalid resource",
		fmt.Sprintf(statement, `"Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bb/*"`):                                "Policy has invalid resource",
		fmt.Sprintf(statement, `"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"`):                                                 "Missing required field Principal",
		fmt.Sprintf(statement, `"Principal":{"AWS":"arn:aws:iam::123456789012:role/gone"},"Action":"s3:*","Resource":"arn:aws:s3:::b"`): "Invalid principal in policy",
		safe[:len(safe)-1] + strings.Repeat(" ", maxPolicyBytes) + "}":                                                                  "maximum allowed document size",
	} {
		l.refused(400, "MalformedPolicy", message, "PUT", "/b?policy", text)
	}
	l.refused(404, "NoSuchBucket", "", "PUT", "/nowhere?policy", safe)
}

func TestBlockPublicPolicy(t *testing.T) {
	t.Parallel()
	public := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}]}`
	l := newLab(t)
	l.must("PUT", "/b", "")
	l.must("PUT", "/b?policy", public)
	assert.Contains(t, l.must("GET", "/b?policyStatus", ""), "<IsPublic>true</IsPublic>")
	l.emulator.PublicAccessBlock = "<BlockPublicPolicy>true</BlockPublicPolicy>"
	l.refused(403, "AccessDenied", "because public policies are prevented by the BlockPublicPolicy setting", "PUT", "/b?policy", public)
	l.must("PUT", "/b?policy", safe)
}

func TestRestrictPublicBuckets(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	people(l)
	l.must("PUT", "/b", "")
	l.must("PUT", "/b?policy", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}]}`)
	l.must("GET", "/b/k", "", anonymously)
	l.must("GET", "/b/k", "", as("ASIAOTHER"))
	l.emulator.PublicAccessBlock = "<RestrictPublicBuckets>true</RestrictPublicBuckets>"
	l.refused(403, "AccessDenied", "", "GET", "/b/k", "", anonymously)
	l.refused(403, "AccessDenied", "", "GET", "/b/k", "", as("ASIAOTHER"))
	l.must("GET", "/b/k", "")
}

func TestSafePolicyIsEnforced(t *testing.T) {
	t.Parallel()
	const sse, keyID = "x-amz-server-side-encryption", "x-amz-server-side-encryption-aws-kms-key-id"
	tests := map[string]struct {
		changes []func(*http.Request)
		allowed bool
	}{
		"default encryption":     {nil, true},
		"the right key":          {[]func(*http.Request){with(sse, "aws:kms"), with(keyID, key)}, true},
		"plain HTTP":             {[]func(*http.Request){overHTTP}, false},
		"SSE-S3":                 {[]func(*http.Request){with(sse, "AES256")}, false},
		"a foreign key":          {[]func(*http.Request){with(sse, "aws:kms"), with(keyID, key+"0")}, false},
		"KMS without a key":      {[]func(*http.Request){with(sse, "aws:kms")}, false},
		"SSE-C":                  {[]func(*http.Request){with("x-amz-server-side-encryption-customer-algorithm", "AES256")}, false},
		"anonymous":              {[]func(*http.Request){anonymously}, false},
		"anonymous with the key": {[]func(*http.Request){anonymously, with(sse, "aws:kms"), with(keyID, key)}, false},
		"presigned by a known":   {[]func(*http.Request){anonymously, func(r *http.Request) { r.URL.RawQuery = "X-Amz-Credential=AKIA/20261121/us-east-1/s3/aws4_request" }}, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.emulator.KeyPolicy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*"}]}`
			l.must("PUT", "/b", "")
			l.must("PUT", "/b?policy", safe)
			if test.allowed {
				l.must("PUT", "/b/k", "content", test.changes...)
				return
			}
			l.refused(403, "AccessDenied", "", "PUT", "/b/k", "content", test.changes...)
		})
	}
}

func TestRefusalsSayWhoWhatAndWhy(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.must("PUT", "/b", "")
	l.must("PUT", "/b?policy", denyAll)
	l.refused(403, "AccessDenied", `User: arn:aws:iam::123456789012:user/moto is not authorized to perform: s3:GetObject `+
		`on resource: "arn:aws:s3:::b/k" with an explicit deny in a resource-based policy`, "GET", "/b/k", "")
	l.refused(403, "AccessDenied", "<Message>Access Denied</Message>", "GET", "/b/k", "", anonymously)
}

// As the root user of the account may on AWS.
func TestLockedOutAdministratorMayRepair(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.must("PUT", "/b", "")
	l.must("PUT", "/b?policy", denyAll)
	l.refused(403, "AccessDenied", "", "PUT", "/b?versioning", "<VersioningConfiguration/>")
	assert.Equal(t, denyAll, l.must("GET", "/b?policy", ""))
	l.must("DELETE", "/b?policy", "")
	l.must("PUT", "/b/k", "")
}

func TestIsPublic(t *testing.T) {
	t.Parallel()
	allow := func(principal *policy.Principal, conditions policy.Conditions) policy.Document {
		return policy.New(policy.Statement{
			Effect: policy.Allow, Principal: principal, Action: policy.Values{"s3:GetObject"},
			Resource: policy.Values{"arn:aws:s3:::b/*"}, Condition: conditions,
		})
	}
	on := func(operator, key string, values ...string) policy.Conditions {
		return policy.Conditions{operator: {key: values}}
	}
	tests := map[string]struct {
		document policy.Document
		want     bool
	}{
		"anyone":                  {allow(policy.Anyone(), nil), true},
		"anyone, as AWS":          {allow(policy.AWS("*"), nil), true},
		"an account":              {allow(policy.AWS("123456789012"), nil), false},
		"anyone of an org":        {allow(policy.Anyone(), on("StringEquals", "aws:PrincipalOrgID", "o-1")), false},
		"any org":                 {allow(policy.Anyone(), on("StringLike", "aws:PrincipalOrgID", "*")), true},
		"anyone but an org":       {allow(policy.Anyone(), on("StringNotEquals", "aws:PrincipalOrgID", "o-1")), true},
		"anyone from a net":       {allow(policy.Anyone(), on("IpAddress", "aws:SourceIp", "203.0.113.0/24")), false},
		"anyone from anywhere":    {allow(policy.Anyone(), on("IpAddress", "aws:SourceIp", "0.0.0.0/0")), true},
		"anyone over TLS":         {allow(policy.Anyone(), on("Bool", "aws:SecureTransport", "true")), true},
		"denied to anyone":        {policy.New(policy.Statement{Effect: policy.Deny, Principal: policy.Anyone()}), false},
		"anyone but a principal":  {policy.New(policy.Statement{Effect: policy.Allow, NotPrincipal: policy.AWS("123456789012")}), true},
		"a service":               {allow(policy.Service("s3.amazonaws.com"), nil), false},
		"anyone with any of orgs": {allow(policy.Anyone(), on("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-1/r-1/")), false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, isPublic(test.document))
		})
	}
}
