package alarms

import (
	"context"
	"time"
)

// change is a new state of an alarm, with its reason.
type change struct {
	to           State
	reason, data string
	triggers     []*Alarm // of a composite alarm: the alarms that caused it
}

// notice is an action to perform.
type notice struct {
	place  Place
	action string
	report report
}

// apply sets the state of an alarm. Actions are queued if the state changed.
func (s *Service) apply(place Place, a *Alarm, c change, now time.Time) {
	old := *a
	a.StateValue, a.StateReason, a.StateReasonData, a.StateUpdatedTimestamp = c.to, c.reason, c.data, stamp(now)
	if old.StateValue == c.to {
		return
	}
	a.StateTransitionedTimestamp = stamp(now)
	s.at(place).record(a, stateUpdate, now, "Alarm updated from "+string(old.StateValue)+" to "+string(c.to), map[string]any{
		"version": "1.0", "oldState": stateData(&old), "newState": stateData(a),
	})
	if !a.ActionsEnabled {
		return
	}
	report := reportOf(place, a, old.StateValue, c.triggers)
	for _, action := range a.actions(c.to) {
		s.outbox = append(s.outbox, notice{place, action, report})
	}
}

func stateData(a *Alarm) map[string]any {
	return map[string]any{"stateValue": a.StateValue, "stateReason": a.StateReason}
}

// deliver performs the queued actions.
func (s *Service) deliver(ctx context.Context) {
	s.mu.Lock()
	waiting := s.outbox
	s.outbox = nil
	s.mu.Unlock()
	for _, each := range waiting {
		err := s.take(ctx, each)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			s.options.Log.Warn("an alarm's action failed", "alarm", each.report.AlarmName, "region", each.place.Region,
				"state", each.report.NewStateValue, "action", each.action, "error", err)
		}
		s.recordAction(each, err)
	}
}

// recordAction adds the result of an action to the history, if the alarm still
// exists.
func (s *Service) recordAction(n notice, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := s.at(n.place)
	a, ok := kept.alarms[n.report.AlarmName]
	if !ok {
		return
	}
	summary, data := "Successfully executed action "+n.action, map[string]any{"actionState": "Succeeded", "notificationResource": n.action}
	if err != nil {
		summary = "Failed to execute action " + n.action
		data["actionState"], data["error"] = "Failed", err.Error()
	}
	kept.record(a, actionTaken, time.Now(), summary, data)
}
