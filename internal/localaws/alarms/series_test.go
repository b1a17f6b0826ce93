package alarms

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func TestSeries_AggregatesPeriodsThatEndNow(t *testing.T) {
	t.Parallel()
	var s series
	for _, put := range []struct {
		ago    time.Duration
		values []float64
	}{
		{150 * time.Second, []float64{7}},
		{59 * time.Second, []float64{1, 5}}, // out of order: clients may be late
		{60 * time.Second, []float64{2}},
		{10 * time.Second, []float64{3}},
		{0, []float64{100}}, // not over yet
	} {
		for _, value := range put.values {
			s = s.add(sample{at: noon.Add(-put.ago), sum: value, minimum: value, maximum: value, n: 1, unit: "Count"}, noon)
		}
	}
	tests := map[string][]float64{ // of the last minute, the one before, and so on
		"Sum":         {11, 0, 7},
		"Average":     {2.75, 0, 7},
		"Maximum":     {5, 0, 7},
		"Minimum":     {1, 0, 7},
		"SampleCount": {4, 0, 1},
	}
	for statistic, want := range tests {
		got := s.datapoints(noon, time.Minute, 4, statistic, "")
		assert.Len(t, got, 4)
		for i, value := range want {
			assert.InDelta(t, value, got[i].value, 1e-9, "%s of the period that began %d minutes ago", statistic, i+1)
			assert.Equal(t, value != 0, got[i].known)
		}
		assert.False(t, got[3].known, "nothing was put then")
		assert.Equal(t, noon.Add(-time.Minute), got[0].at)
	}
	assert.False(t, s.datapoints(noon, time.Minute, 1, "Sum", "Bytes")[0].known, "no value has that unit")
	assert.True(t, s.datapoints(noon, time.Minute, 1, "Sum", "Count")[0].known)
}

func TestSeries_ForgetsWhatNobodyLooksAt(t *testing.T) {
	t.Parallel()
	s := series{}.add(sample{at: noon.Add(-retention - time.Second), n: 1}, noon)
	assert.Empty(t, s)
	s = s.add(sample{at: noon, n: 1}, noon)
	assert.Len(t, s.add(sample{at: noon.Add(retention + time.Second), n: 1}, noon.Add(retention+time.Second)), 1)
}

func TestMetricID_IsExactlyItsDimensions(t *testing.T) {
	t.Parallel()
	all := []Dimension{{"SourceBucket", "a"}, {"DestinationBucket", "b"}, {"RuleId", "r"}}
	reordered := []Dimension{all[2], all[0], all[1]}
	assert.Equal(t, newMetricID("AWS/S3", "ReplicationLatency", all), newMetricID("AWS/S3", "ReplicationLatency", reordered))
	assert.NotEqual(t, newMetricID("AWS/S3", "ReplicationLatency", all), newMetricID("AWS/S3", "ReplicationLatency", all[:2]), "an alarm on two dimensions gets nothing")
}
