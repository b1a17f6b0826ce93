package alarms

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// evaluateComposites repeats until nothing changes, because composite alarms may
// depend on each other. With circular dependencies it stops after as many rounds as
// there are alarms.
func (s *Service) evaluateComposites(place Place, kept *accountState, now time.Time) {
	for range kept.alarms {
		changed := false
		for _, a := range kept.alarms {
			changed = a.Composite != nil && s.evaluateComposite(place, kept, a, now) || changed
		}
		if !changed {
			return
		}
	}
}

func (s *Service) evaluateComposite(place Place, kept *accountState, a *Alarm, now time.Time) bool {
	state := stateIf(a.rule.holds(func(reference string) State {
		if named := kept.find(reference); named != nil {
			return named.StateValue
		}
		return StateInsufficientData
	}))
	if state == a.StateValue {
		return false
	}
	c := change{to: state, reason: "The alarm rule is " + strings.ToUpper(strconv.FormatBool(state == StateAlarm))}
	if last := kept.lastChanged(a.rule.children()); last != nil {
		c.triggers = []*Alarm{last}
		c.reason = fmt.Sprintf("%s transitioned to %s at %s", last.AlarmArn, last.StateValue,
			time.Time(last.StateTransitionedTimestamp).UTC().Format("Monday 02 January, 2006 15:04:05 UTC"))
	}
	s.apply(place, a, c, now)
	return true
}

// find returns the alarm with a name or an ARN, or nil.
func (b *accountState) find(reference string) *Alarm {
	if a, ok := b.alarms[reference]; ok {
		return a
	}
	if i := strings.Index(reference, ":alarm:"); i >= 0 {
		if a, ok := b.alarms[reference[i+len(":alarm:"):]]; ok && a.AlarmArn == reference {
			return a
		}
	}
	return nil
}

// lastChanged returns the alarm whose state changed last, or nil.
func (b *accountState) lastChanged(references []string) (last *Alarm) {
	for _, reference := range references {
		a := b.find(reference)
		if a != nil && (last == nil || time.Time(a.StateTransitionedTimestamp).After(time.Time(last.StateTransitionedTimestamp))) {
			last = a
		}
	}
	return last
}
