package terminal

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// own begins the control sequences of this program. It has a parameter that
// changes with every run, so that no text from outside can hold one.
var own = control + strconv.FormatUint(rand.Uint64(), 10) + ";"

// control begins the control sequences of terminals.
const control = "\x1b["

// Control sequences that programs of this module may write to a [Printable].
// https://ecma-international.org/publications-and-standards/standards/ecma-48/
var (
	CursorHome = own + "H"
	LineStart  = own + "G"
	ClearLine  = own + "K"
	ClearBelow = own + "J"
)

// Printable is a stream that spells out every character which a terminal would
// not show but act on, whatever text brings it along: an object key, an error of
// AWS, an argument. Line breaks, tabs and the control sequences of this package
// pass. What it spells out in JSON stays the same JSON: such characters occur in
// strings only, and are written as JSON escapes.
//
// Not all terminals wait for ESC: the characters U+0080 to U+009F do the same, and
// U+202E reverses what follows.
// https://trojansource.codes
//
// It is safe for concurrent use.
type Printable struct {
	w    io.Writer
	mu   sync.Mutex
	held []byte // the beginning of a character or of a control sequence
}

// NewPrintable returns a stream that writes to another.
func NewPrintable(w io.Writer) *Printable { return &Printable{w: w} }

// Write reports all of text as written unless writing fails: what it holds back is
// written with the rest of the character, or by Close.
func (p *Printable) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	whole := text
	if len(p.held) > 0 {
		whole = slices.Concat(p.held, text)
	}
	end := len(whole) - incomplete(whole)
	p.held = bytes.Clone(whole[end:])
	if _, err := p.w.Write(spell(whole[:end], "\n\t", control)); err != nil {
		return 0, err
	}
	return len(text), nil
}

// Close writes what was held back. The other stream stays open.
func (p *Printable) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, err := p.w.Write(spell(p.held, "\n\t", control))
	p.held = nil
	return err
}

// Raw is the stream below, for a library that writes control sequences and no text
// from outside.
func Raw(w io.Writer) io.Writer {
	if printable, ok := w.(*Printable); ok {
		return printable.w
	}
	return w
}

// Line is a text that takes one line: line breaks and tabs are spelled out too.
func Line(text string) string {
	if isPrintable(text) {
		return text
	}
	return string(spell([]byte(text), "", own))
}

func isPrintable(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r == utf8.RuneError || !prints(r) })
}

// prints reports whether a terminal shows a character and does nothing else. Spaces
// of all widths are harmless, and common in file names.
func prints(r rune) bool { return unicode.IsPrint(r) || unicode.Is(unicode.Zs, r) }

// spell writes the characters that don't print as escapes, but for those that are
// let pass, and replaces what begins control sequences of this program.
func spell(text []byte, pass, begin string) []byte {
	clean := func(r rune) bool { return r != utf8.RuneError && (prints(r) || strings.ContainsRune(pass, r)) }
	if bytes.IndexFunc(text, func(r rune) bool { return !clean(r) }) < 0 {
		return text
	}
	spelled := make([]byte, 0, len(text)+16)
	for len(text) > 0 {
		if rest, isOwn := bytes.CutPrefix(text, []byte(own)); isOwn {
			spelled, text = append(spelled, begin...), rest
			continue
		}
		r, width := utf8.DecodeRune(text)
		switch {
		case r == utf8.RuneError && width == 1:
			spelled = fmt.Appendf(spelled, `\x%02x`, text[0])
		case r == utf8.RuneError || clean(r):
			spelled = append(spelled, text[:width]...)
		case r > 0xFFFF:
			high, low := utf16.EncodeRune(r)
			spelled = fmt.Appendf(spelled, `\u%04x\u%04x`, high, low)
		case r < ' ': // which JSON can't have
			spelled = fmt.Appendf(spelled, `\x%02x`, r)
		default:
			spelled = fmt.Appendf(spelled, `\u%04x`, r)
		}
		text = text[width:]
	}
	return spelled
}

// incomplete is how many bytes at the end of a text may begin a character or a
// control sequence.
func incomplete(text []byte) int {
	if i := bytes.LastIndexByte(text, own[0]); i >= 0 && strings.HasPrefix(own, string(text[i:])) {
		return len(text) - i
	}
	for n := 1; n < utf8.UTFMax && n <= len(text); n++ {
		if tail := text[len(text)-n:]; utf8.RuneStart(tail[0]) {
			if utf8.FullRune(tail) {
				return 0
			}
			return n
		}
	}
	return 0
}

// fileOf is the file that a stream writes to, or nil.
func fileOf(w io.Writer) *os.File {
	file, _ := Raw(w).(*os.File)
	return file
}
