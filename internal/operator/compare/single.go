package compare

import (
	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// fewCalls are as many as questions about a single object take at once.
const fewCalls = 4

// Open reaches a bucket, of which single versions are asked for. With checksums, S3
// decrypts objects under KMS.
func Open(cfg aws.Config, place replication.DeployedBucket, checksums bool) Bucket {
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
