package crr

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// CompositeAlarm is in ALARM while any of its alarms is, and otherwise OK, even if none
// of them has data.
type CompositeAlarm struct {
	Name   pulumi.StringOutput
	ARN    pulumi.StringOutput
	Region string
	// AccountID that the alarm is in.
	AccountID pulumi.StringOutput
	// Alarms that it combines.
	Alarms []Alarm
}

// CloudWatch's limits for the rule of a composite alarm.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
const (
	maxComposed       = 100
	maxRuleCharacters = 10240
)

// alarmGroup contains alarms of one account and region: a composite alarm can't combine
// others.
type alarmGroup struct {
	at     environment
	topic  *Topic
	alarms []Alarm
	// characters of the rule over the alarms, at most.
	characters int
}

// alarmGroups contains the groups in the order of their first alarm.
type alarmGroups struct{ all []*alarmGroup }

// add puts an alarm into the last group of its account and region, or into a new group
// if that one is full.
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

// hasComposite reports whether a composite alarm notifies in place of alarms that would
// notify the topic, which may be nil.
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

// composeGroup includes the source bucket in the alarm's name: Pulumi generates no
// names for composite alarms, and bucket names are unique.
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

// compositeDescription is part of every message, including the OK message.
const compositeDescription = "Replication fails or is late if an alarm of %s in %s is in ALARM. OK means that none of them is, not that replication works: " +
	"alarms without data do not count, and right after a deployment none has data. `crr status` shows which have."

// anyOf returns the rule of a composite alarm that is in ALARM while any of the alarms
// is. Alarms without data don't count, so it is OK before anything was measured: after
// its first evaluation, CloudWatch has no third state for it. If they counted, one
// alarm that never gets data would hide all others, because a composite alarm that is
// already in ALARM sends no further messages.
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
