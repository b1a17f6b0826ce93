package front

import (
	"bytes"
	"crypto/rand"
	"encoding/xml"
	"net/http"
)

const (
	maxLifecycleRules = 1000
	maxRuleIDLength   = 255

	minimumSizeHeader  = "X-Amz-Transition-Default-Minimum-Object-Size"
	defaultMinimumSize = "all_storage_classes_128K"
)

// lifecycle is a lifecycle configuration as it was put. The emulator keeps
// less of it than the AWS provider waits for.
type lifecycle struct {
	text        []byte
	minimumSize string
}

func (f *Front) getBucketLifecycle(w http.ResponseWriter, c *call) error {
	if err := f.mustExist(c, c.bucket); err != nil {
		return err
	}
	kept := f.buckets.get(c.bucket).lifecycle
	if kept == nil {
		return notFound("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist")
	}
	identify(w)
	w.Header().Set(minimumSizeHeader, kept.minimumSize)
	writeBody(w, http.StatusOK, "application/xml", kept.text)
	return nil
}

func (f *Front) deleteBucketLifecycle(w http.ResponseWriter, c *call) error {
	if err := f.mustExist(c, c.bucket); err != nil {
		return err
	}
	f.buckets.update(c.bucket, func(b *bucket) { b.lifecycle = nil })
	identify(w)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// putBucketLifecycle keeps a configuration that S3 would accept. Nothing
// expires here: a local AWS lives for hours, and rules count in days.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html
func (f *Front) putBucketLifecycle(w http.ResponseWriter, c *call) error {
	if err := f.mustExist(c, c.bucket); err != nil {
		return err
	}
	body, err := c.readBody()
	if err != nil {
		return err
	}
	text, err := checkLifecycle(body)
	if err != nil {
		return err
	}
	kept := &lifecycle{text: text, minimumSize: c.request.Header.Get(minimumSizeHeader)}
	if kept.minimumSize == "" {
		kept.minimumSize = defaultMinimumSize
	}
	f.buckets.update(c.bucket, func(b *bucket) { b.lifecycle = kept })
	identify(w)
	w.Header().Set(minimumSizeHeader, kept.minimumSize)
	w.WriteHeader(http.StatusOK)
	return nil
}

// lifecycleRule is as much of a rule as S3's commonest refusals look at.
type lifecycleRule struct {
	ID         string
	Status     string
	Prefix     *string
	Filter     *struct{}
	Expiration *struct {
		Days                      *int
		Date                      *string
		ExpiredObjectDeleteMarker *bool
	}
	Transition                     []struct{}
	NoncurrentVersionExpiration    *struct{}
	NoncurrentVersionTransition    []struct{}
	AbortIncompleteMultipartUpload *struct{}
}

// checkLifecycle returns the configuration as S3 keeps it: with an id for each
// rule that came without one.
func checkLifecycle(body []byte) ([]byte, error) {
	var configuration struct {
		XMLName xml.Name        `xml:"LifecycleConfiguration"`
		Rules   []lifecycleRule `xml:"Rule"`
	}
	if err := xml.Unmarshal(body, &configuration); err != nil {
		return nil, errMalformedXML
	}
	if n := len(configuration.Rules); n == 0 || n > maxLifecycleRules {
		return nil, errMalformedXML
	}
	seen := map[string]bool{}
	for _, rule := range configuration.Rules {
		if err := rule.check(); err != nil {
			return nil, err
		}
		if rule.ID != "" && seen[rule.ID] {
			return nil, badRequest("InvalidArgument", "Rule ID must be unique. Found same ID for more than one rule")
		}
		seen[rule.ID] = true
	}
	if !seen[""] {
		return body, nil
	}
	return nameRules(body), nil
}

func (r lifecycleRule) check() error {
	expiration := r.Expiration
	switch {
	case r.Status != "Enabled" && r.Status != "Disabled", (r.Prefix == nil) == (r.Filter == nil):
		return errMalformedXML
	case len(r.ID) > maxRuleIDLength:
		return badRequest("InvalidArgument", "ID length should not exceed allowed limit of %d", maxRuleIDLength)
	case expiration != nil && count(expiration.Days != nil, expiration.Date != nil, expiration.ExpiredObjectDeleteMarker != nil) != 1:
		return errMalformedXML
	case expiration == nil && len(r.Transition) == 0 && r.NoncurrentVersionExpiration == nil &&
		len(r.NoncurrentVersionTransition) == 0 && r.AbortIncompleteMultipartUpload == nil:
		return badRequest("InvalidRequest", "At least one action needs to be specified in a rule")
	default:
		return nil
	}
}

func count(present ...bool) int {
	n := 0
	for _, p := range present {
		if p {
			n++
		}
	}
	return n
}

// nameRules gives every rule without an id a random one, word for word
// otherwise.
func nameRules(body []byte) []byte {
	const start, end = "<Rule>", "</Rule>"
	var named bytes.Buffer
	for {
		before, rest, found := bytes.Cut(body, []byte(start))
		named.Write(before)
		if !found {
			return named.Bytes()
		}
		rule, after, _ := bytes.Cut(rest, []byte(end))
		named.WriteString(start)
		if !bytes.Contains(rule, []byte("<ID>")) {
			named.WriteString("<ID>" + rand.Text() + "</ID>")
		}
		named.Write(rule)
		named.WriteString(end)
		body = after
	}
}
