package alarms

import "time"

// State of an alarm.
type State string

// The states.
const (
	StateOK               State = "OK"
	StateAlarm            State = "ALARM"
	StateInsufficientData State = "INSUFFICIENT_DATA"
)

// How an alarm treats missing data. Left out: missing.
const (
	missingIgnore       = "ignore"
	missingBreaching    = "breaching"
	missingNotBreaching = "notBreaching"
)

// spareDatapoints are how many more datapoints than an alarm evaluates are
// looked at, in case that some are missing.
const spareDatapoints = 2

// datapoint is what a metric says of one period. One that is not known is missing.
type datapoint struct {
	known   bool
	value   float64
	samples float64
	at      time.Time // the start of the period
}

// condition is when an alarm is in ALARM: when as many datapoints as needed, of
// those evaluated, breach the threshold.
type condition struct {
	breaches          func(value float64) bool
	evaluated, needed int // N and M
	missing           string
}

// outcome of an evaluation.
type outcome struct {
	// state that the alarm is to be in. Empty: the one that it is in.
	state State
	// used are the known datapoints that decided, the latest first.
	used []datapoint
	// evaluated are the datapoints up to the last one that decided, missing ones
	// included, the latest first.
	evaluated []datapoint
	// filled are how many missing datapoints were needed.
	filled int
}

// evaluationRange is how many datapoints evaluate looks at.
func (c condition) evaluationRange() int { return c.evaluated + spareDatapoints }

// evaluate decides by the datapoints of the evaluation range, the latest first.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
func (c condition) evaluate(latest []datapoint) outcome {
	var o outcome
	breaching, oldestBreach, looked := 0, 0, min(c.evaluated, len(latest))
	for age, point := range latest {
		if !point.known || len(o.used) == c.evaluated {
			continue
		}
		o.used = append(o.used, point)
		looked = max(looked, age+1)
		if c.breaches(point.value) {
			breaching++
			oldestBreach = age + 1
		}
	}
	o.evaluated = latest[:looked]
	o.filled = c.evaluated - len(o.used)
	o.state = c.decide(breaching, oldestBreach, o)
	return o
}

func (c condition) decide(breaching, oldestBreach int, o outcome) State {
	allBreach := breaching == len(o.used)
	switch {
	case breaching >= c.needed:
		return StateAlarm
	case o.filled > 0 && c.missing == missingBreaching:
		return stateIf(breaching+o.filled >= c.needed)
	case o.filled == 0, c.missing == missingNotBreaching, !allBreach:
		return StateOK
	case c.missing == missingIgnore:
		return ""
	case len(o.used) == 0:
		return StateInsufficientData
	case oldestBreach >= c.needed:
		return StateAlarm // nothing better came since: it is not premature
	default:
		return "" // the next datapoint may be a good one
	}
}

func stateIf(alarm bool) State {
	if alarm {
		return StateAlarm
	}
	return StateOK
}

// breaches returns what an operator and a threshold say of a value, or nil for
// an operator that is not evaluated here.
func breaches(operator string, threshold float64) func(float64) bool {
	switch operator {
	case "GreaterThanThreshold":
		return func(value float64) bool { return value > threshold }
	case "GreaterThanOrEqualToThreshold":
		return func(value float64) bool { return value >= threshold }
	case "LessThanThreshold":
		return func(value float64) bool { return value < threshold }
	case "LessThanOrEqualToThreshold":
		return func(value float64) bool { return value <= threshold }
	default:
		return nil
	}
}
