package status

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/alarms"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/failures"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/metrics"
	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
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
	changed := liveRule{status: replication.Enabled, changes: []string{"Filter.Prefix is logs/, was deployed as nothing"}}
	disabled := liveRule{status: replication.Disabled}
	silent := readingOf(window, "r", never, never, never, never)
	for _, test := range []struct {
		name   string
		change func(*metrics.Reading)
		rule   liveRule
		state  State
		well   bool
		reason string
	}{
		{"all is well", func(*metrics.Reading) {}, enabled, Replicating, true, "180 operations, none failed"},
		{"idle", func(r *metrics.Reading) { *r = readingOf(window, "r", always(0), always(0), never, never) }, enabled, Replicating, true, "no operations"},
		{"late", func(r *metrics.Reading) {
			r.Latency = readingOf(window, "r", always(1000), never, never, never).Latency
		}, enabled, Late, false, "16 min 40 s behind"},
		{"late long ago", func(r *metrics.Reading) {
			r.Latency = readingOf(window, "r", until(100, 1000), never, never, never).Latency
		}, enabled, Unknown, false, "published nothing since 10:41"},
		{"a single failure, and many operations since", func(r *metrics.Reading) { r.Failed.Set(window.Time(3), 1) }, enabled, Replicating, true, "recovered: 1 of 180 operations failed, the last at 09:04; 176 operations since"},
		{"a failure, and nothing since", func(r *metrics.Reading) {
			*r = readingOf(window, "r", always(2), always(0), until(100, 1), never)
			r.Failed.Set(window.Time(100), 1)
		}, enabled, Failing, false, "1 of 101 operations failed"},
		{"a failure of the last minutes", func(r *metrics.Reading) { r.Failed.Set(window.Time(177), 1) }, enabled, Failing, false, "1 of 180"},
		{"recovered, and late now", func(r *metrics.Reading) {
			*r = readingOf(window, "r", always(1000), always(9), always(1), always(0))
			r.Failed.Set(window.Time(3), 1)
		}, enabled, Failing, false, "1 of 180"},
		{"failures, and the numbers end", func(r *metrics.Reading) {
			r.Latency = readingOf(window, "r", until(100, 1), never, never, never).Latency
			r.Failed.Set(window.Time(3), 1)
		}, enabled, Failing, false, "S3 has published nothing since 10:41; 1 of 180"},
		{"an old failure, and the destination's bucket is gone", func(r *metrics.Reading) {
			r.Latency = silent.Latency
			r.Failed.Set(window.Time(3), 1)
		}, enabled, Failing, false, "S3 has published nothing in us-west-2"},
		{"narrowed", func(*metrics.Reading) {}, changed, Changed, false, "Filter.Prefix is logs/"},
		{"narrowed, and nothing was written", func(r *metrics.Reading) { *r = readingOf(window, "r", always(0), always(0), never, never) }, changed, Changed, false, "Filter.Prefix"},
		{"narrowed, and the region is down", func(r *metrics.Reading) { r.DestinationErr = errors.New("down") }, changed, Changed, false, "Filter.Prefix"},
		{"changed, and disabled", func(*metrics.Reading) {}, liveRule{status: replication.Disabled, changes: changed.changes}, Disabled, false, "was disabled"},
		{"deployed disabled, and enabled since", func(r *metrics.Reading) { r.Rule.Status = replication.Disabled }, enabled, Changed, false, "the rule is Enabled, was deployed as Disabled"},
		{"deployed disabled, and changed", func(r *metrics.Reading) { r.Rule.Status = replication.Disabled }, liveRule{status: replication.Disabled, changes: changed.changes}, Changed, false, "Filter.Prefix"},
		{"the rules could not be read", func(*metrics.Reading) {}, liveRule{err: errors.New("AccessDenied")}, Unknown, false, "AccessDenied"},
		{"the rules could not be read, and it fails", func(r *metrics.Reading) { r.Failed.Set(window.Time(177), 1) }, liveRule{err: errors.New("AccessDenied")}, Failing, false, "1 of 180"},
		{"disabled, and the region is down", func(r *metrics.Reading) { r.DestinationErr = errors.New("down") }, disabled, Disabled, false, "was disabled"},
		{"failing, and the other region is down", func(r *metrics.Reading) { r.Failed.Set(window.Time(3), 1); r.DestinationErr = errors.New("down") }, enabled, Unknown, false, "down; before that, 1 of 180"},
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
		{"no metrics", func(r *metrics.Reading) { r.Rule.Metrics = false }, enabled, Unknown, false, "metrics are disabled"},
		{"no metrics but time control, which has them", func(r *metrics.Reading) {
			r.Rule.Metrics, r.Rule.ReplicationTimeControl = false, true
		}, enabled, Replicating, true, "none failed"},
		{"disabled as deployed", func(r *metrics.Reading) { r.Rule.Status = replication.Disabled }, liveRule{status: replication.Disabled}, Disabled, true, "as deployed"},
		{"disabled since", func(*metrics.Reading) {}, liveRule{status: replication.Disabled}, Disabled, false, "was disabled after"},
		{"gone", func(*metrics.Reading) {}, liveRule{gone: true}, Disabled, false, "no longer has this rule"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			reading := good()
			test.change(&reading)
			judgement := judge(&reading, test.rule, nil, 900, noon)
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
	assert.Equal(t, "unknown", Link{LatencySeconds: now, reading: metrics.Reading{SourceErr: errors.New("down")}}.done())
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
	assert.Equal(t, Replicating, judge(&reading, liveRule{status: replication.Enabled}, nil, 900, now).State)
	reading.Failed.Set(noon, 1)
	assert.Contains(t, judge(&reading, liveRule{status: replication.Enabled}, nil, 900, now).Reason, "the last after 12:00")
}

func TestJudge_NeverAdvisesToReplicateToARegionThatIsDown(t *testing.T) {
	t.Parallel()
	window := threeHours(t)
	reading := readingOf(window, "r", always(2), always(0), always(1), always(0))
	reading.Failed.Set(window.Time(170), 3)
	reading.DestinationErr = errors.New("us-west-2 is down")
	judgement := judge(&reading, liveRule{status: replication.Enabled}, nil, 900, noon)
	assert.Contains(t, judgement.Advice, "before you replicate anything manually")
	assert.NotContains(t, judgement.Advice, "Batch")
}

func TestLiveRules_NameWhatIsNotAsDeployed(t *testing.T) {
	t.Parallel()
	rule := func(id, prefix string) s3config.Rule {
		return s3config.Rule{
			ID: id, Status: replication.Enabled, Filter: &s3config.Filter{Prefix: &prefix}, Priority: ptr(1),
			Destination: s3config.Destination{Bucket: "arn:aws:s3:::dr"},
		}
	}
	configuration := func(role string, rules ...s3config.Rule) *s3config.Configuration {
		return &s3config.Configuration{Role: role, Rules: rules}
	}
	deployed := *configuration("role", rule("r", ""))
	for name, test := range map[string]struct {
		found *s3config.Configuration
		want  string
	}{
		"narrowed":           {configuration("role", rule("r", "logs/")), "Filter.Prefix is logs/"},
		"another role":       {configuration("other", rule("r", "")), "S3 uses the role other"},
		"another rule to it": {configuration("role", rule("r", ""), rule("added", "")), `the rule "added" to the same bucket was added`},
		"as deployed":        {configuration("role", rule("r", "")), ""},
		"no rules":           {nil, "gone"},
		"renamed":            {configuration("role", rule("q", "")), "gone"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			live := liveRules{deployed: deployed, found: test.found}.rule("r")
			switch test.want {
			case "":
				assert.Empty(t, live.changes)
				assert.False(t, live.gone)
			case "gone":
				assert.True(t, live.gone)
			default:
				assert.Contains(t, strings.Join(live.changes, "; "), test.want)
			}
		})
	}
}

func TestSafeUntil_IsNeverOptimistic(t *testing.T) {
	t.Parallel()
	window := threeHours(t)
	enabled := liveRule{status: replication.Enabled}
	last := window.Time(window.Steps() - 1)
	for name, test := range map[string]struct {
		change func(*metrics.Reading)
		rule   liveRule
		want   time.Duration // before the last step; negative: not known
	}{
		"nothing waits":                   {func(*metrics.Reading) {}, enabled, 0},
		"behind":                          {func(r *metrics.Reading) { r.Latency.Set(last, 90); r.PendingOperations.Set(last, 4) }, enabled, 90 * time.Second},
		"something waits without latency": {func(r *metrics.Reading) { r.PendingOperations.Set(last, 4) }, enabled, time.Minute},
		"the last numbers are old":        {func(r *metrics.Reading) { r.Latency.Set(last, math.NaN()) }, enabled, time.Minute},
		"a fresh heartbeat":               {func(r *metrics.Reading) { r.Canary = true; r.HeartbeatAge.Set(last, 0) }, enabled, 0},
		"a heartbeat that is older":       {func(r *metrics.Reading) { r.Canary = true; r.HeartbeatAge.Set(last, 300) }, enabled, 5 * time.Minute},
		"a canary without a heartbeat":    {func(r *metrics.Reading) { r.Canary = true }, enabled, -1},
		"something failed in the window":  {func(r *metrics.Reading) { r.Failed.Set(window.Time(3), 1) }, enabled, -1},
		"failures are not known":          {func(r *metrics.Reading) { r.SourceErr = errors.New("down") }, enabled, -1},
		"the destination is not known":    {func(r *metrics.Reading) { r.DestinationErr = errors.New("down") }, enabled, -1},
		"no latency":                      {func(r *metrics.Reading) { r.Latency = metrics.NewSeries(window) }, enabled, -1},
		"no pending operations":           {func(r *metrics.Reading) { r.PendingOperations = metrics.NewSeries(window) }, enabled, -1},
		"a narrowed rule":                 {func(*metrics.Reading) {}, liveRule{status: replication.Enabled, changes: []string{"Filter"}}, -1},
		"a disabled rule":                 {func(*metrics.Reading) {}, liveRule{status: replication.Disabled}, -1},
		"a rule that is gone":             {func(*metrics.Reading) {}, liveRule{gone: true}, -1},
		"rules that could not be read":    {func(*metrics.Reading) {}, liveRule{err: errors.New("denied")}, -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reading := readingOf(window, "r", always(0), always(0), always(1), always(0))
			reading.HeartbeatAge = metrics.NewSeries(window)
			test.change(&reading)
			safe := safeUntil(&reading, test.rule, noon)
			assert.NotEmpty(t, safe.Reason)
			if test.want < 0 {
				assert.Nil(t, safe.Time)
				return
			}
			require.NotNil(t, safe.Time)
			assert.Equal(t, last.Add(-test.want), *safe.Time)
		})
	}
}

// S3 may deliver a data point late or never.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html
func TestJudge_CountsFailuresThatTheMetricsMiss(t *testing.T) {
	t.Parallel()
	window := threeHours(t)
	event := func(minute int) failures.Event {
		r := readingOf(window, "r", always(2), always(0), always(1), always(0))
		return failures.Event{
			Name: failures.OperationFailed, Time: window.Time(minute).Add(20 * time.Second), Rule: "r", Bucket: r.From.Bucket, Destination: r.To.Bucket,
		}
	}
	other := event(170)
	other.Rule = "another"
	for _, test := range []struct {
		name    string
		kept    []failures.Event
		counted bool // a failure in minute 170
		state   State
		reason  string
	}{
		{"none", nil, false, Replicating, "180 operations, none failed"},
		{"of another rule", []failures.Event{other}, false, Replicating, "180 operations, none failed"},
		{"late or never counted", []failures.Event{event(176)}, false, Failing, "1 failure in the failure queue that S3's metrics do not count, the last at 11:5"},
		{"some counted", []failures.Event{event(170), event(176)}, true, Failing, "1 of 180 operations failed, and 1 failure in the failure queue"},
		{"counted as well", []failures.Event{event(170)}, true, Replicating, "recovered: 1 of 180 operations failed, the last at 11:5"},
		{"long ago, and operations since", []failures.Event{event(3)}, false, Replicating, "recovered: 1 failure in the failure queue"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			reading := readingOf(window, "r", always(2), always(0), always(1), always(0))
			if test.counted {
				reading.Failed.Set(window.Time(170), 1)
			}
			judgement := judge(&reading, liveRule{status: replication.Enabled}, test.kept, 900, noon)
			assert.Equal(t, test.state, judgement.State, judgement.Reason)
			assert.Equal(t, test.state == Replicating, judgement.Well)
			assert.Contains(t, judgement.Reason, test.reason)
		})
	}
}
