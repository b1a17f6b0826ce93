package front

import (
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// publicAccessBlock has the settings about policies.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
type publicAccessBlock struct {
	BlockPublicPolicy     bool
	RestrictPublicBuckets bool
}

// publicAccessBlock returns the settings of a bucket. They are zero if there are
// none.
func (f *Front) publicAccessBlock(c *call, bucket string) (publicAccessBlock, error) {
	body, err := f.askBucket(c, bucket, "publicAccessBlock")
	var answer *fault
	if errors.As(err, &answer) && answer.status == http.StatusNotFound {
		return publicAccessBlock{}, nil
	}
	if err != nil {
		return publicAccessBlock{}, err
	}
	var block publicAccessBlock
	if err := xml.Unmarshal(body, &block); err != nil {
		return publicAccessBlock{}, fmt.Errorf("reading the public access block of %s: %w", bucket, err)
	}
	return block, nil
}

// checkPublicPolicy rejects a public policy if BlockPublicPolicy is set.
func (f *Front) checkPublicPolicy(c *call, document policy.Document) error {
	if !isPublic(document) {
		return nil
	}
	block, err := f.publicAccessBlock(c, c.bucket)
	if err != nil || !block.BlockPublicPolicy {
		return err
	}
	return accessDenied("User: " + c.caller.arn + " is not authorized to perform: s3:PutBucketPolicy on resource: \"" + c.bucketARN() +
		"\" because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.")
}

// checkPublicUse denies callers outside the owner's account what a public policy
// allows them, if RestrictPublicBuckets is set.
func (f *Front) checkPublicUse(c *call, of string, kept bucket) error {
	if kept.policy == nil || c.caller.account == kept.owner || !isPublic(kept.policy.document) {
		return nil
	}
	block, err := f.publicAccessBlock(c, of)
	if err != nil || !block.RestrictPublicBuckets {
		return err
	}
	return accessDenied("Access Denied")
}
