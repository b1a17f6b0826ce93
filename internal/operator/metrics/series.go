package metrics

import (
	"math"
	"time"
)

// Series is a metric over a window: one value or a gap for each step.
type Series struct {
	Window
	values []float64 // NaN is a gap
}

// NewSeries returns a series without data.
func NewSeries(window Window) Series {
	s := Series{Window: window, values: make([]float64, window.Steps())}
	for i := range s.values {
		s.values[i] = math.NaN()
	}
	return s
}

// Set sets the value at a time. Times outside the window are ignored.
func (s Series) Set(at time.Time, value float64) {
	step := at.Sub(s.Start) / s.Period
	if !at.Before(s.Start) && int(step) < len(s.values) {
		s.values[step] = value
	}
}

// Value returns the value of a step, if there is one.
func (s Series) Value(step int) (float64, bool) {
	if value := s.values[step]; !math.IsNaN(value) {
		return value, true
	}
	return 0, false
}

// Last returns the last value and the start of its step.
func (s Series) Last() (at time.Time, value float64, found bool) {
	for step := len(s.values) - 1; step >= 0; step-- {
		if value, found := s.Value(step); found {
			return s.Time(step), value, true
		}
	}
	return time.Time{}, 0, false
}

// LastAbove returns the start of the last step with a value above a limit.
func (s Series) LastAbove(limit float64) (time.Time, bool) {
	for step := len(s.values) - 1; step >= 0; step-- {
		if value, found := s.Value(step); found && value > limit {
			return s.Time(step), true
		}
	}
	return time.Time{}, false
}

// At returns the value of the step that contains a time, if there is one.
func (s Series) At(at time.Time) (float64, bool) {
	step := int(at.Sub(s.Start) / s.Period)
	if at.Before(s.Start) || step >= len(s.values) {
		return 0, false
	}
	return s.Value(step)
}

// SumAfter returns the sum of the values of steps that start after a time.
func (s Series) SumAfter(at time.Time) float64 {
	sum := 0.0
	for step := range s.values {
		if value, found := s.Value(step); found && s.Time(step).After(at) {
			sum += value
		}
	}
	return sum
}

// Max returns the highest value, if there is any.
func (s Series) Max() (highest float64, found bool) {
	for step := range s.values {
		if value, ok := s.Value(step); ok && (!found || value > highest) {
			highest, found = value, true
		}
	}
	return highest, found
}

// Sum returns the sum of all values, if there are any.
func (s Series) Sum() (sum float64, found bool) {
	for step := range s.values {
		if value, ok := s.Value(step); ok {
			sum, found = sum+value, true
		}
	}
	return sum, found
}

// Measured returns the number of steps with a value.
func (s Series) Measured() int {
	count := 0
	for step := range s.values {
		if _, ok := s.Value(step); ok {
			count++
		}
	}
	return count
}

// Span is a part of a window.
type Span struct {
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
	// Worst is the highest value in it; 0 for a gap.
	Worst float64 `json:"worst,omitempty"`
}

// Length returns the length of the span.
func (s Span) Length() time.Duration { return s.End.Sub(s.Start) }

// Gaps returns the spans without values.
func (s Series) Gaps() []Span {
	return s.spans(func(step int) (bool, float64) {
		_, found := s.Value(step)
		return !found, 0
	})
}

// Above returns the spans with values above a limit.
func (s Series) Above(limit float64) []Span {
	return s.spans(func(step int) (bool, float64) {
		value, found := s.Value(step)
		return found && value > limit, value
	})
}

// spans joins adjacent steps that belong to a span.
func (s Series) spans(belongs func(step int) (bool, float64)) []Span {
	spans := []Span{}
	open := false
	for step := range s.values {
		is, value := belongs(step)
		switch {
		case is && open:
			last := &spans[len(spans)-1]
			last.End, last.Worst = s.Time(step+1), max(last.Worst, value)
		case is:
			spans = append(spans, Span{Start: s.Time(step), End: s.Time(step + 1), Worst: value})
		}
		open = is
	}
	return spans
}
