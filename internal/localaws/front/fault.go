package front

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
)

// fault is an error that S3 answers with.
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

// errorDocument is the body of S3's error answers.
type errorDocument struct {
	XMLName    xml.Name `xml:"Error"`
	Code       string   `xml:"Code"`
	Message    string   `xml:"Message"`
	BucketName string   `xml:"BucketName,omitempty"`
	Key        string   `xml:"Key,omitempty"`
	RequestID  string   `xml:"RequestId"`
	HostID     string   `xml:"HostId"`
}

// refuse answers a call with an error, which is S3's own where it is a fault.
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
	writeXML(w, known.status, errorDocument{
		Code: known.code, Message: known.message, BucketName: c.bucket, Key: c.key,
		RequestID: requestID, HostID: hostID,
	})
}

// identify sets the ids that every answer of S3 carries.
func identify(w http.ResponseWriter) (requestID, hostID string) {
	random := make([]byte, 8+48)
	_, _ = rand.Read(random) // it never fails
	requestID = fmt.Sprintf("%X", random[:8])
	hostID = base64.StdEncoding.EncodeToString(random[8:])
	w.Header().Set("X-Amz-Request-Id", requestID)
	w.Header().Set("X-Amz-Id-2", hostID)
	return requestID, hostID
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
	_, _ = w.Write(body) // a client that has gone needs no answer
}

// isFault reports whether an error is a fault with a code.
func isFault(err error, code string) bool {
	var known *fault
	return errors.As(err, &known) && known.code == code
}
