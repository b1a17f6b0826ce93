package compare

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestProgress_TellsALineNowAndThenWhereThereIsNoTerminal(t *testing.T) {
	t.Parallel()
	var w bytes.Buffer
	p := NewProgress(&w, nil)
	p.Counted(10)
	assert.Empty(t, w.String(), "it has only begun")
	p.began, p.lastShown = p.began.Add(-time.Minute), p.lastShown.Add(-time.Minute)
	p.Counted(600)
	p.Counted(700)
	p.Close()
	assert.Equal(t, "compared 600 versions, 10 a second\n", w.String())
}
