package status

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/alarms"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/metrics"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

func TestJudge_TellsTheStateAndWhy(t *testing.T) {
	t.Parallel()
	window := threeHours(t)
	until := func(minute int, value float64) func(int) float64 {
		return func(m int) float64 {
			if m > minute {
				return math.NaN()
			}
			return value
		}
	}
	good := func() metrics.Reading {
		return readingOf(window, "r", always(2), always(0), always(1), always(0))
	}
	enabled := liveRule{status: replication.Enabled}
	for _, test := range []struct {
		name   string
		change func(*metrics.Reading)
		rule   liveRule
		state  State
		well   bool
		reason string
	}{
		{"all is well", func(*metrics.Reading) {}, enabled, Replicating, true, "180 operations, none failed"},
		{"idle", func(r *metrics.Reading) { *r = readingOf(window, "r", always(0), always(0), never, never) }, enabled, Replicating, true, "nothing was written"},
		{"late", func(r *metrics.Reading) {
			r.Latency = readingOf(window, "r", always(1000), never, never, never).Latency
		}, enabled, Late, false, "16 min 40 s behind"},
		{"late long ago", func(r *metrics.Reading) {
			r.Latency = readingOf(window, "r", until(100, 1000), never, never, never).Latency
		}, enabled, Unknown, false, "published nothing since 10:41"},
		{"a single failure in three hours", func(r *metrics.Reading) { r.Failed.Set(window.Time(3), 1) }, enabled, Failing, false, "1 of 180 operations failed, the last at 09:04"},
		{"failing, and the other region is down", func(r *metrics.Reading) { r.Failed.Set(window.Time(3), 1); r.DestinationErr = errors.New("down") }, enabled, Failing, false, "1 of 180"},
		{"late, and failures are not known", func(r *metrics.Reading) {
			r.Latency = readingOf(window, "r", always(1000), never, never, never).Latency
			r.SourceErr = errors.New("down")
		}, enabled, Late, false, "behind"},
		{"failures are not known", func(r *metrics.Reading) { r.SourceErr = errors.New("us-east-1 is down") }, enabled, Unknown, false, "us-east-1 is down"},
		{"latency is not known", func(r *metrics.Reading) { r.DestinationErr = errors.New("us-west-2 is down") }, enabled, Unknown, false, "us-west-2 is down"},
		{"no data at all", func(r *metrics.Reading) { *r = readingOf(window, "r", never, never, never, never) }, enabled, Unknown, false, "published nothing in us-west-2 for 3h"},
		{"operations succeed but no latency is published", func(r *metrics.Reading) { *r = readingOf(window, "r", never, never, always(1), always(0)) }, enabled, Unknown, false, "published nothing"},
		{"the last numbers are old", func(r *metrics.Reading) {
			r.Latency = readingOf(window, "r", until(160, 1), never, never, never).Latency
		}, enabled, Unknown, false, "since 11:41"},
		{"no metrics", func(r *metrics.Reading) { r.Rule.Metrics = false }, enabled, Unknown, false, "no metrics"},
		{"no metrics but time control, which has them", func(r *metrics.Reading) {
			r.Rule.Metrics, r.Rule.ReplicationTimeControl = false, true
		}, enabled, Replicating, true, "none failed"},
		{"disabled as deployed", func(r *metrics.Reading) { r.Rule.Status = replication.Disabled }, liveRule{status: replication.Disabled}, Disabled, true, "as it was deployed"},
		{"disabled since", func(*metrics.Reading) {}, liveRule{status: replication.Disabled}, Disabled, false, "somebody has disabled"},
		{"gone", func(*metrics.Reading) {}, liveRule{gone: true}, Disabled, false, "no such rule any more"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			reading := good()
			test.change(&reading)
			judgement := judge(&reading, test.rule, 900, noon)
			assert.Equal(t, test.state, judgement.State)
			assert.Equal(t, test.well, judgement.Well)
			assert.Contains(t, judgement.Reason, test.reason)
		})
	}
}

func TestDone_TellsNoneFromNotKnown(t *testing.T) {
	t.Parallel()
	now := Gauge{Now: ptr(0.0)}
	assert.Equal(t, "2 of 1,200", Link{Operations: ptr(1200.0), Failed: ptr(2.0), LatencySeconds: now}.done())
	assert.Equal(t, "no operations", Link{LatencySeconds: now}.done())
	assert.Equal(t, "no data", Link{}.done())
	assert.Equal(t, "not known", Link{LatencySeconds: now, reading: metrics.Reading{SourceErr: errors.New("down")}}.done())
}

func TestThreshold_IsThatOfTheRulesAlarm(t *testing.T) {
	t.Parallel()
	f := facts{alarms: []alarms.Alarm{
		{Metric: "ReplicationLatency", Rule: "other", Threshold: ptr(60.0)},
		{Metric: "OperationsFailedReplication", Rule: "mine", Threshold: ptr(0.0)},
	}}
	assert.InDelta(t, 900, f.threshold(replication.Rule{ID: "mine"}), 0, "what time control promises")
	f.alarms = append(f.alarms, alarms.Alarm{Metric: "ReplicationLatency", Rule: "mine", Threshold: ptr(300.0)})
	assert.InDelta(t, 300, f.threshold(replication.Rule{ID: "mine"}), 0)
}

func TestStatus_IsWellOnlyWhereEverythingIs(t *testing.T) {
	t.Parallel()
	of := func(link Link, alarm alarms.Alarm) Status {
		return Status{Time: noon, Deployments: []Deployment{{Links: []Link{link}, Alarms: []alarms.Alarm{alarm}}}}
	}
	good := Link{Rule: "r", Judgement: Judgement{State: Replicating, Well: true}}
	off := Link{Rule: "r", Judgement: Judgement{State: Disabled, Well: true}}
	quiet := func(minutes time.Duration) alarms.Alarm {
		return alarms.Alarm{Rule: "r", State: alarms.NoData, Since: ptr(noon.Add(-minutes * time.Minute))}
	}
	assert.True(t, of(good, alarms.Alarm{State: alarms.OK}).Well())
	assert.True(t, of(good, quiet(30)).Well(), "a new alarm has no data at first")
	assert.False(t, of(good, quiet(90)).Well(), "an alarm without data for so long cannot fire")
	assert.True(t, of(off, quiet(90)).Well(), "there are no data about a rule that is meant to be off")
	for _, state := range []alarms.State{alarms.Raised, alarms.Gone, alarms.Unknown} {
		assert.False(t, of(good, alarms.Alarm{Rule: "r", State: state}).Well(), state)
	}
	assert.False(t, of(Link{Judgement: Judgement{State: Unknown}}, alarms.Alarm{State: alarms.OK}).Well())
}

func TestSparkline_DrawsGapsAsGapsAndNothingAsZeroThatIsNot(t *testing.T) {
	t.Parallel()
	window := metrics.Window{Start: noon, End: noon.Add(8 * time.Minute), Period: time.Minute}
	series := metrics.NewSeries(window)
	assert.Equal(t, "········", sparkline(series, 36))
	for minute, value := range []float64{0, 1, 0.001, math.NaN(), 0, 0.5, 0, 0} {
		series.Set(window.Time(minute), value)
	}
	assert.Equal(t, "▁█▂·▁▅▁▁", sparkline(series, 36))
	assert.Equal(t, "█▂▅▁", sparkline(series, 4), "each column is the worst of its minutes")
}

// CloudWatch keeps hours only of what is long ago: the hour that is not over yet is
// no old news.
func TestJudge_OfMonths(t *testing.T) {
	t.Parallel()
	now := noon.Add(50 * time.Minute)
	window, err := metrics.Recent(now, 90*24*time.Hour)
	require.NoError(t, err)
	reading := readingOf(window, "r", always(2), always(0), always(1), always(0))
	assert.Equal(t, Replicating, judge(&reading, liveRule{status: replication.Enabled}, 900, now).State)
	reading.Failed.Set(noon, 1)
	assert.Contains(t, judge(&reading, liveRule{status: replication.Enabled}, 900, now).Reason, "the last after 12:00")
}
