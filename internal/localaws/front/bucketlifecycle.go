package front

import (
	"bytes"
	"crypto/rand"
	"encoding/xml"
	"net/http"
	"regexp"
)

const (
	maxLifecycleRules = 1000
	maxRuleIDLength   = 255

	minimumSizeHeader  = "X-Amz-Transition-Default-Minimum-Object-Size"
	defaultMinimumSize = "all_storage_classes_128K"
)

// lifecycle is a lifecycle configuration as it was put. The emulator drops fields
// that the AWS provider waits for.
type lifecycle struct {
	text        []byte
	minimumSize string
	rules       []lifecycleRule
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

// putBucketLifecycle stores a configuration that S3 would accept. Nothing expires: a
// local AWS runs for hours, and rules count in days.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html
func (f *Front) putBucketLifecycle(w http.ResponseWriter, c *call) error {
	if err := f.mustExist(c, c.bucket); err != nil {
		return err
	}
	body, err := c.readBody()
	if err != nil {
		return err
	}
	kept, err := parseLifecycle(body)
	if err != nil {
		return err
	}
	if kept.minimumSize = c.request.Header.Get(minimumSizeHeader); kept.minimumSize == "" {
		kept.minimumSize = defaultMinimumSize
	}
	f.buckets.update(c.bucket, func(b *bucket) { b.lifecycle = kept })
	identify(w)
	w.Header().Set(minimumSizeHeader, kept.minimumSize)
	w.WriteHeader(http.StatusOK)
	return nil
}

// parseLifecycle parses a configuration, and returns it as S3 stores it, with
// generated ids for rules without one.
func parseLifecycle(body []byte) (*lifecycle, error) {
	rules, err := readLifecycle(body)
	if err != nil {
		return nil, err
	}
	if n := len(rules); n == 0 || n > maxLifecycleRules {
		return nil, errMalformedXML
	}
	seen := map[string]bool{}
	for _, rule := range rules {
		if err := rule.check(); err != nil {
			return nil, err
		}
		if rule.ID != "" && seen[rule.ID] {
			return nil, badRequest("InvalidArgument", "Rule ID must be unique. Found same ID for more than one rule")
		}
		seen[rule.ID] = true
	}
	if seen[""] {
		body = nameRules(body)
		if rules, err = readLifecycle(body); err != nil {
			return nil, err
		}
	}
	return &lifecycle{text: body, rules: rules}, nil
}

func readLifecycle(body []byte) ([]lifecycleRule, error) {
	var configuration struct {
		XMLName xml.Name        `xml:"LifecycleConfiguration"`
		Rules   []lifecycleRule `xml:"Rule"`
	}
	if xml.Unmarshal(body, &configuration) != nil {
		return nil, errMalformedXML
	}
	return configuration.Rules, nil
}

// namedRule matches the id of a rule that has one.
var (
	namedRule = regexp.MustCompile(`<ID>[^<]`)
	emptyID   = regexp.MustCompile(`<ID></ID>|<ID/>`)
)

// nameRules adds a random id to every rule without one, and leaves the rest of the
// text unchanged.
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
		if !namedRule.Match(rule) {
			named.WriteString("<ID>" + rand.Text() + "</ID>")
			rule = emptyID.ReplaceAll(rule, nil)
		}
		named.Write(rule)
		named.WriteString(end)
		body = after
	}
}
