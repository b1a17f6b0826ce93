package localaws

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/faults"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/replicator"
)

// query calls a service with AWS's query protocol.
func (a *account) query(service, region, version string, form url.Values, document any) {
	a.t.Helper()
	form.Set("Version", version)
	request, err := http.NewRequestWithContext(a.t.Context(), http.MethodPost, "https://"+service+"."+region+".amazonaws.com/", strings.NewReader(form.Encode()))
	require.NoError(a.t, err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	require.NoError(a.t, a.server.access().sign(request, form.Encode(), service, region))
	answer, err := a.server.HTTPClient().Do(request)
	require.NoError(a.t, err)
	body, err := io.ReadAll(answer.Body)
	require.NoError(a.t, err)
	require.NoError(a.t, answer.Body.Close())
	require.Equal(a.t, http.StatusOK, answer.StatusCode, "%s", body)
	require.NoError(a.t, xml.Unmarshal(body, document), "%s", body)
}

// queue creates a queue that allows S3.
func (a *account) queue(name string) (address, arn string) {
	a.t.Helper()
	arn = "arn:aws:sqs:us-east-1:" + homeAccount + ":" + name
	var made struct {
		URL string `xml:"CreateQueueResult>QueueUrl"`
	}
	a.query("sqs", "us-east-1", "2012-11-05", url.Values{
		"Action": {"CreateQueue"}, "QueueName": {name}, "Attribute.1.Name": {"Policy"},
		"Attribute.1.Value": {letting("s3.amazonaws.com", "sqs:SendMessage", arn, "arn:aws:s3:::*")},
	}, &made)
	return made.URL, arn
}

// letting returns a policy of a topic or a queue that allows a service as AWS
// recommends.
func letting(service, action, resource, source string) string {
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":%q},"Action":%q,"Resource":%q,
		"Condition":{"ArnLike":{"aws:SourceArn":%q},"StringEquals":{"aws:SourceAccount":%q}}}]}`, service, action, resource, source, homeAccount)
}

// receive waits for the first message about replication.
func (a *account) receive(queue string) string {
	a.t.Helper()
	found := ""
	require.Eventually(a.t, func() bool {
		var got struct {
			Bodies []string `xml:"ReceiveMessageResult>Message>Body"`
		}
		a.query("sqs", "us-east-1", "2012-11-05", url.Values{"Action": {"ReceiveMessage"}, "QueueUrl": {queue}, "MaxNumberOfMessages": {"10"}}, &got)
		for _, body := range got.Bodies {
			if strings.Contains(body, "Replication:") {
				found = body
			}
		}
		return found != ""
	}, patience, 50*time.Millisecond)
	return found
}

func TestReplication_SendsEventsOfFailures(t *testing.T) {
	t.Parallel()
	p := newPair(t, Options{})
	direct, directARN := p.queue("direct")
	byTopic, byTopicARN := p.queue("by-topic")
	var topic struct {
		ARN string `xml:"CreateTopicResult>TopicArn"`
	}
	p.query("sns", "us-east-1", "2010-03-31", url.Values{
		"Action": {"CreateTopic"}, "Name": {"events"}, "Attributes.entry.1.key": {"Policy"},
		"Attributes.entry.1.value": {letting("s3.amazonaws.com", "sns:Publish", "arn:aws:sns:us-east-1:"+homeAccount+":events", "arn:aws:s3:::src")},
	}, &topic)
	p.query("sns", "us-east-1", "2010-03-31", url.Values{
		"Action": {"Subscribe"}, "TopicArn": {topic.ARN}, "Protocol": {"sqs"}, "Endpoint": {byTopicARN},
	}, &struct{}{})
	_, err := p.s3().PutBucketNotificationConfiguration(t.Context(), &s3.PutBucketNotificationConfigurationInput{
		Bucket: aws.String("src"),
		NotificationConfiguration: &types.NotificationConfiguration{
			QueueConfigurations: []types.QueueConfiguration{{
				Id: aws.String("to-queue"), QueueArn: &directARN, Events: []types.Event{"s3:Replication:OperationFailedReplication"},
				Filter: &types.NotificationConfigurationFilter{Key: &types.S3KeyFilter{FilterRules: []types.FilterRule{{Name: types.FilterRuleNamePrefix, Value: aws.String("finance/")}}}},
			}},
			TopicConfigurations: []types.TopicConfiguration{{
				TopicArn: &topic.ARN, Events: []types.Event{"s3:Replication:*"},
				Filter: &types.NotificationConfigurationFilter{Key: &types.S3KeyFilter{FilterRules: []types.FilterRule{{Name: types.FilterRuleNamePrefix, Value: aws.String("other")}}}},
			}},
		},
	})
	require.NoError(t, err)
	p.without("s3:ReplicateObject")()
	p.becomes(p.put("src", "other"), replicator.Failed)
	id := p.put("src", "finance/q3")
	p.becomes(id, replicator.Failed)

	var got struct {
		Records []struct {
			EventName string `json:"eventName"`
			Region    string `json:"awsRegion"`
			S3        struct {
				ConfigurationID string `json:"configurationId"`
				Object          struct {
					Key     string `json:"key"`
					Version string `json:"versionId"`
				} `json:"object"`
			} `json:"s3"`
			Data map[string]string `json:"replicationEventData"`
		}
	}
	require.NoError(t, json.Unmarshal([]byte(p.receive(direct)), &got))
	require.Len(t, got.Records, 1)
	record := got.Records[0]
	assert.Equal(t, "Replication:OperationFailedReplication", record.EventName)
	assert.Equal(t, "us-east-1", record.Region)
	assert.Equal(t, "to-queue", record.S3.ConfigurationID)
	assert.Equal(t, "finance%2Fq3", record.S3.Object.Key)
	assert.Equal(t, id.Version, record.S3.Object.Version)
	assert.Equal(t, "DstPutObjectNotPermitted", record.Data["failureReason"])
	assert.Equal(t, "all", record.Data["replicationRuleId"])
	assert.Equal(t, "arn:aws:s3:::dst", record.Data["destinationBucket"])
	assert.Equal(t, "OBJECT_PUT", record.Data["s3Operation"])
	assert.Contains(t, p.receive(byTopic), "OperationFailedReplication")
}

func TestReplication_SendsNoEventsWhereS3IsKeptOut(t *testing.T) {
	t.Parallel()
	p := newPair(t, Options{})
	open, openARN := p.queue("open")
	closed, closedARN := p.queue("closed")
	p.query("sqs", "us-east-1", "2012-11-05", url.Values{
		"Action": {"SetQueueAttributes"}, "QueueUrl": {closed}, "Attribute.1.Name": {"Policy"},
		"Attribute.1.Value": {letting("s3.amazonaws.com", "sqs:SendMessage", closedARN, "arn:aws:s3:::another")},
	}, &struct{}{})
	put := func(unchecked bool, queues ...string) error {
		var configured types.NotificationConfiguration
		for _, arn := range queues {
			_, name, _ := strings.Cut(arn, homeAccount+":")
			configured.QueueConfigurations = append(configured.QueueConfigurations, types.QueueConfiguration{
				QueueArn: &arn, Events: []types.Event{"s3:Replication:*"},
				Filter: &types.NotificationConfigurationFilter{Key: &types.S3KeyFilter{FilterRules: []types.FilterRule{{Name: "prefix", Value: &name}}}},
			})
		}
		_, err := p.s3().PutBucketNotificationConfiguration(t.Context(), &s3.PutBucketNotificationConfigurationInput{
			Bucket: aws.String("src"), SkipDestinationValidation: &unchecked, NotificationConfiguration: &configured,
		})
		return err
	}
	require.NoError(t, put(false, openARN))
	require.ErrorContains(t, put(false, openARN, closedARN), "Unable to validate the following destination configurations")
	require.ErrorContains(t, put(false, openARN+"x"), "Unable to validate the following destination configurations")
	require.NoError(t, put(true, closedARN, openARN))
	p.without("s3:ReplicateObject")()
	p.becomes(p.put("src", "closed"), replicator.Failed)
	p.becomes(p.put("src", "open"), replicator.Failed)
	assert.Contains(t, p.receive(open), "OperationFailedReplication", "one that is kept out keeps no other out")
	var got struct {
		Bodies []string `xml:"ReceiveMessageResult>Message>Body"`
	}
	p.query("sqs", "us-east-1", "2012-11-05", url.Values{"Action": {"ReceiveMessage"}, "QueueUrl": {closed}}, &got)
	assert.NotContains(t, strings.Join(got.Bodies, "\n"), "Replication:", "all that is there is the test event of the emulator")
}

func TestReplication_TellsOfWhatItsMetricsLoseSightOf(t *testing.T) {
	t.Parallel()
	p := newPair(t, Options{MetricsEvery: 100 * time.Millisecond})
	queue, arn := p.queue("events")
	_, err := p.s3().PutBucketNotificationConfiguration(t.Context(), &s3.PutBucketNotificationConfigurationInput{
		Bucket: aws.String("src"), SkipDestinationValidation: aws.Bool(true),
		NotificationConfiguration: &types.NotificationConfiguration{QueueConfigurations: []types.QueueConfiguration{{
			QueueArn: &arn, Events: []types.Event{"s3:Replication:*"},
		}}},
	})
	require.NoError(t, err)
	_, err = p.server.Faults().Add(faults.Fault{Kind: faults.Paused, Bucket: "src"})
	require.NoError(t, err)
	id := p.put("src", "k")
	_, err = p.s3().DeleteBucketReplication(t.Context(), &s3.DeleteBucketReplicationInput{Bucket: aws.String("src")})
	require.NoError(t, err)
	told := p.receive(queue)
	assert.Contains(t, told, `"Replication:OperationNotTracked"`)
	assert.Contains(t, told, `"awsRegion":"us-east-1"`)
	assert.Contains(t, told, id.Version)
	p.server.Faults().ClearAll()
	p.becomes(id, replicator.Failed)
}

// statistic reads a replication metric of the rule "all" from CloudWatch.
func (p *pair) statistic(region, metric, statistic string) (values []float64) {
	p.t.Helper()
	var got struct {
		Points []struct{ Maximum, Sum, SampleCount float64 } `xml:"GetMetricStatisticsResult>Datapoints>member"`
	}
	form := url.Values{
		"Action": {"GetMetricStatistics"}, "Namespace": {"AWS/S3"}, "MetricName": {metric}, "Period": {"3600"}, "Statistics.member.1": {statistic},
		"StartTime": {time.Now().Add(-time.Hour).UTC().Format(time.RFC3339)}, "EndTime": {time.Now().Add(time.Hour).UTC().Format(time.RFC3339)},
	}
	for i, dimension := range [][2]string{{"SourceBucket", "src"}, {"DestinationBucket", "dst"}, {"RuleId", "all"}} {
		at := "Dimensions.member." + string(rune('1'+i))
		form.Set(at+".Name", dimension[0])
		form.Set(at+".Value", dimension[1])
	}
	p.query("monitoring", region, "2010-08-01", form, &got)
	for _, point := range got.Points {
		values = append(values, point.Maximum+point.Sum+point.SampleCount) // one of them is requested
	}
	return values
}

func TestReplication_PutsMetricsWhereS3Does(t *testing.T) {
	t.Parallel()
	p := newPair(t, Options{MetricsEvery: 200 * time.Millisecond})
	for _, metric := range []string{"ReplicationLatency", "BytesPendingReplication", "OperationsPendingReplication"} {
		require.Eventually(t, func() bool { return len(p.statistic("us-west-2", metric, "Maximum")) > 0 }, patience, 100*time.Millisecond,
			"%s is there before anything replicates", metric)
		assert.Empty(t, p.statistic("us-east-1", metric, "Maximum"), metric)
	}
	assert.Empty(t, p.statistic("us-east-1", "OperationsFailedReplication", "Sum"), "which S3 does not publish when nothing happens")

	p.becomes(p.put("src", "good"), replicator.Completed)
	p.without("s3:ReplicateObject")()
	p.becomes(p.put("src", "bad"), replicator.Failed)
	total := func(statistic string) func() bool {
		return func() bool {
			sum := 0.0
			for _, value := range p.statistic("us-east-1", "OperationsFailedReplication", statistic) {
				sum += value
			}
			return (statistic == "Sum" && sum == 1) || (statistic == "SampleCount" && sum == 2)
		}
	}
	require.Eventually(t, total("SampleCount"), patience, 100*time.Millisecond)
	require.Eventually(t, total("Sum"), patience, 100*time.Millisecond)
	assert.Positive(t, p.statistic("us-west-2", "ReplicationLatency", "Maximum")[0])
}
