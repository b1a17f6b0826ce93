package teardown

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/live"
)

// Finding is what keeps a stack from being destroyed.
type Finding struct {
	Bucket  string `json:"bucket"`
	Region  string `json:"region"`
	Message string `json:"message"`
	Fix     string `json:"fix"`
}

// Check looks at every bucket of a stack, and returns what would be lost, or be
// left half destroyed.
func Check(ctx context.Context, sessions *live.Sessions, state State) []Finding {
	var findings []Finding
	for _, bucket := range state.Buckets {
		client := live.S3(sessions.At(bucket.at), bucket.at.AccountID)
		if message, fix := check(ctx, client, bucket, state.Protections); message != "" {
			findings = append(findings, Finding{bucket.Name, bucket.Region, message, fix})
		}
	}
	return findings
}

// unread says why a bucket can't be looked at, and which right it takes where that is
// what lacks.
func unread(bucket Bucket, err error, right string) (message, fix string) {
	fix = "use credentials that may " + right
	if advice := live.Advice(bucket.at, err); advice != "" && live.Code(err) != "AccessDenied" {
		fix = advice
	}
	return "can't be looked at: " + live.Brief(err), fix
}

func check(ctx context.Context, client *s3.Client, bucket Bucket, protections []string) (message, fix string) {
	versions, err := versionsOf(ctx, client, bucket.Name)
	var missing smithy.APIError
	if errors.As(err, &missing) && missing.ErrorCode() == "NoSuchBucket" {
		return "", ""
	}
	if err != nil {
		return unread(bucket, err, "list its versions (s3:ListBucketVersions)")
	}
	locked, err := isLocked(ctx, client, bucket.Name)
	if err != nil {
		return unread(bucket, err, "read its lock (s3:GetBucketObjectLockConfiguration)")
	}
	switch {
	case bucket.Protected:
		return "is protected, and holds " + versions.String(), "deploy crr:protect: false, and then destroy"
	case locked && versions.n > 0:
		return "has Object Lock, and holds " + versions.String(),
			"S3 deletes no version before its retention ends: empty the bucket then, and destroy the stack"
	case locked && len(protections) > 0:
		return "has Object Lock, and is empty", fmt.Sprintf("run `pulumi state unprotect '%s'`, and then destroy", protections[0])
	case bucket.Retained:
		return "is deployed without forceDestroy, and holds " + versions.String(), "deploy crr:forceDestroy: true to delete it with all objects, and then destroy"
	default:
		return "", ""
	}
}

// count of versions and delete markers; more says that there are others.
type count struct {
	n    int
	more bool
}

func (c count) String() string {
	switch {
	case c.n == 0:
		return "no objects"
	case c.more:
		return fmt.Sprintf("more than %d versions", c.n)
	case c.n == 1:
		return "1 version"
	default:
		return fmt.Sprintf("%d versions", c.n)
	}
}

func versionsOf(ctx context.Context, client *s3.Client, bucket string) (count, error) {
	page, err := client.ListObjectVersions(ctx, &s3.ListObjectVersionsInput{Bucket: &bucket})
	if err != nil {
		return count{}, err
	}
	return count{len(page.Versions) + len(page.DeleteMarkers), aws.ToBool(page.IsTruncated)}, nil
}

func isLocked(ctx context.Context, client *s3.Client, bucket string) (bool, error) {
	_, err := client.GetObjectLockConfiguration(ctx, &s3.GetObjectLockConfigurationInput{Bucket: &bucket})
	var missing smithy.APIError
	if errors.As(err, &missing) && missing.ErrorCode() == "ObjectLockConfigurationNotFoundError" {
		return false, nil
	}
	return err == nil, err
}
