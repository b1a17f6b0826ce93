package e2e

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	// hang is how long a command may take to fail after it was interrupted.
	hang = time.Minute
	// work is how long a successful command may take: it may have to redeploy
	// everything, on a busy machine.
	work = 3 * time.Minute
)

// TestMake_ConvergesAfterInterruptions interrupts commands at random moments, and
// expects that the next plain command succeeds, and the stack is as configured.
// CRR_INTERRUPTS is the number of interruptions (`make interrupts N=100`);
// CRR_INTERRUPTS_SEED repeats a run, as far as its timing can be repeated.
func TestMake_ConvergesAfterInterruptions(t *testing.T) {
	t.Parallel()
	seed := uint64(number(t, "CRR_INTERRUPTS_SEED", int(time.Now().Unix()))) //nolint:gosec // any number is a seed
	times := number(t, "CRR_INTERRUPTS", 6)
	i := &interrupter{stack: stack{t, workingCopy(t)}, random: rand.New(rand.NewPCG(seed, seed))} //nolint:gosec // nothing secret
	t.Logf("CRR_INTERRUPTS_SEED=%d", seed)
	var longestEnd, longestNext time.Duration
	converged := 0
	for n := 1; n <= times; {
		hit, ok := i.interrupt()
		if hit == nil {
			continue // the command ended before
		}
		t.Logf("%3d: %s: %s", n, hit, map[bool]string{true: "converged", false: "DID NOT CONVERGE"}[ok])
		longestEnd, longestNext = max(longestEnd, hit.ended), max(longestNext, hit.next)
		if ok {
			converged++
		}
		n++
	}
	t.Logf("%d of %d converged; ended %s after the signal at most; the next command took %s at most", converged, times, longestEnd, longestNext)
	assert.Equal(t, times, converged)
	i.make("down")
	assertNoProcesses(t, i.dir)
}

// number returns the value of an environment variable, or else the default.
func number(t *testing.T, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	value, err := strconv.Atoi(text)
	require.NoErrorf(t, err, "%s is not a number", name)
	return value
}

// target is the process that receives a signal.
type target struct {
	name    string
	signals []syscall.Signal
	// matches selects the process by its command line; nil: make itself.
	matches func(program, command string) bool
	group   bool // make and all its children, as from a terminal
}

func named(names ...string) func(string, string) bool {
	return func(program, _ string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return strings.HasPrefix(program, name) })
	}
}

var (
	politely = []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGKILL}
	targets  = []target{
		{name: "make and all it runs", signals: politely, group: true},
		{name: "make", signals: []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL}},
		{name: "engine", signals: politely, matches: func(program, _ string) bool { return program == "pulumi" }},
		{name: "language host", signals: []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL}, matches: named("pulumi-language-go")},
		{name: "program", signals: []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL}, matches: named("crr-program")},
		{name: "plugin", signals: []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL}, matches: named("pulumi-resource-aws")},
		{name: "provider", signals: []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL}, matches: named("terraform-provider-aws")},
		{name: "local AWS", signals: []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL}, matches: func(_, command string) bool { return strings.Contains(command, "local serve") }},
		{name: "moto", signals: []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL}, matches: func(program, command string) bool {
			return program != "crr" && strings.Contains(command, "moto_server")
		}},
	}
)

// interrupter interrupts one command after another on one stack.
type interrupter struct {
	stack
	random  *rand.Rand
	up      bool // something is deployed
	changes int
}

// interruption is one interruption.
type interruption struct {
	command, target string
	signal          syscall.Signal
	after           time.Duration // since the start of such a process
	ended, next     time.Duration
	problem         string
}

func (i *interruption) String() string {
	text := fmt.Sprintf("%s: %s to %s after %s; ended after %s, the next took %s", i.command, i.signal, i.target, i.after.Round(time.Millisecond),
		i.ended.Round(time.Millisecond), i.next.Round(time.Millisecond))
	if i.problem != "" {
		text += "\n" + i.problem
	}
	return text
}

// interrupt interrupts a command, and runs the next. It returns nil if the command
// ended before.
func (i *interrupter) interrupt() (hit *interruption, ok bool) {
	command := i.choose()
	chosen := targets[i.random.IntN(len(targets))]
	hit = &interruption{
		command: command, target: chosen.name, signal: chosen.signals[i.random.IntN(len(chosen.signals))],
	}
	hit.after = time.Duration(i.random.Int64N(int64(moments(command, chosen))))
	var output strings.Builder
	run := exec.Command("make", strings.Fields(command)[0])
	run.Dir, run.Stdout, run.Stderr = i.dir, &output, &output
	run.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	run.WaitDelay = time.Second
	require.NoError(i.t, run.Start())
	done := make(chan struct{})
	var failed error
	go func() {
		failed = run.Wait()
		close(done)
	}()
	if !i.strike(chosen, hit, run.Process.Pid, done) {
		<-done
		i.up = command != "down"
		return nil, false
	}
	struck := time.Now()
	select {
	case <-done:
	case <-time.After(work):
		_ = syscall.Kill(-run.Process.Pid, syscall.SIGKILL)
		<-done
	}
	hit.ended = time.Since(struck)
	if failed != nil && hit.ended > hang {
		hit.problem = "it did not end within " + hang.String()
	}
	i.converge(hit, command)
	if hit.problem != "" {
		hit.problem += "\n--- interrupted:\n" + output.String()
	}
	return hit, hit.problem == ""
}

// moments are the approximate durations of interruptible work: of the whole command,
// or from the start of one of its processes.
func moments(command string, chosen target) time.Duration {
	whole := chosen.matches == nil || chosen.name == "local AWS" || chosen.name == "moto"
	switch {
	case command == "up" && whole:
		return 14 * time.Second
	case command == "up":
		return 7 * time.Second
	case whole:
		return 7 * time.Second
	default:
		return 2 * time.Second
	}
}

// choose returns what to interrupt next, with work to interrupt.
func (i *interrupter) choose() string {
	if !i.up {
		return "up"
	}
	if i.random.IntN(2) == 0 {
		return "down"
	}
	i.changes++
	path := filepath.Join(i.dir, "Pulumi.local.yaml")
	text, err := os.ReadFile(path)
	require.NoError(i.t, err)
	before, after, found := strings.Cut(string(text), "crr:tags: {environment: local")
	require.True(i.t, found, "Pulumi.local.yaml has other tags")
	_, after, _ = strings.Cut(after, "}")
	changed := fmt.Sprintf("%scrr:tags: {environment: local, change: \"%d\"}%s", before, i.changes, after)
	require.NoError(i.t, os.WriteFile(path, []byte(changed), 0o600))
	return "up with a change"
}

// strike sends the signal at its moment. It returns false if the command ends
// before.
func (i *interrupter) strike(chosen target, hit *interruption, leader int, done <-chan struct{}) bool {
	pid := leader
	for chosen.matches != nil {
		if pid = i.find(chosen); pid != 0 {
			break
		}
		if !wait(50*time.Millisecond, done) {
			return false
		}
	}
	if !wait(hit.after, done) {
		return false
	}
	if chosen.matches != nil {
		if pid = i.find(chosen); pid == 0 {
			return false
		}
	}
	if chosen.group {
		pid = -pid
	}
	return syscall.Kill(pid, hit.signal) == nil
}

func wait(period time.Duration, done <-chan struct{}) bool {
	select {
	case <-done:
		return false
	case <-time.After(period):
		return true
	}
}

func (i *interrupter) find(chosen target) int {
	for _, process := range processesOf(i.dir) {
		pid, command, _ := strings.Cut(process, " ")
		program, _, _ := strings.Cut(command, " ")
		if !chosen.matches(filepath.Base(program), command) {
			continue
		}
		if number, err := strconv.Atoi(pid); err == nil {
			return number
		}
	}
	return 0
}

// converge runs the plain command that comes next, and checks the result.
func (i *interrupter) converge(hit *interruption, command string) {
	next := "up"
	if command == "down" && i.random.IntN(2) == 0 {
		next = "down"
	}
	began := time.Now()
	output, err := runIn(i.t, i.dir, os.Environ(), "timeout", strconv.Itoa(int(work.Seconds())), "make", next)
	hit.next = time.Since(began)
	i.up = next == "up"
	if err != nil {
		hit.problem += fmt.Sprintf("make %s: %s\n%s", next, err, output)
		return
	}
	if next == "down" {
		for range 50 {
			if len(processesOf(i.dir)) == 0 {
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
		hit.problem += fmt.Sprintf("processes are left behind: %v", processesOf(i.dir))
		return
	}
	if output, err = i.inStack("pulumi preview --refresh --expect-no-changes --stack local"); err != nil {
		hit.problem += fmt.Sprintf("make up did not converge: %s\n%s", err, output)
	}
}
