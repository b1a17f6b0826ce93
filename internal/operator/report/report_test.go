package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gotest.tools/v3/golden"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/failures"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/metrics"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// ones are ten periods with one operation or second each.
func ones() []float64 { return []float64{1, 1, 1, 1, 1, 1, 1, 1, 1, 1} }

// The figures are computed by hand.
func TestRule_CountsOnlyWhatIsShown(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name                        string
		latency, operations, failed []float64
		verdict                     Verdict
		share                       string
		late, inLate, inGaps        float64
		measured                    int
	}{
		{
			name: "all in time", latency: ones(), operations: ones(),
			verdict: Kept, share: "100 %", measured: 10,
		},
		{
			name: "just in time", latency: []float64{900, 900, 900, 900, 900, 900, 900, 900, 900, 900}, operations: ones(),
			verdict: Kept, share: "100 %", measured: 10,
		},
		{
			name: "idle", latency: []float64{0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
			verdict: Kept, share: "no operations", measured: 10,
		},
		{
			name: "one failed of ten", latency: ones(), operations: ones(), failed: []float64{0, 0, 1},
			verdict: Broken, share: "at least 90 %", measured: 10,
		},
		{
			// 2 of 10 operations ended in late periods.
			name: "two late periods", latency: []float64{1, 1, 900.5, 1200, 1, 1, 1, 1, 1, 1}, operations: ones(),
			verdict: Broken, share: "at least 80 %", late: 2, inLate: 2, measured: 10,
		},
		{
			// 5 operations in a late period, of which 2 failed: 4 others are in time of 9.
			name: "an operation that failed late counts once", latency: []float64{1, 1, 1, 1, 1000, 1, 1, 1, 1, 1},
			operations: []float64{1, 1, 1, 1, 5}, failed: []float64{0, 0, 0, 0, 2},
			verdict: Broken, share: "at least 44.444 %", late: 1, inLate: 3, measured: 10,
		},
		{
			// 3 of 10 operations ended while nothing was measured.
			name: "a gap", latency: []float64{1, 1, 1, gap, gap, gap, 1, 1, 1, 1}, operations: ones(),
			verdict: NotShown, share: "at least 70 %", inGaps: 3, measured: 7,
		},
		{
			name: "a gap does not excuse a failure", latency: []float64{1, 1, 1, gap, 1, 1, 1, 1, 1, 1}, operations: ones(), failed: []float64{1},
			verdict: Broken, share: "at least 80 %", inGaps: 1, measured: 9,
		},
		{
			name: "no data", verdict: NotShown, share: "no operations",
		},
		{
			name: "operations without any latency", operations: ones(),
			verdict: NotShown, share: "at least 0 %", inGaps: 10,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			rule := ruleOf(readingOf(tenMinutes, ruleNamed("r"), test.latency, test.operations, test.failed))
			assert.Equal(t, test.verdict, rule.Verdict)
			assert.Equal(t, test.share, rule.ShareText())
			assert.InDelta(t, test.late, rule.Late, 0, "late periods")
			assert.InDelta(t, test.inLate, rule.InLate, 0, "operations in late periods")
			assert.InDelta(t, test.inGaps, rule.InGaps, 0, "operations in periods without data")
			assert.Equal(t, test.measured, rule.Measured, "measured periods")
		})
	}
}

func TestShareText_IsNeverRoundedUp(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "at least 99.999 %", (Rule{OperationsKnown: true, Operations: 10_000_000, Failed: 1}).ShareText())
	assert.Equal(t, "at least 99.999 %", (Rule{OperationsKnown: true, Operations: 100_000, Failed: 1}).ShareText())
	assert.Equal(t, "at least 29 %", (Rule{OperationsKnown: true, Operations: 100, Failed: 71}).ShareText())
	assert.Equal(t, "100 %", (Rule{OperationsKnown: true, Operations: 10_000_000}).ShareText())
}

func TestRule_ListsExceptionsAndGaps(t *testing.T) {
	t.Parallel()
	rule := ruleOf(readingOf(tenMinutes, ruleNamed("r"),
		[]float64{1, 1000, 2000, 1, 1, 1, gap, gap, 1, 1}, ones(), []float64{0, 0, 0, 1, 2, 0, 0, 0, 0, 0}))
	minute := tenMinutes.Time
	assert.Equal(t, []Exception{
		{Start: minute(1), End: minute(3), WorstSeconds: 2000},
		{Start: minute(3), End: minute(5), Failed: 3},
	}, rule.Exceptions)
	assert.Equal(t, []metrics.Span{{Start: minute(6), End: minute(8)}}, rule.Gaps)
}

func TestRule_IsNotShownWhereARegionDidNotAnswer(t *testing.T) {
	t.Parallel()
	reading := readingOf(tenMinutes, ruleNamed("r"), ones(), nil, nil)
	reading.SourceErr = errors.New("us-east-1 is down")
	rule := ruleOf(reading)
	assert.Equal(t, NotShown, rule.Verdict, "failures are not known")
	assert.Equal(t, []string{"us-east-1 is down"}, rule.Problems)
	assert.Equal(t, "unknown", rule.ShareText())
	assert.Equal(t, "unknown", rule.Count(rule.Failed), "none and not known are not the same")
}

func TestEvents_CountAgainstThePromise(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]Verdict{
		failures.OperationFailed: Broken, failures.MissedThreshold: Broken, failures.ReplicatedAfterThreshold: Broken, failures.NotTracked: NotShown,
	} {
		event := failures.Event{Name: name, Time: tenMinutes.Start, Rule: "r", Bucket: source.Bucket, Destination: dr.Bucket}
		before := event
		before.Time = tenMinutes.Start.Add(-time.Second)
		for _, test := range []struct {
			event failures.Event
			want  Verdict
		}{{event, want}, {before, Kept}} {
			e := evidence{
				readings: []metrics.Reading{readingOf(tenMinutes, ruleNamed("r"), ones(), ones(), nil)},
				found:    failures.Found{Kept: true, Events: []failures.Event{test.event}},
			}
			assert.Equal(t, test.want, e.deployment(tenMinutes, noon).Rules[0].Verdict, "%s at %s", name, test.event.Time)
		}
	}
}

func TestVerdict_IsTheWorst(t *testing.T) {
	t.Parallel()
	of := func(verdicts ...Verdict) Verdict {
		var deployment Deployment
		for _, verdict := range verdicts {
			deployment.Rules = append(deployment.Rules, Rule{Verdict: verdict})
		}
		return verdictOf([]Deployment{{}, deployment})
	}
	assert.Equal(t, Broken, of(Kept, Broken, NotShown, Off))
	assert.Equal(t, NotShown, of(Kept, NotShown, Off))
	assert.Equal(t, Kept, of(Kept, Off))
	assert.Equal(t, Off, of(Off))
}

func TestFingerprint_TellsDeploymentsApart(t *testing.T) {
	t.Parallel()
	a, b := replication.Descriptor{Name: "a"}, replication.Descriptor{Name: "b"}
	assert.Equal(t, fingerprint(a), fingerprint(replication.Descriptor{Name: "a"}))
	assert.NotEqual(t, fingerprint(a), fingerprint(b))
	assert.Len(t, fingerprint(a), 64)
}

func TestLimits_SayThatHeartbeatsAreCounted(t *testing.T) {
	t.Parallel()
	without := evidence{descriptor: replication.Descriptor{Name: "data"}}
	with := evidence{descriptor: replication.Descriptor{Name: "data", Canary: &replication.Canary{EveryMinutes: 1}}}
	assert.Equal(t, limits, limitsOf([]evidence{without}, tenMinutes))
	told := limitsOf([]evidence{without, with}, tenMinutes)
	require.Len(t, told, len(limits)+1)
	assert.Contains(t, told[len(limits)], "The canary of data writes a heartbeat object under each enabled rule every minute, about 10 in this window.")
}

func TestReport_Golden(t *testing.T) {
	t.Parallel()
	month, err := aMonth()
	require.NoError(t, err)
	var markdown, document, page bytes.Buffer
	require.NoError(t, WriteMarkdown(&markdown, month))
	golden.Assert(t, markdown.String(), "report.md")
	encoder := json.NewEncoder(&document)
	encoder.SetIndent("", "  ")
	require.NoError(t, encoder.Encode(month))
	golden.Assert(t, document.String(), "report.json")
	require.NoError(t, WritePage(&page, month))
	golden.Assert(t, page.String(), "report.html")
	assert.NotRegexp(t, `(?i)(\ssrc=|<link|<script|<iframe|@import|url\()`, page.String(), "the page loads something")
	assert.Contains(t, page.String(), "logs|&lt;script&gt;", "names are no markup")
}
