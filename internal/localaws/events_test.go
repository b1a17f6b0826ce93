package localaws

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/bucketevents"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/replicator"
)

func (a *account) messages(queue string) []string { return a.messagesIn("us-east-1", queue) }

// messagesIn removes all messages from a queue.
func (a *account) messagesIn(region, queue string) (bodies []string) {
	a.t.Helper()
	for {
		var got struct {
			Messages []struct{ Body, ReceiptHandle string } `xml:"ReceiveMessageResult>Message"`
		}
		a.query("sqs", region, "2012-11-05", url.Values{"Action": {"ReceiveMessage"}, "QueueUrl": {queue}, "MaxNumberOfMessages": {"10"}}, &got)
		if len(got.Messages) == 0 {
			return bodies
		}
		for _, message := range got.Messages {
			bodies = append(bodies, message.Body)
			a.query("sqs", region, "2012-11-05", url.Values{"Action": {"DeleteMessage"}, "QueueUrl": {queue}, "ReceiptHandle": {message.ReceiptHandle}}, &struct{}{})
		}
	}
}

// records removes all events from a queue, ordered by sequence and name.
func (a *account) records(queue string) (records []bucketevents.Record) {
	a.t.Helper()
	for _, body := range a.messages(queue) {
		var message struct{ Records []bucketevents.Record }
		require.NoError(a.t, json.Unmarshal([]byte(body), &message), body)
		records = append(records, message.Records...)
	}
	return records
}

// short describes an event in one line.
func short(record bucketevents.Record, versions map[string]string) string {
	object := record.S3.Object
	line := record.Name + " " + object.Key
	if object.Version != "" {
		line += " " + versions[object.Version]
	}
	if object.Size != nil {
		line += " sized"
	}
	if object.ETag != "" {
		line += " etag"
	}
	if object.Sequencer != "" {
		line += " sequencer"
	}
	return line
}

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
func TestEventsOfObjects(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	ctx, client := t.Context(), a.s3()
	queue, arn := a.queue("events")
	for _, versioned := range []bool{true, false} {
		name := map[bool]string{true: "versioned", false: "plain"}[versioned]
		bucket := &name
		if versioned {
			a.bucket(name, "us-east-1")
		} else {
			_, err := client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: bucket})
			require.NoError(t, err)
		}
		a.open(name)
		_, err := client.PutBucketNotificationConfiguration(ctx, &s3.PutBucketNotificationConfigurationInput{Bucket: bucket, NotificationConfiguration: &types.NotificationConfiguration{
			QueueConfigurations: []types.QueueConfiguration{{
				Id: aws.String("all"), QueueArn: &arn, Events: []types.Event{"s3:ObjectCreated:*", "s3:ObjectRemoved:*", "s3:ObjectTagging:*", "s3:ObjectAcl:Put"},
			}},
		}})
		require.NoError(t, err)
		tests := a.messages(queue)
		require.Len(t, tests, 1)
		assert.Contains(t, tests[0], `"Event":"s3:TestEvent"`)
		versions := map[string]string{}
		expect := func(what string, want ...string) {
			t.Helper()
			var got []string
			for _, record := range a.records(queue) {
				got = append(got, short(record, versions))
				assert.Equal(t, "all", record.S3.ConfigurationID, what)
				assert.True(t, strings.HasPrefix(record.UserIdentity.ID, "AWS:"), what)
				assert.NotEmpty(t, record.RequestParameters["sourceIPAddress"], what)
				assert.NotEmpty(t, record.ResponseElements["x-amz-request-id"], what)
				assert.NotEmpty(t, record.ResponseElements["x-amz-id-2"], what)
				assert.NotEmpty(t, record.S3.Bucket.Owner.ID, what)
			}
			assert.ElementsMatch(t, want, got, "%s: %s", name, what)
		}
		version := ""
		if versioned {
			version = " v1"
		}
		versions[a.write(name, "k", "x")] = "v1"
		expect("an upload", "ObjectCreated:Put k"+version+" sized etag sequencer")
		copied, err := client.CopyObject(ctx, &s3.CopyObjectInput{Bucket: bucket, Key: aws.String("c"), CopySource: aws.String(name + "/k")})
		require.NoError(t, err)
		versions[aws.ToString(copied.VersionId)] = "v1"
		expect("a copy", "ObjectCreated:Copy c"+version+" sized etag sequencer")
		begun, err := client.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: bucket, Key: aws.String("m")})
		require.NoError(t, err)
		part, err := client.UploadPart(ctx, &s3.UploadPartInput{Bucket: bucket, Key: aws.String("m"), UploadId: begun.UploadId, PartNumber: aws.Int32(1), Body: strings.NewReader("x")})
		require.NoError(t, err)
		assembled, err := client.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{Bucket: bucket, Key: aws.String("m"), UploadId: begun.UploadId, MultipartUpload: &types.CompletedMultipartUpload{
			Parts: []types.CompletedPart{{ETag: part.ETag, PartNumber: aws.Int32(1)}},
		}})
		require.NoError(t, err)
		versions[aws.ToString(assembled.VersionId)] = "v1"
		expect("an upload in parts", "ObjectCreated:CompleteMultipartUpload m"+version+" sized etag sequencer")
		_, err = client.PutObjectTagging(ctx, &s3.PutObjectTaggingInput{Bucket: bucket, Key: aws.String("k"), Tagging: &types.Tagging{TagSet: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}}})
		require.NoError(t, err)
		expect("tags", "ObjectTagging:Put k"+version+" etag")
		_, err = client.DeleteObjectTagging(ctx, &s3.DeleteObjectTaggingInput{Bucket: bucket, Key: aws.String("k")})
		require.NoError(t, err)
		expect("tags that are deleted", "ObjectTagging:Delete k"+version+" etag")
		_, err = client.PutObjectAcl(ctx, &s3.PutObjectAclInput{Bucket: bucket, Key: aws.String("k"), ACL: types.ObjectCannedACLPublicRead})
		require.NoError(t, err)
		expect("an ACL", "ObjectAcl:Put k"+version+" etag")

		deleted, err := client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: bucket, Key: aws.String("k")})
		require.NoError(t, err)
		many, err := client.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: bucket, Delete: &types.Delete{Objects: []types.ObjectIdentifier{{Key: aws.String("c")}, {Key: aws.String("m")}}}})
		require.NoError(t, err)
		require.Len(t, many.Deleted, 2)
		if versioned {
			versions[aws.ToString(deleted.VersionId)] = "marker"
			for _, each := range many.Deleted {
				versions[aws.ToString(each.DeleteMarkerVersionId)] = "marker"
			}
			expect("delete markers", "ObjectRemoved:DeleteMarkerCreated k marker etag sequencer", "ObjectRemoved:DeleteMarkerCreated c marker etag sequencer", "ObjectRemoved:DeleteMarkerCreated m marker etag sequencer")
			_, err = client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: bucket, Key: aws.String("c"), VersionId: copied.VersionId})
			require.NoError(t, err)
			expect("a version", "ObjectRemoved:Delete c v1 sequencer")
			continue
		}
		expect("objects", "ObjectRemoved:Delete k sequencer", "ObjectRemoved:Delete c sequencer", "ObjectRemoved:Delete m sequencer")
		_, err = client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: bucket, Key: aws.String("k")})
		require.NoError(t, err)
		expect("nothing")
	}
}

// A topic gets S3's subject, and a replica is an upload to its own bucket.
func TestEventsOfReplicas(t *testing.T) {
	t.Parallel()
	p := newPair(t, Options{})
	told := p.newTopicQueue("replicas")
	topic := "arn:aws:sns:us-west-2:" + homeAccount + ":replicas"
	_, err := p.s3(inRegion("us-west-2")).PutBucketNotificationConfiguration(t.Context(), &s3.PutBucketNotificationConfigurationInput{Bucket: aws.String("dst"), NotificationConfiguration: &types.NotificationConfiguration{
		TopicConfigurations: []types.TopicConfiguration{{TopicArn: &topic, Events: []types.Event{"s3:ObjectCreated:*", "s3:ObjectRemoved:*"}}},
	}})
	require.NoError(t, err)
	id := p.put("src", "k")
	p.becomes(id, replicator.Completed)
	require.Eventually(t, func() bool {
		for _, body := range p.messagesIn("us-west-2", told) {
			var notice struct{ Subject, Message string }
			require.NoError(t, json.Unmarshal([]byte(body), &notice), body)
			assert.Equal(t, "Amazon S3 Notification", notice.Subject)
			var message struct{ Records []bucketevents.Record }
			require.NoError(t, json.Unmarshal([]byte(notice.Message), &message), body)
			for _, record := range message.Records {
				assert.Equal(t, "us-west-2", record.Region)
				assert.Equal(t, id.Version, record.S3.Object.Version, "replicas have the id of their source")
				return assert.Equal(t, "ObjectCreated:Put", record.Name)
			}
		}
		return false
	}, patience, 100*time.Millisecond)
}

// newTopicQueue creates a topic in us-west-2 that allows S3 and a subscribed queue,
// and returns the queue.
func (a *account) newTopicQueue(name string) string {
	a.t.Helper()
	const region = "us-west-2"
	topic := "arn:aws:sns:" + region + ":" + homeAccount + ":" + name
	a.query("sns", region, "2010-03-31", url.Values{
		"Action": {"CreateTopic"}, "Name": {name}, "Attributes.entry.1.key": {"Policy"},
		"Attributes.entry.1.value": {letting("s3.amazonaws.com", "sns:Publish", topic, "arn:aws:s3:::*")},
	}, &struct{}{})
	var made struct {
		URL string `xml:"CreateQueueResult>QueueUrl"`
	}
	a.query("sqs", region, "2012-11-05", url.Values{"Action": {"CreateQueue"}, "QueueName": {name}}, &made)
	a.query("sns", region, "2010-03-31", url.Values{
		"Action": {"Subscribe"}, "TopicArn": {topic}, "Protocol": {"sqs"}, "Endpoint": {"arn:aws:sqs:" + region + ":" + homeAccount + ":" + name},
	}, &struct{}{})
	return made.URL
}
