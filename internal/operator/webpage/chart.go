package webpage

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/metrics"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/words"
)

// The drawing has these units on its axes, and is stretched to its place. Its
// texts stand beside it, so that they keep their size.
const (
	width  = 1000.0
	height = 100.0
	// columns is how many values are drawn at most: a phone has fewer pixels.
	columns = 480
	// leastHeight and leastWidth of what must not be overlooked.
	leastHeight, leastWidth = 8.0, 4.0
)

// Chart is a drawing of one or two series over time.
type Chart struct {
	Title, Figure string
	Top           string // what the upper edge stands for
	From, Till    string // the ends of the time axis
	Line, Area    string // paths of what is measured
	Total, Bad    string // paths of what is counted
	Gaps          []Stripe
	Threshold     *Mark
	Description   string
	ViewBox       string
}

// Stripe is a part of the time axis, in the drawing's units.
type Stripe struct {
	X, Width float64
	Title    string
}

// Mark is a line across the drawing.
type Mark struct {
	Y     float64
	Label string
}

// Gauge draws what goes up and down, with an optional threshold. Where there is
// no data there is a gap.
func Gauge(title, figure string, series metrics.Series, unit Unit, threshold float64) Chart {
	highest, found := series.Max()
	scale := unit.scale(max(highest, threshold))
	chart := newChart(title, figure, series.Window)
	if found || threshold > 0 {
		chart.Top = unit.Write(scale)
	}
	chart.Line, chart.Area = path(series, scale)
	for _, gap := range series.Gaps() {
		chart.Gaps = append(chart.Gaps, stripe(series.Window, gap))
	}
	if threshold > 0 {
		chart.Threshold = &Mark{Y: y(threshold, scale), Label: unit.Write(threshold)}
	}
	chart.Description = fmt.Sprintf("%s: %s; %s", title, figure, gapsText(len(chart.Gaps)))
	return chart
}

// Counts draws how much was done, and how much of it went wrong. Where nothing
// was done there is nothing, which is no gap.
func Counts(title, figure string, total, bad metrics.Series) Chart {
	total, bad = thinned(total, sumOf), thinned(bad, sumOf)
	highest, found := total.Max()
	scale := Number.scale(highest)
	chart := newChart(title, figure, total.Window)
	if found {
		chart.Top = Number.Write(scale)
	}
	chart.Total, chart.Bad = bars(total, scale, 0, 0), bars(bad, scale, leastHeight, leastWidth)
	chart.Description = title + ": " + figure
	return chart
}

func newChart(title, figure string, window metrics.Window) Chart {
	return Chart{
		Title: title, Figure: figure, From: tick(window.Start, window), Till: tick(window.End, window),
		ViewBox: fmt.Sprintf("0 0 %g %g", width, height),
	}
}

func gapsText(n int) string {
	if n == 0 {
		return "no gaps"
	}
	return words.Plural(float64(n), "gap") + " without data"
}

// tick writes an end of the time axis: the time of day matters for a few days.
func tick(at time.Time, window metrics.Window) string {
	if window.Length() > 72*time.Hour {
		return at.Format("2 Jan")
	}
	return at.Format("2 Jan 15:04")
}

func y(value, scale float64) float64 { return round(height - value/scale*height) }

func round(x float64) float64 { return math.Round(x*100) / 100 }

// path draws a series in steps, since each value holds for a period. It breaks
// off at gaps.
func path(series metrics.Series, scale float64) (line, area string) {
	series = thinned(series, highestOf)
	var stroke, fill strings.Builder
	step := width / float64(series.Steps())
	open := false
	for i := range series.Steps() {
		value, found := series.Value(i)
		left, right, at := round(float64(i)*step), round(float64(i+1)*step), y(value, scale)
		switch {
		case !found && open:
			fmt.Fprintf(&fill, "V%gZ", height)
		case found && open:
			fmt.Fprintf(&stroke, "V%gH%g", at, right)
			fmt.Fprintf(&fill, "V%gH%g", at, right)
		case found:
			fmt.Fprintf(&stroke, "M%g %gH%g", left, at, right)
			fmt.Fprintf(&fill, "M%g %gV%gH%g", left, height, at, right)
		}
		open = found
	}
	if open {
		fmt.Fprintf(&fill, "V%gZ", height)
	}
	return stroke.String(), fill.String()
}

// bars draws a bar for each value above zero, of a least size.
func bars(series metrics.Series, scale, high, wide float64) string {
	var fill strings.Builder
	step := width / float64(series.Steps())
	for i := range series.Steps() {
		if value, found := series.Value(i); found && value > 0 {
			left, top := round(float64(i)*step), min(y(value, scale), height-high)
			fmt.Fprintf(&fill, "M%g %gV%gh%gV%gZ", left, height, top, round(max(step*0.85, wide)), height)
		}
	}
	return fill.String()
}

func stripe(window metrics.Window, gap metrics.Span) Stripe {
	unit := width / window.Length().Seconds()
	return Stripe{
		X: round(gap.Start.Sub(window.Start).Seconds() * unit), Width: round(gap.Length().Seconds() * unit),
		Title: "no data from " + words.Moment(gap.Start) + " to " + words.Moment(gap.End),
	}
}
