package crr

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// CompositeAlarm is in ALARM while any of its alarms is, and otherwise OK, also
// where none of them has data.
type CompositeAlarm struct {
	Name   pulumi.StringOutput
	ARN    pulumi.StringOutput
	Region string
	// AccountID that the alarm is in.
	AccountID pulumi.StringOutput
	// Alarms that it is made of.
	Alarms []Alarm
}

// What CloudWatch takes in the rule of a composite alarm.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
const (
	maxComposed       = 100
	maxRuleCharacters = 10240
)

// alarmGroup is the alarms of one region of an account: a composite alarm can
// be made of no others.
type alarmGroup struct {
	at     environment
	topic  *Topic
	alarms []Alarm
	// characters of the rule over the alarms, at most.
	characters int
}

// alarmGroups are in the order of their first alarm.
type alarmGroups struct{ all []*alarmGroup }

// add puts an alarm into the last group of its place, or into a new one where
// that is full.
func (g *alarmGroups) add(at environment, topic *Topic, logical string, alarm Alarm) {
	const around = len(`ALARM("-0123456") OR `)
	var group *alarmGroup
	for _, each := range g.all {
		if each.at.accountRegion() == at.accountRegion() {
			group = each
		}
	}
	characters := len(logical) + around
	if group == nil || len(group.alarms) == maxComposed || group.characters+characters > maxRuleCharacters {
		group = &alarmGroup{at: at, topic: topic}
		g.all = append(g.all, group)
	}
	group.alarms = append(group.alarms, alarm)
	group.characters += characters
}

// composed tells whether there is a composite alarm beside alarms that would
// notify a topic, which may be nil.
func (c *ReplicationAlarms) hasComposite(topic *Topic) bool {
	if asked := c.args.Monitoring.Composite; asked != nil {
		return *asked
	}
	return topic != nil
}

func (c *ReplicationAlarms) compose(ctx *pulumi.Context, groups *alarmGroups) error {
	taken := map[string]int{}
	for _, group := range groups.all {
		if !c.hasComposite(group.topic) {
			continue
		}
		name := c.name + "-" + c.topics.keys.suffix(group.at)
		taken[name]++
		if n := taken[name]; n > 1 {
			name = fmt.Sprintf("%s-%d", name, n)
		}
		if err := c.composeGroup(ctx, name, group); err != nil {
			return fmt.Errorf("making the composite alarm of %s: %w", group.at.region, err)
		}
	}
	return nil
}

// composeGroup names the alarm after the source bucket too: Pulumi generates no
// name for composite alarms, and this one is as unique as the bucket's.
func (c *ReplicationAlarms) composeGroup(ctx *pulumi.Context, name string, group *alarmGroup) error {
	var notify pulumi.StringArray
	if group.topic != nil {
		notify = pulumi.StringArray{group.topic.ARN}
	}
	source := c.args.Buckets[c.args.Rules[0].From()]
	alarm, err := cloudwatch.NewCompositeAlarm(ctx, name, &cloudwatch.CompositeAlarmArgs{
		AlarmName:        pulumi.Sprintf("%s-%s", name, source.madeName),
		AlarmDescription: c.described(fmt.Sprintf(compositeDescription, c.name, group.at.region), "composite"),
		AlarmRule:        anyOf(group.alarms),
		AlarmActions:     notify,
		OkActions:        notify,
		Tags:             pulumi.ToStringMap(c.args.Tags),
	}, group.at.child(c))
	if err != nil {
		return err
	}
	c.Composites = append(c.Composites, CompositeAlarm{
		Name: alarm.AlarmName, ARN: alarm.Arn, Region: group.at.region, AccountID: group.at.account, Alarms: group.alarms,
	})
	return nil
}

// compositeDescription is part of every message, the one that all is OK included.
const compositeDescription = "Replication fails or is late where an alarm of %s in %s is in ALARM. OK says that none of them is, and not that replication works: " +
	"those that have no data do not count, and right after a deployment none has. `crr status` tells which have."

// anyOf is the rule of a composite alarm that goes off with any of its alarms.
// Those without data are left out, so that it is OK before anything was measured:
// CloudWatch has no third state for it after its first evaluation. To have them set
// it off would let one alarm that never gets data hide all the others, since a
// composite alarm that is in ALARM already tells nobody of the next.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
func anyOf(alarms []Alarm) pulumi.StringOutput {
	names := pulumi.StringArray{}
	for _, alarm := range alarms {
		names = append(names, alarm.Name)
	}
	return names.ToStringArrayOutput().ApplyT(func(names []string) string {
		return `ALARM("` + strings.Join(names, `") OR ALARM("`) + `")`
	}).(pulumi.StringOutput)
}
