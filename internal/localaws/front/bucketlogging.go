package front

import (
	"encoding/xml"
	"net/http"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

const noLogging = xml.Header + `<BucketLoggingStatus xmlns="http://s3.amazonaws.com/doc/2006-03-01/"></BucketLoggingStatus>`

func (f *Front) getBucketLogging(w http.ResponseWriter, c *call) error {
	if err := f.mustExist(c, c.bucket); err != nil {
		return err
	}
	kept := f.buckets.get(c.bucket).logging
	if kept == nil {
		kept = []byte(noLogging)
	}
	identify(w)
	writeBody(w, http.StatusOK, "application/xml", kept)
	return nil
}

// putBucketLogging stores the target of access logs, if S3 could deliver them there.
// The emulator instead requires an ACL, or a policy without conditions on the
// source. Logs are never delivered.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLogging.html
func (f *Front) putBucketLogging(w http.ResponseWriter, c *call) error {
	if err := f.mustExist(c, c.bucket); err != nil {
		return err
	}
	body, err := c.readBody()
	if err != nil {
		return err
	}
	var wanted struct {
		XMLName xml.Name `xml:"BucketLoggingStatus"`
		Enabled *struct {
			TargetBucket string
			TargetPrefix *string
		} `xml:"LoggingEnabled"`
	}
	if err := xml.Unmarshal(body, &wanted); err != nil {
		return errMalformedXML
	}
	var kept []byte
	if to := wanted.Enabled; to != nil {
		if to.TargetBucket == "" || to.TargetPrefix == nil {
			return errMalformedXML
		}
		if err := f.checkLogTarget(c, to.TargetBucket, *to.TargetPrefix); err != nil {
			return err
		}
		kept = body
	}
	f.buckets.update(c.bucket, func(b *bucket) { b.logging = kept })
	identify(w)
	w.WriteHeader(http.StatusOK)
	return nil
}

// checkLogTarget rejects a bucket that S3 could not deliver the logs to.
func (f *Front) checkLogTarget(c *call, name, prefix string) error {
	logged, target := f.buckets.get(c.bucket), f.buckets.get(name)
	into := c.target
	into.bucket, into.key = name, prefix+"log"
	switch {
	case f.mustExist(c, name) != nil:
		return badTarget("The target bucket for logging does not exist")
	case target.owner != logged.owner:
		return badTarget("The owner for the bucket to be logged and the target bucket must be the same.")
	case target.region != logged.region:
		return &fault{http.StatusForbidden, "CrossLocationLoggingProhibited", "Cross S3 location logging not allowed."}
	case !mayDeliver(c.target, logged.owner, target.policy, into.resourceARN()):
		return badTarget("You must either provide the necessary permissions to the logging service using a bucket policy " +
			"or give the log-delivery group WRITE and READ_ACP permissions to the target bucket")
	default:
		return nil
	}
}

func badTarget(message string) *fault {
	return badRequest("InvalidTargetBucketForLogging", "%s", message)
}

// mayDeliver reports whether the policy of a target bucket allows S3 to write logs
// of another bucket to an object.
func mayDeliver(logged target, owner string, into *bucketPolicy, object string) bool {
	if into == nil {
		return false
	}
	return policy.Evaluate(policy.Policies{Resource: &into.document}, policy.Request{
		Principal: "logging.s3.amazonaws.com", Action: "s3:PutObject", Resource: object, ResourceAccount: owner,
		Context: map[string][]string{
			"aws:SourceArn": {logged.bucketARN()}, "aws:SourceAccount": {owner}, "aws:SecureTransport": {"true"}, "aws:PrincipalIsAWSService": {"true"},
		},
	}).Allowed
}
