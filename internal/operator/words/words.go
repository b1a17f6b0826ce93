// Package words writes numbers and times the way people read them.
package words

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/dustin/go-humanize"
)

// Count writes a number of things: "1,204".
func Count(n float64) string { return humanize.Comma(int64(math.Round(n))) }

// Plural writes a number of things with their name: "1 operation", "2 operations".
func Plural(n float64, thing string) string {
	if math.Round(n) != 1 {
		thing += "s"
	}
	return Count(n) + " " + thing
}

// Bytes writes a size: "3.4 MB".
func Bytes(n float64) string { return humanize.Bytes(uint64(max(0, n))) }

// Seconds writes a length of time that was measured in seconds: "0.4 s", "14 s",
// "2 min 5 s", "3 h 20 min".
func Seconds(seconds float64) string {
	whole := int(math.Round(seconds))
	switch {
	case seconds == 0:
		return "0 s"
	case seconds < 9.95:
		return strconv.FormatFloat(math.Round(seconds*10)/10, 'f', -1, 64) + " s"
	case whole < 60:
		return strconv.Itoa(whole) + " s"
	case whole < 3600:
		return pair(whole, 60, " min", 1, " s")
	case whole < 48*3600:
		return pair(whole, 3600, " h", 60, " min")
	default:
		return pair(whole, 24*3600, " d", 3600, " h")
	}
}

func pair(n, large int, largeUnit string, small int, smallUnit string) string {
	text := strconv.Itoa(n/large) + largeUnit
	if rest := n % large / small; rest > 0 {
		text += " " + strconv.Itoa(rest) + smallUnit
	}
	return text
}

// Clock writes a time, with the date only where it is not that of now. All
// times are in UTC.
func Clock(at, now time.Time) string {
	at, now = at.UTC(), now.UTC()
	if at.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return at.Format("15:04")
	}
	return at.Format("2 Jan 15:04")
}

// Moment writes a time in full: "2026-03-14 12:00 UTC".
func Moment(at time.Time) string { return at.UTC().Format("2006-01-02 15:04") + " UTC" }

// Safe is a text from outside as a terminal may show it: what is not printable
// is spelled out.
func Safe(text string) string {
	if strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(text)
	}
	return text
}

// Quote is a text as a shell takes it for one word, in characters that a terminal may
// show.
func Quote(text string) string {
	if text == Safe(text) {
		return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
	}
	var word strings.Builder
	word.WriteString("$'") // in bash, zsh and POSIX shells of 2024
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\'' || c == '\\':
			word.WriteString(`\` + string(c))
		case c < ' ' || c > '~':
			word.WriteString(`\x` + strconv.FormatInt(int64(c)|0x100, 16)[1:])
		default:
			word.WriteByte(c)
		}
	}
	return word.String() + "'"
}
