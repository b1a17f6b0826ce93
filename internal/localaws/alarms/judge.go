package alarms

import "time"

// evaluate evaluates all alarms, and reports whether there are any.
func (s *Service) evaluate(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := false
	for place, kept := range s.places {
		found = found || len(kept.alarms) > 0
		for _, a := range kept.alarms {
			if a.Metric != nil {
				s.evaluateMetric(place, a, now)
			}
		}
		s.evaluateComposites(place, kept, now)
	}
	return found
}

func (s *Service) evaluateMetric(place Place, a *Alarm, now time.Time) {
	if a.unsupported() != "" {
		return
	}
	c := a.condition()
	points := s.at(place).metrics[a.id()].datapoints(now, a.period(s.options.Minute), c.evaluationRange(), a.Statistic, a.Unit)
	o := c.evaluate(points)
	if o.state == "" || o.state == a.StateValue {
		return
	}
	s.apply(place, a, change{to: o.state, reason: a.reason(o, a.StateValue), data: a.reasonData(o, now)}, now)
}
