package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// assertReplicates puts an object and waits until it is at the destination.
func (l *lab) assertReplicates(sourceRegion, source, destinationRegion, destination, key string) {
	l.t.Helper()
	from := l.in(sourceRegion)
	from.put(l.t, source, key)
	from.settles(l.t, source, key, s3types.ReplicationStatusCompleted)
	assert.Equal(l.t, s3types.ReplicationStatusReplica, l.in(destinationRegion).status(l.t, destination, key))
}

// settles waits for the final replication status of an object, which must be the
// wanted one.
func (c clients) settles(t *testing.T, bucket, key string, want s3types.ReplicationStatus) {
	t.Helper()
	require.Eventually(t, func() bool { return c.status(t, bucket, key) != s3types.ReplicationStatusPending }, time.Minute, 100*time.Millisecond)
	assert.Equal(t, want, c.status(t, bucket, key))
}

func (c clients) put(t *testing.T, bucket, key string) {
	t.Helper()
	_, err := c.s3.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: strings.NewReader("content")})
	require.NoError(t, err)
}

// status returns the replication status of an object.
func (c clients) status(t *testing.T, bucket, key string) s3types.ReplicationStatus {
	t.Helper()
	head, err := c.s3.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: &bucket, Key: &key})
	require.NoError(t, err)
	return head.ReplicationStatus
}
