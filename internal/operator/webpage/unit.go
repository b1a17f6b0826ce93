package webpage

import (
	"math"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/words"
)

// Unit is how numbers of a kind are written, and which of them are round.
type Unit struct {
	Write func(float64) string
	round []float64 // within a power of ten where it is nil
}

// The units.
var (
	Seconds = Unit{Write: words.Seconds, round: []float64{
		1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 2700, 3600, 2 * 3600, 3 * 3600, 6 * 3600, 12 * 3600, 24 * 3600, 48 * 3600,
	}}
	Number = Unit{Write: words.Count}
	Bytes  = Unit{Write: words.Bytes}
)

// headroom above the highest value.
const headroom = 1.15

// scale is a round number above a value, for an axis that can be read.
func (u Unit) scale(highest float64) float64 {
	if highest <= 0 {
		return 1
	}
	highest *= headroom
	for _, step := range u.round {
		if step >= highest {
			return step
		}
	}
	magnitude := math.Pow(10, math.Floor(math.Log10(highest)))
	for _, step := range []float64{1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8} {
		if step*magnitude >= highest {
			return max(1, step*magnitude)
		}
	}
	return 10 * magnitude
}
