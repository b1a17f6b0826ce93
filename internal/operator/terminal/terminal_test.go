package terminal

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestOf_WhatIsNoTerminalGetsPlainText(t *testing.T) {
	t.Parallel()
	terminal := Of(&strings.Builder{})
	assert.False(t, terminal.Interactive)
	assert.Zero(t, terminal.Width)
	assert.Equal(t, "fail", terminal.Bad("fail"))
}

func TestTerminal_ColoursByMeaning(t *testing.T) {
	t.Parallel()
	terminal := Terminal{colours: true}
	assert.Equal(t, own+"32mpass"+own+"0m", terminal.Good("pass"))
	assert.Contains(t, terminal.Bad("fail"), own+"31")
	assert.Contains(t, terminal.Doubtful("skip"), own+"33")
	assert.Contains(t, terminal.Faint("later"), own+"2")
}
