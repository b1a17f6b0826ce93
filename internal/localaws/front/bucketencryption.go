package front

import (
	"encoding/xml"
	"net/http"
	"slices"
)

// encryptionRule is the default encryption of a bucket, and the encryption types it
// blocks.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ServerSideEncryptionRule.html
type encryptionRule struct {
	Algorithm string   `xml:"ApplyServerSideEncryptionByDefault>SSEAlgorithm"`
	Key       string   `xml:"ApplyServerSideEncryptionByDefault>KMSMasterKeyID,omitempty"`
	BucketKey bool     `xml:"BucketKeyEnabled"`
	Blocked   []string `xml:"BlockedEncryptionTypes>EncryptionType,omitempty"`
}

type encryptionConfiguration struct {
	XMLName xml.Name         `xml:"ServerSideEncryptionConfiguration"`
	Rules   []encryptionRule `xml:"Rule"`
}

const customerKeys = "SSE-C"

// defaultEncryption applies to buckets without an encryption configuration. New
// buckets block SSE-C since April 2026.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-bucket-encryption.html
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/blocking-unblocking-s3-c-encryption-gpb.html
var defaultEncryption = encryptionRule{Algorithm: "AES256", Blocked: []string{customerKeys}}

// encryptionOf returns the encryption configuration of a bucket.
func (f *Front) encryptionOf(bucket string) encryptionRule {
	if kept := f.buckets.get(bucket).encryption; kept != nil {
		return *kept
	}
	return defaultEncryption
}

// putBucketEncryption stores an encryption configuration. Without
// BlockedEncryptionTypes the blocked types stay unchanged, which AWS does not
// document.
func (f *Front) putBucketEncryption(w http.ResponseWriter, c *call) error {
	body, err := c.readBody()
	if err != nil {
		return err
	}
	var wanted encryptionConfiguration
	if xml.Unmarshal(body, &wanted) != nil || len(wanted.Rules) != 1 {
		return errMalformedXML
	}
	rule := wanted.Rules[0]
	for _, blocked := range rule.Blocked {
		if blocked != customerKeys && blocked != "NONE" {
			return errMalformedXML
		}
	}
	switch {
	case !slices.Contains([]string{"AES256", "aws:kms", "aws:kms:dsse"}, rule.Algorithm):
		return errMalformedXML
	case rule.Key != "" && rule.Algorithm == "AES256":
		return invalidArgument("ApplyServerSideEncryptionByDefault", rule.Algorithm, "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse")
	}
	if rule.Blocked == nil {
		rule.Blocked = f.encryptionOf(c.bucket).Blocked
	}
	f.passOn(w, c, func(answer *http.Response) error {
		if answer.StatusCode < http.StatusMultipleChoices {
			f.buckets.update(c.bucket, func(b *bucket) { b.encryption = &rule })
		}
		return nil
	})
	return nil
}

func (f *Front) getBucketEncryption(w http.ResponseWriter, c *call) error {
	if f.buckets.get(c.bucket).owner == "" { // it was not created here
		f.passOn(w, c, nil)
		return nil
	}
	if err := f.mustExist(c, c.bucket); err != nil {
		return err
	}
	identify(w)
	writeXML(w, http.StatusOK, encryptionConfiguration{
		XMLName: xml.Name{Space: s3Namespace, Local: "ServerSideEncryptionConfiguration"}, Rules: []encryptionRule{f.encryptionOf(c.bucket)},
	})
	return nil
}

// deleteBucketEncryption resets a bucket to the default encryption.
func (f *Front) deleteBucketEncryption(w http.ResponseWriter, c *call) error {
	f.passOn(w, c, func(answer *http.Response) error {
		if answer.StatusCode < http.StatusMultipleChoices {
			f.buckets.update(c.bucket, func(b *bucket) { b.encryption = nil })
		}
		return nil
	})
	return nil
}

// refuseCustomerKey rejects an SSE-C upload to a bucket that blocks SSE-C.
func (f *Front) refuseCustomerKey(c *call) error {
	if f.buckets.get(c.bucket).owner != "" && slices.Contains(f.encryptionOf(c.bucket).Blocked, customerKeys) {
		return accessDenied("Access Denied")
	}
	return nil
}
