package alarms

import "time"

// State is the state of an alarm.
type State string

// The states of an alarm.
const (
	StateOK               State = "OK"
	StateAlarm            State = "ALARM"
	StateInsufficientData State = "INSUFFICIENT_DATA"
)

// Treatments of missing data. The default is missing.
const (
	missingIgnore       = "ignore"
	missingBreaching    = "breaching"
	missingNotBreaching = "notBreaching"
)

// spareDatapoints is the number of datapoints that are retrieved in addition to the
// evaluated ones, in case some are missing.
const spareDatapoints = 2

// datapoint is the value of a metric in one period, or a missing value.
type datapoint struct {
	known   bool
	value   float64
	samples float64
	at      time.Time // start of the period
}

// condition is the alarm condition: at least as many of the evaluated datapoints as
// required breach the threshold.
type condition struct {
	breaches          func(value float64) bool
	evaluated, needed int // M and N
	missing           string
}

// outcome is the result of an evaluation.
type outcome struct {
	// state is the new state of the alarm. Empty: unchanged.
	state State
	// used are the datapoints that decided, without missing ones, the latest first.
	used []datapoint
	// evaluated are the datapoints up to the last one that decided, including
	// missing ones, the latest first.
	evaluated []datapoint
	// filled is the number of missing datapoints that were needed.
	filled int
}

// evaluationRange returns the number of datapoints that evaluate takes.
func (c condition) evaluationRange() int { return c.evaluated + spareDatapoints }

// evaluate returns the outcome for the datapoints of the evaluation range, the
// latest first.
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
		return StateAlarm // no later datapoint is OK: the alarm is not premature
	default:
		return "" // the next datapoint may not breach
	}
}

func stateIf(alarm bool) State {
	if alarm {
		return StateAlarm
	}
	return StateOK
}

// breaches returns the test of an operator and a threshold, or nil if the operator
// is not evaluated here.
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
