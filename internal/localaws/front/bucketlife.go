package front

import (
	"encoding/xml"
	"net/http"
)

// createBucket records the owner and region of a new bucket.
func (f *Front) createBucket(w http.ResponseWriter, c *call) error {
	body, err := c.readBody()
	if err != nil {
		return err
	}
	var wanted struct{ LocationConstraint string }
	if xml.Unmarshal(body, &wanted) != nil || wanted.LocationConstraint == "" {
		wanted.LocationConstraint = "us-east-1"
	}
	f.passOn(w, c, func(answer *http.Response) error {
		if answer.StatusCode == http.StatusOK {
			f.buckets.update(c.bucket, func(b *bucket) { b.owner, b.region = c.caller.account, wanted.LocationConstraint })
		}
		return nil
	})
	return nil
}

// deleteBucket removes everything stored for a bucket.
func (f *Front) deleteBucket(w http.ResponseWriter, c *call) error {
	f.passOn(w, c, func(answer *http.Response) error {
		if answer.StatusCode == http.StatusNoContent {
			f.buckets.forget(c.bucket)
			f.replicator.BucketGone(c.bucket)
		}
		return nil
	})
	return nil
}
