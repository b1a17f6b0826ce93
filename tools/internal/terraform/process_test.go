package terraform

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/tools/internal/locate"
)

func TestStartTellsTheCauseOfAFailure(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	broken := filepath.Join(t.TempDir(), "terraform-provider-aws")
	require.NoError(t, os.WriteFile(broken, []byte("#!/bin/sh\necho out of luck >&2\nexit 3\n"), 0o755))

	_, err := Start(broken)
	require.ErrorContains(t, err, "starting "+broken)
	require.ErrorContains(t, err, "out of luck")

	_, err = Start(filepath.Join(tmp, "nothing"))
	require.ErrorContains(t, err, "no such file")
	left, err := os.ReadDir(tmp)
	require.NoError(t, err)
	assert.Empty(t, left)
}

func TestCloseEndsTheProvider(t *testing.T) {
	report := locate.This().Find()
	if report.Err() != nil {
		t.Skip("no terraform-provider-aws on this machine")
	}
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	p, err := Start(report.Chosen.Path)
	require.NoError(t, err)
	left, err := os.ReadDir(tmp)
	require.NoError(t, err)
	assert.Empty(t, left, "no socket stays, not even while it runs")
	p.Close()
	p.Close()
	assert.True(t, p.client.Exited())
}

func TestTailKeepsTheEnd(t *testing.T) {
	t.Parallel()
	w := &tail{limit: 10}
	for _, s := range []string{"begin ", strings.Repeat("-", 20), " the end\n"} {
		n, err := w.Write([]byte(s))
		require.NoError(t, err)
		assert.Equal(t, len(s), n)
	}
	assert.Equal(t, "- the end", w.String())
}

func TestWhatAKilledStartLeftIsRemoved(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	stale, fresh := filepath.Join(tmp, socketPrefix+"1"), filepath.Join(tmp, socketPrefix+"2")
	require.NoError(t, os.Mkdir(stale, 0o700))
	require.NoError(t, os.Mkdir(fresh, 0o700))
	long := time.Now().Add(-2 * staleAfter)
	require.NoError(t, os.Chtimes(stale, long, long))

	dir, err := socketDir()
	require.NoError(t, err)
	assert.NoDirExists(t, stale)
	assert.DirExists(t, fresh, "another may be starting")
	assert.DirExists(t, dir)
}
