package front

import (
	"crypto/tls"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func TestConditionsOfAnUpload(t *testing.T) {
	t.Parallel()
	c := callFor(t, "PUT", "/b/k",
		"x-amz-server-side-encryption", "aws:kms",
		"x-amz-server-side-encryption-aws-kms-key-id", "arn:aws:kms:us-east-1:123456789012:key/1",
		"x-amz-storage-class", "STANDARD_IA",
		"x-amz-tagging", "class=critical&team=a%26b",
		"x-amz-object-lock-mode", "GOVERNANCE",
		"x-amz-object-lock-retain-until-date", noon.Add(72*time.Hour).Format(time.RFC3339),
		"User-Agent", "test/1")
	c.request.TLS = &tls.ConnectionState{Version: tls.VersionTLS13}
	c.request.RemoteAddr = "127.0.0.1:1234"
	c.caller = caller{credential: credential{"AKIA", "REST-HEADER", "AWS4-HMAC-SHA256"}, userID: "id"}
	keys := c.conditions("", noon)
	for key, want := range map[string]string{
		"aws:SecureTransport":                            "true",
		"s3:TlsVersion":                                  "1.3",
		"s3:x-amz-server-side-encryption":                "aws:kms",
		"s3:x-amz-server-side-encryption-aws-kms-key-id": "arn:aws:kms:us-east-1:123456789012:key/1",
		"s3:x-amz-storage-class":                         "STANDARD_IA",
		"s3:RequestObjectTag/class":                      "critical",
		"s3:RequestObjectTag/team":                       "a&b",
		"s3:object-lock-mode":                            "GOVERNANCE",
		"s3:object-lock-remaining-retention-days":        "3",
		"aws:SourceIp":                                   "127.0.0.1",
		"aws:UserAgent":                                  "test/1",
		"aws:RequestedRegion":                            "us-east-1",
		"aws:CurrentTime":                                "2026-11-21T12:00:00Z",
		"s3:authType":                                    "REST-HEADER",
		"s3:signatureversion":                            "AWS4-HMAC-SHA256",
		"aws:userid":                                     "id",
	} {
		assert.Equal(t, []string{want}, keys[key], key)
	}
	assert.ElementsMatch(t, []string{"class", "team"}, keys["s3:RequestObjectTagKeys"])
}

// Policies distinguish missing keys from empty ones: an upload that relies on the
// default encryption has no key.
func TestWhatARequestDoesNotCarryIsMissing(t *testing.T) {
	t.Parallel()
	c := callFor(t, "PUT", "/b/k")
	c.request.Header.Del("User-Agent")
	keys := c.conditions("", noon)
	for _, key := range []string{
		"s3:TlsVersion", "s3:x-amz-server-side-encryption", "s3:x-amz-server-side-encryption-aws-kms-key-id", "s3:prefix",
		"s3:VersionId", "s3:authType", "aws:userid", "aws:UserAgent", "s3:RequestObjectTagKeys", "s3:object-lock-mode",
		"s3:object-lock-remaining-retention-days", "aws:PrincipalArn",
	} {
		assert.NotContains(t, keys, key)
	}
	assert.Equal(t, []string{"false"}, keys["aws:SecureTransport"])
}

func TestConditionsOfAListing(t *testing.T) {
	t.Parallel()
	keys := callFor(t, "GET", "/b?list-type=2&prefix=&delimiter=/&max-keys=7").conditions("", noon)
	assert.Equal(t, []string{""}, keys["s3:prefix"], "an empty prefix is a prefix")
	assert.Equal(t, []string{"/"}, keys["s3:delimiter"])
	assert.Equal(t, []string{"7"}, keys["s3:max-keys"])
}

func TestTLSVersions(t *testing.T) {
	t.Parallel()
	c := callFor(t, "GET", "/b/k")
	for version, want := range map[uint16]string{tls.VersionTLS10: "1.0", tls.VersionTLS11: "1.1", tls.VersionTLS12: "1.2", tls.VersionTLS13: "1.3"} {
		c.request.TLS = &tls.ConnectionState{Version: version}
		assert.Equal(t, want, tlsVersion(c.request))
	}
}

func TestParseCredential(t *testing.T) {
	t.Parallel()
	const signed = "AWS4-HMAC-SHA256 Credential=AKIA1/20261121/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=1"
	tests := map[string]struct {
		call *call
		want credential
	}{
		"header":       {callFor(t, "GET", "/b/k", "Authorization", signed), credential{"AKIA1", "REST-HEADER", "AWS4-HMAC-SHA256"}},
		"many regions": {callFor(t, "GET", "/b/k", "Authorization", "AWS4-ECDSA-P256-SHA256 Credential=AKIA1/20261121/s3/aws4_request"), credential{"AKIA1", "REST-HEADER", "AWS4-ECDSA-P256-SHA256"}},
		"version 2":    {callFor(t, "GET", "/b/k", "Authorization", "AWS AKIA1:sig"), credential{"AKIA1", "REST-HEADER", "AWS"}},
		"presigned": {
			callFor(t, "GET", "/b/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIA1%2F20261121%2Fus-east-1%2Fs3%2Faws4_request"),
			credential{"AKIA1", "REST-QUERY-STRING", "AWS4-HMAC-SHA256"},
		},
		"presigned version 2": {callFor(t, "GET", "/b/k?AWSAccessKeyId=AKIA1&Signature=x"), credential{"AKIA1", "REST-QUERY-STRING", "AWS"}},
		"anonymous":           {callFor(t, "GET", "/b/k"), credential{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, test.call.credential())
		})
	}
}
