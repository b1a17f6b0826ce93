package front

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/emulator"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// form is an upload by a browser's form. It is answered as the PutObject that
// its fields describe, so that whatever holds for uploads holds for it. Of its
// policy only the signature is looked at.
// https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
type form struct {
	fields  http.Header // whose names are canonical, as those of headers are
	file    string      // its name
	content []byte
}

// takeForm makes the call the PutObject that its form describes.
func (c *call) takeForm() error {
	filled, err := readForm(c.request)
	if err != nil {
		return err
	}
	key := strings.ReplaceAll(filled.fields.Get("Key"), "${filename}", filled.file)
	if key == "" {
		return badRequest("InvalidArgument", "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the fields.")
	}
	put := c.request.Clone(c.request.Context())
	put.Method = http.MethodPut
	put.URL.Path = strings.TrimSuffix(c.request.URL.Path, "/") + "/" + key
	put.URL.RawPath = emulator.EscapePath(put.URL.Path)
	if put.Header, err = filled.header(c); err != nil {
		return err
	}
	replaceRequest(put, filled.content)
	target, _ := parseTarget(put) // it is S3's host still
	*c = *newCall(put, target)
	c.form = filled
	return nil
}

// readForm reads the fields up to the file. S3 ignores what comes after it.
func readForm(r *http.Request) (*form, error) {
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, &fault{http.StatusPreconditionFailed, "PreconditionFailed", "Bucket POST must be of the enclosure-type multipart/form-data"}
	}
	filled := &form{fields: http.Header{}}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil, badRequest("InvalidArgument", "POST requires exactly one file upload per request.")
		}
		if err != nil {
			return nil, badRequest("MalformedPOSTRequest", "The body of your POST request is not well-formed multipart/form-data: %v", err)
		}
		if done, err := filled.take(part); err != nil || done {
			return filled, err
		}
	}
}

// take reads one part, and tells whether it was the file.
func (f *form) take(part *multipart.Part) (isFile bool, err error) {
	content, err := io.ReadAll(part)
	if err != nil {
		return false, fmt.Errorf("reading the form: %w", err)
	}
	if strings.EqualFold(part.FormName(), "file") {
		f.file, f.content = part.FileName(), content
		return true, nil
	}
	f.fields.Set(part.FormName(), string(content))
	return false, nil
}

// formHeaders are the headers of an upload that fields have the names of,
// beside those that begin with x-amz-.
var formHeaders = []string{"Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Type", "Expires"}

// header is that of a PutObject which says the same as the fields.
func (f *form) header(c *call) (http.Header, error) {
	header := http.Header{}
	for _, name := range []string{"User-Agent", "Referer"} {
		if value := c.request.Header.Get(name); value != "" {
			header.Set(name, value)
		}
	}
	for name, values := range f.fields {
		if strings.HasPrefix(name, "X-Amz-") {
			header[name] = values
		}
	}
	for _, name := range formHeaders {
		if value := f.fields.Get(name); value != "" {
			header.Set(name, value)
		}
	}
	if acl := f.fields.Get("Acl"); acl != "" {
		header.Set("X-Amz-Acl", acl)
	}
	if document := f.fields.Get("Tagging"); document != "" {
		tags, err := encodeTags(document)
		if err != nil {
			return nil, err
		}
		header.Set("X-Amz-Tagging", tags)
	}
	if accessKey := f.accessKey(); accessKey != "" {
		header.Set("Authorization", authorization(accessKey, c.regionOrDefault()))
	}
	return header, nil
}

// accessKey of who signed the form's policy, or "".
func (f *form) accessKey() string {
	if accessKey, _, ok := strings.Cut(f.fields.Get("X-Amz-Credential"), "/"); ok {
		return accessKey
	}
	return f.fields.Get("Awsaccesskeyid") // of signature version 2
}

// encodeTags writes a Tagging document as the header x-amz-tagging has it.
func encodeTags(document string) (string, error) {
	var tagging struct {
		Tags []replication.Tag `xml:"TagSet>Tag"`
	}
	if err := xml.Unmarshal([]byte(document), &tagging); err != nil {
		return "", errMalformedXML
	}
	tags := url.Values{}
	for _, tag := range tagging.Tags {
		tags.Set(tag.Key, tag.Value)
	}
	return tags.Encode(), nil
}

// postResponse is the body where the form asks for status 201.
type postResponse struct {
	XMLName                     xml.Name `xml:"PostResponse"`
	Location, Bucket, Key, ETag string
}

// amend makes the answer to a PutObject the one that the form asks for. There
// may be no form.
func (f *form) amend(c *call, answer *http.Response) error {
	if f == nil {
		return nil
	}
	said := postResponse{
		Location: (&url.URL{Scheme: "https", Host: c.request.Host, Path: c.request.URL.Path, RawPath: c.request.URL.RawPath}).String(),
		Bucket:   c.bucket, Key: c.key, ETag: answer.Header.Get("Etag"),
	}
	answer.Header.Set("Location", said.Location)
	redirect := f.fields.Get("Success_action_redirect")
	to, err := url.Parse(redirect)
	switch status := f.fields.Get("Success_action_status"); {
	case redirect != "" && err == nil:
		query := to.Query()
		query.Set("bucket", said.Bucket)
		query.Set("key", said.Key)
		query.Set("etag", said.ETag)
		to.RawQuery = query.Encode()
		answer.Header.Set("Location", to.String())
		answer.StatusCode = http.StatusSeeOther
	case status == "200":
	case status == "201":
		document, err := xml.Marshal(said)
		if err != nil {
			return fmt.Errorf("answering a form: %w", err)
		}
		answer.StatusCode = http.StatusCreated
		answer.Header.Set("Content-Type", "application/xml")
		replaceAnswer(answer, append([]byte(xml.Header), document...))
	default:
		answer.StatusCode = http.StatusNoContent
		answer.Header.Del("Content-Length")
	}
	return nil
}
