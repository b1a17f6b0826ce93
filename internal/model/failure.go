package model

import (
	"fmt"
	"slices"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/nearest"
)

// Side says where the cause of a failure lies.
type Side string

// The sides.
const (
	SourceSide      Side = "source"
	DestinationSide Side = "destination"
	RoleSide        Side = "role"
	JobSide         Side = "batch job"
)

// FailureReason is a reason that S3 gives for an object that it failed to
// replicate: in the event s3:Replication:OperationFailedReplication, and in the
// report of a Batch Replication job.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-metrics-events.html#replication-failure-codes
type FailureReason struct {
	// ID is S3's own word: "DstKmsKeyInvalidState".
	ID string `json:"id"`
	// Side is where to look.
	Side Side `json:"side"`
	// Cause in a sentence or two.
	Cause string `json:"cause"`
	// Permissions of which one may be missing.
	Permissions []string `json:"permissions,omitempty"`
	// Fix says what to do, with the setting of this product where there is one.
	Fix string `json:"fix"`
	// Check is a command that shows whether this is it. Capital words are to be
	// filled in.
	Check string `json:"check,omitempty"`
	// BatchOnly says that only Batch Replication gives the reason.
	BatchOnly bool `json:"batchOnly,omitempty"`
	// See is the page of the AWS documentation.
	See string `json:"see"`
}

// Failures are all reasons that S3 gives, in alphabetical order.
func Failures() []FailureReason { return slices.Clone(failures) }

// FailureByID looks a reason up, whatever the case of its letters. The error of an
// unknown one names the nearest.
func FailureByID(id string) (FailureReason, error) {
	id = strings.TrimSpace(id)
	for _, reason := range failures {
		if strings.EqualFold(reason.ID, id) {
			return reason, nil
		}
	}
	if now, old := oldFailureNames[strings.ToLower(id)]; old {
		return FailureByID(now)
	}
	hint := "`crr explain --failures` lists all"
	if near := nearest.Word(id, failureIDs()); near != "" {
		hint = "did you mean " + near + "? " + hint
	}
	return FailureReason{}, fmt.Errorf("%q is not an S3 replication failure reason; %s", id, hint)
}

// oldFailureNames are names that S3 has given up, in lower case.
var oldFailureNames = map[string]string{
	"dstmultipartpartuploadnotpermitted": "DstMultipartUploadNotPermitted",
}

func failureIDs() []string {
	ids := make([]string, len(failures))
	for i, reason := range failures {
		ids[i] = reason.ID
	}
	return ids
}
