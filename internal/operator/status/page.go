package status

import (
	_ "embed" // the template of the page
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/alarms"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/failures"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/metrics"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/webpage"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/words"
)

//go:embed page.html.tmpl
var pageTemplate string

// WritePageFile atomically writes the status as an HTML page to a file.
func WritePageFile(name string, s Status) error {
	file, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*")
	if err != nil {
		return fmt.Errorf("writing the page: %w", err)
	}
	defer func() { _ = os.Remove(file.Name()) }() // no longer exists after the rename
	err = WritePage(file, s)
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Chmod(file.Name(), 0o644) //nolint:gosec // a page for publishing
	}
	if err == nil {
		err = os.Rename(file.Name(), name)
	}
	if err != nil {
		return fmt.Errorf("writing the page %s: %w", name, err)
	}
	return nil
}

// WritePage writes the status as an HTML page.
func WritePage(w io.Writer, s Status) error {
	verdict, mood := s.verdict()
	var content []section
	for _, deployment := range s.Deployments {
		content = append(content, s.section(deployment))
	}
	return webpage.Write(w, pageTemplate, webpage.Page{
		Title: "Replication status", Verdict: verdict, Mood: mood, Generated: s.Time, Content: content,
		Lead: fmt.Sprintf("The last %s, until %s.", metrics.FormatLength(s.Window.Length()), words.Moment(s.Time)),
	})
}

// verdict summarizes the status in a few words.
func (s Status) verdict() (string, webpage.Mood) {
	counts, rules := map[State]int{}, 0
	for _, deployment := range s.Deployments {
		for _, link := range deployment.Links {
			counts[link.State]++
			rules++
		}
	}
	var parts []string
	mood := webpage.Doubtful
	for _, state := range []State{Failing, Changed, Late, Unknown} {
		if n := counts[state]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, state))
			if state != Unknown {
				mood = webpage.Bad
			}
		}
	}
	if len(parts) > 0 {
		return fmt.Sprintf("%s of %s", strings.Join(parts, ", "), words.Plural(float64(rules), "rule")), mood
	}
	if s.Well() {
		return "ok", webpage.Good
	}
	return "failed", webpage.Bad
}

// section is a deployment on the page.
type section struct {
	Name     string
	Links    []card
	Alarms   []row
	Failures []row
	Notes    []string
}

// card is a rule on the page.
type card struct {
	Link
	Mood   webpage.Mood
	Safe   string
	Charts []webpage.Chart
}

// row is a line of a list, with a chip.
type row struct {
	Chip         string
	Mood         webpage.Mood
	Name, Remark string
	Details      []string
}

func (s Status) section(d Deployment) section {
	out := section{Name: d.Name, Notes: d.Notes}
	for _, link := range d.Links {
		c := link.card()
		c.Safe = "safe until " + link.SafeUntil.text(s.Time) + "; data " + link.Data.text()
		out.Links = append(out.Links, c)
	}
	for _, alarm := range d.Alarms {
		out.Alarms = append(out.Alarms, s.alarmRow(alarm))
	}
	shown := map[string]bool{}
	for _, event := range d.Failures {
		remark := fmt.Sprintf("to %s at %s", event.Destination, words.Clock(event.Time, s.Time))
		out.Failures = append(out.Failures, failureRow(event.Key, remark, event, shown))
	}
	if beats := d.Heartbeats; beats != nil {
		out.Failures = append(out.Failures, failureRow(beats.sentence(s.Time), "to "+beats.Last.Destination, beats.Last, shown))
	}
	return out
}

func (l Link) card() card {
	c := card{Link: l, Mood: webpage.Bad}
	switch {
	case l.State == Unknown || l.State == Disabled && l.Well:
		c.Mood = webpage.Doubtful
	case l.Well:
		c.Mood = webpage.Good
	}
	if l.State == Disabled {
		return c
	}
	r := l.reading
	c.Charts = []webpage.Chart{
		webpage.Gauge("Latency", l.LatencySeconds.figure(words.Seconds), r.Latency, webpage.Seconds, l.ThresholdSeconds),
		webpage.Counts("Failed operations", l.done(), r.Operations, r.Failed),
		webpage.Gauge("Pending operations", l.PendingOperations.figure(words.Count), r.PendingOperations, webpage.Number, 0),
		webpage.Gauge("Pending bytes", l.PendingBytes.figure(words.Bytes), r.PendingBytes, webpage.Bytes, 0),
	}
	return c
}

func (g Gauge) figure(write func(float64) string) string {
	if g.Now == nil || g.Max == nil {
		return "no data"
	}
	return fmt.Sprintf("now %s, max %s", write(*g.Now), write(*g.Max))
}

func (s Status) alarmRow(alarm alarms.Alarm) row {
	r := row{Chip: string(alarm.State), Mood: webpage.Bad, Name: alarm.Name, Remark: alarm.Region}
	switch alarm.State {
	case alarms.OK:
		r.Mood = webpage.Good
	case alarms.NoData, alarms.Unknown:
		r.Mood = webpage.Doubtful
	}
	if alarm.Since != nil {
		r.Remark += ", since " + words.Clock(*alarm.Since, s.Time)
	}
	if alarm.State != alarms.OK && alarm.Reason != "" {
		r.Details = []string{alarm.Reason}
	}
	return r
}

// failureRow returns the row of a failure. It explains each reason once.
func failureRow(name, remark string, event failures.Event, shown map[string]bool) row {
	r := row{Chip: reasonOf(event), Mood: webpage.Bad, Name: name, Remark: remark}
	if !shown[event.Reason] && event.Cause != "" {
		r.Details = []string{event.Cause, event.Fix}
	}
	shown[event.Reason] = true
	return r
}
