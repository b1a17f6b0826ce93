package webpage

import (
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/metrics"
)

// thinned is a series with as few steps as can be drawn. What several steps
// become is for join to say: nothing bad may be lost.
func thinned(series metrics.Series, join func(a, b float64) float64) metrics.Series {
	steps := series.Steps()
	every := (steps + columns - 1) / columns
	if every <= 1 {
		return series
	}
	window := series.Window
	window.Period *= time.Duration(every)
	window.End = window.Start.Add(window.Period * time.Duration((steps+every-1)/every))
	thin := metrics.NewSeries(window)
	for i := range steps {
		value, found := series.Value(i)
		if !found {
			continue
		}
		if before, some := thin.Value(i / every); some {
			value = join(before, value)
		}
		thin.Set(series.Time(i), value)
	}
	return thin
}

func highestOf(a, b float64) float64 { return max(a, b) }

func sumOf(a, b float64) float64 { return a + b }
