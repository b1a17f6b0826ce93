package alarms

import (
	"maps"
	"slices"
	"strings"
	"time"
)

func notThere(what string) error { return &refusal{"ResourceNotFound", what + " does not exist"} }

type names struct{ AlarmNames list[string] }

// deleteAlarms deletes the existing ones among the named alarms, unless a remaining
// composite alarm depends on one of them.
func (s *Service) deleteAlarms(place Place, in *names) (any, error) {
	kept := s.at(place)
	var needed []string
	for _, a := range kept.alarms {
		for _, name := range in.AlarmNames {
			doomed := kept.alarms[name]
			if doomed != nil && a.dependsOn(doomed) && !slices.Contains(in.AlarmNames, a.AlarmName) && !slices.Contains(needed, name) {
				needed = append(needed, name)
			}
		}
	}
	slices.Sort(needed)
	switch len(needed) {
	case 0:
	case 1:
		return nil, invalid("Cannot delete %s as there are composite alarm(s) depending on it.", needed[0])
	default:
		return nil, invalid("Cannot delete %s as there are composite alarm(s) depending on them.", strings.Join(needed, ","))
	}
	for _, name := range in.AlarmNames {
		if a, ok := kept.alarms[name]; ok {
			kept.record(a, configurationUpdate, time.Now(), `Alarm "`+name+`" deleted`, map[string]any{
				"version": "1.0", "type": "Delete", "deletedAlarm": a.configuration(),
			})
			delete(kept.tags, a.AlarmArn)
			delete(kept.alarms, name)
		}
	}
	return none{}, nil
}

type setState struct {
	AlarmName                    string
	StateValue                   State
	StateReason, StateReasonData string
}

// setAlarmState sets the state of an alarm until its next evaluation.
func (s *Service) setAlarmState(place Place, in *setState) (any, error) {
	kept, now := s.at(place), time.Now()
	a, ok := kept.alarms[in.AlarmName]
	switch {
	case !ok:
		return nil, notThere("alarm " + in.AlarmName)
	case !slices.Contains([]State{StateOK, StateAlarm, StateInsufficientData}, in.StateValue):
		return nil, invalid("1 validation error detected: Value '%s' at 'stateValue' failed to satisfy constraint: "+
			"Member must satisfy enum value set: [INSUFFICIENT_DATA, ALARM, OK]", in.StateValue)
	}
	s.apply(place, a, change{to: in.StateValue, reason: in.StateReason, data: in.StateReasonData}, now)
	s.evaluateComposites(place, kept, now) // before the alarm itself is evaluated again
	return none{}, nil
}

func enableActions(enabled flag) func(*Service, Place, *names) (any, error) {
	return func(s *Service, place Place, in *names) (any, error) {
		for _, name := range in.AlarmNames {
			if a, ok := s.at(place).alarms[name]; ok {
				a.ActionsEnabled = enabled
			}
		}
		return none{}, nil
	}
}

type tag struct{ Key, Value string }

type tagging struct {
	ResourceARN string
	Tags        list[tag]
	TagKeys     list[string]
}

func (b *accountState) tag(arn string, tags []tag) {
	if b.tags[arn] == nil {
		b.tags[arn] = map[string]string{}
	}
	for _, each := range tags {
		b.tags[arn][each.Key] = each.Value
	}
}

func (s *Service) tagResource(place Place, in *tagging) (any, error) {
	if s.at(place).find(in.ResourceARN) == nil {
		return nil, &refusal{"ResourceNotFoundException", in.ResourceARN + " does not exist"}
	}
	s.at(place).tag(in.ResourceARN, in.Tags)
	return none{}, nil
}

func (s *Service) untagResource(place Place, in *tagging) (any, error) {
	if s.at(place).find(in.ResourceARN) == nil {
		return nil, &refusal{"ResourceNotFoundException", in.ResourceARN + " does not exist"}
	}
	for _, key := range in.TagKeys {
		delete(s.at(place).tags[in.ResourceARN], key)
	}
	return none{}, nil
}

func (s *Service) listTagsForResource(place Place, in *tagging) (any, error) {
	if s.at(place).find(in.ResourceARN) == nil {
		return nil, &refusal{"ResourceNotFoundException", in.ResourceARN + " does not exist"}
	}
	var result struct{ Tags list[tag] }
	tags := s.at(place).tags[in.ResourceARN]
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		result.Tags = append(result.Tags, tag{key, tags[key]})
	}
	return result, nil
}
