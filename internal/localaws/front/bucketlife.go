package front

import "net/http"

// createBucket remembers whose bucket it is.
func (f *Front) createBucket(w http.ResponseWriter, c *call) error {
	f.passOn(w, c, func(answer *http.Response) error {
		if answer.StatusCode == http.StatusOK {
			f.buckets.update(c.bucket, func(b *bucket) { b.owner = c.caller.account })
		}
		return nil
	})
	return nil
}

// deleteBucket forgets all that was kept of a bucket with it.
func (f *Front) deleteBucket(w http.ResponseWriter, c *call) error {
	f.passOn(w, c, func(answer *http.Response) error {
		if answer.StatusCode == http.StatusNoContent {
			f.buckets.forget(c.bucket)
		}
		return nil
	})
	return nil
}
