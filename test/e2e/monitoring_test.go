package e2e

import (
	"bytes"
	"fmt"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

const oncallQueue = "arn:aws:sqs:us-east-1:123456789012:oncall"

// monitoredConfig enables everything, with placeholders for a threshold and more
// subscribers.
const monitoredConfig = `
config:
  crr:forceDestroy: true
  crr:deletionWindowInDays: 7
  crr:replications:
    - name: data
      direction: %s
      source:
        region: us-east-1
        notifications: [{ events: ["s3:ObjectTagging:*"], prefix: in/, queueArn: "arn:aws:sqs:us-east-1:123456789012:tagged" }]
      destinations: [{ name: dr, region: us-west-2%s }]
      rules:
        - { id: critical, prefix: finance/, replicationTimeControl: true, monitoring: { latencySeconds: 60, pendingBytes: 1000000 } }
        - { id: rest }
      monitoring:
        pendingOperations: %d
        emails: [ops@example.com]
        queueArns: [%s]
        events: { us-east-1: { alarmTopic: true } }
        failureQueue: true
`

// TestMonitoring runs all monitoring through its lifecycle, within an account and
// across two.
func TestMonitoring(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ direction, account string }{
		"within an account": {"one-way", ""},
		"across accounts":   {"two-way", `, assumeRoleArn: "arn:aws:iam::222222222222:role/deploy"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.makeQueue("oncall")
			l.makeQueue("tagged")
			l.project(fmt.Sprintf(monitoredConfig, c.direction, c.account, 1000, ""))
			l.up()
			l.mustRun("pulumi", "preview", "--refresh", "--expect-no-changes", "--stack", "test")

			l.project(fmt.Sprintf(monitoredConfig, c.direction, c.account, 500, oncallQueue))
			l.up()
			l.mustRun("pulumi", "preview", "--refresh", "--expect-no-changes", "--stack", "test")

			deployed := l.descriptors()[0]
			t.Run("failures arrive in the queue", func(t *testing.T) { failuresArrive(t, l, deployed) })
			t.Run("their alarm arrives in the subscribed queue", func(t *testing.T) { alarmArrives(t, l, deployed) })
			t.Run("every alarm watches what is published", func(t *testing.T) { alarmsWatch(t, l, deployed) })

			l.mustRun("pulumi", "destroy", "--yes", "--skip-preview", "--stack", "test")
			for _, place := range append(deployed.Destinations, deployed.Source) {
				assert.Empty(t, l.in(place.Region).leftovers(t.Context(), t), "left in %s", place.Region)
				assert.Empty(t, l.inAccount(place.AccountID, place.Region).leftovers(t.Context(), t), "left in %s", place.Region)
			}
		})
	}
}

// makeQueue creates a user's queue, to which S3 and SNS may send.
func (l *lab) makeQueue(name string) {
	l.t.Helper()
	document := policy.New(policy.Statement{
		Effect: policy.Allow, Principal: policy.Service("s3.amazonaws.com", "sns.amazonaws.com"),
		Action: policy.Values{"sqs:SendMessage"}, Resource: policy.Values{"arn:aws:sqs:us-east-1:123456789012:" + name},
	})
	_, err := l.in("us-east-1").sqs.CreateQueue(l.t.Context(), &sqs.CreateQueueInput{
		QueueName: &name, Attributes: map[string]string{"Policy": document.JSON()},
	})
	require.NoError(l.t, err)
}

// failuresArrive replicates an object under each rule, removes the permission to
// replicate, and waits for S3's events in the failure queue.
func failuresArrive(t *testing.T, l *lab, d replication.Descriptor) {
	t.Helper()
	for _, place := range d.Buckets() {
		for _, key := range []string{"finance/good", "good"} {
			l.putAs(place, key)
			l.replicates(place, key)
		}
	}
	c := l.in(d.Source.Region)
	role := path.Base(d.RoleARN)
	policies, err := c.iam.ListRolePolicies(t.Context(), &iam.ListRolePoliciesInput{RoleName: &role})
	require.NoError(t, err)
	_, err = c.iam.DeleteRolePolicy(t.Context(), &iam.DeleteRolePolicyInput{RoleName: &role, PolicyName: &policies.PolicyNames[0]})
	require.NoError(t, err)
	l.settle()
	l.putAs(d.Source, "finance/bad")
	failures := d.Notifications[0]
	assert.Equal(t, "source", failures.Bucket)
	l.writeDescriptors([]replication.Descriptor{d})
	assert.Eventually(t, func() bool {
		output, _, _ := l.exitOf("status", "--descriptor", "deployed.json")
		return strings.Contains(output, "finance/bad -> "+d.Destinations[0].Bucket+": Src")
	}, patience, time.Second, "status does not look into the queue of the deployment")
	assert.Contains(t, l.receive(failures.TargetARN, "OperationFailedReplication"), `"key":"finance%2Fbad"`)
}

// alarmArrives waits for the composite alarm's notification of that failure.
func alarmArrives(t *testing.T, l *lab, d replication.Descriptor) {
	t.Helper()
	l.again = func() { l.putAs(d.Source, "finance/bad") }
	defer func() { l.again = nil }()
	message := l.receive(oncallQueue, `\"NewStateValue\":\"ALARM\"`)
	assert.Contains(t, message, d.CompositeAlarms[0].Name, "only the composite alarm notifies")
}

func (l *lab) putAs(place replication.DeployedBucket, key string) {
	l.t.Helper()
	_, err := l.inAccount(place.AccountID, place.Region).s3.PutObject(l.t.Context(), &s3.PutObjectInput{
		Bucket: &place.Bucket, Key: &key, Body: bytes.NewReader([]byte("data")), ChecksumAlgorithm: s3types.ChecksumAlgorithmCrc32,
	})
	require.NoError(l.t, err)
}

func (l *lab) replicates(place replication.DeployedBucket, key string) {
	l.t.Helper()
	require.Eventually(l.t, func() bool {
		head, err := l.inAccount(place.AccountID, place.Region).s3.HeadObject(l.t.Context(), &s3.HeadObjectInput{Bucket: &place.Bucket, Key: &key})
		return err == nil && head.ReplicationStatus != s3types.ReplicationStatusPending
	}, time.Minute, 200*time.Millisecond, "%s in %s is not replicated", key, place.Name)
}

// receive waits for a message that contains a word.
func (l *lab) receive(queueARN, word string) string {
	l.t.Helper()
	return l.receiveThat(queueARN, word, func(body string) bool { return strings.Contains(body, word) })
}

// everyPolls is how often the lab's again is called, less than every ten seconds.
const everyPolls = 50

// receiveThat waits for a matching message.
func (l *lab) receiveThat(queueARN, what string, wanted func(body string) bool) string {
	l.t.Helper()
	parts := strings.Split(queueARN, ":")
	c := l.inAccount(parts[4], parts[3])
	queue, err := c.sqs.GetQueueUrl(l.t.Context(), &sqs.GetQueueUrlInput{QueueName: &parts[5]})
	require.NoError(l.t, err)
	found := ""
	polls := 0
	require.Eventually(l.t, func() bool {
		if polls++; harsh() && l.again != nil && polls%everyPolls == 0 {
			l.again()
		}
		got, err := c.sqs.ReceiveMessage(l.t.Context(), &sqs.ReceiveMessageInput{QueueUrl: queue.QueueUrl})
		if err != nil {
			return false
		}
		for _, message := range got.Messages {
			if found == "" && wanted(aws.ToString(message.Body)) {
				found = aws.ToString(message.Body)
			}
		}
		return found != ""
	}, patience, 200*time.Millisecond, "no %s arrives in %s", what, queueARN)
	return found
}
