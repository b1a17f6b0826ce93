package alarms

import (
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/live"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

const (
	// namesPerCall is how many alarms CloudWatch describes at once.
	namesPerCall = 100
	// patience is how long one answer may take.
	patience = 30 * time.Second
)

// States of a deployment's alarms, in the order of the descriptor.
func States(ctx context.Context, sessions *live.Sessions, d replication.Descriptor) []Alarm {
	all := All(d)
	found := make([]Alarm, len(all))
	for i, alarm := range all {
		found[i] = Alarm{
			Name: alarm.Name, Region: alarm.Region, Metric: alarm.Metric, Rule: alarm.Rule, State: Gone,
			Reason: "there is no such alarm in " + alarm.Region + "; `pulumi refresh` and `pulumi up` restore it",
		}
	}
	for _, at := range byPlace(d, all) {
		for batch := range slices.Chunk(at.indexes, namesPerCall) {
			described, err := describe(ctx, sessions, at.where, namesOf(all, batch))
			for _, i := range batch {
				found[i].learn(described, err)
			}
		}
	}
	for i, composite := range d.CompositeAlarms {
		found[len(d.Alarms)+i].compose(slices.DeleteFunc(slices.Clone(found[:len(d.Alarms)]), func(a Alarm) bool {
			return a.Region != composite.Region || !slices.Contains(composite.Alarms, a.Name)
		}))
	}
	return found
}

// compose has a composite alarm say no more than the alarms that it watches.
// CloudWatch calls it OK while none of them is in alarm, even where they have no data.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-combining.html
func (a *Alarm) compose(members []Alarm) {
	switch a.State {
	case Raised:
		a.Reason = "one of its alarms is in ALARM"
	case OK:
		for _, member := range members {
			if member.State != OK && member.State != Raised {
				a.State, a.Since = member.State, member.Since
				a.Reason = "CloudWatch reports OK, which does not cover its alarm " + member.Name
				return
			}
		}
	}
}

func namesOf(alarms []replication.Alarm, indexes []int) []string {
	names := make([]string, len(indexes))
	for i, index := range indexes {
		names[i] = alarms[index].Name
	}
	return names
}

// learn takes over what CloudWatch says about the alarm, if anything.
func (a *Alarm) learn(described map[string]Alarm, err error) {
	if err != nil {
		a.State, a.Reason = Unknown, err.Error()
		return
	}
	if is, there := described[a.Name]; there {
		a.State, a.Since, a.Reason, a.Threshold = is.State, is.Since, is.Reason, is.Threshold
	}
}

// describe asks for alarms by their names.
func describe(ctx context.Context, sessions *live.Sessions, at where, names []string) (map[string]Alarm, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	answer, err := cloudwatch.NewFromConfig(sessions.In(at.place, at.region)).DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{
		AlarmNames: names, MaxRecords: aws.Int32(namesPerCall),
		AlarmTypes: []types.AlarmType{types.AlarmTypeMetricAlarm, types.AlarmTypeCompositeAlarm},
	})
	if err != nil {
		return nil, live.Failed("reading the alarms in "+at.region, at.inRegion(), err)
	}
	found := map[string]Alarm{}
	for _, alarm := range answer.MetricAlarms {
		found[aws.ToString(alarm.AlarmName)] = Alarm{
			State: stateOf(alarm.StateValue), Since: alarm.StateUpdatedTimestamp,
			Reason: aws.ToString(alarm.StateReason), Threshold: alarm.Threshold,
		}
	}
	for _, alarm := range answer.CompositeAlarms {
		found[aws.ToString(alarm.AlarmName)] = Alarm{
			State: stateOf(alarm.StateValue), Since: alarm.StateUpdatedTimestamp, Reason: aws.ToString(alarm.StateReason),
		}
	}
	return found, nil
}

func stateOf(value types.StateValue) State {
	switch value {
	case types.StateValueOk:
		return OK
	case types.StateValueAlarm:
		return Raised
	default:
		return NoData
	}
}
