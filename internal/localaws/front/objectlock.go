package front

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// retention is the retention of a version.
type retention struct {
	XMLName xml.Name `xml:"Retention"`
	Mode    string   `xml:"Mode,omitempty"`
	Until   string   `xml:"RetainUntilDate,omitempty"`
}

const compliance = "COMPLIANCE"

func (r retention) until() time.Time {
	until, err := time.Parse(time.RFC3339Nano, r.Until)
	if err != nil {
		return time.Time{}
	}
	return until
}

var errLocked = accessDenied("Access Denied because object protected by object lock.")

// retentionOf reads the retention of the version in a call.
func (f *Front) retentionOf(c *call) (retention, error) {
	var query url.Values
	if version := c.version(); version != "" {
		query = url.Values{"versionId": {f.replicator.EmulatedVersion(c.named())}}
	}
	head, err := f.askObject(c, http.MethodHead, query)
	switch {
	case err != nil:
		return retention{}, err
	case head.Status == http.StatusNotFound:
		return retention{}, notFound("NoSuchKey", "The specified key does not exist.")
	case head.Status >= http.StatusBadRequest:
		return retention{}, &fault{http.StatusMethodNotAllowed, "MethodNotAllowed", "The specified method is not allowed against this resource."}
	}
	return retention{Mode: head.Header.Get("X-Amz-Object-Lock-Mode"), Until: head.Header.Get("X-Amz-Object-Lock-Retain-Until-Date")}, nil
}

// locks reports whether a bucket has Object Lock.
func (f *Front) locks(c *call) (bool, error) {
	body, err := f.askBucket(c, c.bucket, "object-lock")
	if isFault(err, "ObjectLockConfigurationNotFoundError") {
		return false, nil
	}
	return err == nil && strings.Contains(string(body), "<ObjectLockEnabled>Enabled<"), err
}

func (f *Front) mustLock(c *call) error {
	locks, err := f.locks(c)
	if err == nil && !locks {
		err = badRequest("InvalidRequest", "Bucket is missing Object Lock Configuration")
	}
	return err
}

// getObjectRetention replaces the emulator's response, which is an internal error.
func (f *Front) getObjectRetention(w http.ResponseWriter, c *call) error {
	if err := f.mustLock(c); err != nil {
		return err
	}
	kept, err := f.retentionOf(c)
	if err != nil {
		return err
	}
	if kept.Mode == "" {
		return notFound("NoSuchObjectLockConfiguration", "The specified object does not have a ObjectLock configuration")
	}
	identify(w)
	writeXML(w, http.StatusOK, kept)
	return nil
}

// putObjectRetention rejects weakening a retention that has not ended.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html#object-lock-retention-modes
func (f *Front) putObjectRetention(change handler) handler {
	return func(w http.ResponseWriter, c *call) error {
		body, err := c.readBody()
		if err != nil {
			return err
		}
		var wanted retention
		if xml.Unmarshal(body, &wanted) != nil {
			return errMalformedXML
		}
		if err := f.mustLock(c); err != nil {
			return err
		}
		kept, err := f.retentionOf(c)
		if err != nil {
			return err
		}
		if err := kept.mayBecome(wanted, bypassesGovernance(c.request.Header), time.Now()); err != nil {
			return err
		}
		return change(w, c)
	}
}

func (r retention) mayBecome(wanted retention, bypass bool, now time.Time) error {
	switch {
	case (wanted.Mode == "") != (wanted.Until == ""), wanted.Mode != "" && wanted.Mode != compliance && wanted.Mode != "GOVERNANCE",
		wanted.Until != "" && wanted.until().IsZero():
		return errMalformedXML
	case wanted.Mode != "" && !wanted.until().After(now):
		return badRequest("InvalidArgument", "The retain until date must be in the future!")
	case !r.until().After(now):
		return nil
	}
	weaker := wanted.until().Before(r.until()) || r.Mode == compliance && wanted.Mode != compliance
	if weaker && (r.Mode == compliance || !bypass) {
		return errLocked
	}
	return nil
}
