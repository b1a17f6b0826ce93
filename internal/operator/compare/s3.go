package compare

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/live"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// attempts at a call before a comparison of hours is given up.
const attempts = 10

// s3Bucket is a bucket on S3.
type s3Bucket struct {
	client *s3.Client
	place  replication.DeployedBucket
	// current lists current objects only, and withIDs with the ids of their versions,
	// for which all versions are listed.
	current, withIDs bool
	// checksums asks for those of objects, which takes kms:Decrypt under KMS.
	checksums bool
	heads     trouble
}

// newS3Bucket reaches a bucket with as many connections as there are calls at
// once.
func newS3Bucket(cfg aws.Config, place replication.DeployedBucket, current bool, calls int) *s3Bucket {
	if client, ok := cfg.HTTPClient.(*awshttp.BuildableClient); ok {
		cfg.HTTPClient = client.WithTransportOptions(func(transport *http.Transport) {
			transport.MaxIdleConnsPerHost, transport.MaxIdleConns = calls, calls
		})
	}
	client := live.S3(cfg, place.AccountID, func(options *s3.Options) { options.RetryMaxAttempts = attempts })
	return &s3Bucket{client: client, place: place, current: current}
}

// List implements Lister.
func (b *s3Bucket) List(ctx context.Context, after Position, limit int) (Page, error) {
	var page Page
	var err error
	parsing := s3.WithAPIOptions(parsePages(&page))
	if b.current && !b.withIDs {
		_, err = b.client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{
			Bucket: &b.place.Bucket, StartAfter: notEmpty(after.Key), MaxKeys: aws.Int32(int32(limit)), //nolint:gosec // at most pageSize
		}, parsing)
		if len(page.Versions) > 0 {
			page.Next = Position{Key: page.Versions[len(page.Versions)-1].Key}
		}
	} else {
		_, err = b.client.ListObjectVersions(ctx, &s3.ListObjectVersionsInput{
			Bucket: &b.place.Bucket, KeyMarker: notEmpty(after.Key), VersionIdMarker: notEmpty(after.Version), MaxKeys: aws.Int32(int32(limit)), //nolint:gosec // at most pageSize
		}, parsing)
		if b.current {
			page.Versions = slices.DeleteFunc(page.Versions, func(v Version) bool { return !v.Current || v.Marker })
			for i := range page.Versions {
				v := &page.Versions[i]
				v.CurrentID, v.ID = v.ID, ""
			}
		}
	}
	if err != nil {
		return Page{}, live.Failed("listing s3://"+b.place.Bucket, b.place, err)
	}
	if page.More && page.Next == after {
		return Page{}, fmt.Errorf("listing s3://%s: the list does not advance after %q", b.place.Bucket, after.Key)
	}
	return page, nil
}

func notEmpty(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// Head implements Bucket.
func (b *s3Bucket) Head(ctx context.Context, key, version string) (Attributes, error) {
	attempts, err := b.heads.attempts()
	if err != nil {
		return Attributes{}, fmt.Errorf("s3://%s/%s was not read, because the last %d objects could not be read: %w", b.place.Bucket, key, hopeless, err)
	}
	attributes, err := b.headWithin(ctx, key, version, attempts)
	b.heads.learn(err)
	return attributes, err
}

func (b *s3Bucket) headWithin(ctx context.Context, key, version string, attempts int) (Attributes, error) {
	answer, err := b.head(ctx, key, version, b.checksums, attempts)
	refused := b.checksums && statusOf(err) == http.StatusForbidden
	if refused {
		answer, err = b.head(ctx, key, version, false, attempts)
	}
	if failed := (*smithyhttp.ResponseError)(nil); errors.As(err, &failed) {
		header := failed.Response.Header
		marker := header.Get("X-Amz-Delete-Marker") == "true"
		found := Attributes{Found: true, Marker: true, Version: header.Get("X-Amz-Version-Id"), Status: statusWord(header.Get("X-Amz-Replication-Status"))}
		found.Modified, _ = http.ParseTime(header.Get("Last-Modified")) // S3 may leave it out
		switch {
		case failed.HTTPStatusCode() == http.StatusNotFound && !marker:
			return Attributes{}, nil
		case failed.HTTPStatusCode() == http.StatusNotFound, failed.HTTPStatusCode() == http.StatusMethodNotAllowed:
			return found, nil // HEAD is for all versions that are no delete markers
		}
	}
	if err != nil {
		return Attributes{}, live.Failed(fmt.Sprintf("reading s3://%s/%s", b.place.Bucket, key), b.place, err)
	}
	attributes := attributesOf(answer)
	attributes.ChecksumRefused = refused
	return attributes, nil
}

// errChecksumRefused is why the content of two versions is not known to be the same.
var errChecksumRefused = errors.New("the ETags can't be compared, and S3 returns no checksum without kms:Decrypt")

// headAttempts are few: an object that can't be read is unknown, and the comparison goes on.
const headAttempts = 3

func (b *s3Bucket) head(ctx context.Context, key, version string, checksums bool, attempts int) (*s3.HeadObjectOutput, error) {
	input := &s3.HeadObjectInput{Bucket: &b.place.Bucket, Key: &key, VersionId: notEmpty(version)}
	if checksums {
		input.ChecksumMode = types.ChecksumModeEnabled
	}
	return b.client.HeadObject(ctx, input, func(options *s3.Options) { options.RetryMaxAttempts = attempts })
}

func statusOf(err error) int {
	if refused := (*smithyhttp.ResponseError)(nil); errors.As(err, &refused) {
		return refused.HTTPStatusCode()
	}
	return 0
}

// statusWord is the one of two words that S3 has for the same.
func statusWord(status string) string {
	if status == string(types.ReplicationStatusComplete) {
		return statusCompleted
	}
	return status
}

func attributesOf(answer *s3.HeadObjectOutput) Attributes {
	a := Attributes{
		Found: true, Version: aws.ToString(answer.VersionId), Size: aws.ToInt64(answer.ContentLength),
		ETag: strings.Trim(aws.ToString(answer.ETag), `"`), Class: string(answer.StorageClass), Status: statusWord(string(answer.ReplicationStatus)),
		Encryption: string(answer.ServerSideEncryption), Key: aws.ToString(answer.SSEKMSKeyId), BucketKey: aws.ToBool(answer.BucketKeyEnabled), TagCount: int(aws.ToInt32(answer.TagCount)),
		Metadata: headersOf(answer), Checksums: checksumsOf(answer), Modified: aws.ToTime(answer.LastModified), ArchiveTier: string(answer.ArchiveStatus),
		Lock: Lock{
			Mode: string(answer.ObjectLockMode), Until: aws.ToTime(answer.ObjectLockRetainUntilDate),
			Hold: answer.ObjectLockLegalHoldStatus == types.ObjectLockLegalHoldStatusOn,
		},
	}
	if answer.SSECustomerAlgorithm != nil {
		a.Encryption = string(model.SSEC)
	}
	return a
}

func checksumsOf(answer *s3.HeadObjectOutput) map[string]string {
	sums := map[string]string{}
	for algorithm, sum := range map[string]*string{
		"CRC32": answer.ChecksumCRC32, "CRC32C": answer.ChecksumCRC32C, "CRC64NVME": answer.ChecksumCRC64NVME,
		"SHA1": answer.ChecksumSHA1, "SHA256": answer.ChecksumSHA256,
	} {
		if sum != nil {
			sums[strings.TrimSpace(algorithm+" "+string(answer.ChecksumType))] = *sum
		}
	}
	return sums
}

// headersOf are the user's metadata and the headers that an upload may set.
func headersOf(answer *s3.HeadObjectOutput) map[string]string {
	headers := maps.Clone(answer.Metadata)
	if headers == nil {
		headers = map[string]string{}
	}
	for name, value := range map[string]*string{
		"Content-Type": answer.ContentType, "Content-Encoding": answer.ContentEncoding, "Content-Language": answer.ContentLanguage,
		"Content-Disposition": answer.ContentDisposition, "Cache-Control": answer.CacheControl, "Expires": answer.ExpiresString,
		"Website-Redirect-Location": answer.WebsiteRedirectLocation,
	} {
		if value != nil {
			headers[name] = *value
		}
	}
	return headers
}

// Tags implements Bucket.
func (b *s3Bucket) Tags(ctx context.Context, key, version string) (map[string]string, error) {
	answer, err := b.client.GetObjectTagging(ctx, &s3.GetObjectTaggingInput{Bucket: &b.place.Bucket, Key: &key, VersionId: notEmpty(version)})
	if err != nil {
		return nil, live.Failed(fmt.Sprintf("reading the tags of s3://%s/%s", b.place.Bucket, key), b.place, err)
	}
	tags := make(map[string]string, len(answer.TagSet))
	for _, tag := range answer.TagSet {
		tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	return tags, nil
}
