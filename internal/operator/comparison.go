package operator

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/compare"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/terminal"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/words"
)

// comparisonColumn is the column of numbers and texts of a comparison.
const comparisonColumn = 15

// WriteComparison writes the result of a comparison as a table.
func WriteComparison(w io.Writer, summary compare.Summary) error {
	p := &page{w: w}
	t := terminal.Of(w)
	for i, destination := range summary.Destinations {
		if i > 0 {
			p.line("")
		}
		p.comparison(t, destination)
	}
	p.line("")
	p.row("compared", comparisonColumn, strings.Join(summary.Compared, ", "))
	p.row("not compared", comparisonColumn, notCompared(summary))
	return p.err
}

func notCompared(summary compare.Summary) string {
	text := strings.Join(summary.NotCompared, ", ")
	if slices.Contains(summary.NotCompared, "checksum") {
		text += "; use --attributes to compare them, or --checksums for content whose ETags can't be compared"
	}
	return text
}

func (p *page) comparison(t terminal.Terminal, d compare.DestinationSummary) {
	p.line(fmt.Sprintf("%s: s3://%s -> %s s3://%s  %s", d.Replication, d.Source, d.Destination, d.Bucket, headline(t, d)))
	p.row("  listed", comparisonColumn, number(d.Versions["source"])+" at the source, "+number(d.Versions["destination"])+" at the destination")
	for _, verdict := range compare.Verdicts {
		if d.Verdicts[verdict] == 0 && verdict != compare.Same {
			continue
		}
		p.row("  "+string(verdict), comparisonColumn, number(d.Verdicts[verdict]))
		for _, reason := range slices.Sorted(maps.Keys(d.Reasons)) {
			if reason.Verdict() == verdict && d.Reasons[reason] > 0 {
				p.comparisonReason(t, d, reason)
			}
		}
	}
}

// headline returns the result in a few words.
func headline(t terminal.Terminal, d compare.DestinationSummary) string {
	one := compare.Summary{Destinations: []compare.DestinationSummary{d}}
	switch {
	case one.Differs():
		return t.Bad("NOT THE SAME")
	case !one.Answered():
		return t.Doubtful("UNKNOWN")
	default:
		return t.Good("THE SAME")
	}
}

func (p *page) comparisonReason(t terminal.Terminal, d compare.DestinationSummary, reason compare.Reason) {
	if reason.Sentence() == "" {
		return
	}
	p.row("", comparisonColumn, fmt.Sprintf("%s %s: %s", number(d.Reasons[reason]), reason, reason.Sentence()))
	if reason.Verdict() == compare.NotSelected {
		return // no fix is needed
	}
	p.row("    do", comparisonColumn, reason.Do())
	label := "    such as"
	for _, finding := range d.Samples[reason] {
		p.line(label + strings.Repeat(" ", comparisonColumn-len(label)) + t.Faint(describeFinding(finding))) // not wrapped, for copying
		label = ""
		if finding.Retry != "" {
			p.line(strings.Repeat(" ", comparisonColumn) + finding.Retry) // not wrapped
		}
	}
}

func describeFinding(f compare.Finding) string {
	text := words.Safe(f.Key)
	if f.Version != "" {
		text += " " + f.Version
	}
	if f.DeleteMarker {
		text += " (delete marker)"
	}
	for _, each := range f.Differences {
		text += fmt.Sprintf("; %s: %s, there %s", each.Attribute, words.Safe(each.Source), words.Safe(each.Destination))
	}
	if f.Detail != "" {
		text += ": " + words.Safe(f.Detail)
	}
	return text
}

// number formats a number with digit groups.
func number(n int64) string { return message.NewPrinter(language.English).Sprint(n) }
