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
	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
)

// form is an upload by a browser's form. It is handled like the PutObject that its
// fields describe, so that everything that applies to uploads applies to it. Only
// the signature of its policy is checked.
// https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
type form struct {
	fields  http.Header // with canonical names, like header fields
	file    string      // file name
	content []byte
}

// takeForm turns the call into the PutObject that its form describes.
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
	target, _ := parseTarget(put) // the host is unchanged, and S3's
	*c = *newCall(put, target)
	c.form = filled
	return nil
}

// readForm reads the fields up to the file. S3 ignores the rest.
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

// take reads one part, and reports whether it was the file.
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

// formHeaders are the form fields that set headers of the upload, in addition to
// those that begin with x-amz-.
var formHeaders = []string{"Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Type", "Expires"}

// header returns the header of the PutObject that the fields describe.
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

// accessKey returns the access key that signed the form's policy, or "".
func (f *form) accessKey() string {
	if accessKey, _, ok := strings.Cut(f.fields.Get("X-Amz-Credential"), "/"); ok {
		return accessKey
	}
	return f.fields.Get("Awsaccesskeyid") // of signature version 2
}

// encodeTags converts a Tagging document to the x-amz-tagging header.
func encodeTags(document string) (string, error) {
	var tagging struct {
		Tags []s3config.Tag `xml:"TagSet>Tag"`
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

// postResponse is the body of a response with status 201.
type postResponse struct {
	XMLName                     xml.Name `xml:"PostResponse"`
	Location, Bucket, Key, ETag string
}

// amend converts the response to PutObject into the requested response. f may be
// nil.
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
