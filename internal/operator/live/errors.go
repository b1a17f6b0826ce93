package live

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/aws/smithy-go"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// Code is AWS's word for what went wrong: "NoSuchBucket". It is empty where
// AWS did not answer.
func Code(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode()
	}
	return ""
}

// Failed says what was being done at a place when AWS refused or did not
// answer, and what to do about it.
func Failed(doing string, place replication.DeployedPlace, err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	if advice := Advice(place, err); advice != "" {
		return fmt.Errorf("%s: %w; %s", doing, err, advice)
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// Advice says what to do about an error of AWS at a place, or nothing where
// nobody knows.
func Advice(place replication.DeployedPlace, err error) string {
	switch Code(err) {
	case "AccessDenied", "AccessDeniedException", "Forbidden", "403", "AuthorizationError":
		if place.AssumeRoleARN != "" {
			return "let the role " + place.AssumeRoleARN + " do this"
		}
		return "use credentials that may do this in the account " + place.AccountID + "; `crr whoami` shows which ones are in use"
	case "ExpiredToken", "ExpiredTokenException", "RequestExpired", "InvalidClientTokenId", "InvalidAccessKeyId":
		return "sign in again; `crr whoami` shows which credentials are in use"
	case "NoSuchBucket", "NotFound":
		return "is s3://" + place.Bucket + " still deployed? `pulumi refresh` tells"
	case "ServiceUnavailable", "InternalError", "InternalFailure", "503", "500":
		return reach(place)
	case "":
		if _, unreachable := errors.AsType[net.Error](err); unreachable {
			return reach(place)
		}
	}
	return ""
}

func reach(place replication.DeployedPlace) string {
	return "can " + place.Region + " be reached from here? https://health.aws.amazon.com tells whether AWS has trouble there"
}
