package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/socket"
)

// workingCopy copies the working tree of the repository, with the built tools, for
// running `make`.
func workingCopy(t *testing.T) string {
	t.Helper()
	needTools(t)
	root, dir := repository(t), t.TempDir()
	files, err := runIn(t, root, os.Environ(), "git", "ls-files", "--cached", "--others", "--exclude-standard")
	require.NoError(t, err, files)
	for _, file := range strings.Fields(files) {
		copyFile(t, filepath.Join(root, file), filepath.Join(dir, file))
	}
	for _, folder := range []string{".local/bin", ".local/pulumi/plugins", ".local/stamps"} {
		linkTree(t, filepath.Join(root, folder), filepath.Join(dir, folder))
	}
	t.Cleanup(func() {
		output, err := runIn(t, dir, os.Environ(), "make", "clean")
		require.NoError(t, err, output)
		assertNoProcesses(t, dir)
	})
	return dir
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if errors.Is(err, fs.ErrNotExist) {
		return // deleted, but not committed
	}
	require.NoError(t, err)
	info, err := os.Stat(from)
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(filepath.Dir(to), 0o755))
	require.NoError(t, os.WriteFile(to, data, info.Mode()))
}

// linkTree links large files that are never written to.
func linkTree(t *testing.T, from, to string) {
	t.Helper()
	if _, err := os.Stat(from); errors.Is(err, fs.ErrNotExist) {
		return
	}
	require.NoError(t, filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return os.MkdirAll(filepath.Join(to, relative), 0o755)
		}
		return os.Link(path, filepath.Join(to, relative))
	}))
}

// stack is a copy for running make.
type stack struct {
	t   *testing.T
	dir string
}

func (s stack) make(args ...string) string {
	s.t.Helper()
	output, err := runIn(s.t, s.dir, os.Environ(), "make", args...)
	require.NoErrorf(s.t, err, "make %s\n%s", strings.Join(args, " "), output)
	return output
}

// interrupt starts make and sends a signal to its process group after a while, like
// Ctrl-C in a terminal. It returns make's output.
func (s stack) interrupt(after time.Duration, signal syscall.Signal, args ...string) string {
	s.t.Helper()
	var output strings.Builder
	command := exec.Command("make", args...)
	command.Dir, command.Stdout, command.Stderr = s.dir, &output, &output
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	require.NoError(s.t, command.Start())
	time.Sleep(after)
	_ = syscall.Kill(-command.Process.Pid, signal) // it may have ended already
	done := make(chan struct{})
	go func() {
		_ = command.Wait() // the signal makes it fail
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(2 * time.Minute):
		_ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL)
		require.FailNow(s.t, "make does not end after a signal", output.String())
	}
	return output.String()
}

// inStack runs a command in the stack's environment.
func (s stack) inStack(command string) (string, error) {
	return runIn(s.t, s.dir, os.Environ(), "sh", "-c", ". .local/env && "+command)
}

func (s stack) assertNoChanges() {
	s.t.Helper()
	output, err := s.inStack("pulumi preview --refresh --expect-no-changes --stack local")
	assert.NoError(s.t, err, output)
}

// assertOnlyTheLocalAWS fails if any process other than the local AWS's remains.
func (s stack) assertOnlyTheLocalAWS() {
	s.t.Helper()
	var left []string
	for range 50 {
		left = nil
		for _, process := range processesOf(s.dir) {
			if !strings.Contains(process, "local serve") && !strings.Contains(process, "moto") {
				left = append(left, process)
			}
		}
		if len(left) == 0 {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	assert.Empty(s.t, left, "processes are left behind")
}

// awsStatus is the output of `crr local status`.
type awsStatus struct {
	PID, MotoPID int
	Backend      string
}

func (s stack) localAWS() (status awsStatus) {
	s.t.Helper()
	output, err := s.inStack("crr local status --dir .local --output json")
	require.NoError(s.t, err, output)
	require.NoError(s.t, json.Unmarshal([]byte(output), &status))
	return status
}

func TestMake_UpTwiceAndDown(t *testing.T) {
	t.Parallel()
	s := stack{t, workingCopy(t)}
	first := s.make("up")
	assert.Contains(t, first, "s3://data-source-", "the outputs are printed")
	assert.Contains(t, first, ". .local/env", "it says what to try next")
	second := s.make("up")
	assert.Contains(t, second, "unchanged")
	assert.NotContains(t, second, "created")
	s.assertNoChanges()

	_, err := s.inStack("echo hello > hello.txt && aws s3 cp hello.txt s3://$(crr describe --stack local --output json | sed -n 's/.*\"bucket\": \"\\(data-source.*\\)\",/\\1/p')/")
	require.NoError(t, err)
	s.make("down")
	s.make("down")
	assertNoProcesses(t, s.dir)
}

func TestMake_UpAfterAnInterruptEndsInTheSamePlace(t *testing.T) {
	t.Parallel()
	s := stack{t, workingCopy(t)}
	for _, moment := range []time.Duration{300 * time.Millisecond, 3 * time.Second, 6 * time.Second, 9 * time.Second, 12 * time.Second} {
		s.interrupt(moment, syscall.SIGINT, "up")
		s.assertOnlyTheLocalAWS()
	}
	s.interrupt(8*time.Second, syscall.SIGKILL, "up")
	s.make("up")
	s.assertNoChanges()
}

// A killed command cannot clean up; the next one does, whether up or clean.
func TestMake_LeavesNothingOfAKilledEngine(t *testing.T) {
	t.Parallel()
	s := stack{t, workingCopy(t)}
	s.killAtWork()
	s.make("up")
	s.assertOnlyTheLocalAWS()
	s.make("down")
	s.killAtWork() // workingCopy ends with make clean
}

// killAtWork kills make and its engine once the program registers resources, and
// checks that the language host remains.
func (s stack) killAtWork() {
	s.t.Helper()
	command := exec.Command("make", "up")
	command.Dir, command.SysProcAttr = s.dir, &syscall.SysProcAttr{Setpgid: true}
	require.NoError(s.t, command.Start())
	runs := func(program string) func() bool {
		return func() bool {
			return slices.ContainsFunc(processesOf(s.dir), func(process string) bool { return strings.Contains(process, program+" ") })
		}
	}
	require.Eventually(s.t, runs("pulumi-resource-aws"), patience, 50*time.Millisecond, "the engine starts no provider")
	require.NoError(s.t, syscall.Kill(-command.Process.Pid, syscall.SIGKILL))
	require.Error(s.t, command.Wait())
	time.Sleep(time.Second)
	require.True(s.t, runs("pulumi-language-go")(), "the language host ends with its engine: nothing has to clear up after it")
}

func TestMake_UpConvergesAfterTheLocalAWSWasLost(t *testing.T) {
	t.Parallel()
	s := stack{t, workingCopy(t)}
	s.make("up")
	require.NoError(t, syscall.Kill(s.localAWS().PID, syscall.SIGKILL))
	s.make("up")
	s.assertNoChanges()
	require.NoError(t, syscall.Kill(s.localAWS().MotoPID, syscall.SIGKILL))
	s.make("up")
	s.assertNoChanges()
	s.make("down")
}

// The local AWS may end at any time: damaged parts are recreated, and the rest is
// kept.
func TestMake_UpRecoversFromDamage(t *testing.T) {
	t.Parallel()
	s := stack{t, workingCopy(t)}
	s.make("up")
	local := func(parts ...string) string { return filepath.Join(append([]string{s.dir, ".local"}, parts...)...) }
	truncate := func(file string) {
		require.FileExists(t, file)
		require.NoError(t, os.WriteFile(file, []byte("{"), 0o600))
	}
	checkpoint := local("pulumi-state", ".pulumi", "stacks", "crr", "local.json")
	for _, c := range []struct {
		name   string
		damage func()
		says   string // "": nothing is lost
	}{
		{"files that are written anew, and locks of dead engines", func() {
			truncate(local("env"))
			locks := local("pulumi-state", ".pulumi", "locks", "organization", "crr", "local")
			require.NoError(t, os.MkdirAll(locks, 0o755))
			old := time.Now().Add(-time.Minute)
			for name, text := range map[string]string{"empty": "", "no-pid": "{}", "reused": fmt.Sprintf(`{"pid": %d}`, os.Getpid())} {
				file := filepath.Join(locks, name+".json")
				require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
				require.NoError(t, os.Chtimes(file, old, old))
			}
			truncate(checkpoint + ".attrs")
			truncate(local("pulumi-state", ".pulumi", "meta.yaml"))
		}, ""},
		{"moto was reset, and runs on", func() {
			backend, err := url.Parse(s.localAWS().Backend)
			require.NoError(t, err)
			client := &http.Client{Transport: &http.Transport{DialContext: socket.Dial(backend), DisableKeepAlives: true}}
			answer, err := client.Post(socket.Base(backend).String()+"/moto-api/reset", "", nil)
			require.NoError(t, err)
			require.NoError(t, answer.Body.Close())
		}, "Restarting the local AWS; its data is lost: moto was reset."},
		{"the state of the local AWS is truncated", func() { truncate(local("localaws", "state.json")) }, "Restarting the local AWS; its data is lost: "},
		{"the state of the stack is truncated", func() { truncate(checkpoint) }, "local.json was damaged and has been removed. Restarting the local AWS; its data is lost."},
	} {
		before := s.localAWS()
		c.damage()
		output := s.make("up")
		if c.says == "" {
			assert.Contains(t, output, "unchanged", c.name)
			assert.NotContains(t, output, "created", c.name)
			assert.Equal(t, before, s.localAWS(), c.name)
		} else {
			assert.Contains(t, output, c.says, c.name)
			assert.NotEqual(t, before, s.localAWS(), c.name)
		}
		s.assertNoChanges()
	}
	truncate(checkpoint)
	assert.Contains(t, s.make("down"), "was damaged and has been removed")
	assertNoProcesses(t, s.dir)
}

func TestMake_TwoAtOnce(t *testing.T) {
	t.Parallel()
	s := stack{t, workingCopy(t)}
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() {
			output, err := runIn(t, s.dir, os.Environ(), "make", "up")
			assert.NoError(t, err, output)
		})
	}
	all.Wait()
	s.assertNoChanges()
	s.make("down")
}

// smallDisk deploys with the engine's state on a disk that fills up, frees space,
// and deploys again.
const smallDisk = `set -eu
mkdir -p .local/pulumi-state
mount -t tmpfs -o size=4m tmpfs .local/pulumi-state
make up >first.log 2>&1 &
until ls .local/pulumi-state/.pulumi/locks/organization/crr/local/*.json >/dev/null 2>&1; do sleep 0.1; done
sleep 2
dd if=/dev/zero of=.local/pulumi-state/filler bs=1k 2>/dev/null || :
! wait $! || { echo "the first up does not notice that the disk is full"; exit 1; }
rm .local/pulumi-state/filler
make up
. .local/env
pulumi preview --refresh --expect-no-changes --stack local
make down
`

func TestMake_UpAfterAFullDisk(t *testing.T) {
	t.Parallel()
	s := stack{t, workingCopy(t)}
	if output, err := runIn(t, s.dir, os.Environ(), "unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", "cmd"); err != nil {
		t.Skipf("left out: it takes the right to mount a small disk: %s", output)
	}
	output, err := runIn(t, s.dir, os.Environ(), "unshare", "-m", "sh", "-c", smallDisk)
	require.NoError(t, err, output)
	assertNoProcesses(t, s.dir)
}

func TestMake_AStandInPluginDoesNotDeployToAWS(t *testing.T) {
	t.Parallel()
	s := stack{t, workingCopy(t)}
	s.make("build")
	tools, err := os.ReadFile(filepath.Join(s.dir, ".local", "tools.json"))
	require.NoError(t, err)
	if !strings.Contains(string(tools), `"bridge": true`) {
		t.Skip("left out: the official plugin is here")
	}
	for _, command := range []string{"up", "preview", "down"} {
		output, err := runIn(t, s.dir, append(os.Environ(), "CRR_OFFLINE=1"), "make", command, "STACK=dev")
		require.Error(t, err)
		assert.Contains(t, output, "AWS plugin: a stand-in for pulumi-aws v6.")
		assert.Contains(t, output, "The stack dev is not deployed: the AWS plugin here is a stand-in")
		assert.Contains(t, output, "CRR_ALLOW_STANDIN_PLUGIN=1")
	}
}

// After crr was rebuilt, up uses the new local AWS, and redeploys the stack.
func TestMake_UpRenewsTheLocalAWSOfAnotherBuild(t *testing.T) {
	t.Parallel()
	s := stack{t, workingCopy(t)}
	assert.NotContains(t, s.make("up"), "another build")
	before := s.localAWS()
	require.NoError(t, os.WriteFile(filepath.Join(s.dir, "cmd", "crr", "another.go"), []byte("package main\n\nconst another = true\n"), 0o644))
	s.make("build")
	output, err := s.inStack("crr local start")
	require.NoError(t, err, output)
	assert.Contains(t, output, "it is from another build of crr")
	assert.Equal(t, before, s.localAWS(), "only up may take what was deployed")
	assert.Contains(t, s.make("up"), "Restarting the local AWS; its data is lost: it is from another build of crr.")
	assert.NotEqual(t, before, s.localAWS())
	s.assertNoChanges()
}

func TestMake_DownAfterTheLocalAWSWasLost(t *testing.T) {
	t.Parallel()
	s := stack{t, workingCopy(t)}
	s.make("up")
	require.NoError(t, syscall.Kill(s.localAWS().PID, syscall.SIGKILL))
	s.make("down")
}

func TestMake_UpWithoutCredentialsSaysSoWithinSeconds(t *testing.T) {
	t.Parallel()
	s := stack{t, workingCopy(t)}
	env := []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "GOPATH=" + goEnv(t, "GOPATH"), "GOCACHE=" + goEnv(t, "GOCACHE"),
		"AWS_EC2_METADATA_DISABLED=true", "CRR_OFFLINE=1", "CRR_ALLOW_STANDIN_PLUGIN=1",
	}
	runs := func() (string, error) { return runIn(t, s.dir, env, "make", "up", "STACK=dev") }
	_, _ = runs() // the first run may have to build
	began := time.Now()
	output, err := runs()
	require.Error(t, err)
	assert.Contains(t, output, "there are no AWS credentials")
	assert.Less(t, time.Since(began), 20*time.Second)
}

func TestMake_UpOfAStackThatNobodyKnowsMakesNone(t *testing.T) {
	t.Parallel()
	s := stack{t, workingCopy(t)}
	output, err := runIn(t, s.dir, os.Environ(), "make", "up", "STACK=porduction")
	require.Error(t, err)
	assert.Contains(t, output, "There is no stack porduction, and no Pulumi.porduction.yaml to make one of")
	assert.Contains(t, output, "dev local prod")
	assert.NoFileExists(t, filepath.Join(s.dir, "Pulumi.porduction.yaml"))
}

func goEnv(t *testing.T, name string) string {
	t.Helper()
	output, err := runIn(t, ".", os.Environ(), "go", "env", name)
	require.NoError(t, err)
	return strings.TrimSpace(output)
}
