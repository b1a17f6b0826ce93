package localaws

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/faults"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/replicator"
)

// shortMinute is the length of a minute of an alarm's period in these tests.
const shortMinute = 2 * time.Second

func (a *account) cloudwatch(region string) *cloudwatch.Client {
	return cloudwatch.NewFromConfig(a.config, func(o *cloudwatch.Options) { o.Region = region })
}

// subscriber is a topic with a subscribed queue.
type subscriber struct {
	*account
	region, topic, queue string
	unread               []alarmMessage
}

func (a *account) subscriber(region, name string, attributes map[string]string) *subscriber {
	a.t.Helper()
	const sns, sqs = "2010-03-31", "2012-11-05"
	s := &subscriber{account: a, region: region, topic: "arn:aws:sns:" + region + ":" + homeAccount + ":" + name}
	form := url.Values{"Action": {"CreateTopic"}, "Name": {name}}
	i := 0
	for key, value := range attributes {
		i++
		form.Set(fmt.Sprintf("Attributes.entry.%d.key", i), key)
		form.Set(fmt.Sprintf("Attributes.entry.%d.value", i), value)
	}
	a.query("sns", region, sns, form, &struct{}{})
	var made struct {
		URL string `xml:"CreateQueueResult>QueueUrl"`
	}
	a.query("sqs", region, sqs, url.Values{"Action": {"CreateQueue"}, "QueueName": {name}}, &made)
	s.queue = made.URL
	a.query("sns", region, sns, url.Values{
		"Action": {"Subscribe"}, "TopicArn": {s.topic}, "Protocol": {"sqs"}, "Endpoint": {"arn:aws:sqs:" + region + ":" + homeAccount + ":" + name},
		"Attributes.entry.1.key": {"RawMessageDelivery"}, "Attributes.entry.1.value": {"true"},
	}, &struct{}{})
	return s
}

// alarmSubscriber returns a subscriber whose topic allows the alarms of the account.
func (a *account) alarmSubscriber(region, name string) *subscriber {
	a.t.Helper()
	topic := "arn:aws:sns:" + region + ":" + homeAccount + ":" + name
	return a.subscriber(region, name, map[string]string{"Policy": letting("cloudwatch.amazonaws.com", "sns:Publish", topic, "arn:aws:cloudwatch:"+region+":"+homeAccount+":alarm:*")})
}

// alarmMessage is the notification that a subscriber receives.
type alarmMessage struct {
	AlarmName, AlarmArn, AlarmDescription, AWSAccountId string
	NewStateValue, OldStateValue, NewStateReason        string
	StateChangeTime, Region, AlarmRule                  string
	Trigger                                             struct {
		MetricName, Namespace, Statistic, ComparisonOperator, TreatMissingData string
		Threshold                                                              float64
		Period, EvaluationPeriods                                              int
		Dimensions                                                             []struct{ Name, Value string }
	}
	TriggeringChildren []struct{ Arn string }
}

// receive reads the messages in the queue.
func (s *subscriber) receive() {
	s.t.Helper()
	var got struct {
		Messages []struct{ Body, ReceiptHandle string } `xml:"ReceiveMessageResult>Message"`
	}
	s.query("sqs", s.region, "2012-11-05", url.Values{"Action": {"ReceiveMessage"}, "QueueUrl": {s.queue}, "MaxNumberOfMessages": {"10"}}, &got)
	for _, message := range got.Messages {
		var read alarmMessage
		require.NoError(s.t, json.Unmarshal([]byte(message.Body), &read), message.Body)
		s.unread = append(s.unread, read)
		s.query("sqs", s.region, "2012-11-05", url.Values{"Action": {"DeleteMessage"}, "QueueUrl": {s.queue}, "ReceiptHandle": {message.ReceiptHandle}}, &struct{}{})
	}
}

// hears waits for an alarm's notification of a state, and removes it from the queue.
func (s *subscriber) hears(alarm string, state types.StateValue) (found alarmMessage) {
	s.t.Helper()
	require.Eventually(s.t, func() bool {
		s.receive()
		i := slices.IndexFunc(s.unread, func(m alarmMessage) bool { return m.AlarmName == alarm && m.NewStateValue == string(state) })
		if i < 0 {
			return false
		}
		found = s.unread[i]
		s.unread = slices.Delete(s.unread, i, i+1)
		return true
	}, patience, 100*time.Millisecond, "no message says that %s is %s", alarm, state)
	return found
}

// replicationAlarm creates an alarm on a metric of the rule "all".
func (s *subscriber) replicationAlarm(metric string, statistic types.Statistic, periods int32, threshold float64, missing string) string {
	s.t.Helper()
	actions := []string{s.topic}
	_, err := s.cloudwatch(s.region).PutMetricAlarm(s.t.Context(), &cloudwatch.PutMetricAlarmInput{
		AlarmName: &metric, AlarmDescription: aws.String("see the runbook"), AlarmActions: actions, OKActions: actions,
		Namespace: aws.String("AWS/S3"), MetricName: &metric, Statistic: statistic, Period: aws.Int32(60), EvaluationPeriods: &periods,
		ComparisonOperator: types.ComparisonOperatorGreaterThanThreshold, Threshold: &threshold, TreatMissingData: &missing,
		Dimensions: []types.Dimension{
			{Name: aws.String("SourceBucket"), Value: aws.String("src")},
			{Name: aws.String("DestinationBucket"), Value: aws.String("dst")},
			{Name: aws.String("RuleId"), Value: aws.String("all")},
		},
	})
	require.NoError(s.t, err)
	return metric
}

func (a *account) alarm(region, name string) types.MetricAlarm {
	a.t.Helper()
	found, err := a.cloudwatch(region).DescribeAlarms(a.t.Context(), &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{name}})
	require.NoError(a.t, err)
	require.Len(a.t, found.MetricAlarms, 1)
	return found.MetricAlarms[0]
}

func (a *account) isIn(region, alarm string, state types.StateValue) {
	a.t.Helper()
	require.Eventually(a.t, func() bool { return a.alarm(region, alarm).StateValue == state }, patience, 100*time.Millisecond, "%s becomes %s", alarm, state)
}

func TestAlarms_TellOfAFailedReplicationAndOfTheRecovery(t *testing.T) {
	t.Parallel()
	p := newPair(t, Options{AlarmMinute: shortMinute})
	ops := p.alarmSubscriber("us-east-1", "ops")
	alarm := ops.replicationAlarm("OperationsFailedReplication", types.StatisticSum, 1, 0, "notBreaching")
	assert.Equal(t, "INSUFFICIENT_DATA", ops.hears(alarm, types.StateValueOk).OldStateValue)
	_, err := p.cloudwatch("us-east-1").PutCompositeAlarm(t.Context(), &cloudwatch.PutCompositeAlarmInput{
		AlarmName: aws.String("any"), AlarmRule: aws.String(`ALARM("` + alarm + `")`), AlarmActions: []string{ops.topic},
	})
	require.NoError(t, err)

	p.without("s3:ReplicateObject")()
	p.becomes(p.put("src", "bad"), replicator.Failed)
	heard := ops.hears(alarm, types.StateValueAlarm)
	assert.Equal(t, "OK", heard.OldStateValue)
	assert.Equal(t, homeAccount, heard.AWSAccountId)
	assert.Equal(t, "US East (N. Virginia)", heard.Region)
	assert.Equal(t, "arn:aws:cloudwatch:us-east-1:"+homeAccount+":alarm:"+alarm, heard.AlarmArn)
	assert.Equal(t, "see the runbook", heard.AlarmDescription)
	assert.Regexp(t, `^Threshold Crossed: 1 datapoint \[1\.0 \(.*\)\] was greater than the threshold \(0\.0\)\.$`, heard.NewStateReason)
	assert.Equal(t, "AWS/S3", heard.Trigger.Namespace)
	assert.Equal(t, "SUM", heard.Trigger.Statistic)
	assert.Equal(t, 60, heard.Trigger.Period, "whatever a minute lasts here")
	assert.Len(t, heard.Trigger.Dimensions, 3)
	composite := ops.hears("any", types.StateValueAlarm)
	assert.Equal(t, []struct{ Arn string }{{heard.AlarmArn}}, composite.TriggeringChildren)

	healed := ops.hears(alarm, types.StateValueOk)
	assert.Equal(t, "ALARM", healed.OldStateValue)
	described := p.alarm("us-east-1", alarm)
	assert.Equal(t, types.StateValueOk, described.StateValue)
	assert.Equal(t, healed.NewStateReason, aws.ToString(described.StateReason))
	assert.WithinDuration(t, time.Now(), aws.ToTime(described.StateUpdatedTimestamp), patience)
}

func TestAlarms_TellOfLatencyOverTheThresholdAndOfTheRecovery(t *testing.T) {
	t.Parallel()
	p := newPair(t, Options{AlarmMinute: shortMinute})
	ops := p.alarmSubscriber("us-west-2", "ops")
	alarm := ops.replicationAlarm("ReplicationLatency", types.StatisticMaximum, 3, 3, "ignore")
	assert.Equal(t, "INSUFFICIENT_DATA", ops.hears(alarm, types.StateValueOk).OldStateValue)
	paused, err := p.server.Faults().Add(faults.Fault{Kind: faults.Paused})
	require.NoError(t, err)
	id := p.put("src", "late")
	assert.Equal(t, "OK", ops.hears(alarm, types.StateValueAlarm).OldStateValue)

	require.NoError(t, p.server.Faults().Clear(paused.ID))
	p.becomes(id, replicator.Completed)
	assert.Equal(t, "ALARM", ops.hears(alarm, types.StateValueOk).OldStateValue)
	history, err := p.cloudwatch("us-west-2").DescribeAlarmHistory(t.Context(), &cloudwatch.DescribeAlarmHistoryInput{
		AlarmName: &alarm, ScanBy: types.ScanByTimestampAscending,
	})
	require.NoError(t, err)
	var summaries []string
	for _, item := range history.AlarmHistoryItems {
		summaries = append(summaries, aws.ToString(item.HistorySummary))
	}
	assert.Equal(t, []string{
		`Alarm "ReplicationLatency" created`, "Alarm updated from INSUFFICIENT_DATA to OK", "Successfully executed action " + ops.topic,
		"Alarm updated from OK to ALARM", "Successfully executed action " + ops.topic,
		"Alarm updated from ALARM to OK", "Successfully executed action " + ops.topic,
	}, summaries)
}

func TestAlarms_WithoutDataAreNotOK(t *testing.T) {
	t.Parallel()
	p := newPair(t, Options{AlarmMinute: shortMinute})
	ops := p.alarmSubscriber("us-east-1", "ops")
	absent := ops.replicationAlarm("OperationsFailedReplication", types.StatisticSum, 1, 0, "ignore")
	wrongRegion := ops.replicationAlarm("ReplicationLatency", types.StatisticMaximum, 1, 900, "missing")
	_, err := p.cloudwatch("us-west-2").PutMetricAlarm(t.Context(), &cloudwatch.PutMetricAlarmInput{
		AlarmName: aws.String("two dimensions"), Namespace: aws.String("AWS/S3"), MetricName: aws.String("ReplicationLatency"), Statistic: types.StatisticMaximum,
		Period: aws.Int32(60), EvaluationPeriods: aws.Int32(1), ComparisonOperator: types.ComparisonOperatorGreaterThanThreshold, Threshold: aws.Float64(900),
		Dimensions: []types.Dimension{{Name: aws.String("SourceBucket"), Value: aws.String("src")}, {Name: aws.String("DestinationBucket"), Value: aws.String("dst")}},
	})
	require.NoError(t, err)
	west := p.alarmSubscriber("us-west-2", "ops")
	p.isIn("us-west-2", west.replicationAlarm("ReplicationLatency", types.StatisticMaximum, 3, 900, "ignore"), types.StateValueOk)
	for _, alarm := range []types.MetricAlarm{p.alarm("us-east-1", absent), p.alarm("us-east-1", wrongRegion), p.alarm("us-west-2", "two dimensions")} {
		assert.Equal(t, types.StateValueInsufficientData, alarm.StateValue, "%s gets no data", *alarm.AlarmName)
	}
	ops.receive()
	assert.Empty(t, ops.unread)
}

func TestAlarms_AskTheTopicAndItsKey(t *testing.T) {
	t.Parallel()
	a := newAccountWith(t, Options{AlarmMinute: shortMinute, Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	const root = `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` + homeAccount + `:root"},"Action":"kms:*","Resource":"*"}`
	keyWith := func(statements string) string {
		made, err := kms.NewFromConfig(a.config).CreateKey(t.Context(), &kms.CreateKeyInput{
			Policy: aws.String(`{"Version":"2012-10-17","Statement":[` + root + statements + `]}`), BypassPolicyLockoutSafetyCheck: true,
		})
		require.NoError(t, err)
		return *made.KeyMetadata.Arn
	}
	open := keyWith(`,{"Effect":"Allow","Principal":{"Service":"cloudwatch.amazonaws.com"},"Action":["kms:GenerateDataKey*","kms:Decrypt"],"Resource":"*",
		"Condition":{"StringEquals":{"aws:SourceAccount":"` + homeAccount + `"}}}`)
	arn := func(name string) string { return "arn:aws:sns:us-east-1:" + homeAccount + ":" + name }
	alarms := "arn:aws:cloudwatch:us-east-1:" + homeAccount + ":alarm:*"
	policyFor := func(name string) string { return letting("cloudwatch.amazonaws.com", "sns:Publish", arn(name), alarms) }
	told := map[string]*subscriber{
		"default":   a.subscriber("us-east-1", "default", nil),
		"encrypted": a.subscriber("us-east-1", "encrypted", map[string]string{"Policy": policyFor("encrypted"), "KmsMasterKeyId": open}),
	}
	untold := map[string]*subscriber{
		"other-service": a.subscriber("us-east-1", "other-service", map[string]string{"Policy": letting("s3.amazonaws.com", "sns:Publish", arn("other-service"), alarms)}),
		"other-source":  a.subscriber("us-east-1", "other-source", map[string]string{"Policy": letting("cloudwatch.amazonaws.com", "sns:Publish", arn("other-source"), alarms+"x")}),
		"closed-key":    a.subscriber("us-east-1", "closed-key", map[string]string{"Policy": policyFor("closed-key"), "KmsMasterKeyId": keyWith("")}),
		"aws-key":       a.subscriber("us-east-1", "aws-key", map[string]string{"Policy": policyFor("aws-key"), "KmsMasterKeyId": "alias/aws/sns"}),
	}
	client := a.cloudwatch("us-east-1")
	put := func(name string, s *subscriber) {
		_, err := client.PutMetricAlarm(t.Context(), &cloudwatch.PutMetricAlarmInput{
			AlarmName: &name, Namespace: aws.String("mine"), MetricName: aws.String("value"), Statistic: types.StatisticMaximum, Period: aws.Int32(60),
			EvaluationPeriods: aws.Int32(1), ComparisonOperator: types.ComparisonOperatorGreaterThanThreshold, Threshold: aws.Float64(1), AlarmActions: []string{s.topic},
		})
		require.NoError(t, err)
	}
	for name, s := range told {
		put(name, s)
	}
	for name, s := range untold {
		put(name, s)
	}
	_, err := client.PutMetricData(t.Context(), &cloudwatch.PutMetricDataInput{
		Namespace: aws.String("mine"), MetricData: []types.MetricDatum{{MetricName: aws.String("value"), Value: aws.Float64(2)}},
	})
	require.NoError(t, err)
	for name, s := range told {
		s.hears(name, types.StateValueAlarm)
	}
	for name, s := range untold {
		summary := ""
		require.Eventually(t, func() bool {
			history, err := client.DescribeAlarmHistory(t.Context(), &cloudwatch.DescribeAlarmHistoryInput{AlarmName: &name, HistoryItemType: types.HistoryItemTypeAction})
			require.NoError(t, err)
			if len(history.AlarmHistoryItems) == 0 {
				return false
			}
			summary = *history.AlarmHistoryItems[0].HistorySummary
			return true
		}, patience, 100*time.Millisecond, name)
		assert.Equal(t, "Failed to execute action "+s.topic, summary)
		s.receive()
		assert.Empty(t, s.unread, name)
	}
}
