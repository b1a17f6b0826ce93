package dashboard

// grid places widgets row by row, from the left.
type grid struct {
	x, y, height int
	widgets      []Widget
}

// row begins a row of so many units of height.
func (g *grid) row(height int) {
	g.y += g.height
	g.x, g.height = 0, height
}

// add places a widget next to the one before it, or below where the row is
// full.
func (g *grid) add(width int, kind Kind, properties Properties) {
	if g.x+width > columns {
		g.row(g.height)
	}
	g.widgets = append(g.widgets, Widget{Type: kind, X: g.x, Y: g.y, Width: width, Height: g.height, Properties: properties})
	g.x += width
}

// text places a text.
func (g *grid) text(width int, markdown string) {
	g.add(width, Text, Properties{Markdown: markdown})
}

// heading is a row of its own.
func (g *grid) heading(text string) {
	g.row(1)
	g.add(columns, Text, Properties{Markdown: "## " + text, Background: "transparent"})
}

// alarms places as many widgets as so many alarms need, of which those that are
// on come first.
func (g *grid) alarms(width int, title string, arns []string) {
	for begin := 0; begin < len(arns); begin += maxWidgetAlarms {
		some := arns[begin:min(begin+maxWidgetAlarms, len(arns))]
		g.add(width, Alarms, Properties{Title: title, Alarms: some, SortBy: "stateUpdatedTimestamp"})
	}
}

// graph places a graph, unless there is nothing to draw.
func (g *grid) graph(width int, properties Properties) {
	if len(properties.Metrics) == 0 {
		return
	}
	properties.View, properties.Region = "timeSeries", properties.Metrics[0].Options.Region
	g.add(width, Graph, properties)
}
