package localaws

import (
	"bytes"
	"context"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/faults"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/internal/fakeaws"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/socket"
)

// site is a folder with a local AWS, which ends with the test.
type site struct {
	t        *testing.T
	dir      string
	progress bytes.Buffer
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{t: t, dir: filepath.Join(t.TempDir(), "with a blank")}
	t.Cleanup(func() {
		_, err := Stop(context.Background(), s.dir, io.Discard)
		assert.NoError(t, err)
	})
	return s
}

func (s *site) options() LaunchOptions {
	return LaunchOptions{Dir: s.dir, Daemon: daemonCommand, Progress: &s.progress}
}

func (s *site) launch() Status {
	s.t.Helper()
	status, err := Launch(s.t.Context(), s.options())
	require.NoError(s.t, err)
	require.True(s.t, status.Running, status.Problem)
	return status
}

func (s *site) inspect() Status {
	s.t.Helper()
	status, err := Inspect(s.t.Context(), s.dir)
	require.NoError(s.t, err)
	return status
}

func (s *site) layout() layout { return layout{root: s.dir} }

// alive reports whether there is a process with that number.
func alive(pid int) bool {
	_, err := identifyProcess(pid)
	return err == nil
}

func eventually(t *testing.T, condition func() bool, message string) {
	t.Helper()
	require.Eventually(t, condition, 10*time.Second, 10*time.Millisecond, message)
}

func TestLifeCycle(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	assert.Equal(t, "stopped", s.inspect().word())
	assert.NoDirExists(t, s.dir, "looking leaves nothing")

	first := s.launch()
	assert.FileExists(t, first.Env)
	assert.FileExists(t, first.CABundle)
	assert.NotEmpty(t, first.Instance)
	assert.True(t, alive(first.PID))
	assert.True(t, alive(first.MotoPID))

	require.NoError(t, os.Remove(first.Env))
	second := s.launch()
	assert.Equal(t, first.PID, second.PID)
	assert.Equal(t, first.Instance, second.Instance)
	assert.FileExists(t, second.Env)
	assert.Contains(t, s.progress.String(), "is already running")

	for _, want := range []bool{true, false} {
		stopped, err := Stop(t.Context(), s.dir, io.Discard)
		require.NoError(t, err)
		assert.Equal(t, want, stopped)
	}
	assert.False(t, alive(first.PID))
	assert.False(t, alive(first.MotoPID))
	assert.NoFileExists(t, s.layout().stateFile())
	_, err := net.Dial("tcp", strings.TrimPrefix(first.Proxy, "http://"))
	assert.Error(t, err, "the port is free again")

	third := s.launch()
	assert.Equal(t, first.Proxy, third.Proxy, "open shells stay valid")
	assert.NotEqual(t, first.Instance, third.Instance, "what was kept is lost")
}

func TestStartSaysWhatItCannotChange(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	wanted := 10 * time.Second
	options := s.options()
	options.ReplicationDelay = &wanted
	first, err := Launch(t.Context(), options)
	require.NoError(t, err)
	s.launch() // with any delay
	_, err = Launch(t.Context(), options)
	require.NoError(t, err, "the delay is what it is already")
	other := time.Minute
	options.ReplicationDelay = &other
	_, err = Launch(t.Context(), options)
	require.ErrorContains(t, err, "a replication delay of 10s already: run `crr local stop` first to start it with 1m0s")
	options = s.options()
	options.AlarmMinute = &wanted
	_, err = Launch(t.Context(), options)
	require.ErrorContains(t, err, "alarm minutes of 1m0s already: run `crr local stop` first to start it with 10s")
	assert.NotContains(t, s.progress.String(), "another build")
	assert.False(t, first.OtherBuild)

	kept, err := readState(s.layout())
	require.NoError(t, err)
	kept.Build = "older"
	require.NoError(t, kept.write(s.layout()))
	assert.True(t, s.launch().OtherBuild)
	assert.Contains(t, s.progress.String(), "it is from another build of crr")
}

func TestStatusShowsFaults(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.launch()
	switches, err := OpenFaults(s.dir)
	require.NoError(t, err)
	set, err := switches.Set(t.Context(), faults.Fault{Kind: faults.Paused})
	require.NoError(t, err)
	status := s.inspect()
	assert.Equal(t, []faults.Fault{set}, status.Faults)
	assert.Contains(t, status.rows(), [2]string{"fault " + set.ID, "replication is paused from all buckets"})
	require.NoError(t, switches.Clear(t.Context(), set.ID))
	assert.Empty(t, s.inspect().Faults)

	for _, fault := range []faults.Fault{{Kind: faults.RegionDown, Region: "us-east-1"}, {Kind: faults.Latency, Delay: 3600}} {
		_, err = switches.Set(t.Context(), fault)
		require.NoError(t, err)
	}
	status = s.inspect()
	assert.True(t, status.Running, "what fails on demand is no problem of the local AWS: %s", status.Problem)
	assert.Len(t, status.Faults, 2)
}

func TestStopWhereNothingEverRan(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "nothing")
	stopped, err := Stop(t.Context(), dir, io.Discard)
	require.NoError(t, err)
	assert.False(t, stopped)
	assert.NoDirExists(t, dir)
}

func TestTwoStartsAtOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	pids := make([]int, 4)
	var all sync.WaitGroup
	for i := range pids {
		all.Go(func() {
			options := s.options()
			options.Progress = io.Discard
			status, err := Launch(t.Context(), options)
			if assert.NoError(t, err) {
				pids[i] = status.PID
			}
		})
	}
	all.Wait()
	for _, pid := range pids {
		assert.Equal(t, pids[0], pid)
	}
}

func TestKilledDaemonTakesMotoAlong(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	first := s.launch()
	require.NoError(t, syscall.Kill(first.PID, syscall.SIGKILL))
	eventually(t, func() bool { return !alive(first.PID) && !alive(first.MotoPID) }, "moto ends with the daemon")
	crashed := s.inspect()
	assert.False(t, crashed.Running)
	assert.Contains(t, crashed.Problem, "ended without cleaning up")

	second := s.launch()
	assert.NotEqual(t, first.Instance, second.Instance)
	assert.Equal(t, first.Proxy, second.Proxy)
}

// The remains of a crash are ended if moto didn't end with its daemon, as on systems
// that don't support it.
func TestOrphansAreEnded(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	l, err := openLayout(s.dir)
	require.NoError(t, err)
	orphan := sleeper(t)
	id, err := identifyProcess(orphan.Pid)
	require.NoError(t, err)
	require.NoError(t, state{Instance: "old", Moto: id}.write(l))
	s.launch()
	assert.False(t, id.alive())
}

// The number of a process that has ended may have been reused.
func TestReusedNumbersAreLeftAlone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	l, err := openLayout(s.dir)
	require.NoError(t, err)
	stranger := sleeper(t)
	require.NoError(t, state{Instance: "old", Moto: processID{PID: stranger.Pid, Started: "earlier"}}.write(l))
	s.launch()
	assert.True(t, alive(stranger.Pid))
}

// Calls after moto has lost its data fail at once, and the next start creates a new
// instance.
func TestLostMemory(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(*testing.T, Status){
		"moto killed": func(t *testing.T, running Status) {
			t.Helper()
			require.NoError(t, syscall.Kill(running.MotoPID, syscall.SIGKILL))
		},
		"moto reset": func(t *testing.T, running Status) {
			t.Helper()
			backend, err := url.Parse(running.Backend)
			require.NoError(t, err)
			client := http.Client{Transport: &http.Transport{DialContext: socket.Dial(backend)}}
			answer, err := client.Post("http://localhost/moto-api/reset", "", nil)
			require.NoError(t, err)
			require.NoError(t, answer.Body.Close())
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			first := s.launch()
			lose(t, first)
			eventually(t, func() bool { return !s.inspect().Running }, "the status shows it")
			eventually(t, func() bool { return !alive(first.MotoPID) }, "the daemon notices it by itself")
			lost := s.inspect()
			assert.Contains(t, lost.Problem, map[string]string{"moto killed": "moto ended: signal: killed", "moto reset": "moto was reset"}[name])
			assert.Equal(t, first.PID, lost.PID, "the daemon is there to answer")
			kept, err := readState(s.layout())
			require.NoError(t, err)
			proxyURL, err := url.Parse(kept.Access.Proxy)
			require.NoError(t, err)
			pool, err := os.ReadFile(first.CABundle)
			require.NoError(t, err)
			roots := x509.NewCertPool()
			require.True(t, roots.AppendCertsFromPEM(pool))
			for host, answers := range map[string]string{"iam": "<Code>LocalAWSLost</Code>", "b.s3": "<Code>LocalAWSLost</Code>"} {
				answer, err := clientThrough(proxyURL, roots).Get("https://" + host + ".amazonaws.com/")
				require.NoError(t, err)
				body, err := io.ReadAll(answer.Body)
				require.NoError(t, err)
				require.NoError(t, answer.Body.Close())
				assert.Equal(t, http.StatusBadRequest, answer.StatusCode, "SDKs repeat a server's errors for minutes")
				assert.Contains(t, string(body), answers)
				assert.Contains(t, string(body), "starts the local AWS anew")
			}
			second := s.launch()
			assert.NotEqual(t, first.Instance, second.Instance)
			assert.NotEqual(t, first.PID, second.PID)
			assert.False(t, alive(first.PID))
			assert.Contains(t, s.progress.String(), "Restarting the local AWS; its data is lost: moto ")
		})
	}
}

func TestDamagedFiles(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func(l layout) []string{
		"truncated state":              func(l layout) []string { return []string{l.stateFile()} },
		"truncated lock":               func(l layout) []string { return []string{l.daemonLock()} },
		"truncated state and lock":     func(l layout) []string { return []string{l.stateFile(), l.daemonLock()} },
		"truncated environment":        func(l layout) []string { return []string{l.env()} },
		"truncated certificate":        func(l layout) []string { return []string{l.caBundle()} },
		"truncated port":               func(l layout) []string { return []string{l.portFile()} },
		"truncated locks of all kinds": func(l layout) []string { return []string{l.commandLock(), l.engineLock()} },
		"everything that is truncated": func(l layout) []string { return []string{l.stateFile(), l.env(), l.caBundle(), l.portFile()} },
	} {
		for _, command := range []string{"start", "stop"} {
			t.Run(name+", then "+command, func(t *testing.T) {
				t.Parallel()
				s := newSite(t)
				first := s.launch()
				if strings.Contains(name, "lock") && runtime.GOOS != "linux" {
					t.Skip("only Linux lists the holders of locks")
				}
				for _, file := range damage(s.layout()) {
					require.NoError(t, os.WriteFile(file, []byte("{"), 0o644))
				}
				if command == "start" {
					second := s.launch()
					assert.True(t, second.Running)
					text, err := os.ReadFile(second.Env)
					require.NoError(t, err)
					assert.Contains(t, string(text), strings.TrimPrefix(second.Proxy, "http://"))
				} else {
					_, err := Stop(t.Context(), s.dir, io.Discard)
					require.NoError(t, err)
				}
				now, err := Stop(t.Context(), s.dir, io.Discard)
				require.NoError(t, err)
				assert.Equal(t, command == "start", now)
				assert.False(t, alive(first.PID), "no daemon is left behind")
				assert.False(t, alive(first.MotoPID))
			})
		}
	}
}

func TestMotoThatCrashesAtStart(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	l, err := openLayout(s.dir)
	require.NoError(t, err)
	bin := filepath.Join(l.state(), "venv", "bin")
	require.NoError(t, os.MkdirAll(bin, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(bin, "moto_server"),
		[]byte("#!/bin/sh\n[ \"$1\" = --help ] && exit\necho \"No module named 'flask'\" >&2\nexit 1\n"), 0o755))
	_, err = Launch(t.Context(), s.options())
	require.Error(t, err)
	assert.ErrorContains(t, err, "No module named 'flask'", "the end of moto's log")
	assert.ErrorContains(t, err, l.motoLog())
	assert.NoFileExists(t, l.stateFile())
	assert.Equal(t, "stopped", s.inspect().word())
}

func TestInterruptedStartLeavesNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	l, err := openLayout(s.dir)
	require.NoError(t, err)
	bin := filepath.Join(l.state(), "venv", "bin")
	marker := filepath.Join(s.dir, "started")
	require.NoError(t, os.MkdirAll(bin, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(bin, "moto_server"),
		[]byte("#!/bin/sh\n[ \"$1\" = --help ] && exit\necho $$ >'"+marker+".new' && mv '"+marker+".new' '"+marker+"'\nexec sleep 60\n"), 0o755))
	ctx, interrupt := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := Launch(ctx, s.options())
		ended <- err
	}()
	eventually(t, func() bool { return exists(marker) }, "moto was started")
	interrupt()
	assert.ErrorIs(t, <-ended, context.Canceled)
	_, running, err := lockHolder(t.Context(), l.daemonLock())
	require.NoError(t, err)
	assert.False(t, running)
	assert.NoFileExists(t, l.stateFile())
	pid, err := os.ReadFile(marker)
	require.NoError(t, err)
	eventually(t, func() bool { return !exists("/proc/" + strings.TrimSpace(string(pid))) }, "moto has ended")
}

func TestTakenPort(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	first := s.launch()
	_, err := Stop(t.Context(), s.dir, io.Discard)
	require.NoError(t, err)
	taken, err := net.Listen("tcp", strings.TrimPrefix(first.Proxy, "http://"))
	require.NoError(t, err)
	defer func() { _ = taken.Close() }()
	second := s.launch()
	assert.NotEqual(t, first.Proxy, second.Proxy)
	assert.Contains(t, s.progress.String(), "is taken; the proxy is at")
}

func TestOtherBackend(t *testing.T) {
	t.Parallel()
	emulator := httptest.NewServer(fakeaws.New())
	defer emulator.Close()
	s := newSite(t)
	options := s.options()
	options.Backend = emulator.URL
	status, err := Launch(t.Context(), options)
	require.NoError(t, err)
	assert.True(t, status.External)
	assert.Zero(t, status.MotoPID)
	assert.Equal(t, emulator.URL, status.Backend)

	options.Backend = "http://127.0.0.1:1"
	_, err = Launch(t.Context(), options)
	assert.ErrorContains(t, err, "run `crr local stop` first")
}

func TestBackendThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	for backend, message := range map[string]string{
		"http://127.0.0.1:1": "connection refused",
		"nonsense":           "is not the URL of an emulator",
	} {
		s := newSite(t)
		options := s.options()
		options.Backend = backend
		_, err := Launch(t.Context(), options)
		assert.ErrorContains(t, err, message)
		assert.Equal(t, "stopped", s.inspect().word())
	}
}

func TestFolderThatCannotBeMade(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o644))
	_, err := Launch(t.Context(), LaunchOptions{Dir: filepath.Join(file, "dir"), Daemon: daemonCommand, Progress: io.Discard})
	assert.ErrorContains(t, err, "choose another with --dir")
}

func TestDaemonThatCannotBeStarted(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	options := s.options()
	options.Daemon = func(ServeOptions) *exec.Cmd { return exec.Command("/nonexistent") }
	_, err := Launch(t.Context(), options)
	assert.ErrorContains(t, err, "starting the local AWS")
	options.Daemon = func(ServeOptions) *exec.Cmd { return exec.Command("true") }
	_, err = Launch(t.Context(), options)
	assert.ErrorContains(t, err, "the daemon ended without an error message")
}
