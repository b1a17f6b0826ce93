package metrics

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// tenMinutes from 12:00, with values for some of them.
func tenMinutes(values map[int]float64) Series {
	series := NewSeries(Window{Start: at(12, 0), End: at(12, 10), Period: time.Minute})
	for minute, value := range values {
		series.Set(at(12, minute), value)
	}
	return series
}

func TestSeries_WithoutDataSaysNothing(t *testing.T) {
	t.Parallel()
	empty := tenMinutes(nil)
	_, found := empty.Max()
	assert.False(t, found, "the highest of nothing is not zero")
	_, found = empty.Sum()
	assert.False(t, found, "the sum of nothing is not zero")
	value, found := empty.Value(0)
	assert.False(t, found)
	assert.Zero(t, value, "what adds up values must not be spoilt by gaps")
	_, _, found = empty.Last()
	assert.False(t, found)
	assert.Zero(t, empty.Measured())
	assert.Equal(t, []Span{{Start: at(12, 0), End: at(12, 10)}}, empty.Gaps())
}

func TestSeries_TellsGapsFromZeros(t *testing.T) {
	t.Parallel()
	series := tenMinutes(map[int]float64{0: 0, 1: 5, 4: 0, 5: 1000, 6: 2000, 9: 950})
	assert.Equal(t, []Span{{Start: at(12, 2), End: at(12, 4)}, {Start: at(12, 7), End: at(12, 9)}}, series.Gaps())
	assert.Equal(t, []Span{
		{Start: at(12, 5), End: at(12, 7), Worst: 2000},
		{Start: at(12, 9), End: at(12, 10), Worst: 950},
	}, series.Above(900))
	assert.Equal(t, 6, series.Measured())
	highest, _ := series.Max()
	assert.InDelta(t, 2000.0, highest, 0)
	sum, _ := series.Sum()
	assert.InDelta(t, 3955.0, sum, 0)
	last, value, _ := series.Last()
	assert.Equal(t, at(12, 9), last)
	assert.InDelta(t, 950.0, value, 0)
	above, _ := series.LastAbove(1500)
	assert.Equal(t, at(12, 6), above)
	_, found := series.LastAbove(5000)
	assert.False(t, found)
}

func TestSeries_LeavesOutWhatIsOutsideTheWindow(t *testing.T) {
	t.Parallel()
	series := tenMinutes(nil)
	series.Set(at(11, 59), 1)
	series.Set(at(12, 10), 1)
	assert.Zero(t, series.Measured())
}
