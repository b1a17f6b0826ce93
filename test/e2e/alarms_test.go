package e2e

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// alarmingConfig has a threshold of seconds. The latency alarm of the second
// replication is in the wrong account, where S3 publishes nothing.
const alarmingConfig = `
config:
  crr:forceDestroy: true
  crr:deletionWindowInDays: 7
  crr:replications:
    - name: data
      source: { region: us-east-1 }
      destinations: [{ name: dr, region: us-west-2 }]
      monitoring: { latencySeconds: 5, queueArns: ["` + oncallQueue + `"], failureQueue: true }
    - name: blind
      source: { region: us-east-1 }
      destinations: [{ name: dr, region: us-west-2, assumeRoleArn: "arn:aws:iam::222222222222:role/deploy" }]
      monitoring: { latencySeconds: 5, account: destination, composite: true }
`

// TestAlarms breaks replication and repairs it, and waits for the notifications:
// each step needs the previous ones.
func TestAlarms(t *testing.T) {
	t.Parallel()
	l := newLab(t, "--alarm-minute", "2s") // the failure alarm stays in ALARM for thirty of them
	l.makeQueue("oncall")
	l.project(alarmingConfig)
	l.up()
	deployed := l.descriptors()
	l.writeDescriptors(deployed)
	d := deployed[0]
	for _, each := range deployed {
		l.putAs(each.Source, "good")
		l.replicates(each.Source, "good")
	}

	t.Run("a new OK alarm explains what OK does not mean", func(t *testing.T) {
		message := l.receive(oncallQueue, `\"OldStateValue\":\"INSUFFICIENT_DATA\"`)
		assert.Contains(t, message, `\"NewStateValue\":\"OK\"`)
		assert.Contains(t, message, "not that replication works")
		assert.Contains(t, message, "crr status")
	})
	t.Run("late replication and its end are reported", func(t *testing.T) {
		fault := strings.TrimSpace(l.mustRun("crr", "local", "fault", "set", "pause", "--dir", l.local()))
		l.putAs(d.Source, "late")
		assert.Equal(t, []string{alarmOn(t, d, "ReplicationLatency").Name}, l.hears(t, d, "us-west-2", cwtypes.StateValueAlarm))
		l.says("late", 1)

		l.mustRun("crr", "local", "fault", "clear", fault, "--dir", l.local())
		l.hears(t, d, "us-west-2", cwtypes.StateValueOk)
		l.replicates(d.Source, "late")
	})
	t.Run("an alarm without data is not OK", func(t *testing.T) { silenceIsNotOK(t, l, deployed) })
	t.Run("failures and their end are reported", func(t *testing.T) {
		l.deny(t, d.RoleARN, "kms:Encrypt")
		l.again = func() { l.putAs(d.Source, "q3 final.pdf") }
		l.again()
		assert.Equal(t, []string{alarmOn(t, d, "OperationsFailedReplication").Name}, l.hears(t, d, "us-east-1", cwtypes.StateValueAlarm))

		l.again = nil
		_, err := l.in("us-east-1").iam.DeleteRolePolicy(t.Context(), &iam.DeleteRolePolicyInput{
			RoleName: aws.String(d.RoleARN[strings.LastIndex(d.RoleARN, "/")+1:]), PolicyName: aws.String("mistake"),
		})
		require.NoError(t, err)
		l.settle()
		l.putAs(d.Source, "better")
		l.hears(t, d, "us-east-1", cwtypes.StateValueOk)
		l.replicates(d.Source, "better")
	})
	t.Run("status looks into the failure queue, and takes nothing out", func(t *testing.T) {
		for range 3 {
			failures := l.says("failing", 1).Deployments[0].Failures
			require.NotEmpty(t, failures, "the queue keeps what has failed")
			assert.Equal(t, "q3 final.pdf", failures[0].Key, "as it was put")
			assert.Equal(t, "DstPutObjectNotPermitted", failures[0].Reason)
			assert.NotEmpty(t, failures[0].Fix)
		}
	})
}

// silenceIsNotOK compares the alarm without data with one that has data. The
// composite alarm above it is nevertheless OK, because CloudWatch has no other state
// for it, so its description must state the limits.
func silenceIsNotOK(t *testing.T, l *lab, deployed []replication.Descriptor) {
	t.Helper()
	status := l.says("replicating", 0)
	for i, want := range []struct {
		state cwtypes.StateValue
		told  string
	}{{cwtypes.StateValueOk, "ok"}, {cwtypes.StateValueInsufficientData, "no data"}} {
		alarm := alarmOn(t, deployed[i], "ReplicationLatency")
		found, err := l.inAccount(alarm.AccountID, alarm.Region).cw.DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{alarm.Name}})
		require.NoError(t, err)
		require.Len(t, found.MetricAlarms, 1, alarm.Name)
		assert.Equal(t, want.state, found.MetricAlarms[0].StateValue, alarm.Name)
		assert.Contains(t, status.Deployments[i].Alarms, struct{ Name, State string }{alarm.Name, want.told})
	}
	blind := alarmOn(t, deployed[1], "ReplicationLatency")
	for _, composite := range deployed[1].CompositeAlarms {
		if !slices.Contains(composite.Alarms, blind.Name) {
			continue
		}
		found, err := l.inAccount(composite.AccountID, composite.Region).cw.DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{
			AlarmNames: []string{composite.Name}, AlarmTypes: []cwtypes.AlarmType{cwtypes.AlarmTypeCompositeAlarm},
		})
		require.NoError(t, err)
		require.Len(t, found.CompositeAlarms, 1, composite.Name)
		assert.Equal(t, cwtypes.StateValueOk, found.CompositeAlarms[0].StateValue)
		assert.Contains(t, aws.ToString(found.CompositeAlarms[0].AlarmDescription), "OK means that none of them is, not that replication works")
		assert.NotContains(t, status.Deployments[1].Alarms, struct{ Name, State string }{composite.Name, "ok"}, "what proves nothing")
		return
	}
	assert.Fail(t, "no composite alarm is made of the blind one")
}

func alarmOn(t *testing.T, d replication.Descriptor, metric string) replication.Alarm {
	t.Helper()
	i := slices.IndexFunc(d.Alarms, func(alarm replication.Alarm) bool { return alarm.Metric == metric })
	require.GreaterOrEqual(t, i, 0, "there is no alarm on %s", metric)
	return d.Alarms[i]
}

// opposite states: a new alarm that becomes OK is not a recovery.
var opposite = map[cwtypes.StateValue]cwtypes.StateValue{
	cwtypes.StateValueAlarm: cwtypes.StateValueOk, cwtypes.StateValueOk: cwtypes.StateValueAlarm,
}

// hears waits until the composite alarm of a region notifies of a state after the
// opposite one, and returns the names of the alarms that caused it.
func (l *lab) hears(t *testing.T, d replication.Descriptor, region string, state cwtypes.StateValue) []string {
	t.Helper()
	i := slices.IndexFunc(d.CompositeAlarms, func(alarm replication.CompositeAlarm) bool { return alarm.Region == region })
	require.GreaterOrEqual(t, i, 0, "there is no composite alarm in %s", region)
	composite := d.CompositeAlarms[i]
	var message struct {
		AlarmName, AlarmDescription, AlarmArn, NewStateValue, OldStateValue, Region string
		TriggeringChildren                                                          []struct{ Arn string }
	}
	var envelope struct{ Type, TopicArn, Subject, Message string }
	l.receiveThat(oncallQueue, fmt.Sprintf("message that %s is %s", composite.Name, state), func(body string) bool {
		message.TriggeringChildren = nil
		require.NoError(t, json.Unmarshal([]byte(body), &envelope), body)
		require.NoError(t, json.Unmarshal([]byte(envelope.Message), &message), body)
		return message.AlarmName == composite.Name && message.NewStateValue == string(state) && message.OldStateValue == string(opposite[state])
	})
	assert.Equal(t, "Notification", envelope.Type)
	assert.Contains(t, envelope.TopicArn, ":"+region+":", "CloudWatch publishes to topics of an alarm's own region")
	assert.Contains(t, envelope.Subject, string(state))
	assert.Contains(t, message.AlarmArn, ":"+region+":")
	assert.Equal(t, map[string]string{"us-east-1": "US East (N. Virginia)", "us-west-2": "US West (Oregon)"}[region], message.Region)
	assert.Contains(t, message.AlarmDescription, "#composite", "it says where to read on")
	var children []string
	for _, child := range message.TriggeringChildren {
		children = append(children, child.Arn[strings.LastIndex(child.Arn, ":")+1:])
	}
	return children
}
