package alarms

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// retention is how long metrics are kept: a bit longer than the longest range of
// alarms that CloudWatch evaluates more often than hourly.
const retention = 25 * time.Hour

// metricID identifies a metric of an account in a region. Its dimensions are part of
// the identity: one more or one less makes another metric.
type metricID struct{ namespace, name, dimensions string }

func newMetricID(namespace, name string, dimensions []Dimension) metricID {
	sorted := slices.Clone(dimensions)
	slices.SortFunc(sorted, func(a, b Dimension) int { return cmp.Compare(a.Name, b.Name) })
	var text strings.Builder
	for _, d := range sorted {
		text.WriteString(d.Name + "\x00" + d.Value + "\x00")
	}
	return metricID{namespace, name, text.String()}
}

// sample aggregates the values put for one time in one unit.
type sample struct {
	at                       time.Time
	unit                     string
	sum, minimum, maximum, n float64
}

// series is the samples of a metric, ordered by time.
type series []sample

// add adds a sample, and drops expired ones.
func (s series) add(added sample, now time.Time) series {
	at, _ := slices.BinarySearchFunc(s, added, func(a, b sample) int {
		if a.at.After(b.at) {
			return 1
		}
		return -1 // with equal times, the later one goes last
	})
	s = slices.Insert(s, at, added)
	old := 0
	for old < len(s) && s[old].at.Before(now.Add(-retention)) {
		old++
	}
	return slices.Delete(s, 0, old)
}

// datapoints aggregates the samples into periods that end at a time, the latest
// first.
func (s series) datapoints(end time.Time, period time.Duration, count int, statistic, unit string) []datapoint {
	points := make([]datapoint, count)
	totals := make([]sample, count)
	for _, each := range slices.Backward(s) {
		age := end.Sub(each.at)
		if age <= 0 || (unit != "" && unit != each.unit) {
			continue
		}
		i := int((age - 1) / period)
		if i >= count {
			break
		}
		totals[i] = totals[i].plus(each)
	}
	for i, total := range totals {
		points[i].at = end.Add(-time.Duration(i+1) * period)
		if total.n > 0 {
			points[i].known, points[i].value, points[i].samples = true, total.statistic(statistic), total.n
		}
	}
	return points
}

func (s sample) plus(other sample) sample {
	if s.n == 0 {
		return other
	}
	return sample{
		sum: s.sum + other.sum, n: s.n + other.n,
		minimum: min(s.minimum, other.minimum), maximum: max(s.maximum, other.maximum),
	}
}

// statistics are the statistics that alarms here are evaluated on.
var statistics = []string{"Average", "Maximum", "Minimum", "SampleCount", "Sum"}

func (s sample) statistic(name string) float64 {
	switch name {
	case "Average":
		return s.sum / s.n
	case "Maximum":
		return s.maximum
	case "Minimum":
		return s.minimum
	case "SampleCount":
		return s.n
	default:
		return s.sum
	}
}
