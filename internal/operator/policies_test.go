package operator

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestPrintable_SpellsEscapesOut(t *testing.T) {
	t.Parallel()
	assert.Equal(t, `\x1b[31mred"`, printable("\x1b[31mred\""))
	assert.Equal(t, "däta", printable("däta"))
}
