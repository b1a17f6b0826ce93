package front

import (
	"encoding/xml"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/proxy"
)

// failureHeader contains the exception that a request raised in the emulator. Such a
// request is invalid or unsupported, and gets a client error, as on AWS: SDKs don't
// retry these.
const failureHeader = "X-Emulator-Failure"

// failureOf returns the exception in a response, or "".
func failureOf(answer *http.Response) string {
	failure := answer.Header.Get(failureHeader)
	answer.Header.Del(failureHeader)
	return failure
}

// isUnknown reports whether a failure means that the emulator does not have an
// operation.
func isUnknown(failure string) bool {
	return strings.HasPrefix(failure, "NotImplementedError") || strings.HasPrefix(failure, "OperationNotFoundError")
}

// isPassing reports whether a failure is caused by concurrent requests, such as a
// Python dictionary that changes during iteration, so that a retry may succeed.
func isPassing(failure string) bool { return strings.HasPrefix(failure, "RuntimeError") }

// forward passes on a request to a service other than S3, and translates failures.
// https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
// https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html
func (f *Front) forward(w http.ResponseWriter, r *http.Request, amend amendment) {
	host, target := proxy.Hostname(r.Host), r.Header.Get("X-Amz-Target")
	f.backend.passOn(w, r, func(answer *http.Response) error {
		if failure := failureOf(answer); failure != "" {
			f.log.Warn("the emulator failed over a request", "host", host, "failure", failure)
			if err := becomeRefusal(answer, host, target, failure); err != nil {
				return err
			}
		}
		if amend == nil {
			return nil
		}
		return amend(answer)
	})
}

// missingThings maps APIs to the error for a missing resource, for which the
// emulator raises an exception.
var missingThings = map[string]*fault{
	"StartLogging": badRequest("TrailNotFoundException", "Unknown trail"),
	"StopLogging":  badRequest("TrailNotFoundException", "Unknown trail"),
	"ListGrants":   badRequest("NotFoundException", "Key does not exist"),
	"CreateGrant":  badRequest("NotFoundException", "Key does not exist"),
}

// becomeRefusal replaces a response by the error for an invalid request.
func becomeRefusal(answer *http.Response, host, target, failure string) error {
	api := target[strings.LastIndex(target, ".")+1:]
	lambda := strings.HasPrefix(host, "lambda.")
	because := " (the local AWS: " + failure + ")"
	refused := badRequest("ValidationError", "The input fails to satisfy the constraints specified by an AWS service%s", because)
	switch {
	case isPassing(failure):
		refused = &fault{http.StatusInternalServerError, "InternalFailure", "The request processing has failed" + because}
	case target == "" && !lambda && isUnknown(failure):
		refused = badRequest("InvalidAction", "The action or operation requested is invalid%s", because)
	case isUnknown(failure):
		refused = badRequest("UnknownOperationException", "The operation is not known%s", because)
	case strings.HasPrefix(failure, "JSONDecodeError"):
		refused = badRequest("SerializationException", "The request can't be read%s", because)
	case missingThings[api] != nil && strings.HasPrefix(failure, "KeyError"):
		refused = missingThings[api]
	case target != "" || lambda:
		refused = badRequest("ValidationException", "%s", refused.message)
	}
	own := &ownAnswer{header: http.Header{}}
	if lambda {
		answerLambda(own, refused.status, refused.code, refused.message)
	} else {
		request := &http.Request{Host: host, Header: http.Header{}}
		if target != "" {
			request.Header.Set("X-Amz-Target", target)
		}
		answerRefused(own, request, refused, refused)
	}
	own.become(answer)
	return nil
}

// ownAnswer is a response of the front that replaces the emulator's.
type ownAnswer struct {
	header http.Header
	status int
	body   []byte
}

func (a *ownAnswer) Header() http.Header    { return a.header }
func (a *ownAnswer) WriteHeader(status int) { a.status = status }

func (a *ownAnswer) Write(text []byte) (int, error) {
	a.body = append(a.body, text...)
	return len(text), nil
}

func (a *ownAnswer) become(answer *http.Response) {
	_ = answer.Body.Close() // it is not delivered
	answer.StatusCode, answer.Status, answer.Header = a.status, "", a.header
	replaceAnswer(answer, a.body)
}

// correcting wraps an amendment so that it gets errors with S3's codes and elements.
func (f *Front) correcting(c *call, amend amendment) amendment {
	return func(answer *http.Response) error {
		if answer.StatusCode >= http.StatusBadRequest {
			if err := f.correct(c, answer); err != nil {
				return err
			}
		}
		if amend == nil {
			return nil
		}
		return amend(answer)
	}
}

func (f *Front) correct(c *call, answer *http.Response) error {
	var err error
	if failure := failureOf(answer); failure != "" {
		f.log.Warn("the emulator failed over a request", "operation", c.operation.name, "bucket", c.bucket, "failure", failure)
		if err = f.refusalOf(c, failure); !isAnyFault(err) {
			return err
		}
	} else {
		body, reading := readAnswer(answer)
		if reading != nil {
			return reading
		}
		replaceAnswer(answer, body)
		var document struct {
			XMLName xml.Name `xml:"Error"`
			Code    string
			Message string
		}
		switch {
		case answer.StatusCode == http.StatusRequestedRangeNotSatisfiable && c.query.Has("partNumber"):
			err = &fault{answer.StatusCode, "InvalidPartNumber", "The requested partnumber is not satisfiable"}
		case xml.Unmarshal(body, &document) == nil && slices.Contains(corrected, document.Code):
			err = &fault{answer.StatusCode, document.Code, document.Message}
		default:
			return nil
		}
	}
	own := &ownAnswer{header: http.Header{}}
	c.refuse(own, f.log, err)
	own.become(answer)
	return nil
}

// corrected are the errors whose elements the emulator omits.
var corrected = []string{"NoSuchKey", "NoSuchVersion"}

// checkNumbers rejects parameters that are not numbers, or negative.
func (c *call) checkNumbers() error {
	for _, name := range []string{"max-keys", "max-uploads", "max-parts", "partNumber", "part-number-marker"} {
		value := c.query.Get(name)
		if number, err := strconv.Atoi(value); value != "" && (err != nil || number < 0) {
			return invalidArgument(name, value, "Provided "+name+" not an integer or within integer range")
		}
	}
	return nil
}

// refusalOf returns S3's error for a request that failed in the emulator. It checks
// for errors in the same order as S3.
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
func (f *Front) refusalOf(c *call, failure string) error {
	if isPassing(failure) {
		return &fault{http.StatusInternalServerError, "InternalError", "We encountered an internal error. Please try again. (the local AWS: " + failure + ")"}
	}
	if c.operation.name != "CreateBucket" && c.bucket != "" {
		if err := f.mustExist(c, c.bucket); err != nil {
			return err
		}
	}
	if isUnknown(failure) || c.operation.name == "" {
		return &fault{http.StatusNotImplemented, "NotImplemented", "A header you provided implies functionality that is not implemented (the local AWS: " + failure + ")"}
	}
	header, body := c.request.Header, c.request.ContentLength != 0
	_, _, named := parseCopySource(header.Get("X-Amz-Copy-Source"))
	switch {
	case c.query.Has("continuation-token"):
		return invalidArgument("continuation-token", c.query.Get("continuation-token"), "The continuation token provided is incorrect")
	case c.query.Has("uploadId"):
		return notFound("NoSuchUpload", "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.")
	case header.Get("X-Amz-Copy-Source") != "" && !named:
		return invalidArgument("x-amz-copy-source", header.Get("X-Amz-Copy-Source"), "Copy Source must mention the source bucket and key: sourcebucket/sourcekey")
	case header.Get("X-Amz-Acl") != "":
		return invalidArgument("x-amz-acl", header.Get("X-Amz-Acl"), "")
	case c.operation.name != "PutObject" && body:
		return errMalformedXML
	case c.key != "" && c.operation.name != "PutObject":
		return notFound("NoSuchKey", "The specified key does not exist.")
	default:
		return badRequest("InvalidRequest", "The request is not valid (the local AWS: %s)", failure)
	}
}
