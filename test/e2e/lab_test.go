package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// lab is a local AWS, an engine's state and a project for one test.
type lab struct {
	t   *testing.T
	dir string
	env []string
	// configured means that there is a stack file, for which the permissions to
	// deploy are printed.
	configured bool
	// administers means that commands run with all permissions.
	administers bool
	// mayLack means that the permissions were reduced on purpose.
	mayLack bool
	// again is called periodically while the test waits for a message, in case that
	// data points are missing that an alarm needs. It may be nil.
	again  func()
	rights *rights
	// harsh means that changes in IAM take seconds to have an effect.
	harsh bool
}

// repository is the root of this repository.
func repository(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	return root
}

// needTools skips a test if the tools are not required, and fails it if they are
// required and missing.
func needTools(t *testing.T) {
	t.Helper()
	if os.Getenv("CRR_E2E") == "" {
		t.Skip("end to end: run `make test`")
	}
	_, err := os.Stat(filepath.Join(repository(t), ".local", "pulumi", "plugins"))
	require.NoError(t, err, "the tools are not built: run `make build`")
}

// programs are the program and the command line, built once for all tests.
var programs = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "crr-e2e")
	if err != nil {
		return "", err
	}
	for name, pkg := range map[string]string{"crr-program": ".", "crr": "./cmd/crr"} {
		build := exec.Command("go", "build", "-o", filepath.Join(dir, name), pkg)
		build.Dir = filepath.Join("..", "..")
		if output, err := build.CombinedOutput(); err != nil {
			return dir, fmt.Errorf("building %s: %w\n%s", pkg, err, output)
		}
	}
	return dir, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if os.Getenv("CRR_E2E") == "" {
		fmt.Println("The tests of the engine, the provider and the local AWS together were left out: run `make test`.")
	} else if dir, _ := programs(); dir != "" {
		_ = os.RemoveAll(dir)
	}
	os.Exit(code)
}

// newLab starts a local AWS with options, and stops it when the test ends.
func newLab(t *testing.T, options ...string) *lab {
	t.Helper()
	needTools(t)
	bin, err := programs()
	require.NoError(t, err)
	l := &lab{t: t, dir: t.TempDir(), rights: newRights(), harsh: harsh() || slices.Contains(options, "--harsh")}
	l.env = append(os.Environ(), "PATH="+strings.Join([]string{bin, filepath.Join(repository(t), ".local", "bin"), os.Getenv("PATH")}, ":"))
	if harsh() {
		// Metrics are late by three of these minutes.
		options = append([]string{"--alarm-minute", "10s"}, options...)
	}
	l.startAWS(options...)
	t.Cleanup(func() {
		l.assertRightsSufficed()
		l.mustRun("crr", "local", "stop", "--dir", l.local())
		assertNoProcesses(t, l.dir)
	})
	plugins := filepath.Join(l.local(), "pulumi", "plugins")
	require.NoError(t, os.MkdirAll(filepath.Dir(plugins), 0o755))
	require.NoError(t, os.Symlink(filepath.Join(repository(t), ".local", "pulumi", "plugins"), plugins))
	return l
}

// harsh reports whether the local AWS is in harsh mode for tests that don't set it.
func harsh() bool { return os.Getenv("CRR_HARSH") == "1" }

func (l *lab) local() string { return filepath.Join(l.dir, ".local") }

// startAWS starts the local AWS and reads its environment.
func (l *lab) startAWS(options ...string) {
	l.t.Helper()
	l.mustRun("crr", append([]string{"local", "start", "--dir", l.local()}, options...)...)
	shell := exec.Command("sh", "-c", `. "$1" && env -0`, "sh", filepath.Join(l.local(), "env"))
	shell.Env = l.env
	output, err := shell.Output()
	require.NoError(l.t, err, "reading the environment of the local AWS")
	l.env = strings.Split(strings.TrimRight(string(output), "\x00"), "\x00")
}

// project writes a stack called test with a configuration. The local AWS sees roles
// at once, so no waits are configured unless it is harsh.
func (l *lab) project(config string) {
	l.t.Helper()
	bin, err := programs()
	require.NoError(l.t, err)
	l.write("Pulumi.yaml", fmt.Sprintf("name: crr\nruntime: { name: go, options: { binary: %q } }\n", filepath.Join(bin, "crr-program")))
	if !strings.Contains(config, "crr:iamSettleSeconds") {
		settle := "0"
		if l.harsh {
			settle = "5"
		}
		config = strings.Replace(config, "config:\n", "config:\n  crr:iamSettleSeconds: "+settle+"\n", 1)
	}
	l.write("Pulumi.test.yaml", config)
	l.mustRun("pulumi", "stack", "select", "--create", "test")
	l.configured = true
}

func (l *lab) write(name, text string) {
	l.t.Helper()
	require.NoError(l.t, os.WriteFile(filepath.Join(l.dir, name), []byte(text), 0o644)) //nolint:gosec // nothing secret
}

// run runs a command in the lab and returns its output.
func (l *lab) run(name string, args ...string) (string, error) {
	l.t.Helper()
	return runIn(l.t, l.dir, l.envOf(name, args, nil), name, args...)
}

func (l *lab) mustRun(name string, args ...string) string {
	l.t.Helper()
	output, err := l.run(name, args...)
	require.NoErrorf(l.t, err, "%s %s\n%s", name, strings.Join(args, " "), output)
	return output
}

func runIn(t *testing.T, dir string, env []string, name string, args ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, lookPath(env, name), args...)
	command.Dir, command.Env = dir, env
	output, err := command.CombinedOutput()
	return string(output), err
}

// lookPath finds a program on the PATH of an environment other than our own.
func lookPath(env []string, name string) string {
	if strings.Contains(name, "/") {
		return name
	}
	for _, folder := range filepath.SplitList(variable(env, "PATH")) {
		candidate := filepath.Join(folder, name)
		if info, err := os.Stat(candidate); err == nil && info.Mode()&0o111 != 0 && !info.IsDir() {
			return candidate
		}
	}
	return name
}

// variable returns the last value of a variable.
func variable(env []string, name string) string {
	value := ""
	for _, setting := range env {
		if text, ours := strings.CutPrefix(setting, name+"="); ours {
			value = text
		}
	}
	return value
}

// latest is a text that is computed when it is printed, for messages about failed
// waits.
type latest struct{ text *string }

func (l latest) String() string { return *l.text }

func (l *lab) up() string {
	l.t.Helper()
	return l.mustRun("pulumi", "up", "--yes", "--skip-preview", "--stack", "test")
}

// descriptors parses the stack's output strictly: an unknown field is an error.
func (l *lab) descriptors() []replication.Descriptor {
	l.t.Helper()
	output := l.mustRun("pulumi", "stack", "output", "replications", "--json", "--stack", "test")
	decoder := json.NewDecoder(bytes.NewReader([]byte(output)))
	decoder.DisallowUnknownFields()
	var descriptors []replication.Descriptor
	require.NoError(l.t, decoder.Decode(&descriptors), output)
	return descriptors
}

// assertNoProcesses fails if any process still uses a folder.
func assertNoProcesses(t *testing.T, dir string) {
	t.Helper()
	left := []string{}
	for range 50 {
		if left = processesOf(dir); len(left) == 0 {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	require.Empty(t, left, "processes are left behind")
}

// processesOf returns the processes whose environment or command line contains a
// folder.
func processesOf(dir string) []string {
	processes, _ := filepath.Glob("/proc/[0-9]*") // the pattern is valid
	var found []string
	for _, process := range processes {
		if process == fmt.Sprintf("/proc/%d", os.Getpid()) {
			continue
		}
		environment, _ := os.ReadFile(filepath.Join(process, "environ"))
		command, _ := os.ReadFile(filepath.Join(process, "cmdline"))
		if bytes.Contains(environment, []byte(dir)) || bytes.Contains(command, []byte(dir)) {
			found = append(found, filepath.Base(process)+" "+string(bytes.ReplaceAll(command, []byte{0}, []byte(" "))))
		}
	}
	return found
}
