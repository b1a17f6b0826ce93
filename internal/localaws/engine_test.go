package localaws

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func (s *site) write(path, text string) string {
	s.t.Helper()
	require.NoError(s.t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(s.t, os.WriteFile(path, []byte(text), 0o644))
	return path
}

// pulumi starts a process that looks like an engine.
func pulumi(t *testing.T, arguments ...string) *os.Process {
	t.Helper()
	program := filepath.Join(t.TempDir(), "pulumi")
	sleep, err := exec.LookPath("sleep")
	require.NoError(t, err)
	content, err := os.ReadFile(sleep)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(program, content, 0o755))
	engine := exec.Command(program, append([]string{"60"}, arguments...)...)
	require.NoError(t, engine.Start())
	t.Cleanup(func() {
		_ = engine.Process.Kill()
		_ = engine.Wait() // it was killed
	})
	return engine.Process
}

func lockOf(pid int, made time.Time) string {
	text, err := json.Marshal(engineLock{PID: pid, Timestamp: made})
	if err != nil {
		panic(err)
	}
	return string(text)
}

func TestLocksOfDeadEnginesAreRemoved(t *testing.T) {
	t.Parallel()
	ended := exec.Command("true")
	require.NoError(t, ended.Run())
	earlier := time.Now().Add(-time.Hour)
	for name, text := range map[string]string{
		"of an engine that has ended":          lockOf(ended.Process.Pid, time.Now()),
		"of a number that is a stranger's now": lockOf(sleeper(t).Pid, time.Now()),
		"of a number that is a later engine's": lockOf(pulumi(t).Pid, earlier),
		"without a number":                     "{}",
		"empty":                                "",
		"half written":                         `{"pid": 12`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			file := s.write(filepath.Join(s.layout().bookkeeping(), "locks/organization/crr/local/a.json"), text)
			attributes := s.write(file+".attrs", "")
			require.NoError(t, os.Chtimes(file, earlier, earlier))
			require.NoError(t, PrepareEngine(t.Context(), s.options()))
			assert.NoFileExists(t, file)
			assert.NoFileExists(t, attributes)
			assert.Empty(t, s.progress.String(), "nothing is lost, and nothing to be said")
		})
	}
}

func TestEnginesAtWorkAreWaitedFor(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	engine := pulumi(t)
	file := s.write(filepath.Join(s.layout().bookkeeping(), "locks/organization/crr/local/a.json"), lockOf(engine.Pid, time.Now()))
	waiting, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, PrepareEngine(waiting, s.options()), context.DeadlineExceeded)
	assert.FileExists(t, file)
	assert.Contains(t, s.progress.String(), fmt.Sprintf("Waiting for another engine, process %d (", engine.Pid))

	ended := make(chan error, 1)
	go func() { ended <- PrepareEngine(t.Context(), s.options()) }()
	require.NoError(t, engine.Kill())
	require.NoError(t, <-ended)
	assert.NoFileExists(t, file)
}

func TestOneEngineAtATime(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	l, err := openLayout(s.dir)
	require.NoError(t, err)
	held, err := lockEngines(t.Context(), l, io.Discard)
	require.NoError(t, err)
	require.NoError(t, held.sign(self()))
	waiting, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, PrepareEngine(waiting, s.options()), context.DeadlineExceeded)
	assert.Contains(t, s.progress.String(), fmt.Sprintf("Waiting for another engine, process %d (", os.Getpid()))
	held.release()
	require.NoError(t, PrepareEngine(t.Context(), s.options()))
}

func TestDamagedFilesOfTheEngine(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	l := s.layout()
	good := s.write(filepath.Join(l.bookkeeping(), "stacks/other/local.json"), `{"version":3,"checkpoint":{"stack":"s"}}`)
	removed := []string{
		s.write(filepath.Join(l.bookkeeping(), "stacks/other/local.json.attrs"), `{"user`),
		s.write(filepath.Join(l.pulumiHome(), "credentials.json"), ""),
		s.write(filepath.Join(l.pulumiHome(), "workspaces/crr-1-workspace.json"), `{"stack": "lo`),
	}
	whole := s.write(filepath.Join(l.pulumiHome(), "workspaces/crr-2-workspace.json"), `{"stack": "local"}`)
	meta := s.write(filepath.Join(l.bookkeeping(), "meta.yaml"), "")
	first := s.launch()
	s.progress.Reset()
	require.NoError(t, PrepareEngine(t.Context(), s.options()))
	for _, file := range removed {
		assert.NoFileExists(t, file)
	}
	text, err := os.ReadFile(meta)
	require.NoError(t, err)
	assert.Equal(t, "version: 1\n", string(text))
	assert.FileExists(t, good)
	assert.FileExists(t, whole)
	assert.Equal(t, first.Instance, s.inspect().Instance, "nothing is lost")
}

func TestDamagedStateOfAStackStartsAnew(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"empty": "", "truncated": `{"version":3,"checkpoint":{"stack":"organization/crr/local","lat`, "without a checkpoint": `{"version":3}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			stacks := filepath.Join(s.layout().bookkeeping(), "stacks/crr")
			good := s.write(filepath.Join(stacks, "other.json"), `{"version":3,"checkpoint":{"stack":"s"}}`)
			damaged := s.write(filepath.Join(stacks, "local.json"), text)
			older := s.write(damaged+".bak", `{"version":3,"checkpoint":{"stack":"s"}}`)
			first := s.launch()
			require.NoError(t, PrepareEngine(t.Context(), s.options()))
			assert.NoFileExists(t, damaged)
			assert.NoFileExists(t, older, "it does not know all that was made since")
			assert.FileExists(t, good)
			assert.Contains(t, s.progress.String(), damaged+" was damaged and has been removed. Restarting the local AWS; its data is lost.")
			assert.NotEqual(t, first.Instance, s.inspect().Instance)
		})
	}
}

func TestAnEngineEndsWithTheLocalAWS(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	running := s.launch()
	engine := pulumi(t)
	watched := make(chan error, 1)
	var said bytes.Buffer
	go func() { watched <- WatchEngine(t.Context(), s.dir, engine.Pid, &said) }()
	select {
	case err := <-watched:
		require.FailNow(t, "the engine is given up while all is well", err)
	case <-time.After(2 * watchInterval):
	}
	require.NoError(t, syscall.Kill(running.PID, syscall.SIGKILL))
	require.NoError(t, <-watched)
	assert.Contains(t, said.String(), "Run the same command again")
	assert.False(t, alive(engine.Pid))
}

func TestTheWatchEndsWithTheEngine(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.launch()
	engine := pulumi(t)
	watched := make(chan error, 1)
	go func() { watched <- WatchEngine(t.Context(), s.dir, engine.Pid, io.Discard) }()
	require.NoError(t, engine.Kill())
	require.NoError(t, <-watched)
}
