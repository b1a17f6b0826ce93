package canary

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/crr-io/pulumi-aws-crr/internal/bucketowner"
	"github.com/crr-io/pulumi-aws-crr/internal/heartbeat"
)

// writtenAt is the metadata of a heartbeat that says when it was written.
const writtenAt = "crr-written-at"

// errNone says that there is no heartbeat.
var errNone = errors.New("there is no heartbeat")

// sighting is a heartbeat that was found.
type sighting struct {
	version string
	written time.Time
}

// store is where heartbeats are kept.
type store interface {
	// write returns the version that was written.
	write(ctx context.Context, at heartbeat.Place, key string, tags map[string]string, now time.Time) (version string, err error)
	// newest fails with errNone where there is none.
	newest(ctx context.Context, at heartbeat.Place, key string) (sighting, error)
	// oldest that is still there; it fails with errNone where there is none.
	oldest(ctx context.Context, at heartbeat.Place, key string) (sighting, error)
	// versions of a heartbeat, newest first: as many as are worth a look at once.
	versions(ctx context.Context, at heartbeat.Place, key string) ([]string, error)
	remove(ctx context.Context, at heartbeat.Place, key, version string) error
}

// buckets is the store on S3.
type buckets struct{ accounts *accounts }

func (b buckets) client(at heartbeat.Place) *s3.Client {
	return s3.NewFromConfig(b.accounts.of(at), bucketowner.Expect(at.AccountID))
}

func (b buckets) write(ctx context.Context, at heartbeat.Place, key string, tags map[string]string, now time.Time) (string, error) {
	tagging := url.Values{}
	for name, value := range tags {
		tagging.Set(name, value)
	}
	answer, err := b.client(at).PutObject(ctx, &s3.PutObjectInput{
		Bucket: &at.Bucket, Key: &key, Tagging: aws.String(tagging.Encode()),
		Metadata: map[string]string{writtenAt: now.UTC().Format(time.RFC3339Nano)},
	})
	if err != nil {
		return "", err
	}
	return aws.ToString(answer.VersionId), nil
}

func (b buckets) newest(ctx context.Context, at heartbeat.Place, key string) (sighting, error) {
	answer, err := b.client(at).HeadObject(ctx, &s3.HeadObjectInput{Bucket: &at.Bucket, Key: &key})
	if missing := (*types.NotFound)(nil); errors.As(err, &missing) {
		return sighting{}, errNone
	}
	if err != nil {
		return sighting{}, err
	}
	written, err := time.Parse(time.RFC3339Nano, answer.Metadata[writtenAt])
	if err != nil {
		return sighting{}, fmt.Errorf("s3://%s/%s is not a heartbeat: %w", at.Bucket, key, err)
	}
	return sighting{version: aws.ToString(answer.VersionId), written: written}, nil
}

func (b buckets) oldest(ctx context.Context, at heartbeat.Place, key string) (sighting, error) {
	pages := s3.NewListObjectVersionsPaginator(b.client(at), &s3.ListObjectVersionsInput{Bucket: &at.Bucket, Prefix: &key})
	found, err := sighting{}, errNone
	for pages.HasMorePages() {
		page, failed := pages.NextPage(ctx)
		if failed != nil {
			return sighting{}, failed
		}
		for _, version := range page.Versions {
			if aws.ToString(version.Key) == key { // newest first
				found, err = sighting{version: aws.ToString(version.VersionId), written: aws.ToTime(version.LastModified)}, nil
			}
		}
	}
	return found, err
}

func (b buckets) versions(ctx context.Context, at heartbeat.Place, key string) ([]string, error) {
	page, err := b.client(at).ListObjectVersions(ctx, &s3.ListObjectVersionsInput{Bucket: &at.Bucket, Prefix: &key})
	if err != nil {
		return nil, err
	}
	var versions []string
	for _, version := range page.Versions {
		if aws.ToString(version.Key) == key {
			versions = append(versions, aws.ToString(version.VersionId))
		}
	}
	return versions, nil
}

func (b buckets) remove(ctx context.Context, at heartbeat.Place, key, version string) error {
	_, err := b.client(at).DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &at.Bucket, Key: &key, VersionId: &version})
	return err
}
