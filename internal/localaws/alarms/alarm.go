package alarms

import (
	"slices"
	"strings"
	"time"
)

// Dimension is a dimension of a metric.
type Dimension struct{ Name, Value string }

// Alarm is an alarm as CloudWatch describes it, with either a Metric or a Composite.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricAlarm.html
type Alarm struct {
	AlarmName                          string
	AlarmArn                           string
	AlarmDescription                   string `json:",omitempty" xml:",omitempty"`
	AlarmConfigurationUpdatedTimestamp stamp
	ActionsEnabled                     flag
	OKActions                          list[string]
	AlarmActions                       list[string]
	InsufficientDataActions            list[string]
	StateValue                         State
	StateReason                        string
	StateReasonData                    string `json:",omitempty" xml:",omitempty"`
	StateUpdatedTimestamp              stamp
	StateTransitionedTimestamp         stamp
	*Metric
	*Composite
}

// Metric is the configuration of a metric alarm.
type Metric struct {
	MetricName                       string `json:",omitempty" xml:",omitempty"`
	Namespace                        string `json:",omitempty" xml:",omitempty"`
	Statistic                        string `json:",omitempty" xml:",omitempty"`
	ExtendedStatistic                string `json:",omitempty" xml:",omitempty"`
	Dimensions                       list[Dimension]
	Period                           whole  `json:",omitempty" xml:",omitempty"`
	Unit                             string `json:",omitempty" xml:",omitempty"`
	EvaluationPeriods                whole
	DatapointsToAlarm                whole   `json:",omitempty" xml:",omitempty"`
	Threshold                        *number `json:",omitempty" xml:",omitempty"`
	ComparisonOperator               string
	TreatMissingData                 string            `json:",omitempty" xml:",omitempty"`
	EvaluateLowSampleCountPercentile string            `json:",omitempty" xml:",omitempty"`
	Metrics                          list[metricQuery] `json:",omitempty" xml:",omitempty"`
	ThresholdMetricID                string            `json:"ThresholdMetricId,omitempty" xml:"ThresholdMetricId,omitempty"`
	EvaluationState                  string            `json:",omitempty" xml:",omitempty"`
}

// Composite is the rule of a composite alarm.
type Composite struct {
	AlarmRule string

	rule rule
}

// metricQuery is a metric math query. It is stored but not evaluated.
type metricQuery struct {
	ID         string      `json:"Id" xml:"Id"`
	MetricStat *metricStat `json:",omitempty" xml:",omitempty"`
	Expression string      `json:",omitempty" xml:",omitempty"`
	Label      string      `json:",omitempty" xml:",omitempty"`
	ReturnData *flag       `json:",omitempty" xml:",omitempty"`
	Period     whole       `json:",omitempty" xml:",omitempty"`
	AccountID  string      `json:"AccountId,omitempty" xml:"AccountId,omitempty"`
}

type metricStat struct {
	Metric struct {
		Namespace, MetricName string
		Dimensions            list[Dimension]
	}
	Period whole
	Stat   string
	Unit   string `json:",omitempty" xml:",omitempty"`
}

// kind returns AWS's name for the type of the alarm.
func (a *Alarm) kind() string {
	if a.Composite != nil {
		return compositeAlarm
	}
	return metricAlarm
}

const (
	metricAlarm    = "MetricAlarm"
	compositeAlarm = "CompositeAlarm"
)

// actions returns the alarm's actions for a state.
func (a *Alarm) actions(in State) []string {
	switch in {
	case StateAlarm:
		return a.AlarmActions
	case StateOK:
		return a.OKActions
	default:
		return a.InsufficientDataActions
	}
}

// evaluable returns why the alarm is not evaluated here, or "".
func (m *Metric) unsupported() string {
	switch {
	case len(m.Metrics) > 0 || m.ThresholdMetricID != "":
		return "metric math"
	case m.ExtendedStatistic != "":
		return "the statistic " + m.ExtendedStatistic
	case breaches(m.ComparisonOperator, 0) == nil:
		return "the operator " + m.ComparisonOperator
	default:
		return ""
	}
}

func (m *Metric) id() metricID { return newMetricID(m.Namespace, m.MetricName, m.Dimensions) }

func (m *Metric) condition() condition {
	c := condition{
		breaches: breaches(m.ComparisonOperator, float64(*m.Threshold)), evaluated: int(m.EvaluationPeriods),
		needed: int(m.DatapointsToAlarm), missing: m.TreatMissingData,
	}
	if c.needed == 0 {
		c.needed = c.evaluated
	}
	return c
}

// period returns the length of the alarm's period when a minute lasts this long.
func (m *Metric) period(minute time.Duration) time.Duration {
	return max(time.Duration(m.Period)*minute/60, time.Millisecond)
}

// names reports whether a reference in a rule, a name or an ARN, means this alarm.
func (a *Alarm) names(reference string) bool {
	return reference == a.AlarmName || reference == a.AlarmArn
}

// dependsOn reports whether the rule of a refers to the other alarm.
func (a *Alarm) dependsOn(other *Alarm) bool {
	return a.Composite != nil && slices.ContainsFunc(a.rule.children(), other.names)
}

// regionOf returns the region of an ARN, or "".
func regionOf(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return ""
	}
	return parts[3]
}
