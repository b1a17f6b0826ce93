package front

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/proxy"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/signature"
)

// Check enables the verification of signatures. It must be called before the first
// request.
func (f *Front) Check(keys *signature.Keys) { f.keys = keys }

// refusedSignatures are AWS's errors for invalid signatures: of S3, of services with
// XML protocols, and of services with JSON protocols.
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

// checkCall returns the error for an S3 call with an invalid signature. A call
// without a signature is anonymous.
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

// checkOther rejects a call to another service without a valid signature, and
// reports whether it did.
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

// answerRefused writes an error in the protocol of the request. Lambda uses the
// codes of JSON services and the statuses of the others.
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

// issuing are the calls whose responses issue credentials, or change whether access
// keys are valid.
var issuing = map[string]bool{"AssumeRole": true, "CreateAccessKey": true, "UpdateAccessKey": true, "DeleteAccessKey": true}

// learnKeys adds to the amendment of a call that issues credentials.
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

// unsafe are the calls for which the emulator issues credentials without
// authentication, or credentials that are public knowledge.
var unsafe = map[string]bool{
	"AssumeRoleWithWebIdentity": true, "AssumeRoleWithSAML": true, "GetSessionToken": true, "GetFederationToken": true, "AssumeRoot": true,
}

// refuseUnsafe rejects calls to STS that the local AWS does not support, and reports
// whether it did.
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

// stripEmulated removes headers that the emulator interprets and AWS doesn't.
func stripEmulated(r *http.Request) {
	for name := range r.Header {
		if strings.HasPrefix(name, "X-Moto-") || name == "Proxy-Authorization" {
			r.Header.Del(name)
		}
	}
}
