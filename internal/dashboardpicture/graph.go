package dashboardpicture

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/dashboard"
)

// colors are those that CloudWatch gives lines in turn.
var colors = []string{"#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22", "#17becf"}

const (
	axisWidth    = 44.0
	legendHeight = 17.0
	timeHeight   = 18.0
	unitHeight   = 20.0
	yTicks       = 4
)

// graph draws the lines of a widget, its axes, its thresholds and its legend.
func (c *canvas) graph(box rectangle, d dashboard.Body, properties dashboard.Properties, data Data) error {
	since, err := before(data.Now(), cmp.Or(properties.Start, d.Start))
	if err != nil {
		return fmt.Errorf("the graph %q: %w", properties.Title, err)
	}
	var series []Series
	for _, metric := range properties.Metrics {
		series = append(series, data.Series(metric, since)...)
	}
	if properties.Stacked {
		stack(series)
	}
	legend := legendOf(series, box.w)
	plot := rectangle{
		box.x + axisWidth, box.y + unitHeight,
		box.w - axisWidth - 6, box.h - unitHeight - timeHeight - float64(len(legend))*legendHeight,
	}
	s := scale{plot: plot, since: since, until: data.Now(), top: top(series, properties.Annotations)}
	if properties.YAxis != nil {
		c.text(box.x, box.y+8, textStyle{fill: "#5f6b7a", size: 10.5}, properties.YAxis.Left.Label)
	}
	c.axes(s)
	c.thresholds(s, properties.Annotations)
	for i := len(series) - 1; i >= 0; i-- { // the first on top
		c.series(s, series[i], colors[i%len(colors)], properties.Stacked)
	}
	for i, row := range legend {
		x, y := box.x+2, plot.y+plot.h+timeHeight+float64(i)*legendHeight+12
		for _, index := range row {
			c.line(`<rect x="%s" y="%s" width="10" height="10" rx="2" fill="%s"/>`, number(x), number(y-9), colors[index%len(colors)])
			c.text(x+14, y, textStyle{size: 11}, series[index].Label)
			x += legendWidth(series[index].Label)
		}
	}
	return nil
}

// before is the start of a graph: "-PT6H", "-P30D".
func before(now time.Time, start string) (time.Time, error) {
	var count int
	var unit rune
	text, isTime := strings.CutPrefix(start, "-PT")
	if !isTime {
		text = strings.TrimPrefix(start, "-P")
	}
	if _, err := fmt.Sscanf(text, "%d%c", &count, &unit); err != nil {
		return time.Time{}, fmt.Errorf("%q is not a time before now: %w", start, err)
	}
	switch {
	case isTime && unit == 'H':
		return now.Add(-time.Duration(count) * time.Hour), nil
	case !isTime && unit == 'D':
		return now.AddDate(0, 0, -count), nil
	default:
		return time.Time{}, fmt.Errorf("%q is not a number of hours or days before now", start)
	}
}

// stack adds each series to those before it.
func stack(series []Series) {
	sums := map[time.Time]float64{}
	for _, each := range series {
		for i, point := range each.Points {
			sums[point.At] += point.Value
			each.Points[i].Value = sums[point.At]
		}
	}
}

// scale turns times and values into places.
type scale struct {
	plot         rectangle
	since, until time.Time
	top          float64
}

func (s scale) x(at time.Time) float64 {
	return s.plot.x + s.plot.w*at.Sub(s.since).Seconds()/s.until.Sub(s.since).Seconds()
}

func (s scale) y(value float64) float64 { return s.plot.y + s.plot.h*(1-value/s.top) }

// top of the axis: a round number above everything that is drawn.
func top(series []Series, annotations *dashboard.Annotations) float64 {
	highest := 0.0
	for _, each := range series {
		for _, point := range each.Points {
			highest = max(highest, point.Value)
		}
	}
	if annotations != nil {
		for _, line := range annotations.Horizontal {
			highest = max(highest, line.Value*1.1)
		}
	}
	highest = max(highest, 1)
	step := math.Pow(10, math.Floor(math.Log10(highest/yTicks)))
	for _, factor := range []float64{1, 1.5, 2, 2.5, 3, 4, 5, 7.5, 10} {
		if step*factor*yTicks >= highest {
			return step * factor * yTicks
		}
	}
	return highest
}

func (c *canvas) axes(s scale) {
	for i := range yTicks + 1 {
		value := s.top * float64(i) / yTicks
		y := s.y(value)
		c.line(`<path d="M%s %sh%s" stroke="%s"/>`, number(s.plot.x), number(y), number(s.plot.w), tickColor(i))
		c.text(s.plot.x-6, y+3.5, textStyle{fill: "#5f6b7a", size: 10, anchor: "end"}, short(value))
	}
	step, format := time.Hour, "15:04"
	if s.until.Sub(s.since) > 48*time.Hour {
		step, format = 5*24*time.Hour, "Jan 2"
	}
	if s.plot.w < 400 {
		step *= 2
	}
	for at := s.since.Truncate(step).Add(step); at.Before(s.until); at = at.Add(step) {
		c.line(`<path d="M%s %sv4" stroke="#aab7b8"/>`, number(s.x(at)), number(s.plot.y+s.plot.h))
		c.text(s.x(at), s.plot.y+s.plot.h+14, textStyle{fill: "#5f6b7a", size: 10, anchor: "middle"}, at.Format(format))
	}
}

func tickColor(i int) string {
	if i == 0 {
		return "#aab7b8"
	}
	return "#eaeded"
}

// short writes a value as CloudWatch does: 12.5k, 3M, 2.1T.
func short(value float64) string {
	for _, unit := range []struct {
		size float64
		name string
	}{{1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}} {
		if value >= unit.size {
			return fmt.Sprintf("%.3g%s", value/unit.size, unit.name)
		}
	}
	return fmt.Sprintf("%.3g", value)
}

func (c *canvas) thresholds(s scale, annotations *dashboard.Annotations) {
	if annotations == nil {
		return
	}
	for _, line := range annotations.Horizontal {
		y := s.y(line.Value)
		if line.Fill == "above" {
			c.line(`<rect x="%s" y="%s" width="%s" height="%s" fill="%s" opacity="0.1"/>`, number(s.plot.x), number(s.plot.y), number(s.plot.w), number(y-s.plot.y), line.Color)
		}
		c.line(`<path d="M%s %sh%s" stroke="%s" stroke-width="1.5"/>`, number(s.plot.x), number(y), number(s.plot.w), line.Color)
		c.text(s.plot.x+4, y-4, textStyle{fill: line.Color, size: 10.5}, line.Label)
	}
}

// series draws a line with gaps where there is no data, and dots for points that
// stand alone.
func (c *canvas) series(s scale, series Series, color string, filled bool) {
	for _, run := range runs(series.Points) {
		if len(run) == 1 {
			c.line(`<circle cx="%s" cy="%s" r="2" fill="%s"/>`, number(s.x(run[0].At)), number(s.y(run[0].Value)), color)
			continue
		}
		var path strings.Builder
		for i, point := range run {
			fmt.Fprintf(&path, "%c%s %s", "ML"[min(i, 1)], number(s.x(point.At)), number(s.y(point.Value)))
		}
		if filled {
			c.line(`<path d="%sV%sH%sZ" fill="%s" stroke="#fff" stroke-width="0.5"/>`, path.String(), number(s.y(0)), number(s.x(run[0].At)), color)
			continue
		}
		c.line(`<path d="%s" fill="none" stroke="%s" stroke-width="1.6" stroke-linejoin="round"/>`, path.String(), color)
	}
}

// runs are points without a gap between them. The smallest distance between two
// points is the period.
func runs(points []Point) [][]Point {
	if len(points) == 0 {
		return nil
	}
	period := time.Duration(math.MaxInt64)
	for i := range points[1:] {
		period = min(period, points[i+1].At.Sub(points[i].At))
	}
	var all [][]Point
	begin := 0
	for i := 1; i <= len(points); i++ {
		if i == len(points) || points[i].At.Sub(points[i-1].At) > period {
			all = append(all, points[begin:i])
			begin = i
		}
	}
	return all
}

// legendOf breaks the legend into rows, by the indexes of series.
func legendOf(series []Series, width float64) [][]int {
	var rows [][]int
	used := width + 1
	for i, each := range series {
		if used+legendWidth(each.Label) > width {
			rows, used = append(rows, nil), 0
		}
		last := len(rows) - 1
		rows[last] = append(rows[last], i)
		used += legendWidth(each.Label)
	}
	return slices.Clip(rows)
}

func legendWidth(label string) float64 { return 28 + widthOf(label, 11) }
