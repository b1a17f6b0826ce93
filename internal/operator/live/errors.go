package live

import (
	"context"
	"errors"
	"fmt"
	"net"
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
	return code == "RequestTimeout" || isThrottling(code) || slices.Contains(troubled, code)
}

// The codes of AWS's services for missing rights, and for errors of their own.
var (
	refused  = []string{"AccessDenied", "AccessDeniedException", "Forbidden", "403", "AuthorizationError"}
	troubled = []string{"ServiceUnavailable", "InternalError", "InternalFailure", "503", "500"}
)

// ErrInterrupted is returned when the user ended a command before it was done.
var ErrInterrupted = errors.New("interrupted")

// Failed says what was being done at a place when AWS refused or did not
// answer, and what to do about it.
func Failed(doing string, place replication.DeployedBucket, err error) error {
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
	if kind := troubleOf(err); kind != nil && kind.cause != nil {
		return kind.cause(err)
	}
	if api := smithy.APIError(nil); errors.As(err, &api) {
		if message := api.ErrorMessage(); message != "" && message != api.ErrorCode() {
			return api.ErrorCode() + ": " + message
		}
		return api.ErrorCode()
	}
	if calls := operations(err); len(calls) > 0 {
		return calls[len(calls)-1].Err.Error()
	}
	return err.Error()
}

// Advice says what to do about an error of AWS at a place, or nothing where
// nobody knows.
func Advice(place replication.DeployedBucket, err error) string {
	if kind := troubleOf(err); kind != nil {
		return kind.wayOut(place, err)
	}
	return ""
}
