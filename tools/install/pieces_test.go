package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestVersions(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]version{
		"v3.145.0": {3, 145, 0}, "6.83.2": {6, 83, 2}, "v3.256.0-dev+12": {3, 256, 0}, "6.83.2\nmore": {6, 83, 2},
	} {
		if got, ok := parseVersion(text); !ok || got != want {
			t.Errorf("%q is %v", text, got)
		}
	}
	for _, text := range []string{"", "v3", "latest", "3.x.1"} {
		if v, ok := parseVersion(text); ok {
			t.Errorf("%q is %v", text, v)
		}
	}
	wanted := version{6, 83, 2}
	for v, want := range map[version]bool{
		{6, 83, 2}: true, {6, 83, 3}: true, {6, 90, 0}: true, {6, 83, 1}: false, {6, 9, 9}: false, {7, 0, 0}: false, {5, 99, 0}: false,
	} {
		if v.fits(wanted) != want {
			t.Errorf("%v fits %v: %v", v, wanted, !want)
		}
	}
}

// The versions are those in this repository's go.mod files.
func TestPinsOfThisRepository(t *testing.T) {
	t.Parallel()
	p, err := readPins("..")
	if err != nil {
		t.Fatal(err)
	}
	if p.Engine.major != 3 || p.Host.major != 3 || p.AWS.major != 6 {
		t.Errorf("pins: %+v", p)
	}
}

func TestPinsThatAreMissing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := readPins(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("without go.mod: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module x\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := readPins(dir); err == nil || !strings.Contains(err.Error(), "does not require github.com/pulumi/pulumi/pkg/v3") {
		t.Errorf("without the requirement: %v", err)
	}
}

func TestStampsFollowTheSources(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, f := range []string{"go.mod", "go.sum", "language-host/go.mod", "language-host/go.sum", "pulumi-resource-aws/main.go", "internal/x/x.go"} {
		w.write(filepath.Join(w.layout.Tools, f), f, 0o644)
	}
	stamp := func() stamps {
		s, err := newStamps(w.layout, w.pins)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	before := stamp()
	w.write(filepath.Join(w.layout.Tools, "internal/x/x_test.go"), "a test", 0o644)
	if stamp() != before {
		t.Error("a test changes what is built")
	}
	w.write(filepath.Join(w.layout.Tools, "internal/x/x.go"), "changed", 0o644)
	after := stamp()
	if after.Plugin == before.Plugin || after.Engine != before.Engine || after.Host != before.Host {
		t.Errorf("a source of the plugin: %+v, then %+v", before, after)
	}
	w.pins.AWS.patch++
	if stamp().Plugin == after.Plugin {
		t.Error("the plugin does not follow the version it stands in for")
	}
}

func TestProgressWithoutATerminal(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	p := newProgress(&out)
	p.every = 0
	p.begin("building x")
	p.update("%s", share(5, 20))
	p.mu.Lock()
	p.draw()
	p.mu.Unlock()
	p.end()
	if got := out.String(); got != "building x\nbuilding x  0:00  25 %, 5 of 20 packages\n" {
		t.Errorf("%q", got)
	}
}

func TestProgressOnATerminal(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	p := &progress{out: &out, tty: true}
	p.begin("building x")
	p.shown = time.Time{}
	p.update("%s", strings.Repeat("long ", 30))
	p.end()
	p.say("done")
	got := out.String()
	if !strings.HasPrefix(got, "\r\033[Kbuilding x  0:00  long") || !strings.HasSuffix(got, "\r\033[Kdone\n") {
		t.Errorf("%q", got)
	}
	for _, line := range strings.Split(got, "\r\033[K") {
		if len([]rune(line)) > 80 {
			t.Errorf("a line that wraps: %q", line)
		}
	}
}

func TestClock(t *testing.T) {
	t.Parallel()
	if got := clock(125*time.Second + 400*time.Millisecond); got != "2:05" {
		t.Error(got)
	}
}

func TestLastLine(t *testing.T) {
	t.Parallel()
	got := lastLine("warning: Error downloading plugin: Get \"https://x\": dial tcp: lookup x: no such host\nWill retry\nerror: failed")
	if got != "dial tcp: lookup x: no such host" {
		t.Error(got)
	}
	if got := lastLine("one\ntwo\n"); got != "two" {
		t.Error(got)
	}
}

func TestWrongUse(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := run(context.Background(), []string{"more"}, &out, &out); !errors.Is(err, errUsage) {
		t.Errorf("arguments: %v", err)
	}
	if err := run(context.Background(), []string{"--nothing"}, &out, &out); !errors.Is(err, errUsage) {
		t.Errorf("flag: %v", err)
	}
	if _, err := newLayout(t.TempDir(), ".local"); err == nil || !strings.Contains(err.Error(), "go -C tools run ./install") {
		t.Errorf("started elsewhere: %v", err)
	}
}

// module makes a Go module with one program.
func module(t *testing.T, source string) job {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"go.mod": "module x\n\ngo 1.26.0\n", "main.go": source} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return job{dir: dir, pkg: ".", stamp: "s", step: step{Tool: "x", Path: filepath.Join(dir, "out", exe("x"))}}
}

func TestBuildPutsTheProgramInPlace(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	j := module(t, "package main\n\nvar v string\n\nfunc main() { print(v) }\n")
	b := builder{progress: newProgress(&out), scratch: filepath.Join(t.TempDir(), "tmp")}
	if _, err := b.build(context.Background(), "building x", j); err != nil {
		t.Fatal(err)
	}
	if !runnable(j.step.Path) || stampOf(j.step.Path) != "s" {
		t.Error("no program, or no stamp")
	}
	if left, err := os.ReadDir(b.scratch); err != nil || len(left) != 0 {
		t.Errorf("left in the scratch folder: %v %v", left, err)
	}
}

func TestAFailedBuildTellsWhatTheCompilerSaid(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	j := module(t, "package main\n\nfunc main() { undefined() }\n")
	b := builder{progress: newProgress(&out), scratch: t.TempDir()}
	_, err := b.build(context.Background(), "building x", j)
	if err == nil || !strings.Contains(err.Error(), "main.go:3:15: undefined: undefined") || !strings.Contains(err.Error(), "GOPROXY") {
		t.Errorf("%v", err)
	}
	if exists(j.step.Path) || builtHere(j.step.Path) {
		t.Error("there is a program")
	}
}
