package object

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/compare"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/live"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// patience is the timeout of one call, retries included.
const patience = time.Minute

// S3's replication statuses.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-status.html
const (
	statusPending   = "PENDING"
	statusCompleted = "COMPLETED"
	statusFailed    = "FAILED"
	statusReplica   = "REPLICA"
)

// sighting is the result of reading a version in a bucket.
type sighting struct {
	compare.Attributes
	// tags are known if tagged is true.
	tags   map[string]string
	tagged bool
	// opaque objects use SSE-C: only their existence is known.
	opaque bool
	err    error
}

// bucket is a bucket of a link.
type bucket struct {
	place  replication.DeployedBucket
	reader compare.Bucket
	sums   compare.Bucket // also reads checksums
	client *s3.Client
}

func newBucket(cfg aws.Config, place replication.DeployedBucket) *bucket {
	return &bucket{
		place: place, reader: compare.Open(cfg, place, false), sums: compare.Open(cfg, place, true), client: live.S3(cfg, place.AccountID),
	}
}

// look reads a version, or the current one if id is "".
func (b *bucket) look(ctx context.Context, key, version string) sighting {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	found, err := b.reader.Head(ctx, key, version)
	if refused := (*smithyhttp.ResponseError)(nil); errors.As(err, &refused) && refused.HTTPStatusCode() == http.StatusBadRequest {
		return b.list(ctx, key, version, err)
	}
	seen := sighting{Attributes: found, err: err}
	if seen.Version == "" && seen.Found {
		seen.Version = version
	}
	if err != nil || !found.Found || found.Marker {
		return seen
	}
	if seen.tags, err = b.reader.Tags(ctx, key, seen.Version); err == nil {
		seen.tagged = true
	}
	return seen
}

// list finds a version whose attributes S3 does not return, as for SSE-C objects.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
func (b *bucket) list(ctx context.Context, key, version string, refused error) sighting {
	input := &s3.ListObjectVersionsInput{Bucket: &b.place.Bucket, Prefix: &key}
	for {
		page, err := b.client.ListObjectVersions(ctx, input)
		if err != nil {
			return sighting{err: errors.Join(refused, live.Failed("listing s3://"+b.place.Bucket, b.place, err))}
		}
		if seen, found := pick(page, key, version); found {
			return seen
		}
		if !aws.ToBool(page.IsTruncated) || aws.ToString(page.NextKeyMarker) != key { // a key sorts before the keys that begin with it
			return sighting{}
		}
		input.KeyMarker, input.VersionIdMarker = page.NextKeyMarker, page.NextVersionIdMarker
	}
}

// pick returns a version of a page, or the current one if id is "".
func pick(page *s3.ListObjectVersionsOutput, key, version string) (sighting, bool) {
	wanted := func(its, id *string, latest *bool) bool {
		return aws.ToString(its) == key && (aws.ToString(id) == version || version == "" && aws.ToBool(latest))
	}
	for _, each := range page.Versions {
		if wanted(each.Key, each.VersionId, each.IsLatest) {
			return sighting{opaque: true, Attributes: compare.Attributes{
				Found: true, Version: aws.ToString(each.VersionId), Size: aws.ToInt64(each.Size), Class: string(each.StorageClass),
				Modified: aws.ToTime(each.LastModified), Encryption: string(model.SSEC),
			}}, true
		}
	}
	for _, each := range page.DeleteMarkers {
		if wanted(each.Key, each.VersionId, each.IsLatest) {
			return sighting{Attributes: compare.Attributes{
				Found: true, Marker: true, Version: aws.ToString(each.VersionId), Modified: aws.ToTime(each.LastModified),
			}}, true
		}
	}
	return sighting{}, false
}

// checksums returns the checksums of a version that S3 returns.
func (b *bucket) checksums(ctx context.Context, key string, seen sighting) sighting {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if found, err := b.sums.Head(ctx, key, seen.Version); err == nil && found.Found {
		seen.Checksums = found.Checksums
	}
	return seen
}

func (s sighting) copy() Copy {
	c := Copy{State: Absent, VersionID: s.Version, Status: s.Status, Problem: problem(s.err)}
	if !s.Modified.IsZero() {
		at := s.Modified.UTC()
		c.Modified = &at
	}
	switch {
	case s.err != nil:
		c.State = NotKnown
	case s.Marker:
		c.State = DeleteMarker
	case s.Found:
		c.State, c.Size, c.StorageClass, c.Encryption, c.KMSKey, c.Tags = Present, s.Size, s.Class, s.Encryption, s.Key, s.tags
		if c.StorageClass == "" {
			c.StorageClass = "STANDARD"
		}
		if s.Lock != (compare.Lock{}) {
			c.Lock = s.Lock.String()
		}
	}
	return c
}

func problem(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// object describes the version for the model.
func (s sighting) object(key string) model.Object {
	if s.Marker {
		return model.Object{Key: key, Event: model.DeleteMarkerMade}
	}
	return model.Object{
		Key: key, Size: s.Size, StorageClass: replication.StorageClass(s.Class), ArchiveTier: model.ArchiveTier(s.ArchiveTier),
		Encryption: model.ObjectEncryption(s.Encryption), KMSKey: s.Key, Tags: s.tags,
		Replica: s.Status == statusReplica, Locked: s.Lock != (compare.Lock{}),
	}
}

// Parse splits s3://bucket/key. Keys are used unchanged: they may begin with a slash,
// and contain any character.
func Parse(uri string) (bucket, key string, err error) {
	rest, is := strings.CutPrefix(uri, "s3://")
	bucket, key, _ = strings.Cut(rest, "/")
	if !is || bucket == "" || key == "" {
		return "", "", fmt.Errorf("%q is not an object; use s3://bucket/key", uri)
	}
	return bucket, key, nil
}
