package failures

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

func TestQueues_AreThoseThatGetEventsOfReplication(t *testing.T) {
	t.Parallel()
	failed := []string{"s3:Replication:OperationFailedReplication"}
	const arn = "arn:aws:sqs:us-west-2:222222222222:failures"
	found := queues(replication.Descriptor{
		Source:       replication.DeployedBucket{Name: "source", Bucket: "src", Region: "us-east-1"},
		Destinations: []replication.DeployedBucket{{Name: "dr", Bucket: "dst", Region: "us-west-2"}},
		Notifications: []replication.Notification{
			{Bucket: "source", TargetARN: "arn:aws:sns:us-east-1:111111111111:topic", Events: failed},
			{Bucket: "source", TargetARN: "arn:aws:sqs:us-east-1:111111111111:other", Events: []string{"s3:ObjectCreated:*"}},
			{Bucket: "source", TargetARN: "not an arn", Events: failed},
			{Bucket: "dr", TargetARN: arn, Events: []string{"s3:Replication:*"}},
			{Bucket: "dr", TargetARN: arn, Events: failed},
		},
	})
	require.Len(t, found, 1)
	assert.Equal(t, "failures", found[0].name.Resource)
	assert.Equal(t, "dst", found[0].place.Bucket, "it is read with the rights that reach its bucket")
	assert.Equal(t, "us-west-2", found[0].inRegion().Region)
}

func TestRedrive_SparesQueuesThatLoseWhatIsLookedAt(t *testing.T) {
	t.Parallel()
	for attribute, sparing := range map[string]bool{
		"": false, // the queue keeps everything
		`{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:111111111111:dead","maxReceiveCount":1000}`:   false,
		`{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:111111111111:dead","maxReceiveCount":"1000"}`: false,
		`{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:111111111111:dead","maxReceiveCount":5}`:      true,
		`{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:111111111111:dead","maxReceiveCount":"5"}`:    true,
		`{`: true,
	} {
		assert.Equal(t, sparing, redriveOf(attribute).sparing(), attribute)
	}
	dead, has := redriveOf(`{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:111111111111:dead","maxReceiveCount":5}`).deadLetters()
	assert.True(t, has)
	assert.Equal(t, "dead", dead.Resource)
	_, has = redriveOf("").deadLetters()
	assert.False(t, has)
}
