package live

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/aws/smithy-go"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// Code is AWS's word for what went wrong: "NoSuchBucket". It is empty where
// AWS did not answer.
func Code(err error) string {
	if api := smithy.APIError(nil); errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

// Temporary reports whether AWS may do later what it did not do now: it was
// throttling, had an error of its own, or did not answer.
func Temporary(err error) bool {
	code := Code(err)
	if code == "" {
		unreachable := net.Error(nil)
		return errors.As(err, &unreachable) && !errors.Is(err, context.Canceled)
	}
	return code == "RequestTimeout" || slices.Contains(throttling, code) || slices.Contains(troubled, code)
}

// The codes of AWS's services for missing rights, for credentials that are not
// valid any more, for too many calls, and for errors of their own.
var (
	refused    = []string{"AccessDenied", "AccessDeniedException", "Forbidden", "403", "AuthorizationError"}
	signedOut  = []string{"ExpiredToken", "ExpiredTokenException", "RequestExpired", "InvalidClientTokenId", "InvalidAccessKeyId"}
	throttling = []string{"SlowDown", "Throttling", "ThrottlingException", "ThrottledException", "TooManyRequestsException", "RequestLimitExceeded"}
	troubled   = []string{"ServiceUnavailable", "InternalError", "InternalFailure", "503", "500"}
)

// Failed says what was being done at a place when AWS refused or did not
// answer, and what to do about it.
func Failed(doing string, place replication.DeployedPlace, err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	text := fmt.Sprintf("%s: %s", doing, Brief(err))
	if advice := Advice(place, err); advice != "" {
		text = strings.TrimSuffix(text, ".") + "; " + advice
	}
	return failure{text, err}
}

// failure is an error of AWS, in words for people.
type failure struct {
	text  string
	cause error
}

func (f failure) Error() string { return f.text }

func (f failure) Unwrap() error { return f.cause }

// Brief is the part of an error of AWS that says something: what the SDK adds
// of calls, attempts and request ids is left out.
func Brief(err error) string {
	if api := smithy.APIError(nil); errors.As(err, &api) {
		if message := api.ErrorMessage(); message != "" && message != api.ErrorCode() {
			return api.ErrorCode() + ": " + message
		}
		return api.ErrorCode()
	}
	if unreachable := (*url.Error)(nil); errors.As(err, &unreachable) {
		return unreachable.Error()
	}
	return err.Error()
}

// Advice says what to do about an error of AWS at a place, or nothing where
// nobody knows.
func Advice(place replication.DeployedPlace, err error) string {
	switch code := Code(err); {
	case slices.Contains(refused, code):
		if place.AssumeRoleARN != "" {
			return "let the role " + place.AssumeRoleARN + " do this"
		}
		return "use credentials that may do this in the account " + place.AccountID + "; `crr whoami` shows which ones are in use"
	case slices.Contains(signedOut, code):
		return "sign in again; `crr whoami` shows which credentials are in use"
	case code == "NoSuchBucket", code == "NotFound":
		return "is s3://" + place.Bucket + " still deployed? `pulumi refresh` tells"
	case slices.Contains(throttling, code):
		return "AWS throttles these calls: try again later, and look what else calls so often"
	case slices.Contains(troubled, code):
		return reach(place)
	case code == "":
		if broken := (*net.OpError)(nil); errors.As(err, &broken) && broken.Op == "proxyconnect" {
			return "the proxy that HTTPS_PROXY names does not answer; if it is that of a local AWS, `make up` starts one"
		}
		if unreachable := net.Error(nil); errors.As(err, &unreachable) {
			return reach(place)
		}
	}
	return ""
}

func reach(place replication.DeployedPlace) string {
	return "can " + place.Region + " be reached from here? https://health.aws.amazon.com tells whether AWS has trouble there"
}
