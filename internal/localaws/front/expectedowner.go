package front

import (
	"regexp"
)

var accountID = regexp.MustCompile(`^\d{12}$`)

// checkExpectedOwners rejects a call if the owner of a bucket is not the expected
// one.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html
func (f *Front) checkExpectedOwners(c *call) error {
	source, _, _ := parseCopySource(c.request.Header.Get("X-Amz-Copy-Source"))
	for _, expectation := range []struct{ bucket, owner string }{
		{c.bucket, c.said("x-amz-expected-bucket-owner")},
		{source.bucket, c.said("x-amz-source-expected-bucket-owner")},
	} {
		if expectation.owner == "" {
			continue
		}
		if !accountID.MatchString(expectation.owner) {
			return badRequest("InvalidBucketOwnerAWSAccountID", "The value of the expected bucket owner parameter must be an AWS Account ID... [%s]", expectation.owner)
		}
		if owner := f.buckets.get(expectation.bucket).owner; owner != "" && owner != expectation.owner {
			return accessDenied("Access Denied")
		}
	}
	return nil
}

// said returns the value of a header, or of the equivalent parameter of a presigned
// URL.
func (c *call) said(header string) string {
	if value := c.request.Header.Get(header); value != "" {
		return value
	}
	return c.query.Get(header)
}
