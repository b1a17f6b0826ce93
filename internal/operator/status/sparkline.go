package status

import (
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/metrics"
)

const gapMark = '·'

var blocks = []rune("▁▂▃▄▅▆▇█")

// sparkline draws a series in the given number of columns, each with its highest
// value. The lowest block is zero; a column without values is a gap.
func sparkline(series metrics.Series, columns int) string {
	highest, found := series.Max()
	steps := series.Steps()
	columns = min(columns, steps)
	var line strings.Builder
	for column := range columns {
		value, some := highestOf(series, column*steps/columns, (column+1)*steps/columns)
		switch {
		case !found || !some:
			line.WriteRune(gapMark)
		case value <= 0:
			line.WriteRune(blocks[0])
		default:
			// A value above zero is never drawn as zero.
			line.WriteRune(blocks[max(1, int(value/highest*float64(len(blocks)-1)+0.5))])
		}
	}
	return line.String()
}

// highestOf returns the highest value of a range of steps.
func highestOf(series metrics.Series, from, to int) (highest float64, found bool) {
	for step := from; step < to; step++ {
		if value, ok := series.Value(step); ok && (!found || value > highest) {
			highest, found = value, true
		}
	}
	return highest, found
}
