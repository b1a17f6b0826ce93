package localaws

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sleeper is a process that does nothing, in a group of its own.
func sleeper(t *testing.T) *os.Process {
	t.Helper()
	cmd := exec.Command("sleep", "60")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	require.NoError(t, cmd.Start())
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(ended)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-ended
	})
	return cmd.Process
}

func TestProcessID(t *testing.T) {
	t.Parallel()
	process := sleeper(t)
	id, err := identifyProcess(process.Pid)
	require.NoError(t, err)
	assert.True(t, id.alive())
	again, err := identifyProcess(process.Pid)
	require.NoError(t, err)
	assert.Equal(t, id, again)
	assert.False(t, processID{PID: process.Pid, Started: "earlier"}.alive())
	assert.False(t, processID{}.alive())
	assert.False(t, id.waitGone(t.Context(), 10*time.Millisecond))
	require.NoError(t, id.kill(t.Context()))
	assert.False(t, id.alive())
	assert.True(t, id.waitGone(t.Context(), 0))
	_, err = identifyProcess(1 << 30)
	assert.ErrorIs(t, err, errNoProcess)
}

func TestLock(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	_, held, err := lockHolder(t.Context(), path)
	require.NoError(t, err)
	assert.False(t, held)

	first, err := lock(t.Context(), path, func() {}) // a process that another test starts inherits files for a moment
	require.NoError(t, err)
	require.NoError(t, first.sign(self()))
	_, err = tryLock(path)
	assert.ErrorIs(t, err, errLocked)
	holder, held, err := lockHolder(t.Context(), path)
	require.NoError(t, err)
	assert.True(t, held)
	assert.Equal(t, self(), holder)

	ctx, cancel := context.WithCancel(t.Context())
	waited := 0
	_, err = lock(ctx, path, func() {
		waited++
		cancel()
	})
	assert.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, 1, waited)

	second, err := lock(t.Context(), path, first.release)
	require.NoError(t, err)
	second.release()
}

func TestLogsDoNotGrowForEver(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log")
	write := func(content string) {
		file, err := openLog(path)
		require.NoError(t, err)
		_, err = file.WriteString(content)
		require.NoError(t, err)
		require.NoError(t, file.Close())
	}
	write("first ")
	write("second")
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, "first second", string(content))
	require.NoError(t, os.Truncate(path, maxLogBytes+1))
	write("third")
	content, err = os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, "third", string(content))
	assert.Equal(t, "third", tail(path))
	assert.Empty(t, tail(path+".none"))
}

func TestState(t *testing.T) {
	t.Parallel()
	l, err := openLayout(t.TempDir())
	require.NoError(t, err)
	none, err := readState(l)
	require.NoError(t, err)
	assert.Zero(t, none)
	want := state{Instance: "i", Daemon: processID{1, "a"}, Moto: processID{2, "b"}, Proxy: "http://127.0.0.1:1", StartedAt: time.Unix(0, 0).UTC()}
	require.NoError(t, want.write(l))
	got, err := readState(l)
	require.NoError(t, err)
	assert.Equal(t, want, got)
	require.NoError(t, removeState(l))
	require.NoError(t, removeState(l))
	require.NoError(t, os.WriteFile(l.stateFile(), []byte("{"), 0o644))
	_, err = readState(l)
	assert.ErrorContains(t, err, l.stateFile())
	require.NoError(t, cleanUp(t.Context(), l))
	assert.NoFileExists(t, l.stateFile())
}

func TestPort(t *testing.T) {
	t.Parallel()
	l, err := openLayout(t.TempDir())
	require.NoError(t, err)
	assert.Zero(t, lastPort(l))
	require.NoError(t, keepPort(l, 4711))
	assert.Equal(t, 4711, lastPort(l))
	for _, nonsense := range []string{"", "x", "-1", "70000"} {
		require.NoError(t, os.WriteFile(l.portFile(), []byte(nonsense), 0o644))
		assert.Zero(t, lastPort(l))
	}
}
