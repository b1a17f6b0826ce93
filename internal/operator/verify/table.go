package verify

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/mitchellh/go-wordwrap"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/terminal"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/words"
)

const (
	// textColumn is the column of texts in a table.
	textColumn = 8
	// namesWidth is the maximum length of a list of passed checks; a longer list is
	// printed as a count.
	namesWidth = 140
)

// WriteTable writes a report as a table: passed checks in short, failed checks in
// full. On a terminal, text is wrapped; otherwise each finding has one line.
func WriteTable(w io.Writer, report *Report) error {
	return writeTable(terminal.Of(w), report)
}

func writeTable(to terminal.Terminal, report *Report) error {
	t := &table{to: to}
	for _, checks := range byReplication(report.Checks) {
		t.line(checks[0].Replication)
		t.replication(checks)
		t.line("")
	}
	t.line(t.summary(report))
	return t.err
}

type table struct {
	to  terminal.Terminal
	err error
}

func (t *table) line(text string) {
	if t.err == nil {
		_, t.err = fmt.Fprintln(t.to, terminal.Line(text))
	}
}

// byReplication groups the checks by replication.
func byReplication(checks []*Check) [][]*Check {
	return groups(checks, func(c *Check) string { return c.Replication })
}

// groups groups the checks by key, in the order of the first check of each key.
func groups(checks []*Check, key func(*Check) string) [][]*Check {
	at := map[string]int{}
	var all [][]*Check
	for _, check := range checks {
		k := key(check)
		i, known := at[k]
		if !known {
			i = len(all)
			at[k], all = i, append(all, nil)
		}
		all[i] = append(all[i], check)
	}
	return all
}

func about(c *Check) string { return c.About }

func (t *table) replication(checks []*Check) {
	width := 0
	for _, check := range checks {
		width = max(width, utf8.RuneCountInString(check.About))
	}
	var failed, skipped []*Check
	for _, group := range groups(checks, about) {
		var passed []string
		for _, check := range group {
			if check.Status == Pass {
				passed = append(passed, check.short())
			}
		}
		if len(passed) > 0 {
			t.entry(t.to.Good("ok    "), fmt.Sprintf("%-*s  ", width, group[0].About), inShort(passed, len(group)))
		}
	}
	for _, check := range checks {
		switch check.Status {
		case Fail:
			failed = append(failed, check)
		case Skipped:
			skipped = append(skipped, check)
		}
	}
	for _, check := range failed {
		t.failure(check)
	}
	for _, group := range groups(skipped, func(c *Check) string { return c.Reason }) {
		t.entry(t.to.Doubtful("skip  "), "", names(group)+": "+group[0].Reason)
	}
}

// inShort lists the passed checks, or counts them if the list is long.
func inShort(passed []string, all int) string {
	text := strings.Join(passed, ", ")
	switch {
	case utf8.RuneCountInString(text) <= namesWidth:
		return text
	case len(passed) == all:
		return fmt.Sprintf("all %d", all)
	default:
		return fmt.Sprintf("%d of %d", len(passed), all)
	}
}

// short returns the name of a check with its duration.
func (c *Check) short() string {
	if c.Seconds == 0 {
		return c.Name
	}
	return c.Name + " " + words.Seconds(c.Seconds)
}

// unknown returns the checks with unknown results.
func (r *Report) unknown() []*Check {
	return slices.DeleteFunc(slices.Clone(r.Checks), func(c *Check) bool { return !c.Unknown })
}

// names returns the subjects of checks with their numbers, or the title of a single
// check.
func names(checks []*Check) string {
	var texts []string
	for _, group := range groups(checks, about) {
		text := fmt.Sprintf("%s (%d)", group[0].About, len(group))
		if len(group) == 1 {
			text = group[0].title()
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, "; ")
}

// failure writes the cause and the fix: in one line, for searching, if text is not
// wrapped.
func (t *table) failure(check *Check) {
	reason := strings.TrimRight(check.Reason, ".")
	if check.Failure != "" {
		reason += ". S3 reports " + check.Failure
	}
	mark := t.to.Bad("FAIL  ")
	if t.to.Width == 0 {
		if check.Fix != "" {
			reason += ". Do: " + check.Fix
		}
		t.entry(mark, "", check.title()+": "+reason)
		return
	}
	t.line("  " + mark + t.to.Bad(check.title()))
	t.entry("      ", "", reason)
	t.entry(t.to.Doubtful("  Do: "), "", check.Fix)
	t.entry(t.to.Faint("  see "), "", check.See)
}

// entry writes a mark of six columns, a label and a text. An empty text is omitted.
func (t *table) entry(mark, label, text string) {
	if text == "" {
		return
	}
	text = strings.Join(strings.Fields(text), " ") // messages of AWS may contain line breaks
	column := textColumn + utf8.RuneCountInString(label)
	lines := []string{text}
	if t.to.Width > column {
		lines = strings.Split(wordwrap.WrapString(text, uint(t.to.Width-column)), "\n")
	}
	t.line("  " + mark + label + lines[0])
	for _, line := range lines[1:] {
		t.line(strings.Repeat(" ", column) + line)
	}
}

func (t *table) summary(r *Report) string {
	failed := fmt.Sprintf("%d failed", r.Failed)
	if r.Failed > 0 {
		failed = t.to.Bad(failed)
	}
	if r.Unknown > 0 {
		failed += fmt.Sprintf(" (%d unknown: %s)", r.Unknown, names(r.unknown()))
	}
	return fmt.Sprintf("%d passed, %s, %d skipped in %s", r.Passed, failed, r.Skipped, words.Seconds(r.Seconds))
}
