package teardown

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/live"
)

// Plan is what becomes of a key.
type Plan struct {
	Key
	// Schedule reports whether its deletion is to be scheduled. Reason says why
	// not.
	Schedule bool   `json:"schedule"`
	Reason   string `json:"reason,omitempty"`
}

// PlanKeys finds the keys of a destroyed stack that nothing is encrypted with any
// more: those whose buckets are gone.
func PlanKeys(ctx context.Context, sessions *live.Sessions, state State) []Plan {
	plans := []Plan{}
	for _, key := range state.Keys {
		reason := keep(ctx, sessions, state, key)
		plans = append(plans, Plan{key, reason == "", reason})
	}
	return plans
}

// keep says why the deletion of a key is not scheduled, or "".
func keep(ctx context.Context, sessions *live.Sessions, state State, key Key) string {
	for _, bucket := range state.Buckets {
		if bucket.parent != key.parent {
			continue
		}
		client := live.S3(sessions.At(bucket.at), bucket.at.AccountID)
		_, err := client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: aws.String(bucket.Name)})
		var answer smithy.APIError
		switch {
		case err == nil:
			return fmt.Sprintf("bucket %s is still there", bucket.Name)
		case !errors.As(err, &answer) || answer.ErrorCode() != "NotFound":
			return fmt.Sprintf("bucket %s can't be looked at: %s", bucket.Name, live.Brief(err))
		}
	}
	described, err := client(sessions, key).DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &key.ARN})
	switch {
	case err != nil:
		return "the key can't be looked at: " + live.Brief(err)
	case described.KeyMetadata.KeyState == kmstypes.KeyStatePendingDeletion:
		return "its deletion is scheduled already"
	default:
		return ""
	}
}

// ScheduleDeletion has KMS delete a key, after the days that the stack was
// configured with. Until then, `aws kms cancel-key-deletion` takes it back.
func ScheduleDeletion(ctx context.Context, sessions *live.Sessions, key Key) error {
	_, err := client(sessions, key).ScheduleKeyDeletion(ctx, &kms.ScheduleKeyDeletionInput{KeyId: &key.ARN, PendingWindowInDays: &key.Days})
	if err != nil {
		return fmt.Errorf("scheduling the deletion of %s: %s", key.ARN, live.Brief(err))
	}
	return nil
}

func client(sessions *live.Sessions, key Key) *kms.Client {
	return kms.NewFromConfig(sessions.At(key.at))
}
