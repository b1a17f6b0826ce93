package front

import (
	"encoding/xml"
	"net/http"
	"sync"
)

// uploads stores the grants of multipart uploads. Clients send them at the start,
// and replication needs them at the end.
type uploads struct {
	mu     sync.Mutex
	access map[string]http.Header // by upload id, without uploads that grant nothing
}

func newUploads() *uploads { return &uploads{access: map[string]http.Header{}} }

func (u *uploads) keep(id string, access http.Header) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.access[id] = access
}

// take returns and removes the grants of an upload.
func (u *uploads) take(id string) http.Header {
	u.mu.Lock()
	defer u.mu.Unlock()
	access := u.access[id]
	delete(u.access, id)
	return access
}

func (f *Front) createUpload(w http.ResponseWriter, c *call) error {
	access := grants(c.request.Header)
	if len(access) == 0 {
		c.request.Header.Set("X-Amz-Acl", "private") // S3's default: the emulator fails without it
		f.passOn(w, c, nil)
		return nil
	}
	f.passOn(w, c, func(answer *http.Response) error {
		body, err := readAnswer(answer)
		if err != nil {
			return err
		}
		replaceAnswer(answer, body)
		var begun struct {
			ID string `xml:"UploadId"`
		}
		if err := xml.Unmarshal(body, &begun); err == nil && begun.ID != "" {
			f.uploads.keep(begun.ID, access)
		}
		return nil
	})
	return nil
}

func (f *Front) abortUpload(w http.ResponseWriter, c *call) error {
	f.passOn(w, c, func(answer *http.Response) error {
		if answer.StatusCode == http.StatusNoContent {
			f.uploads.take(c.query.Get("uploadId"))
		}
		return nil
	})
	return nil
}
