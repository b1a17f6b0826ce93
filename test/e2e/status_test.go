package e2e

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
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

// statusOutput is the JSON output of crr status.
type statusOutput struct {
	Deployments []struct {
		Rules []struct {
			Rule, State, Reason string
			FailedOperations    *float64
			LatencySeconds      struct{ Now, Max *float64 }
		}
		Alarms   []struct{ Name, State string }
		Failures []struct{ Key, Reason, Fix string }
		Notes    []string
	}
}

// exitOf runs crr and returns its standard output and exit status.
func (l *lab) exitOf(args ...string) (output, complaint string, status int) {
	l.t.Helper()
	command := exec.CommandContext(l.t.Context(), lookPath(l.env, "crr"), args...)
	command.Dir, command.Env = l.dir, l.envOf("crr", args, nil)
	var out, problems bytes.Buffer
	command.Stdout, command.Stderr = &out, &problems
	_ = command.Run() // the exit status is checked
	return out.String(), problems.String(), command.ProcessState.ExitCode()
}

// says waits until crr status reports the state of the only rule.
func (l *lab) says(state string, exit int) statusOutput {
	l.t.Helper()
	var last statusOutput
	var output, complaint string
	require.Eventuallyf(l.t, func() bool {
		var status int
		last = statusOutput{}
		output, complaint, status = l.exitOf("status", "--descriptor", "deployed.json", "--output", "json")
		return json.Unmarshal([]byte(output), &last) == nil && last.Deployments[0].Rules[0].State == state && status == exit
	}, patience, 2*time.Second, "crr status never says %q with exit status %d; it last said %s", state, exit, latest{&output})
	require.Empty(l.t, complaint)
	return last
}

// TestStatus runs a deployment through everything that status must report: each step
// needs the previous ones.
func TestStatus(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.project(pairConfig)
	l.up()
	deployed := l.descriptors()
	l.withQueue(&deployed[0])
	l.writeDescriptors(deployed)
	d := deployed[0]

	t.Run("what replicates is well", func(t *testing.T) {
		l.put(t, d, "a", "b", "c")
		last := l.says("replicating", 0)
		rule := last.Deployments[0].Rules[0]
		require.Eventually(t, func() bool {
			rule = l.says("replicating", 0).Deployments[0].Rules[0]
			counted := regexp.MustCompile(`^[1-9]\d* operations?, none failed`).MatchString(rule.Reason)
			if !counted {
				l.put(t, d, "a") // if data points are missing, the next ones include this
			}
			return counted
		}, patience, time.Second, "the operations are counted")
		assert.NotNil(t, rule.LatencySeconds.Now)
		assert.Len(t, last.Deployments[0].Alarms, len(d.Alarms)+len(d.CompositeAlarms))
		for _, alarm := range last.Deployments[0].Alarms {
			assert.NotContains(t, []string{"gone", "unknown"}, alarm.State, alarm.Name)
		}
	})
	t.Run("the page stands alone", func(t *testing.T) {
		table, complaint, status := l.exitOf("status", "--descriptor", "deployed.json", "--html", "status.html")
		assert.Equal(t, 0, status, complaint)
		assert.Contains(t, table, "replicating")
		page, err := os.ReadFile(filepath.Join(l.dir, "status.html"))
		require.NoError(t, err)
		assert.Contains(t, string(page), "<svg")
		for _, load := range []string{"src=", "<link", "<script", "url(", "@import"} {
			assert.NotContains(t, string(page), load)
		}
	})
	t.Run("watching ends well when it is interrupted", func(t *testing.T) { watchAndInterrupt(t, l) })
	t.Run("an unavailable region is statusOutput", func(t *testing.T) {
		fault := strings.TrimSpace(l.mustRun("crr", "local", "fault", "set", "region-down", "--region", "us-west-2", "--dir", l.local()))
		last := l.says("unknown", 1)
		assert.Contains(t, last.Deployments[0].Rules[0].Reason, "us-west-2")
		l.mustRun("crr", "local", "fault", "clear", fault, "--dir", l.local())
		l.says("replicating", 0)
	})
	t.Run("failures are statusOutput with the reason", func(t *testing.T) {
		l.deny(t, d.RoleARN, "kms:Encrypt")
		l.put(t, d, "finance/q3 final.pdf", "d")
		last := l.says("failing", 1)
		assert.Regexp(t, `[12] of \d+ operations failed|[12] failures? in the failure queue`, last.Deployments[0].Rules[0].Reason)
		require.NotEmpty(t, last.Deployments[0].Failures, "the queue keeps them")
		assert.Contains(t, []string{"d", "finance/q3 final.pdf"}, last.Deployments[0].Failures[0].Key, "as it was put")
		assert.Equal(t, "DstPutObjectNotPermitted", last.Deployments[0].Failures[0].Reason)
		assert.Contains(t, last.Deployments[0].Failures[0].Fix, "`crr policy` prints what to grant")
		again := l.says("failing", 1)
		assert.GreaterOrEqual(t, len(again.Deployments[0].Failures), len(last.Deployments[0].Failures), "looking takes nothing out of the queue")
	})
	t.Run("a disabled rule is statusOutput", func(t *testing.T) {
		bucket := l.in(d.Source.Region).s3
		got, err := bucket.GetBucketReplication(t.Context(), &s3.GetBucketReplicationInput{Bucket: &d.Source.Bucket})
		require.NoError(t, err)
		got.ReplicationConfiguration.Rules[0].Status = s3types.ReplicationRuleStatusDisabled
		_, err = bucket.PutBucketReplication(t.Context(), &s3.PutBucketReplicationInput{
			Bucket: &d.Source.Bucket, ReplicationConfiguration: got.ReplicationConfiguration,
		})
		require.NoError(t, err)
		assert.Contains(t, l.says("disabled", 1).Deployments[0].Rules[0].Reason, "disabled after it was deployed")
		_, err = bucket.DeleteBucketReplication(t.Context(), &s3.DeleteBucketReplicationInput{Bucket: &d.Source.Bucket})
		require.NoError(t, err)
		assert.Contains(t, l.says("disabled", 1).Deployments[0].Rules[0].Reason, "no longer has this rule")
	})
	t.Run("where nothing answers there is no answer", func(t *testing.T) {
		for _, region := range []string{"us-east-1", "us-west-2"} {
			l.mustRun("crr", "local", "fault", "set", "region-down", "--region", region, "--dir", l.local())
		}
		_, complaint, status := l.exitOf("status", "--descriptor", "deployed.json")
		assert.Equal(t, 2, status)
		assert.Contains(t, complaint, "returned no metrics for any rule")
		l.mustRun("crr", "local", "fault", "clear", "--dir", l.local())
	})
}

func watchAndInterrupt(t *testing.T, l *lab) {
	t.Helper()
	command := exec.CommandContext(t.Context(), lookPath(l.env, "crr"), "status", "--descriptor", "deployed.json", "--watch", "--interval", "1s")
	command.Dir, command.Env = l.dir, l.env
	file, err := os.Create(filepath.Join(t.TempDir(), "watched"))
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, file.Close()) })
	command.Stdout, command.Stderr = file, file
	require.NoError(t, command.Start())
	shown := func() string {
		text, err := os.ReadFile(file.Name())
		require.NoError(t, err)
		return string(text)
	}
	assert.Eventually(t, func() bool { return strings.Count(shown(), "replicating") >= 2 }, 30*time.Second, 200*time.Millisecond, "one status follows another")
	require.NoError(t, command.Process.Signal(os.Interrupt))
	assert.NoError(t, command.Wait(), "%s", shown())
	assert.NotContains(t, shown(), "\x1b", "this is no terminal")
	assert.NotContains(t, shown(), "canceled")
}

// put puts objects that the bucket's own key encrypts.
func (l *lab) put(t *testing.T, d replication.Descriptor, keys ...string) {
	t.Helper()
	for _, key := range keys {
		_, err := l.in(d.Source.Region).s3.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &d.Source.Bucket, Key: &key, Body: strings.NewReader("data")})
		require.NoError(t, err)
	}
}

// deny removes a permission from a role, as by mistake.
func (l *lab) deny(t *testing.T, roleARN, action string) {
	t.Helper()
	_, err := l.in("us-east-1").iam.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{
		RoleName: aws.String(roleARN[strings.LastIndex(roleARN, "/")+1:]), PolicyName: aws.String("mistake"),
		PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"` + action + `","Resource":"*"}]}`),
	})
	require.NoError(t, err)
	l.settle()
}

// withQueue creates a queue for the failure events of the source, and one for its
// dead letters.
func (l *lab) withQueue(d *replication.Descriptor) {
	l.t.Helper()
	queues := sqs.NewFromConfig(configOf(l.t, l.env, d.Source.Region))
	arn := "arn:aws:sqs:" + d.Source.Region + ":" + d.Source.AccountID + ":failures"
	_, err := queues.CreateQueue(l.t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("failures-dead-letters")})
	require.NoError(l.t, err)
	_, err = queues.CreateQueue(l.t.Context(), &sqs.CreateQueueInput{
		QueueName: aws.String("failures"),
		Attributes: map[string]string{
			"RedrivePolicy": `{"maxReceiveCount":1000,"deadLetterTargetArn":"` + arn + `-dead-letters"}`,
			"Policy": policy.New(policy.Statement{
				Effect: policy.Allow, Principal: policy.Service("s3.amazonaws.com"), Action: policy.Values{"sqs:SendMessage"}, Resource: policy.Values{arn},
			}).JSON(),
		},
	})
	require.NoError(l.t, err)
	_, err = l.in(d.Source.Region).s3.PutBucketNotificationConfiguration(l.t.Context(), &s3.PutBucketNotificationConfigurationInput{
		Bucket: &d.Source.Bucket, SkipDestinationValidation: aws.Bool(true),
		NotificationConfiguration: &s3types.NotificationConfiguration{QueueConfigurations: []s3types.QueueConfiguration{{
			QueueArn: &arn, Events: []s3types.Event{"s3:Replication:OperationFailedReplication"},
		}}},
	})
	require.NoError(l.t, err)
	d.Notifications = []replication.Notification{{
		Bucket: replication.SourceName, TargetARN: arn, Events: []string{"s3:Replication:OperationFailedReplication"},
	}}
}

func (l *lab) writeDescriptors(descriptors []replication.Descriptor) {
	l.t.Helper()
	text, err := json.Marshal(descriptors)
	require.NoError(l.t, err)
	l.write("deployed.json", string(text))
}
