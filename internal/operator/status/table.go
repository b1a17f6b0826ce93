package status

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/mitchellh/go-wordwrap"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/alarms"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/failures"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/metrics"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/terminal"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/words"
)

const (
	tableWidth   = 100
	sparkColumns = 36
	indent       = "  "
)

// Write writes a status as a table.
func Write(t terminal.Terminal, s Status) error {
	table := &table{terminal: t, now: s.Time, width: tableWidth}
	if t.Width > 0 {
		table.width = min(t.Width, tableWidth)
	}
	for i, deployment := range s.Deployments {
		if i > 0 {
			table.line("")
		}
		table.deployment(deployment, s.Window)
	}
	if strings.ContainsRune(table.text.String(), gapMark) {
		table.line("")
		table.line(t.Faint(string(gapMark) + " no data"))
	}
	_, err := t.Write([]byte(table.text.String()))
	return err
}

// table is a text being written.
type table struct {
	terminal terminal.Terminal
	now      time.Time
	width    int
	text     strings.Builder
}

func (t *table) line(text string) {
	t.text.WriteString(strings.TrimRight(terminal.Line(text), " ") + "\n")
}

// wrapped writes an indented text, wrapped into lines.
func (t *table) wrapped(text string, paint func(string) string) {
	if text == "" {
		return
	}
	for line := range strings.SplitSeq(wordwrap.WrapString(text, uint(max(20, t.width-len(indent)))), "\n") {
		t.line(indent + paint(line))
	}
}

func plain(text string) string { return text }

func (t *table) deployment(d Deployment, window metrics.Window) {
	t.line(fmt.Sprintf("%s, %s until %s", d.Name, metrics.FormatLength(window.Length()), words.Moment(t.now)))
	for _, link := range d.Links {
		t.line("")
		t.link(link)
	}
	t.alarms(d)
	t.failures(d)
	for _, note := range d.Notes {
		t.line("")
		t.line(t.terminal.Doubtful("note"))
		t.wrapped(note, plain)
	}
}

func (t *table) link(l Link) {
	title := fmt.Sprintf("%s: %s %s -> %s %s", l.Rule, l.Source.Name, l.Source.Region, l.Destination.Name, l.Destination.Region)
	gap := max(2, t.width-utf8.RuneCountInString(title)-len(l.State))
	t.line(title + strings.Repeat(" ", gap) + t.state(l.Judgement))
	t.wrapped(l.Reason, plain)
	t.wrapped(l.Advice, t.terminal.Faint)
	if l.State == Disabled {
		return
	}
	t.line(indent + "safe until " + l.SafeUntil.text(t.now) + "; data " + l.Data.text())
	t.gauge("latency", l.LatencySeconds, words.Seconds, l.reading.Latency, "limit "+words.Seconds(l.ThresholdSeconds))
	t.gauge("pending", l.PendingOperations, words.Count, l.reading.PendingOperations, "operations")
	t.gauge("", l.PendingBytes, words.Bytes, l.reading.PendingBytes, "")
	t.row("failed", l.done(), "", sparkline(l.reading.Failed, sparkColumns), "operations")
}

func (t *table) state(j Judgement) string {
	switch {
	case j.State == Unknown || j.State == Disabled && j.Well:
		return t.terminal.Doubtful(string(j.State))
	case j.Well:
		return t.terminal.Good(string(j.State))
	default:
		return t.terminal.Bad(string(j.State))
	}
}

func (t *table) gauge(label string, g Gauge, write func(float64) string, series metrics.Series, remark string) {
	if g.Now == nil || g.Max == nil {
		t.row(label, "no data", "", sparkline(series, sparkColumns), remark)
		return
	}
	t.row(label, "now "+write(*g.Now), "max "+write(*g.Max), sparkline(series, sparkColumns), remark)
}

func (t *table) row(label, now, highest, spark, remark string) {
	t.line(fmt.Sprintf("%s%-9s%-16s%-16s%s  %s", indent, label, now, highest, spark, t.terminal.Faint(remark)))
}

func (t *table) alarms(d Deployment) {
	if len(d.Alarms) == 0 {
		return
	}
	t.line("")
	bad := d.notOK()
	t.line(fmt.Sprintf("alarms: %d of %d ok", len(d.Alarms)-len(bad), len(d.Alarms)))
	for _, alarm := range bad {
		paint := t.terminal.Bad
		if alarm.State == alarms.NoData || alarm.State == alarms.Unknown {
			paint = t.terminal.Doubtful
		}
		since := ""
		if alarm.Since != nil {
			since = " since " + words.Clock(*alarm.Since, t.now)
		}
		t.line(fmt.Sprintf("%s%s %s in %s%s", indent, paint(fmt.Sprintf("%-8s", alarm.State)), alarm.Name, alarm.Region, since))
		if alarm.State != alarms.NoData {
			t.wrapped(alarm.Reason, t.terminal.Faint)
		}
	}
}

func (t *table) failures(d Deployment) {
	if len(d.Failures) == 0 && d.Heartbeats == nil {
		return
	}
	t.line("")
	t.line("last failures")
	shown := map[string]bool{}
	for _, event := range d.Failures {
		t.failure(words.Clock(event.Time, t.now)+" "+event.Key, event, shown)
	}
	if d.Heartbeats != nil {
		t.failure(d.Heartbeats.sentence(t.now), d.Heartbeats.Last, shown)
	}
}

// failure writes a failure and its reason. It explains each reason once.
func (t *table) failure(what string, event failures.Event, shown map[string]bool) {
	t.line(fmt.Sprintf("%s%s -> %s: %s", indent, what, event.Destination, t.terminal.Bad(reasonOf(event))))
	if !shown[event.Reason] {
		t.wrapped(event.Cause, plain)
		t.wrapped(event.Fix, t.terminal.Faint)
	}
	shown[event.Reason] = true
}

func reasonOf(event failures.Event) string {
	if event.Reason == "" {
		return "no reason given"
	}
	return event.Reason
}
