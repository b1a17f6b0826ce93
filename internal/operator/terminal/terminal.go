// Package terminal says what a stream can show: a terminal has a width, can
// overwrite lines and, unless NO_COLOR is set, shows colours.
// https://no-color.org
package terminal

import (
	"io"
	"os"
	"strings"

	"github.com/fatih/color"
	"golang.org/x/term"
)

// Terminal is a stream, and what it can show. Where the stream is no terminal
// everything that colours is plain.
type Terminal struct {
	io.Writer
	// Interactive reports whether lines can be overwritten.
	Interactive bool
	// Width in columns and Height in lines; 0 where the stream is no terminal.
	Width, Height int

	colours bool
}

// Of finds out what a stream can show.
func Of(w io.Writer) Terminal {
	file := fileOf(w)
	if file == nil || !term.IsTerminal(int(file.Fd())) {
		return Terminal{Writer: w}
	}
	width, height, err := term.GetSize(int(file.Fd()))
	if err != nil {
		width, height = 0, 0
	}
	dumb := os.Getenv("TERM") == "dumb"
	if _, passes := w.(*Printable); !passes {
		w = NewPrintable(w)
	}
	return Terminal{Writer: w, Interactive: !dumb, Width: width, Height: height, colours: !dumb && os.Getenv("NO_COLOR") == ""}
}

// Piped reports whether a reader gives a command something to read: a pipe, a file or
// a socket does, a terminal and /dev/null don't.
func Piped(input io.Reader) bool {
	file, isFile := input.(*os.File)
	if !isFile {
		return input != nil
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice == 0
}

// Good formats a success.
func (t Terminal) Good(text string) string { return t.paint(text, color.FgGreen) }

// Bad formats a failure.
func (t Terminal) Bad(text string) string { return t.paint(text, color.FgRed, color.Bold) }

// Doubtful formats a warning or an unknown result.
func (t Terminal) Doubtful(text string) string { return t.paint(text, color.FgYellow) }

// Faint formats details.
func (t Terminal) Faint(text string) string { return t.paint(text, color.Faint) }

func (t Terminal) paint(text string, attributes ...color.Attribute) string {
	if !t.colours {
		return text
	}
	paint := color.New(attributes...)
	paint.EnableColor() // the package judges standard output, and this may be another stream
	return strings.ReplaceAll(paint.Sprint(Line(text)), control, own)
}
