package front

import (
	"encoding/xml"
	"net/http"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// maxPolicyBytes is S3's limit for a bucket policy.
const maxPolicyBytes = 20 << 10

func (f *Front) getBucketPolicy(w http.ResponseWriter, c *call) error {
	kept, err := f.keptPolicy(c)
	if err != nil {
		return err
	}
	identify(w)
	writeBody(w, http.StatusOK, "application/json", kept.text)
	return nil
}

func (f *Front) deleteBucketPolicy(w http.ResponseWriter, c *call) error {
	if err := f.mustExist(c, c.bucket); err != nil {
		return err
	}
	f.buckets.update(c.bucket, func(b *bucket) { b.policy = nil })
	identify(w)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (f *Front) getBucketPolicyStatus(w http.ResponseWriter, c *call) error {
	kept, err := f.keptPolicy(c)
	if err != nil {
		return err
	}
	identify(w)
	writeXML(w, http.StatusOK, struct {
		XMLName  xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ PolicyStatus"`
		IsPublic bool
	}{IsPublic: isPublic(kept.document)})
	return nil
}

func (f *Front) keptPolicy(c *call) (*bucketPolicy, error) {
	if err := f.mustExist(c, c.bucket); err != nil {
		return nil, err
	}
	if kept := f.buckets.get(c.bucket).policy; kept != nil {
		return kept, nil
	}
	return nil, notFound("NoSuchBucketPolicy", "The bucket policy does not exist")
}

// putBucketPolicy stores a policy that S3 would accept. The emulator never gets it:
// it would deny every object call under any conditional Deny.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html
func (f *Front) putBucketPolicy(w http.ResponseWriter, c *call) error {
	if err := f.mustExist(c, c.bucket); err != nil {
		return err
	}
	text, err := c.readBody()
	if err != nil {
		return err
	}
	document, err := parseBucketPolicy(text, c.target)
	if err != nil {
		return err
	}
	if err := f.checkPrincipals(c, document); err != nil {
		return err
	}
	if err := f.checkPublicPolicy(c, document); err != nil {
		return err
	}
	f.buckets.update(c.bucket, func(b *bucket) {
		b.policy = &bucketPolicy{text: text, document: document}
		if b.owner == "" {
			b.owner = c.caller.account
		}
	})
	identify(w)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// parseBucketPolicy parses a policy and validates it as S3 does before storing it.
func parseBucketPolicy(text []byte, t target) (policy.Document, error) {
	if len(text) == 0 || text[0] != '{' {
		return policy.Document{}, malformedPolicy("Policies must be valid JSON and the first byte must be '{'")
	}
	if len(text) > maxPolicyBytes {
		return policy.Document{}, malformedPolicy("Policy exceeds the maximum allowed document size.")
	}
	document, err := policy.Parse(text)
	if err != nil {
		return policy.Document{}, malformedPolicy(err.Error())
	}
	for _, statement := range document.Statement {
		if statement.Principal == nil && statement.NotPrincipal == nil {
			return policy.Document{}, malformedPolicy("Missing required field Principal")
		}
		for _, resource := range append(statement.Resource, statement.NotResource...) {
			if !withinBucket(resource, t.bucket) {
				return policy.Document{}, malformedPolicy("Policy has invalid resource")
			}
		}
	}
	return document, nil
}

// withinBucket reports whether a resource of a policy is the bucket or an object in
// it.
func withinBucket(resource, bucket string) bool {
	_, name, ok := strings.Cut(resource, ":s3:::")
	if !ok || !strings.HasPrefix(resource, "arn:") {
		return false
	}
	return name == bucket || strings.HasPrefix(name, bucket+"/")
}

func malformedPolicy(message string) *fault {
	return &fault{http.StatusBadRequest, "MalformedPolicy", message}
}
