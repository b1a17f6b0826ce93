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

// Code returns the AWS error code, such as "NoSuchBucket", or "" if AWS did not answer.
func Code(err error) string {
	if api := smithy.APIError(nil); errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

// Temporary reports whether a retry may succeed: AWS was throttling, had an internal
// error, or did not answer.
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

// Failed returns an error that says what failed, why, and what to do.
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

// Brief returns code and message of an AWS error, without the SDK's details of calls,
// attempts and request ids.
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

// Advice returns the fix for an error of AWS, or "" if there is none.
func Advice(place replication.DeployedBucket, err error) string {
	if kind := troubleOf(err); kind != nil {
		return kind.wayOut(place, err)
	}
	return ""
}
