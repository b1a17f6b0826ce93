package stacks

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/pkg/crr"
)

// Monitoring configures alarms, notifications and events.
type Monitoring struct {
	Thresholds   `config:",squash"`
	Composite    *bool                  `config:"composite"`
	Account      string                 `config:"account"`
	RunbookURL   string                 `config:"runbookUrl"`
	Emails       []string               `config:"emails"`
	QueueARNs    []string               `config:"queueArns"`
	FunctionARNs []string               `config:"functionArns"`
	Webhooks     []string               `config:"webhooks"`
	TopicARNs    map[string]string      `config:"topicArns"`
	Events       map[string]EventTarget `config:"events"`
	FailureQueue bool                   `config:"failureQueue"`
	// Dashboard of this replication.
	Dashboard bool `config:"dashboard"`
}

// Thresholds of alarms.
type Thresholds struct {
	LatencySeconds    int `config:"latencySeconds"`
	PendingOperations int `config:"pendingOperations"`
	PendingBytes      int `config:"pendingBytes"`
}

// EventTarget is the target of replication events.
type EventTarget struct {
	Target     `config:",squash"`
	AlarmTopic bool `config:"alarmTopic"`
}

// Target is the target of S3 notifications.
type Target struct {
	TopicARN    string `config:"topicArn"`
	QueueARN    string `config:"queueArn"`
	FunctionARN string `config:"functionArn"`
}

// Notification selects events of a bucket's objects and their target, in addition to
// those of Monitoring.
type Notification struct {
	Target `config:",squash"`
	Events []string `config:"events"`
	Prefix string   `config:"prefix"`
	Suffix string   `config:"suffix"`
}

func (m Monitoring) args() crr.MonitoringArgs {
	args := crr.MonitoringArgs{
		LatencySeconds:    m.LatencySeconds,
		PendingOperations: m.PendingOperations,
		PendingBytes:      m.PendingBytes,
		Composite:         m.Composite,
		Account:           crr.MetricsAccount(m.Account),
		RunbookURL:        m.RunbookURL,
		Emails:            m.Emails,
		QueueARNs:         inputs(m.QueueARNs),
		FunctionARNs:      inputs(m.FunctionARNs),
		Webhooks:          inputs(m.Webhooks),
		TopicARNs:         map[string]pulumi.StringInput{},
		Events:            map[string]crr.EventTargetArgs{},
		FailureQueue:      m.FailureQueue,
		Dashboard:         m.Dashboard,
	}
	for region, arn := range m.TopicARNs {
		args.TopicARNs[region] = pulumi.String(arn)
	}
	for region, target := range m.Events {
		args.Events[region] = crr.EventTargetArgs{TargetArgs: target.args(), AlarmTopic: target.AlarmTopic}
	}
	return args
}

func (t Target) args() crr.TargetArgs {
	return crr.TargetArgs{TopicARN: optional(t.TopicARN), QueueARN: optional(t.QueueARN), FunctionARN: optional(t.FunctionARN)}
}

func notifications(all []Notification) []crr.NotificationArgs {
	var args []crr.NotificationArgs
	for _, each := range all {
		args = append(args, crr.NotificationArgs{
			TargetArgs: each.args(), Events: each.Events, Prefix: each.Prefix, Suffix: each.Suffix,
		})
	}
	return args
}

func inputs(texts []string) []pulumi.StringInput {
	var all []pulumi.StringInput
	for _, text := range texts {
		all = append(all, pulumi.String(text))
	}
	return all
}
