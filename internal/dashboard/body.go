package dashboard

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Body is what a dashboard consists of.
type Body struct {
	// Start of the time that is shown, before now: "-PT6H".
	Start string `json:"start,omitempty"`
	// PeriodOverride is "inherit" where the period of each widget is obeyed
	// whatever time is shown.
	PeriodOverride string   `json:"periodOverride,omitempty"`
	Widgets        []Widget `json:"widgets"`
}

// Kind of a widget.
type Kind string

// The kinds of widgets that are made here.
const (
	Graph  Kind = "metric"
	Text   Kind = "text"
	Alarms Kind = "alarm"
)

// Widget is a rectangle on the grid of 24 columns.
type Widget struct {
	Type       Kind       `json:"type"`
	X          int        `json:"x"`
	Y          int        `json:"y"`
	Width      int        `json:"width"`
	Height     int        `json:"height"`
	Properties Properties `json:"properties"`
}

// Properties of a widget. Its kind decides which of them it has.
type Properties struct {
	Title string `json:"title,omitempty"`
	// Markdown of a text.
	Markdown string `json:"markdown,omitempty"`
	// Background of a text: "transparent", or left out for one with a frame.
	Background string `json:"background,omitempty"`
	// Alarms are ARNs, at most 100 in one widget.
	Alarms []string `json:"alarms,omitempty"`
	SortBy string   `json:"sortBy,omitempty"`

	// What follows is of graphs.
	View    string   `json:"view,omitempty"`
	Stacked bool     `json:"stacked,omitempty"`
	Region  string   `json:"region,omitempty"`
	Metrics []Metric `json:"metrics,omitempty"`
	// Start of the time that this graph shows, whatever the others show.
	Start       string       `json:"start,omitempty"`
	YAxis       *YAxis       `json:"yAxis,omitempty"`
	Annotations *Annotations `json:"annotations,omitempty"`
}

// YAxis has the axis at the left of a graph.
type YAxis struct {
	Left Axis `json:"left"`
}

// Axis of a graph.
type Axis struct {
	Label     string  `json:"label,omitempty"`
	Min       float64 `json:"min"`
	ShowUnits bool    `json:"showUnits"`
}

// Annotations are lines across a graph.
type Annotations struct {
	Horizontal []Line `json:"horizontal"`
}

// Line across a graph at a value.
type Line struct {
	Label string  `json:"label"`
	Value float64 `json:"value"`
	Color string  `json:"color,omitempty"`
	// Fill is "above" to shade what is beyond the line.
	Fill string `json:"fill,omitempty"`
}

// Metric is a line of a graph: one metric by its name and all its dimensions, or
// those that an expression finds.
type Metric struct {
	Namespace, Name string
	Dimensions      []Dimension
	Options         Options
}

// Dimension of a metric.
type Dimension struct{ Name, Value string }

// Options say where a metric is and how it is drawn.
type Options struct {
	Expression string `json:"expression,omitempty"`
	Label      string `json:"label,omitempty"`
	// Stat is the statistic of a metric; an expression has its own.
	Stat string `json:"stat,omitempty"`
	// Period in seconds.
	Period int    `json:"period,omitempty"`
	Region string `json:"region"`
	// AccountID of another account than the dashboard's.
	AccountID string `json:"accountId,omitempty"`
}

// MarshalJSON writes the list that CloudWatch wants: namespace, name, and name
// and value of each dimension, then the options.
func (m Metric) MarshalJSON() ([]byte, error) {
	parts := []any{}
	if m.Options.Expression == "" {
		parts = append(parts, m.Namespace, m.Name)
	}
	for _, dimension := range m.Dimensions {
		parts = append(parts, dimension.Name, dimension.Value)
	}
	return marshal(append(parts, m.Options))
}

// UnmarshalJSON reads what MarshalJSON writes.
func (m *Metric) UnmarshalJSON(data []byte) error {
	var parts []json.RawMessage
	if err := json.Unmarshal(data, &parts); err != nil {
		return err
	}
	if len(parts)%2 == 0 {
		return fmt.Errorf("a metric of %d parts has no options at its end", len(parts))
	}
	texts := make([]string, len(parts)-1)
	for i := range texts {
		if err := json.Unmarshal(parts[i], &texts[i]); err != nil {
			return err
		}
	}
	*m = Metric{}
	if len(texts) > 0 {
		m.Namespace, m.Name = texts[0], texts[1]
	}
	for i := 2; i < len(texts); i += 2 {
		m.Dimensions = append(m.Dimensions, Dimension{texts[i], texts[i+1]})
	}
	return json.Unmarshal(parts[len(texts)], &m.Options)
}

// JSON is the body as CloudWatch takes it. The same body is the same text, byte
// by byte.
func (b Body) JSON() (string, error) {
	data, err := marshal(b)
	return string(data), err
}

// marshal leaves < and > as they are, which people read in texts and
// expressions.
func marshal(value any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSpace(text.Bytes()), nil
}
