package webpage

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/metrics"
)

var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

func minutes(n int) metrics.Window {
	return metrics.Window{Start: noon, End: noon.Add(time.Duration(n) * time.Minute), Period: time.Minute}
}

func series(window metrics.Window, values map[int]float64) metrics.Series {
	s := metrics.NewSeries(window)
	for step, value := range values {
		s.Set(window.Time(step), value)
	}
	return s
}

func TestGauge_BreaksOffAtGaps(t *testing.T) {
	t.Parallel()
	chart := Gauge("Latency", "", series(minutes(4), map[int]float64{0: 0, 1: 450, 3: 900}), Seconds, 900)
	assert.Equal(t, "20 min", chart.Top, "room above the threshold, and round")
	assert.Equal(t, "M0 100H250V62.5H500M750 25H1000", chart.Line)
	assert.Equal(t, "M0 100V100H250V62.5H500V100ZM750 100V25H1000V100Z", chart.Area)
	assert.Equal(t, []Stripe{{X: 500, Width: 250, Title: "no data from 2026-03-14 12:02 UTC to 2026-03-14 12:03 UTC"}}, chart.Gaps)
	assert.Equal(t, &Mark{Y: 25, Label: "15 min"}, chart.Threshold)
	assert.Contains(t, chart.Description, "1 gap without data")
}

func TestGauge_OfNothingIsOneGap(t *testing.T) {
	t.Parallel()
	chart := Gauge("Pending", "no data", series(minutes(4), nil), Number, 0)
	assert.Empty(t, chart.Line)
	assert.Empty(t, chart.Top, "there is no scale")
	require.Len(t, chart.Gaps, 1)
	assert.InDelta(t, width, chart.Gaps[0].Width, 0)
}

func TestCounts_ShowsASingleFailureAmongMany(t *testing.T) {
	t.Parallel()
	window := minutes(2)
	chart := Counts("Operations", "", series(window, map[int]float64{0: 100_000, 1: 5}), series(window, map[int]float64{0: 1, 1: 0}))
	assert.Equal(t, "M0 100V92h425V100Z", chart.Bad, "it is high enough to be seen, and zero is not drawn")
}

func TestThinned_LosesNothingBad(t *testing.T) {
	t.Parallel()
	window := minutes(30 * 24 * 60)
	long := series(window, map[int]float64{20_001: 2000, 20_002: 1})
	thin := thinned(long, highestOf)
	assert.LessOrEqual(t, thin.Steps(), columns)
	highest, _ := thin.Max()
	assert.InDelta(t, 2000, highest, 0)
	sum, _ := thinned(long, sumOf).Sum()
	assert.InDelta(t, 2001, sum, 0)
	assert.Less(t, len(Gauge("", "", long, Seconds, 900).Line), 20_000, "a month is no heavier than an hour")
}

func TestScale_IsARoundNumberAbove(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		unit    Unit
		highest float64
		want    string
	}{
		{Seconds, 0, "1 s"},
		{Seconds, 0.2, "1 s"},
		{Seconds, 40, "1 min"},
		{Seconds, 900, "20 min"},
		{Seconds, 400_000, "5 d 18 h"},
		{Number, 3, "4"},
		{Number, 9.5, "12"},
		{Number, 1_000, "1,200"},
		{Bytes, 3_000_000, "4.0 MB"},
		{Bytes, 86, "100 B"},
	} {
		assert.Equal(t, test.want, test.unit.Write(test.unit.scale(test.highest)), "above %v", test.highest)
	}
}

func TestWrite_EscapesAllButItsOwnMarkup(t *testing.T) {
	t.Parallel()
	var page bytes.Buffer
	require.NoError(t, Write(&page, `<p>{{prose .}}</p>`, Page{Title: "<b>", Verdict: `"><script>`, Content: "run `crr <x>` & wait", Generated: noon}))
	text := page.String()
	assert.Contains(t, text, "<p>run <code>crr &lt;x&gt;</code> &amp; wait</p>")
	assert.Contains(t, text, "<h1>&lt;b&gt;</h1>")
	assert.NotContains(t, text, "<script")
	assert.Contains(t, text, "Generated 2026-03-14 12:00 UTC")
	assert.Equal(t, 1, strings.Count(text, "default-src 'none'"), "browsers must not load anything")
}

func TestWrite_SaysWhereATemplateIsWrong(t *testing.T) {
	t.Parallel()
	assert.ErrorContains(t, Write(&bytes.Buffer{}, "{{", Page{}), "template of the content")
}
