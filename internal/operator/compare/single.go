package compare

import (
	"cmp"
	"fmt"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/words"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// fewCalls are as many as questions about a single object take at once.
const fewCalls = 4

// Open reaches a bucket, of which single versions are asked for. With checksums, S3
// decrypts objects under KMS.
func Open(cfg aws.Config, place replication.DeployedPlace, checksums bool) Bucket {
	bucket := newS3Bucket(cfg, place, false, fewCalls)
	bucket.checksums = checksums
	return bucket
}

// Differences are those of two copies of a version, by what S3 says of either, and
// whether a checksum or an ETag proves that the content is the same.
func Differences(source, destination Attributes) (found []Difference, proven bool) {
	j := judge{attributes: true}
	return j.differences(source, destination), !unproven(source, destination)
}

// CopyAgain is a command that writes an object anew, with its metadata and tags. It is for the
// current version only: a copy of an older one would take its place. S3 refuses to
// copy an object onto itself where nothing is asked to change: naming the storage class will do.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
func CopyAgain(bucket, key, version, class string) string {
	source := bucket + "/" + url.PathEscape(key)
	if version != "" {
		source += "?versionId=" + url.QueryEscape(version)
	}
	return fmt.Sprintf("aws s3api copy-object --bucket %s --key %s --copy-source %s --metadata-directive COPY --tagging-directive COPY --storage-class %s",
		bucket, words.Quote(key), words.Quote(source), cmp.Or(class, "STANDARD"))
}
