package alarms

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// maxPage is the maximum number of alarms or history items in a response.
const maxPage = 100

// page selects a part of a long result.
type page struct {
	MaxRecords whole
	NextToken  string
}

// paged returns the requested part of all, and the token for the next part.
func paged[T any](all []T, asked page, most int) (part []T, next string, err error) {
	start := 0
	if asked.NextToken != "" {
		if start, err = strconv.Atoi(asked.NextToken); err != nil || start < 0 || start > len(all) {
			return nil, "", &refusal{"InvalidNextToken", "The next token specified is invalid."}
		}
	}
	if n := int(asked.MaxRecords); n > 0 {
		most = min(most, n)
	}
	end := min(start+most, len(all))
	if end < len(all) {
		next = strconv.Itoa(end)
	}
	return all[start:end], next, nil
}

type describeAlarms struct {
	AlarmNames, AlarmTypes list[string]
	AlarmNamePrefix        string
	ActionPrefix           string
	ChildrenOfAlarmName    string
	ParentsOfAlarmName     string
	StateValue             State
	page
}

type alarmsResult struct {
	MetricAlarms    list[*Alarm]
	CompositeAlarms list[*Alarm]
	NextToken       string `json:",omitempty" xml:",omitempty"`
}

// describeAlarms returns copies, because alarms keep changing.
func (s *Service) describeAlarms(place Place, in *describeAlarms) (any, error) {
	kept := s.at(place)
	var found []*Alarm
	for _, name := range slices.Sorted(maps.Keys(kept.alarms)) {
		if a := *kept.alarms[name]; in.asksFor(kept, &a) {
			found = append(found, &a)
		}
	}
	slices.SortStableFunc(found, func(a, b *Alarm) int { return cmp.Compare(b.kind(), a.kind()) })
	part, next, err := paged(found, in.page, maxPage)
	result := alarmsResult{NextToken: next}
	for _, a := range part {
		if a.Composite != nil {
			result.CompositeAlarms = append(result.CompositeAlarms, a)
		} else {
			result.MetricAlarms = append(result.MetricAlarms, a)
		}
	}
	return result, err
}

func (in *describeAlarms) asksFor(kept *accountState, a *Alarm) bool {
	if in.ChildrenOfAlarmName != "" || in.ParentsOfAlarmName != "" {
		parent, child := kept.find(in.ChildrenOfAlarmName), kept.find(in.ParentsOfAlarmName)
		return (parent != nil && parent.dependsOn(a)) || (child != nil && a.dependsOn(child))
	}
	startsWith := func(action string) bool { return strings.HasPrefix(action, in.ActionPrefix) }
	return wantsKind(in.AlarmTypes, a.kind()) && strings.HasPrefix(a.AlarmName, in.AlarmNamePrefix) &&
		(len(in.AlarmNames) == 0 || slices.Contains(in.AlarmNames, a.AlarmName)) &&
		(in.StateValue == "" || in.StateValue == a.StateValue) &&
		(in.ActionPrefix == "" || slices.ContainsFunc(slices.Concat(a.AlarmActions, a.OKActions, a.InsufficientDataActions), startsWith))
}

type describeForMetric struct {
	MetricName, Namespace, Statistic, ExtendedStatistic, Unit string
	Dimensions                                                list[Dimension]
	Period                                                    whole
}

func (s *Service) describeAlarmsForMetric(place Place, in *describeForMetric) (any, error) {
	kept, wanted := s.at(place), newMetricID(in.Namespace, in.MetricName, in.Dimensions)
	var result struct{ MetricAlarms list[*Alarm] }
	for _, name := range slices.Sorted(maps.Keys(kept.alarms)) {
		a := *kept.alarms[name]
		if a.Metric != nil && a.id() == wanted && (in.Statistic == "" || in.Statistic == a.Statistic) && (in.Period == 0 || in.Period == a.Period) {
			result.MetricAlarms = append(result.MetricAlarms, &a)
		}
	}
	return result, nil
}
