package front

import (
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// headerConditions are condition keys with the value of a header.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html
var headerConditions = map[string]string{
	"X-Amz-Server-Side-Encryption":                    "s3:x-amz-server-side-encryption",
	"X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id":     "s3:x-amz-server-side-encryption-aws-kms-key-id",
	"X-Amz-Server-Side-Encryption-Customer-Algorithm": "s3:x-amz-server-side-encryption-customer-algorithm",
	"X-Amz-Acl":                           "s3:x-amz-acl",
	"X-Amz-Content-Sha256":                "s3:x-amz-content-sha256",
	"X-Amz-Copy-Source":                   "s3:x-amz-copy-source",
	"X-Amz-Grant-Full-Control":            "s3:x-amz-grant-full-control",
	"X-Amz-Grant-Read":                    "s3:x-amz-grant-read",
	"X-Amz-Grant-Read-Acp":                "s3:x-amz-grant-read-acp",
	"X-Amz-Grant-Write":                   "s3:x-amz-grant-write",
	"X-Amz-Grant-Write-Acp":               "s3:x-amz-grant-write-acp",
	"X-Amz-Metadata-Directive":            "s3:x-amz-metadata-directive",
	"X-Amz-Storage-Class":                 "s3:x-amz-storage-class",
	"X-Amz-Website-Redirect-Location":     "s3:x-amz-website-redirect-location",
	"X-Amz-Object-Lock-Mode":              "s3:object-lock-mode",
	"X-Amz-Object-Lock-Retain-Until-Date": "s3:object-lock-retain-until-date",
	"X-Amz-Object-Lock-Legal-Hold":        "s3:object-lock-legal-hold",
	"If-Match":                            "s3:if-match",
	"If-None-Match":                       "s3:if-none-match",
	"Referer":                             "aws:Referer",
	"User-Agent":                          "aws:UserAgent",
}

// listConditions are the condition keys of list operations, by query parameter.
var listConditions = map[string]string{
	"prefix":    "s3:prefix",
	"delimiter": "s3:delimiter",
	"max-keys":  "s3:max-keys",
}

// conditions returns the condition keys of a request, as AWS documents them. Keys
// without a value in the request are missing, as on AWS. Keys about the caller and
// the owner come from [policy.Request].
func (c *call) conditions(version string, now time.Time) map[string][]string {
	keys := map[string][]string{
		"aws:SecureTransport": {strconv.FormatBool(c.request.TLS != nil)},
		"aws:CurrentTime":     {now.UTC().Format(time.RFC3339)},
		"aws:EpochTime":       {strconv.FormatInt(now.Unix(), 10)},
		"aws:ViaAWSService":   {"false"},
	}
	set := func(key, value string) {
		if value != "" {
			keys[key] = []string{value}
		}
	}
	set("aws:SourceIp", sourceIP(c.request))
	set("aws:RequestedRegion", c.region)
	set("s3:VersionId", version)
	set("s3:TlsVersion", tlsVersion(c.request))
	for header, key := range headerConditions {
		set(key, c.request.Header.Get(header))
	}
	c.callerConditions(set)
	c.listConditions(keys)
	c.tagConditions(keys)
	c.lockConditions(set, now)
	return keys
}

func (c *call) callerConditions(set func(key, value string)) {
	set("s3:authType", c.caller.authType)
	set("s3:signatureversion", c.caller.signature)
	set("aws:userid", c.caller.userID)
	set("aws:PrincipalArn", c.policies.arn)
}

// listConditions differs from other conditions: an empty prefix is present.
func (c *call) listConditions(keys map[string][]string) {
	if c.key != "" {
		return
	}
	for parameter, key := range listConditions {
		if c.query.Has(parameter) {
			keys[key] = []string{c.query.Get(parameter)}
		}
	}
}

func (c *call) tagConditions(keys map[string][]string) {
	tags, err := url.ParseQuery(c.request.Header.Get("X-Amz-Tagging"))
	if err != nil {
		return // S3 itself rejects the request
	}
	for name, values := range tags {
		keys["s3:RequestObjectTag/"+name] = values
		keys["s3:RequestObjectTagKeys"] = append(keys["s3:RequestObjectTagKeys"], name)
	}
}

func (c *call) lockConditions(set func(key, value string), now time.Time) {
	until, err := time.Parse(time.RFC3339, c.request.Header.Get("X-Amz-Object-Lock-Retain-Until-Date"))
	if err != nil {
		return // missing, or S3 itself rejects the request
	}
	days := int(until.Sub(now).Hours() / 24)
	set("s3:object-lock-remaining-retention-days", strconv.Itoa(days))
}

func sourceIP(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	return host
}

// tlsVersion returns "1.2" or "1.3", or "" for plain HTTP.
func tlsVersion(r *http.Request) string {
	if r.TLS == nil {
		return ""
	}
	return strconv.FormatFloat(1+float64(r.TLS.Version-tls10)/10, 'f', 1, 64)
}

// tls10 is the protocol number of TLS 1.0; those of later versions follow.
const tls10 = 0x0301
