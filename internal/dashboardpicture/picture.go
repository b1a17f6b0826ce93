package dashboardpicture

import (
	"cmp"
	"encoding/json"
	"fmt"
	"html"
	"slices"
	"strings"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/dashboard"
)

const (
	columnWidth = 52.0
	rowHeight   = 46.0
	gap         = 5.0 // between widgets
	margin      = 10.0
	footer      = 34.0
	columns     = 24
)

// Series is one line of a graph.
type Series struct {
	Label  string
	Points []Point // in the order of time
}

// Point is one value. Where a period has none, the line has a gap.
type Point struct {
	At    time.Time
	Value float64
}

// Data is what a dashboard shows.
type Data interface {
	// Now is the end of all graphs.
	Now() time.Time
	// Series of a metric since a time: one, or as many as its expression finds.
	Series(metric dashboard.Metric, since time.Time) []Series
	// AlarmState is OK, ALARM or INSUFFICIENT_DATA.
	AlarmState(arn string) string
}

// Draw draws a dashboard from its body, as an SVG. The same body and data make
// the same text.
func Draw(body, note string, data Data) (string, error) {
	var d dashboard.Body
	if err := json.Unmarshal([]byte(body), &d); err != nil {
		return "", fmt.Errorf("reading the body of the dashboard: %w", err)
	}
	bottom := 0
	for _, widget := range d.Widgets {
		bottom = max(bottom, widget.Y+widget.Height)
	}
	width, height := columns*columnWidth+2*margin, float64(bottom)*rowHeight+2*margin+footer
	c := &canvas{}
	c.line(`<svg xmlns="http://www.w3.org/2000/svg" width="%[1]s" height="%[2]s" viewBox="0 0 %[1]s %[2]s" font-family="'Amazon Ember', 'Helvetica Neue', Roboto, Arial, sans-serif" font-size="12">`, number(width), number(height))
	c.line(`<rect width="100%%" height="100%%" fill="#f2f3f3"/>`)
	for _, widget := range d.Widgets {
		if err := c.widget(d, widget, data); err != nil {
			return "", err
		}
	}
	c.text(margin+gap, height-margin-8, textStyle{fill: "#5f6b7a"}, note)
	c.line(`</svg>`)
	return c.String(), nil
}

// widget draws the frame and what is in it.
func (c *canvas) widget(d dashboard.Body, widget dashboard.Widget, data Data) error {
	box := rectangle{
		x: margin + float64(widget.X)*columnWidth + gap/2, y: margin + float64(widget.Y)*rowHeight + gap/2,
		w: float64(widget.Width)*columnWidth - gap, h: float64(widget.Height)*rowHeight - gap,
	}
	if widget.Properties.Background != "transparent" {
		c.line(`<rect x="%s" y="%s" width="%s" height="%s" rx="4" fill="#fff" stroke="#d5dbdb"/>`, number(box.x), number(box.y), number(box.w), number(box.h))
	}
	inside := box.inset(12, 8)
	if title := widget.Properties.Title; title != "" {
		c.text(inside.x, inside.y+13, textStyle{size: 14, bold: true}, title)
		inside = inside.below(24)
	}
	switch widget.Type {
	case dashboard.Text:
		c.markdown(inside, widget.Properties.Markdown)
	case dashboard.Alarms:
		c.alarms(inside, widget.Properties.Alarms, data)
	case dashboard.Graph:
		return c.graph(inside, d, widget.Properties, data)
	}
	return nil
}

var alarmColors = map[string]string{"OK": "#1d8102", "ALARM": "#d13212", "INSUFFICIENT_DATA": "#687078"}

// alarms draws a tile for each alarm, those that are on first.
func (c *canvas) alarms(box rectangle, arns []string, data Data) {
	const tiles, height = 2, 36.0
	width := box.w / tiles
	arns = slices.SortedStableFunc(slices.Values(arns), func(a, b string) int {
		return cmp.Compare(data.AlarmState(a), data.AlarmState(b)) // as it happens, the order of the alphabet
	})
	for i, arn := range arns {
		x, y := box.x+float64(i%tiles)*width, box.y+float64(i/tiles)*height
		if y+height > box.y+box.h {
			return // CloudWatch scrolls
		}
		state := data.AlarmState(arn)
		name, region := alarmOf(arn)
		c.line(`<rect x="%s" y="%s" width="%s" height="%s" rx="3" fill="%s"/>`, number(x), number(y), number(width-6), number(height-5), alarmColors[state])
		c.text(x+8, y+13, textStyle{fill: "#fff", bold: true, size: 11.5}, name)
		c.text(x+8, y+25, textStyle{fill: "#fff", size: 10}, strings.ReplaceAll(state, "_", " ")+" · "+region)
	}
}

// alarmOf takes an alarm's ARN apart: arn:aws:cloudwatch:REGION:ACCOUNT:alarm:NAME.
func alarmOf(arn string) (name, region string) {
	parts := strings.SplitN(arn, ":", 7)
	return parts[6], parts[3]
}

// rectangle is a part of the picture.
type rectangle struct{ x, y, w, h float64 }

func (r rectangle) inset(dx, dy float64) rectangle {
	return rectangle{r.x + dx, r.y + dy, r.w - 2*dx, r.h - 2*dy}
}

func (r rectangle) below(height float64) rectangle {
	return rectangle{r.x, r.y + height, r.w, r.h - height}
}

// canvas is the text of an SVG.
type canvas struct{ strings.Builder }

func (c *canvas) line(format string, arguments ...any) {
	fmt.Fprintf(c, format+"\n", arguments...)
}

type textStyle struct {
	fill, anchor string
	size         float64
	bold, mono   bool
}

// attributes of the style, as an SVG element has them.
func (t textStyle) attributes() string {
	var all strings.Builder
	set := func(name, value string) { fmt.Fprintf(&all, ` %s="%s"`, name, value) }
	set("fill", cmp.Or(t.fill, "#16191f"))
	if t.anchor != "" {
		set("text-anchor", t.anchor)
	}
	if t.size != 0 {
		set("font-size", number(t.size))
	}
	if t.bold {
		set("font-weight", "bold")
	}
	if t.mono {
		set("font-family", "Menlo, Consolas, monospace")
	}
	return all.String()
}

func (c *canvas) text(x, y float64, style textStyle, text string) {
	c.line(`<text x="%s" y="%s"%s>%s</text>`, number(x), number(y), style.attributes(), html.EscapeString(text))
}

// number is short, and the same on every machine.
func number(value float64) string {
	text := fmt.Sprintf("%.1f", value)
	return strings.TrimSuffix(text, ".0")
}
