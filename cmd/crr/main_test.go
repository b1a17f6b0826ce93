package main

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// crr runs a command line.
func crr(t *testing.T, args ...string) (status int, out, messages string) {
	t.Helper()
	var outBuffer, errBuffer bytes.Buffer
	status = run(t.Context(), args, streams{out: &outBuffer, err: &errBuffer})
	return status, outBuffer.String(), errBuffer.String()
}

func TestWrongUse(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"unknown"},
		{"local", "unknown"},
		{"local", "start", "argument"},
		{"local", "status", "--output", "yaml"},
		{"--unknown"},
	} {
		status, out, messages := crr(t, args...)
		assert.Equal(t, exitNoAnswer, status, "%q", args)
		assert.Empty(t, out)
		assert.Contains(t, messages, "crr: ")
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	status, out, messages := crr(t, "local", "start", "--help")
	assert.Equal(t, exitOK, status)
	assert.Empty(t, messages)
	assert.Contains(t, out, "Examples:")
	assert.Contains(t, out, "--backend url")
	_, out, _ = crr(t, "local", "--help")
	assert.NotContains(t, out, "serve ", "the daemon command is hidden")
	_, out, _ = crr(t)
	assert.Contains(t, out, "EXIT STATUS:\n  0  ")
}

func TestVersion(t *testing.T) {
	t.Parallel()
	_, command, _ := crr(t, "version")
	_, flag, _ := crr(t, "--version")
	assert.NotEmpty(t, command)
	assert.Contains(t, flag, command)
}

func TestLocalWhereNothingRuns(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "none")
	status, out, messages := crr(t, "local", "status", "--dir", dir)
	assert.Equal(t, exitFailed, status)
	assert.Contains(t, out, "stopped")
	assert.Empty(t, messages)

	status, out, _ = crr(t, "local", "status", "--dir", dir, "--output", "json")
	assert.Equal(t, exitFailed, status)
	var parsed struct {
		Running *bool
		Dir     string
	}
	require.NoError(t, json.Unmarshal([]byte(out), &parsed))
	require.NotNil(t, parsed.Running)
	assert.False(t, *parsed.Running)
	assert.Equal(t, dir, parsed.Dir)

	status, out, _ = crr(t, "local", "stop", "--dir", dir)
	assert.Equal(t, exitOK, status)
	assert.Contains(t, out, "is not running")
}
