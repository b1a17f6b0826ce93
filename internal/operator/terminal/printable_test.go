package terminal

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/creack/pty"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPrintable_SpellsOutWhatATerminalActsOn(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"printable text":                      {"däta/€ 日本 👍\n\tb", "däta/€ 日本 👍\n\tb"},
		"wide and narrow spaces":              {"a\u00a0b\u3000c", "a\u00a0b\u3000c"},
		"ESC":                                 {"a\x1bcb", `a\x1bcb`},
		"CSI":                                 {"a\x1b[2Jb", `a\x1b[2Jb`},
		"CSI as one character":                {"a\u009b2Jb", `a\u009b2Jb`},
		"OSC":                                 {"a\x1b]0;title\x07b", `a\x1b]0;title\x07b`},
		"OSC as one character":                {"a\u009d0;title\u009cb", `a\u009d0;title\u009cb`},
		"a carriage return":                   {"failed\rok", `failed\x0dok`},
		"backspaces":                          {"failed\b\bok", `failed\x08\x08ok`},
		"NUL":                                 {"a\x00b", `a\x00b`},
		"DEL":                                 {"a\x7fb", `a\u007fb`},
		"a bidirectional override":            {"a\u202eb", `a\u202eb`},
		"an isolate":                          {"a\u2066b", `a\u2066b`},
		"a mark of direction":                 {"a\u200fb", `a\u200fb`},
		"a line separator":                    {"a\u2028b", `a\u2028b`},
		"a tag character":                     {"a\U000e0041b", `a\udb40\udc41b`},
		"bytes that are no text":              {"a\x9b2J\xff", `a\x9b2J\xff`},
		"the replacement character":           {"a\ufffdb", "a\ufffdb"},
		"half of a character":                 {"a\xe2\x82", `a\xe2\x82`},
		"a sequence with a guessed parameter": {"a\x1b[1234567890;31mb", `a\x1b[1234567890;31mb`},
		"a sequence of this program":          {own + "31mred" + own + "0m", "\x1b[31mred\x1b[0m"},
		"the beginning of such a sequence":    {"a" + own[:5], "a" + `\x1b` + own[1:5]},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var whole, bytewise bytes.Buffer
			for to, size := range map[*bytes.Buffer]int{&whole: len(c.text), &bytewise: 1} {
				p := NewPrintable(to)
				for text := c.text; text != ""; text = text[size:] {
					n, err := p.Write([]byte(text[:size]))
					require.NoError(t, err)
					require.Equal(t, size, n)
				}
				require.NoError(t, p.Close())
			}
			assert.Equal(t, c.want, whole.String())
			assert.Equal(t, c.want, bytewise.String(), "written byte by byte")
		})
	}
}

func TestPrintable_KeepsJSONTheSame(t *testing.T) {
	t.Parallel()
	var every strings.Builder
	for r := rune(0); r < 0x11000; r++ {
		if r < 0xd800 || r > 0xdfff {
			every.WriteRune(r)
		}
	}
	every.WriteString("\U000e0001\U000e0041\U0001f44d")
	want := map[string]string{every.String(): every.String()}
	var out bytes.Buffer
	p := NewPrintable(&out)
	encoder := json.NewEncoder(p)
	encoder.SetEscapeHTML(false)
	require.NoError(t, encoder.Encode(want))
	require.NoError(t, p.Close())
	var got map[string]string
	require.NoError(t, json.Unmarshal(out.Bytes(), &got))
	assert.Equal(t, want, got)
	assert.False(t, bytes.ContainsFunc(out.Bytes(), func(r rune) bool { return r != '\n' && !prints(r) }))
}

func TestLine_IsOneLine(t *testing.T) {
	t.Parallel()
	assert.Equal(t, `a\x0ab\x09c\x1b[31m`, Line("a\nb\tc\x1b[31m"))
	assert.Equal(t, "däta", Line("däta"))
	assert.Equal(t, own+"31mred"+own+"0m"+`\x0a`, Line(own+"31mred"+own+"0m\n"), "colours are left to the stream")
}

func TestTerminal_ColoursItsOwnTextOnly(t *testing.T) {
	t.Setenv("TERM", "xterm")
	t.Setenv("NO_COLOR", "")
	screen, device, err := pty.Open()
	require.NoError(t, err)
	defer screen.Close()
	terminal := Of(NewPrintable(device))
	require.True(t, terminal.Interactive)
	_, err = io.WriteString(terminal, terminal.Good("pa\x1b[31mss")+" \x1b[31m "+ClearLine)
	require.NoError(t, err)
	require.NoError(t, device.Close())
	shown, _ := io.ReadAll(screen) // a terminal ends with an error
	assert.Equal(t, "\x1b[32mpa"+`\x1b[31mss`+"\x1b[0m "+`\x1b[31m `+"\x1b[K", string(shown))
}
