package alarms

import (
	"slices"
	"strings"
	"time"
)

// maxActions is the maximum number of actions per state.
const maxActions = 5

// request is the input of PutMetricAlarm and PutCompositeAlarm.
type request struct {
	Alarm
	ActionsEnabled *flag // default: true
	Tags           list[tag]
}

// throttled is the interval of throttled calls: every third one fails.
const throttled = 3

func (s *Service) putMetricAlarm(place Place, in *request) (any, error) {
	if s.calls++; s.options.Throttle && s.calls%throttled == 0 {
		return nil, &refusal{"Throttling", "Rate exceeded"}
	}
	if in.Metric == nil {
		return nil, invalid("the alarm %q has neither MetricName nor Metrics", in.AlarmName)
	}
	if err := in.validate(); err != nil {
		return nil, err
	}
	in.Composite = nil
	return s.put(place, in)
}

func (m *Metric) validate() error {
	math := len(m.Metrics) > 0
	switch {
	case m.EvaluationPeriods < 1:
		return invalid("EvaluationPeriods must be 1 or more")
	case m.DatapointsToAlarm < 0 || m.DatapointsToAlarm > m.EvaluationPeriods:
		return invalid("DatapointsToAlarm (%d) must not be more than EvaluationPeriods (%d)", m.DatapointsToAlarm, m.EvaluationPeriods)
	case !slices.Contains([]string{"", "missing", missingIgnore, missingBreaching, missingNotBreaching}, m.TreatMissingData):
		return invalid("TreatMissingData %q is none of missing, ignore, breaching and notBreaching", m.TreatMissingData)
	case m.Threshold == nil && m.ThresholdMetricID == "":
		return invalid("Threshold or ThresholdMetricId is required")
	case !math && (m.MetricName == "" || m.Namespace == ""):
		return invalid("MetricName and Namespace are required")
	case !math && !validPeriod(m.Period):
		return invalid("Period %d must be 10, 20, 30 or a multiple of 60", m.Period)
	case !math && (m.Statistic == "") == (m.ExtendedStatistic == ""):
		return invalid("exactly one of Statistic and ExtendedStatistic is required")
	case m.Statistic != "" && !slices.Contains(statistics, m.Statistic):
		return invalid("Statistic %q is none of %s", m.Statistic, strings.Join(statistics, ", "))
	}
	return nil
}

func validPeriod(seconds whole) bool {
	return seconds == 10 || seconds == 20 || seconds == 30 || (seconds > 0 && seconds%60 == 0)
}

func (s *Service) putCompositeAlarm(place Place, in *request) (any, error) {
	if in.Composite == nil {
		return nil, invalid("AlarmRule is required")
	}
	parsed, err := parseRule(in.AlarmRule)
	if err != nil {
		return nil, invalid("%v", err)
	}
	var unknown []string
	for _, reference := range parsed.children() {
		if s.at(place).find(reference) == nil && reference != in.AlarmName {
			unknown = append(unknown, reference)
		}
	}
	if unknown != nil {
		return nil, invalid("Could not save the composite alarm as alarms [%s] in the alarm rule do not exist", strings.Join(unknown, ", "))
	}
	in.rule, in.Metric = parsed, nil
	return s.put(place, in)
}

// put stores an alarm. An existing alarm keeps its state and its tags.
func (s *Service) put(place Place, in *request) (any, error) {
	if in.AlarmName == "" {
		return nil, invalid("AlarmName is required")
	}
	if err := in.validateActions(place); err != nil {
		return nil, err
	}
	now, kept := time.Now(), s.at(place)
	a := &in.Alarm
	a.AlarmArn = "arn:" + partition(place.Region) + ":cloudwatch:" + place.Region + ":" + place.Account + ":alarm:" + a.AlarmName
	a.ActionsEnabled = in.ActionsEnabled == nil || *in.ActionsEnabled
	a.AlarmConfigurationUpdatedTimestamp = stamp(now)
	old, exists := kept.alarms[a.AlarmName]
	if exists && old.kind() != a.kind() {
		return nil, invalid("there is a %s named %q already", old.kind(), a.AlarmName)
	}
	verb, kind := "updated", "Update"
	if exists {
		a.StateValue, a.StateReason, a.StateReasonData = old.StateValue, old.StateReason, old.StateReasonData
		a.StateUpdatedTimestamp, a.StateTransitionedTimestamp = old.StateUpdatedTimestamp, old.StateTransitionedTimestamp
	} else {
		verb, kind = "created", "Create"
		a.StateValue, a.StateReason = StateInsufficientData, "Unchecked: Initial alarm creation"
		a.StateUpdatedTimestamp, a.StateTransitionedTimestamp = stamp(now), stamp(now)
		kept.tag(a.AlarmArn, in.Tags)
	}
	if a.Metric != nil {
		a.noteUnsupported()
	}
	kept.alarms[a.AlarmName] = a
	kept.record(a, configurationUpdate, now, `Alarm "`+a.AlarmName+`" `+verb, map[string]any{"version": "1.0", "type": kind, verb + "Alarm": a.configuration()})
	return none{}, nil
}

// noteUnsupported sets the reason of an alarm that is not evaluated here.
func (a *Alarm) noteUnsupported() {
	if what := a.unsupported(); what != "" {
		a.EvaluationState, a.StateReason = "EVALUATION_ERROR", "the local AWS does not evaluate alarms on "+what
	}
}

// validateActions rejects topics in other regions.
func (in *request) validateActions(place Place) error {
	for _, actions := range [][]string{in.AlarmActions, in.OKActions, in.InsufficientDataActions} {
		if len(actions) > maxActions {
			return invalid("an alarm has at most %d actions for each state", maxActions)
		}
		for _, action := range actions {
			region := regionOf(action)
			if region == "" {
				return invalid("Invalid arn syntax: %s", action)
			}
			if strings.Contains(action, ":sns:") && region != place.Region {
				return invalid("Invalid region %s specified. Only %s is supported.", region, place.Region)
			}
		}
	}
	return nil
}

func partition(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	default:
		return "aws"
	}
}
