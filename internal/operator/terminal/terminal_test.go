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
	assert.Equal(t, "\x1b[32mpass\x1b[0m", terminal.Good("pass"))
	assert.Contains(t, terminal.Bad("fail"), "\x1b[31")
	assert.Contains(t, terminal.Doubtful("skip"), "\x1b[33")
	assert.Contains(t, terminal.Faint("later"), "\x1b[2")
}
