package minio

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The assumptions of crr hold on another server as on AWS and on the local AWS:
// replicas keep version ids, metadata and ETags of plain objects, and have the
// status REPLICA.
func TestReplication_IsWhatWeTakeItFor(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	p.put("finance/q3.pdf", "figures")
	get := func(at *server, bucket string) *s3.HeadObjectOutput {
		head, err := at.s3().HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: &bucket, Key: aws.String("finance/q3.pdf")})
		require.NoError(t, err)
		return head
	}
	original, replica := get(p.source, sourceBucket), get(p.destination, destinationBucket)
	assert.Equal(t, types.ReplicationStatusReplica, replica.ReplicationStatus)
	assert.Equal(t, original.VersionId, replica.VersionId)
	assert.Equal(t, original.ETag, replica.ETag)
	assert.Equal(t, original.Metadata, replica.Metadata)
	assert.Equal(t, original.LastModified, replica.LastModified)
}
