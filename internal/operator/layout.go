package operator

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/terminal"
)

// pageWidth is how many columns tables for people take.
const pageWidth = 100

// page writes tables for people: rows with a label and a text that is wrapped
// beside it. The first error of the writer sticks.
type page struct {
	w   io.Writer
	err error
}

func (p *page) line(text string) {
	if p.err == nil {
		_, p.err = fmt.Fprintln(p.w, strings.TrimRight(terminal.Line(text), " "))
	}
}

// heading has one text at the left and one at the right end of the page.
func (p *page) heading(left, right string) {
	p.colouredHeading(left, right, func(text string) string { return text })
}

// colouredHeading is a heading whose right end has a colour, which takes no room.
func (p *page) colouredHeading(left, right string, colour func(string) string) {
	left, right = terminal.Line(left), terminal.Line(right)
	gap := pageWidth - utf8.RuneCountInString(left) - utf8.RuneCountInString(right)
	if gap < 2 {
		p.line(left)
		left, gap = "", pageWidth-utf8.RuneCountInString(right)
	}
	p.line(left + strings.Repeat(" ", gap) + colour(right))
}

// row has a label, and a text that starts at the given column. An empty text is
// left out.
func (p *page) row(label string, column int, text string) {
	if text == "" {
		return
	}
	for _, part := range wrap(text, pageWidth-column) {
		gap := column - utf8.RuneCountInString(label)
		if label != "" {
			gap = max(1, gap)
		}
		p.line(label + strings.Repeat(" ", gap) + part)
		label = ""
	}
}

// wrap breaks a text between words. A word that is longer than the width gets
// a line of its own: addresses must stay whole to be copied.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		switch {
		case line == "":
			line = word
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width:
			lines = append(lines, line)
			line = word
		default:
			line += " " + word
		}
	}
	return append(lines, line)
}
