package metrics

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var now = time.Date(2026, 3, 14, 12, 7, 31, 0, time.UTC)

func at(hour, minute int) time.Time { return time.Date(2026, 3, 14, hour, minute, 0, 0, time.UTC) }

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
func TestWindow_TakesTheShortestPeriodThatCloudWatchKeeps(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		length, period time.Duration
		steps          int
	}{
		{10 * time.Minute, time.Minute, 10},
		{3 * time.Hour, time.Minute, 180},
		{15 * day, time.Minute, 15 * 24 * 60},
		{15*day + time.Second, 5 * time.Minute, 15*24*12 + 1},
		{30 * day, 5 * time.Minute, 30 * 24 * 12},
		{63 * day, 5 * time.Minute, 63 * 24 * 12},
		{64 * day, time.Hour, 64 * 24},
		{455 * day, time.Hour, 455 * 24},
	} {
		window, err := Recent(now, test.length)
		require.NoError(t, err)
		assert.Equal(t, test.period, window.Period, "%s", test.length)
		assert.Equal(t, test.steps, window.Steps(), "%s", test.length)
		assert.Equal(t, window.Start, window.Start.Truncate(test.period), "CloudWatch counts from round times")
	}
	for length, want := range map[time.Duration]string{
		456 * day: "CloudWatch keeps data for 455d", 9 * time.Minute: "use at least 10m",
	} {
		_, err := Recent(now, length)
		assert.ErrorContains(t, err, want)
		_, err = Settled(now, length)
		assert.ErrorContains(t, err, want)
	}
}

func TestWindow_EndsWhereItIsAskedTo(t *testing.T) {
	t.Parallel()
	recent, err := Recent(now, time.Hour)
	require.NoError(t, err)
	assert.Equal(t, at(12, 8), recent.End, "the minute that now is in belongs to it")
	assert.Equal(t, at(11, 8), recent.Start)
	settled, err := Settled(now, time.Hour)
	require.NoError(t, err)
	assert.Equal(t, at(12, 2), settled.End, "what is younger than five minutes may not have arrived")
	settled, err = Settled(now, 15*day)
	require.NoError(t, err)
	assert.Equal(t, 5*time.Minute, settled.Period, "the oldest minutes of the window have gone already")
}

func TestParseLength_KnowsDays(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"90m": 90 * time.Minute, "3h": 3 * time.Hour, "30d": 30 * day, "1d12h": 36 * time.Hour,
	} {
		got, err := ParseLength(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, got, text)
	}
	for _, text := range []string{"", "d", "3", "-3h", "0d", "3w", "1.5d", "99999d", "3h1d"} {
		_, err := ParseLength(text)
		assert.ErrorContains(t, err, "use a value such as 90m, 3h or 30d", "%q", text)
	}
}

func FuzzParseLength_ReadsWhatFormatLengthWrites(f *testing.F) {
	for _, text := range []string{"90m", "30d", "1d12h", "455d", "1d1ns", "d", "-1d"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		length, err := ParseLength(text)
		if err != nil || length%time.Second != 0 {
			return
		}
		again, err := ParseLength(FormatLength(length))
		require.NoError(t, err, FormatLength(length))
		assert.Equal(t, length, again)
	})
}
