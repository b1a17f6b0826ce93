package front

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/proxy"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/signature"
)

// Check has the front check signatures. It must be called before the first
// request comes.
func (f *Front) Check(keys *signature.Keys) { f.keys = keys }

// refusedSignatures are AWS's answers to signatures that it doesn't accept: those
// of S3, of the services that speak XML, and of those that speak JSON.
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
// https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
// https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html
var refusedSignatures = []struct {
	err         error
	s3          *fault
	query, json *fault
}{
	{
		signature.ErrMissing, accessDenied("Access Denied"),
		&fault{http.StatusForbidden, "MissingAuthenticationToken", "Request is missing Authentication Token"},
		badRequest("MissingAuthenticationTokenException", "Missing Authentication Token"),
	},
	{
		signature.ErrUnknownKey,
		&fault{http.StatusForbidden, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records."},
		&fault{http.StatusForbidden, "InvalidClientTokenId", "The security token included in the request is invalid."},
		badRequest("UnrecognizedClientException", "The security token included in the request is invalid."),
	},
	{
		signature.ErrInvalidToken,
		badRequest("InvalidToken", "The provided token is malformed or otherwise invalid."),
		&fault{http.StatusForbidden, "InvalidClientTokenId", "The security token included in the request is invalid."},
		badRequest("UnrecognizedClientException", "The security token included in the request is invalid."),
	},
	{
		signature.ErrExpiredToken,
		badRequest("ExpiredToken", "The provided token has expired."),
		&fault{http.StatusForbidden, "ExpiredToken", "The security token included in the request is expired"},
		badRequest("ExpiredTokenException", "The security token included in the request is expired"),
	},
	{
		signature.ErrMismatch,
		&fault{http.StatusForbidden, "SignatureDoesNotMatch", mismatch},
		&fault{http.StatusForbidden, "SignatureDoesNotMatch", mismatch},
		badRequest("InvalidSignatureException", mismatch),
	},
	{
		signature.ErrSkewed,
		&fault{http.StatusForbidden, "RequestTimeTooSkewed", "The difference between the request time and the current time is too large."},
		&fault{http.StatusForbidden, "SignatureDoesNotMatch", "Signature expired: the request was signed more than 5 minutes ago, or in the future"},
		badRequest("InvalidSignatureException", "Signature expired: the request was signed more than 5 minutes ago, or in the future"),
	},
	{signature.ErrExpiredURL, accessDenied("Request has expired"), accessDenied("Request has expired"), badRequest("AccessDeniedException", "Request has expired")},
	{
		signature.ErrUnsupported,
		badRequest("InvalidRequest", "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."),
		badRequest("IncompleteSignature", "The authorization mechanism is not supported. Please use AWS4-HMAC-SHA256."),
		badRequest("IncompleteSignatureException", "The authorization mechanism is not supported. Please use AWS4-HMAC-SHA256."),
	},
	{
		signature.ErrMalformed,
		badRequest("AuthorizationHeaderMalformed", "The authorization header that you provided is not valid."),
		badRequest("IncompleteSignature", "The request signature does not conform to AWS standards."),
		badRequest("IncompleteSignatureException", "The request signature does not conform to AWS standards."),
	},
}

const mismatch = "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method."

// checkCall returns the fault of a call to S3 whose signature isn't right. A call
// without one is anonymous.
func (f *Front) checkCall(c *call) error {
	if f.keys == nil || !signature.IsSigned(c.request) {
		return nil
	}
	return s3Refusal(f.keys.Check(c.request, nil, time.Now()))
}

func s3Refusal(err error) error {
	for _, refused := range refusedSignatures {
		if errors.Is(err, refused.err) {
			return refused.s3
		}
	}
	return err
}

// checkForm is checkCall for an upload by a form.
func (f *Front) checkForm(filled *form) error {
	if f.keys == nil || (filled.accessKey() == "" && filled.fields.Get("X-Amz-Signature") == "") {
		return nil
	}
	return s3Refusal(f.keys.CheckForm(filled.fields, time.Now()))
}

// checkOther refuses a call to another service whose signature is missing or
// isn't right, and reports whether it did.
func (f *Front) checkOther(w http.ResponseWriter, r *http.Request) (refused bool, err error) {
	if f.keys == nil {
		return false, nil
	}
	body, err := readLimited(r, maxFunctionBytes)
	if err != nil {
		return false, err
	}
	err = f.keys.Check(r, body, time.Now())
	for _, known := range refusedSignatures {
		if errors.Is(err, known.err) {
			answerRefused(w, r, known.query, known.json)
			return true, nil
		}
	}
	return false, err
}

// answerRefused answers in the protocol of the request. Lambda has the codes of the
// services that speak JSON, and the statuses of the others.
func answerRefused(w http.ResponseWriter, r *http.Request, query, document *fault) {
	host := proxy.Hostname(r.Host)
	switch {
	case strings.HasPrefix(host, "lambda."):
		w.Header().Set("X-Amzn-Errortype", document.code)
		writeJSON(w, query.status, "application/json", map[string]string{"message": document.message})
	case r.Header.Get("X-Amz-Target") != "":
		writeJSON(w, document.status, "application/x-amz-json-1.1", map[string]string{"__type": document.code, "message": document.message})
	default:
		writeXML(w, query.status, struct {
			XMLName struct{} `xml:"ErrorResponse"`
			Type    string   `xml:"Error>Type"`
			Code    string   `xml:"Error>Code"`
			Message string   `xml:"Error>Message"`
		}{Type: "Sender", Code: query.code, Message: query.message})
	}
}

// issuing are the calls whose answers hand out credentials, or change whether
// access keys are valid.
var issuing = map[string]bool{"AssumeRole": true, "CreateAccessKey": true, "UpdateAccessKey": true, "DeleteAccessKey": true}

// learnKeys is the amendment of a call that hands out credentials, or nil.
func (f *Front) learnKeys(r *http.Request, amend amendment) (amendment, error) {
	host := proxy.Hostname(r.Host)
	if f.keys == nil || !strings.HasPrefix(host, "sts.") && !strings.HasPrefix(host, "iam.") {
		return amend, nil
	}
	api, err := apiOf(r)
	if err != nil || !issuing[api] {
		return amend, err
	}
	form, err := formOf(r)
	if err != nil {
		return nil, err
	}
	return func(answer *http.Response) error {
		if amend != nil {
			if err := amend(answer); err != nil {
				return err
			}
		}
		if answer.StatusCode != http.StatusOK {
			return nil
		}
		switch api {
		case "UpdateAccessKey":
			f.keys.SetActive(form.Get("AccessKeyId"), form.Get("Status") == "Active")
			return nil
		case "DeleteAccessKey":
			f.keys.SetActive(form.Get("AccessKeyId"), false)
			return nil
		}
		text, err := readAnswer(answer)
		if err != nil {
			return err
		}
		replaceAnswer(answer, text)
		return f.keys.Learn(text)
	}, nil
}

// unsafe are the calls that hand out credentials without proof of who asks, or
// credentials that everybody knows: the emulator's answers.
var unsafe = map[string]bool{
	"AssumeRoleWithWebIdentity": true, "AssumeRoleWithSAML": true, "GetSessionToken": true, "GetFederationToken": true, "AssumeRoot": true,
}

// refuseUnsafe refuses calls to STS that the local AWS lacks, and reports whether it did.
func (f *Front) refuseUnsafe(w http.ResponseWriter, r *http.Request) (refused bool, err error) {
	if !strings.HasPrefix(proxy.Hostname(r.Host), "sts.") {
		return false, nil
	}
	api, err := apiOf(r)
	if err != nil || !unsafe[api] {
		return false, err
	}
	message := "crr local AWS: " + api + " is not there; use AssumeRole"
	answerRefused(w, r, badRequest("UnsupportedOperation", "%s", message), badRequest("UnsupportedOperationException", "%s", message))
	return true, nil
}

// stripEmulated removes what a client could tell the emulator and AWS doesn't know.
func stripEmulated(r *http.Request) {
	for name := range r.Header {
		if strings.HasPrefix(name, "X-Moto-") || name == "Proxy-Authorization" {
			r.Header.Del(name)
		}
	}
}
