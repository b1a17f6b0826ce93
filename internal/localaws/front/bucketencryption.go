package front

import (
	"encoding/xml"
	"net/http"
	"slices"
)

// encryptionRule is how a bucket encrypts what names nothing, and what it refuses.
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

// defaultEncryption is that of buckets for which none was put. New buckets refuse
// SSE-C since April 2026.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-bucket-encryption.html
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/blocking-unblocking-s3-c-encryption-gpb.html
var defaultEncryption = encryptionRule{Algorithm: "AES256", Blocked: []string{customerKeys}}

// encryptionOf is how a bucket encrypts.
func (f *Front) encryptionOf(bucket string) encryptionRule {
	if kept := f.buckets.get(bucket).encryption; kept != nil {
		return *kept
	}
	return defaultEncryption
}

// putBucketEncryption keeps how a bucket encrypts. Without BlockedEncryptionTypes, what
// is blocked stays so: AWS does not document that.
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
	if f.buckets.get(c.bucket).owner == "" { // it was not made here
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

// deleteBucketEncryption has the bucket encrypt as a new one does.
func (f *Front) deleteBucketEncryption(w http.ResponseWriter, c *call) error {
	f.passOn(w, c, func(answer *http.Response) error {
		if answer.StatusCode < http.StatusMultipleChoices {
			f.buckets.update(c.bucket, func(b *bucket) { b.encryption = nil })
		}
		return nil
	})
	return nil
}

// refuseCustomerKey refuses an upload under a key of the client's in a bucket that
// blocks these.
func (f *Front) refuseCustomerKey(c *call) error {
	if f.buckets.get(c.bucket).owner != "" && slices.Contains(f.encryptionOf(c.bucket).Blocked, customerKeys) {
		return accessDenied("Access Denied")
	}
	return nil
}
