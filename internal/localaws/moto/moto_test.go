package moto

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/internal/fakeaws"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/socket"
)

// standIn makes this test binary act as moto: "serves" serves on the socket,
// "crashes" prints an error.
const standIn = "LOCALAWS_TEST_MOTO"

func TestMain(m *testing.M) {
	switch os.Getenv(standIn) {
	case "serves":
		fmt.Fprintln(os.Stderr, fakeaws.ServeInherited())
		os.Exit(1)
	case "crashes":
		fmt.Fprintln(os.Stderr, "ModuleNotFoundError: No module named 'flask'")
		os.Exit(3)
	default:
		os.Exit(m.Run())
	}
}

func standInFor(behaviour string) Command {
	return Command{"env", standIn + "=" + behaviour, os.Args[0]}
}

func start(t *testing.T, behaviour string) (*Process, *socket.Listener) {
	t.Helper()
	listener, err := socket.Listen(t.TempDir(), "moto.sock")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	require.NoError(t, err)
	t.Cleanup(func() { _ = log.Close() })
	process, err := Start(standInFor(behaviour), listener, log)
	require.NoError(t, err)
	t.Cleanup(process.Stop)
	return process, listener
}

func TestProcess(t *testing.T) {
	t.Parallel()
	process, _ := start(t, "serves")
	require.NoError(t, process.WaitReady(t.Context()))
	group, err := syscall.Getpgid(process.PID())
	require.NoError(t, err)
	assert.Equal(t, process.PID(), group, "signals of the terminal don't reach it")
	process.Stop()
	process.Stop()
	assert.ErrorContains(t, process.Result(), "moto ended")
	assert.ErrorIs(t, syscall.Kill(process.PID(), 0), syscall.ESRCH)
}

// Clients of a server that is replaced wait for its successor.
func TestSuccessor(t *testing.T) {
	t.Parallel()
	first, listener := start(t, "serves")
	require.NoError(t, first.WaitReady(t.Context()))
	require.NoError(t, syscall.Kill(first.PID(), syscall.SIGKILL))
	<-first.Ended()
	answered := make(chan error, 1)
	go func() {
		client := http.Client{Transport: &http.Transport{DialContext: socket.Dial(first.URL())}}
		answer, err := client.Get("http://localhost/moto-api/data.json")
		if err == nil {
			err = answer.Body.Close()
		}
		answered <- err
	}()
	second, err := Start(standInFor("serves"), listener, os.Stderr)
	require.NoError(t, err)
	defer second.Stop()
	assert.Equal(t, first.URL(), second.URL())
	assert.NoError(t, <-answered)
}

func TestCrashAtStart(t *testing.T) {
	t.Parallel()
	process, _ := start(t, "crashes")
	assert.ErrorContains(t, process.WaitReady(t.Context()), "exit status 3")
}

func TestStartOfNothing(t *testing.T) {
	t.Parallel()
	listener, err := socket.Listen(t.TempDir(), "moto.sock")
	require.NoError(t, err)
	defer func() { _ = listener.Close() }()
	_, err = Start(Command{"/nonexistent/moto"}, listener, os.Stderr)
	assert.ErrorContains(t, err, "starting /nonexistent/moto")
}

func program(t *testing.T, dir, name, script string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(dir, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script+"\n"), 0o755))
}

func TestLocate(t *testing.T) {
	path, state := t.TempDir(), t.TempDir()
	t.Setenv("PATH", path)
	_, err := Locate(t.Context(), state)
	var missing *MissingError
	require.ErrorAs(t, err, &missing)
	assert.Len(t, missing.Looked, 4)
	assert.ErrorContains(t, err, filepath.Join(state, "venv", "bin", "moto_server"))

	program(t, path, "python3", `[ "$2" = moto.server ]`)
	found, err := Locate(t.Context(), state)
	require.NoError(t, err)
	assert.Equal(t, Command{"python3", "-m", "moto.server"}, found)

	program(t, path, "moto_server", "echo 'pyenv: moto_server: command not found' >&2; exit 127")
	found, err = Locate(t.Context(), state)
	require.NoError(t, err)
	assert.Equal(t, Command{"python3", "-m", "moto.server"}, found, "a shim of what is not there is passed over")

	program(t, path, "moto_server", "exit 0")
	found, err = Locate(t.Context(), state)
	require.NoError(t, err)
	assert.Equal(t, Command{"moto_server"}, found)

	program(t, filepath.Join(state, "venv", "bin"), "moto_server", "exit 0")
	found, err = Locate(t.Context(), state)
	require.NoError(t, err)
	assert.Equal(t, Command{filepath.Join(state, "venv", "bin", "moto_server")}, found)
}

func TestInterruptedLocate(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := Locate(ctx, t.TempDir())
	assert.ErrorIs(t, err, context.Canceled)
}

func TestInstall(t *testing.T) {
	path, state := t.TempDir(), t.TempDir()
	t.Setenv("PATH", path+":/bin:/usr/bin")
	// A python that creates environments whose pip installs moto_server.
	program(t, path, "python3", `mkdir -p "$4/bin" && printf '#!/bin/sh\necho "$@"; printf "#!/bin/sh\\n" >'"$4"'/bin/moto_server; chmod +x '"$4"'/bin/moto_server' >"$4/bin/python" && chmod +x "$4/bin/python"`)
	var progress bytes.Buffer
	found, err := Install(t.Context(), state, &progress)
	require.NoError(t, err)
	assert.Equal(t, Command{filepath.Join(state, "venv", "bin", "moto_server")}, found)
	assert.Contains(t, progress.String(), Requirement)
}

func TestInstallThatFails(t *testing.T) {
	path, state := t.TempDir(), t.TempDir()
	t.Setenv("PATH", path+":/bin:/usr/bin")
	program(t, path, "python3", `mkdir -p "$4/bin" && printf '#!/bin/sh\necho "no route to the index" >&2; exit 1' >"$4/bin/python" && chmod +x "$4/bin/python"`)
	var progress bytes.Buffer
	_, err := Install(t.Context(), state, &progress)
	assert.ErrorContains(t, err, "python3 -m pip install 'moto[server,all-needed]==5.2.*'")
	assert.ErrorContains(t, err, "--backend URL")
	assert.Contains(t, progress.String(), "no route to the index")
	assert.NoDirExists(t, Venv(state), "nothing half-made stays")
}

func TestInstallWithoutPython(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := Install(t.Context(), t.TempDir(), &bytes.Buffer{})
	assert.ErrorContains(t, err, "install Python 3.9 or newer")
}

func TestEnvironment(t *testing.T) {
	t.Setenv("AWS_ENDPOINT_URL", "http://x")
	t.Setenv("HTTPS_PROXY", "http://x")
	t.Setenv("no_proxy", "x")
	t.Setenv("LANG", "C")
	got := environment()
	assert.Contains(t, got, "LANG=C")
	for _, stray := range []string{"AWS_ENDPOINT_URL=http://x", "HTTPS_PROXY=http://x", "no_proxy=x"} {
		assert.NotContains(t, got, stray)
	}
}
