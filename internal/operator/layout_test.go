package operator

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestWrap_KeepsWordsAndWidth(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.StringMatching(`[a-zäö:/.]{1,30}`), 1, 40).Draw(t, "words")
		width := rapid.IntRange(1, 60).Draw(t, "width")
		lines := wrap(strings.Join(words, " "), width)
		assert.Equal(t, words, strings.Fields(strings.Join(lines, " ")))
		for _, line := range lines {
			assert.True(t, utf8.RuneCountInString(line) <= width || !strings.Contains(line, " "), "only a single word may be longer")
		}
	})
}

func TestPage_PutsTextsBesideLabels(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	p := &page{w: &out}
	p.heading("left", "RIGHT")
	p.heading(strings.Repeat("x", 95), "too wide")
	p.row("label", 8, "one two")
	p.row("a very long label", 8, "text")
	p.row("nothing", 8, "")
	require.NoError(t, p.err)
	assert.Equal(t, "left"+strings.Repeat(" ", 91)+"RIGHT\n"+
		strings.Repeat("x", 95)+"\n"+strings.Repeat(" ", 92)+"too wide\n"+
		"label   one two\na very long label text\n", out.String())
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

func TestPage_KeepsTheFirstError(t *testing.T) {
	t.Parallel()
	require.EqualError(t, WriteReport(full{}, Report{}), "the disk is full")
	require.EqualError(t, WriteAnswer(full{}, Answer{}), "the disk is full")
}
