package front

import (
	"encoding/xml"
	"slices"
)

// takesACLs are the operations whose requests may contain ACLs.
var takesACLs = []string{"PutObject", "CopyObject", "CreateMultipartUpload", "PutObjectAcl", "PutBucketAcl"}

// checkACL rejects ACLs for a bucket with ACLs disabled, which is the default,
// except the ACL that changes nothing.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
func (f *Front) checkACL(c *call) error {
	header := c.request.Header
	acl := header.Get("X-Amz-Acl")
	if c.operation.name == "CreateBucket" {
		ownership := header.Get("X-Amz-Object-Ownership")
		if grantsAccess(header) && acl != "private" && (ownership == "" || ownership == ownerEnforced) {
			return badRequest("InvalidBucketAclWithObjectOwnership", "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting")
		}
		return nil
	}
	puts := c.operation.name == "PutObjectAcl" || c.operation.name == "PutBucketAcl"
	if !slices.Contains(takesACLs, c.operation.name) || acl == "bucket-owner-full-control" || !puts && !grantsAccess(header) {
		return nil
	}
	enforced, err := f.enforcesOwner(c)
	if err != nil || !enforced {
		return err
	}
	return badRequest("AccessControlListNotSupported", "The bucket does not allow ACLs")
}

const ownerEnforced = "BucketOwnerEnforced"

// enforcesOwner reports whether the owner of a bucket owns all objects in it.
func (f *Front) enforcesOwner(c *call) (bool, error) {
	body, err := f.askBucket(c, c.bucket, "ownershipControls")
	var document struct {
		Ownership string `xml:"Rule>ObjectOwnership"`
	}
	switch {
	case isAnyFault(err):
		return false, nil // no ownership controls, or no such bucket
	case err != nil:
		return false, err
	}
	return xml.Unmarshal(body, &document) == nil && document.Ownership == ownerEnforced, nil
}
