package front

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
)

// fault is an error response of S3.
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
type fault struct {
	status  int
	code    string
	message string
}

func (f *fault) Error() string { return f.code + ": " + f.message }

func badRequest(code, format string, args ...any) *fault {
	return &fault{http.StatusBadRequest, code, fmt.Sprintf(format, args...)}
}

func notFound(code, message string) *fault {
	return &fault{http.StatusNotFound, code, message}
}

var (
	errMalformedXML = badRequest("MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema")
	errNoSuchBucket = notFound("NoSuchBucket", "The specified bucket does not exist")
)

// detailedFault is a fault with additional elements.
type detailedFault struct {
	*fault

	details []detail
}

func (f *detailedFault) Unwrap() error { return f.fault }

// detail is an element of an error: a name and text.
type detail struct{ name, text string }

// MarshalXML writes the element under its own name.
func (d detail) MarshalXML(e *xml.Encoder, _ xml.StartElement) error {
	return e.EncodeElement(d.text, xml.StartElement{Name: xml.Name{Local: d.name}})
}

// invalidArgument returns the error about a named argument.
func invalidArgument(name, value, message string) error {
	return &detailedFault{badRequest("InvalidArgument", "%s", message), []detail{{"ArgumentName", name}, {"ArgumentValue", value}}}
}

// errorDocument is the body of S3's error responses.
type errorDocument struct {
	XMLName   xml.Name `xml:"Error"`
	Code      string   `xml:"Code"`
	Message   string   `xml:"Message"`
	Details   []detail
	RequestID string `xml:"RequestId"`
	HostID    string `xml:"HostId"`
}

// errorsOfBuckets are the errors with a BucketName element.
var errorsOfBuckets = []string{
	"NoSuchBucket", "BucketNotEmpty", "BucketAlreadyExists", "BucketAlreadyOwnedByYou", "InvalidBucketName",
	"NoSuchBucketPolicy", "NoSuchLifecycleConfiguration", "NoSuchCORSConfiguration", "NoSuchTagSet", "NoSuchWebsiteConfiguration",
	"NoSuchPublicAccessBlockConfiguration", "OwnershipControlsNotFoundError", "ObjectLockConfigurationNotFoundError",
	"ReplicationConfigurationNotFoundError", "ServerSideEncryptionConfigurationNotFoundError",
}

// errorDocument returns the body of the error response to a call.
func (c *call) errorDocument(known *fault, err error) errorDocument {
	document := errorDocument{Code: known.code, Message: known.message}
	var detailed *detailedFault
	switch {
	case errors.As(err, &detailed):
		document.Details = detailed.details
	case slices.Contains(errorsOfBuckets, known.code):
		document.Details = []detail{{"BucketName", c.bucket}}
	case known.code == "NoSuchKey":
		document.Details = []detail{{"Key", c.key}}
	case known.code == "NoSuchVersion":
		document.Details = []detail{{"Key", c.key}, {"VersionId", c.version()}}
	}
	return document
}

// refuse writes an error response to a call: S3's own if err is a fault.
func (c *call) refuse(w http.ResponseWriter, log *slog.Logger, err error) {
	var known *fault
	if !errors.As(err, &known) {
		log.Error("internal error", "operation", c.operation.name, "bucket", c.bucket, "error", err)
		known = &fault{http.StatusInternalServerError, "InternalError", "crr local AWS: " + err.Error()}
	}
	requestID, hostID := identify(w)
	if c.request.Method == http.MethodHead {
		w.WriteHeader(known.status)
		return
	}
	document := c.errorDocument(known, err)
	document.RequestID, document.HostID = requestID, hostID
	writeXML(w, known.status, document)
}

// identify sets the ids of S3's responses.
func identify(w http.ResponseWriter) (requestID, hostID string) {
	requestID, hostID = newIDs()
	w.Header().Set("X-Amz-Request-Id", requestID)
	w.Header().Set("X-Amz-Id-2", hostID)
	return requestID, hostID
}

func newIDs() (requestID, hostID string) {
	random := make([]byte, 8+48)
	_, _ = rand.Read(random) // it never fails
	return fmt.Sprintf("%X", random[:8]), base64.StdEncoding.EncodeToString(random[8:])
}

func writeXML(w http.ResponseWriter, status int, document any) {
	body, err := xml.Marshal(document)
	if err != nil {
		panic("front: documents of ours always marshal: " + err.Error())
	}
	writeBody(w, status, "application/xml", append([]byte(xml.Header), body...))
}

func writeBody(w http.ResponseWriter, status int, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client may have disconnected
}

// isFault reports whether an error is a fault with the code.
func isFault(err error, code string) bool {
	var known *fault
	return errors.As(err, &known) && known.code == code
}

// isAnyFault reports whether an error is a fault.
func isAnyFault(err error) bool {
	var known *fault
	return errors.As(err, &known)
}
