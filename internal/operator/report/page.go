package report

import (
	_ "embed" // the template
	"io"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/webpage"
)

//go:embed report.html.tmpl
var pageTemplate string

var moods = map[Verdict]webpage.Mood{Kept: webpage.Good, Broken: webpage.Bad, NotShown: webpage.Doubtful, Off: webpage.Doubtful}

// sheet is the content of the page: the report with charts.
type sheet struct {
	Report
	Sections []section
}

type section struct {
	Deployment
	Cards          []card
	Kept, Absent   []string // evidence, and gaps of alarms
	Changes, Stray []string
}

type card struct {
	Rule
	Mood   webpage.Mood
	Gaps   []string
	Charts []webpage.Chart
}

// WritePage writes the report as an HTML page.
func WritePage(w io.Writer, r Report) error {
	content := sheet{Report: r}
	for _, deployment := range r.Deployments {
		content.Sections = append(content.Sections, sectionOf(deployment))
	}
	mood := moods[r.Verdict]
	if mood == webpage.Good && !r.Well() {
		mood = webpage.Doubtful
	}
	return webpage.Write(w, pageTemplate, webpage.Page{
		Title: title, Verdict: r.Sentence(), Mood: mood, Generated: r.Generated, Content: content,
		Lead: "Whether objects replicated within 15 minutes, with evidence and its gaps.",
	})
}

func sectionOf(d Deployment) section {
	s := section{Deployment: d}
	for _, rule := range d.Rules {
		s.Cards = append(s.Cards, rule.card())
	}
	for _, each := range d.Evidence {
		s.Kept = append(s.Kept, evidenceText(each))
	}
	for _, gap := range d.AlarmGaps {
		s.Absent = append(s.Absent, alarmGapText(gap))
	}
	for _, change := range d.Alarms {
		s.Changes = append(s.Changes, changeText(change))
	}
	for _, event := range d.Events {
		s.Stray = append(s.Stray, eventText(event))
	}
	return s
}

func (r Rule) card() card {
	c := card{Rule: r, Mood: moods[r.Verdict]}
	for _, gap := range r.Gaps {
		c.Gaps = append(c.Gaps, gapText(gap))
	}
	if r.Verdict == Off {
		return c
	}
	c.Charts = []webpage.Chart{
		webpage.Gauge("Latency", r.worst(), r.reading.Latency, webpage.Seconds, limitSeconds),
		webpage.Counts("Operations", r.Done(), r.reading.Operations, r.reading.Failed),
	}
	return c
}
