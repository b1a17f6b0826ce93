package alarms

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/messenger"
)

// principal is the service principal of CloudWatch alarms.
const principal = "cloudwatch.amazonaws.com"

// maxSubject is the maximum length of a subject in SNS.
const maxSubject = 100

// report is the notification of an alarm, as CloudWatch writes it.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
type report struct {
	AlarmName, AlarmDescription        string
	AWSAccountID                       string `json:"AWSAccountId"`
	NewStateValue                      State
	NewStateReason                     string
	StateChangeTime, Region            string
	AlarmArn                           string
	OldStateValue                      State
	ActionExecutedAfterMuteWindow      bool // mute rules are not supported
	OKActions, AlarmActions            list[string]
	InsufficientDataActions            list[string]
	AlarmConfigurationUpdatedTimestamp string
	Trigger                            *trigger `json:",omitempty"`
	AlarmRule                          string   `json:",omitempty"`
	TriggeringChildren                 []child  `json:",omitempty"`
}

// trigger describes the metric of an alarm in a notification.
type trigger struct {
	MetricName, Namespace, StatisticType, Statistic string
	Unit                                            *string
	Dimensions                                      []triggerDimension
	Period, EvaluationPeriods                       whole
	DatapointsToAlarm                               whole `json:",omitempty"`
	ComparisonOperator                              string
	Threshold                                       *number
	TreatMissingData                                string
	EvaluateLowSampleCountPercentile                string
}

type triggerDimension struct {
	Value string `json:"value"`
	Name  string `json:"name"`
}

// child is an alarm that caused the state of a composite alarm.
type child struct {
	Arn   string
	State struct {
		Value     State
		Timestamp string
	}
}

// messageTime is the time format of notifications.
const messageTime = "2006-01-02T15:04:05.000-0700"

func inMessage(at stamp) string { return time.Time(at).UTC().Format(messageTime) }

func reportOf(place Place, a *Alarm, old State, triggers []*Alarm) report {
	r := report{
		AlarmName: a.AlarmName, AlarmDescription: a.AlarmDescription, AWSAccountID: place.Account, NewStateValue: a.StateValue,
		NewStateReason: a.StateReason, StateChangeTime: inMessage(a.StateUpdatedTimestamp), Region: nameOf(place.Region),
		AlarmArn: a.AlarmArn, OldStateValue: old, OKActions: a.OKActions, AlarmActions: a.AlarmActions,
		InsufficientDataActions: a.InsufficientDataActions, AlarmConfigurationUpdatedTimestamp: inMessage(a.AlarmConfigurationUpdatedTimestamp),
	}
	if a.Metric != nil {
		r.Trigger = a.trigger()
	}
	if a.Composite == nil {
		return r
	}
	r.AlarmRule = a.AlarmRule
	for _, each := range triggers {
		c := child{Arn: each.AlarmArn}
		c.State.Value, c.State.Timestamp = each.StateValue, inMessage(each.StateUpdatedTimestamp)
		r.TriggeringChildren = append(r.TriggeringChildren, c)
	}
	return r
}

func (m *Metric) trigger() *trigger {
	t := &trigger{
		MetricName: m.MetricName, Namespace: m.Namespace, StatisticType: "Statistic", Statistic: strings.ToUpper(m.Statistic),
		Dimensions: []triggerDimension{}, Period: m.Period, EvaluationPeriods: m.EvaluationPeriods, DatapointsToAlarm: m.DatapointsToAlarm,
		ComparisonOperator: m.ComparisonOperator, Threshold: m.Threshold, TreatMissingData: m.TreatMissingData,
		EvaluateLowSampleCountPercentile: m.EvaluateLowSampleCountPercentile,
	}
	if m.Unit != "" {
		t.Unit = &m.Unit
	}
	for _, d := range m.Dimensions {
		t.Dimensions = append(t.Dimensions, triggerDimension{d.Value, d.Name})
	}
	return t
}

// take performs an action: it publishes to topics as CloudWatch.
func (s *Service) take(ctx context.Context, n notice) error {
	if !strings.Contains(n.action, ":sns:") {
		return fmt.Errorf("the local AWS takes no action but messages to topics, and %s is none", n.action)
	}
	text, err := json.Marshal(n.report)
	if err != nil {
		return fmt.Errorf("writing the message of an alarm: %w", err)
	}
	return s.messages.Send(ctx, n.action, messenger.Message{
		Service: principal, SourceARN: n.report.AlarmArn, SourceAccount: n.place.Account, SourceOwner: n.place.Account,
		Subject: n.report.subject(), Body: string(text),
	})
}

func (r report) subject() string {
	subject := fmt.Sprintf("%s: %q in %s", r.NewStateValue, r.AlarmName, r.Region)
	if len(subject) > maxSubject {
		const dots = "..."
		subject = subject[:maxSubject-len(dots)] + dots
	}
	return subject
}
