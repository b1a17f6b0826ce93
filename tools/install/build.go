package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// job is a program to build.
type job struct {
	step    step
	dir     string // of the module
	pkg     string
	ldflags string
	stamp   string
}

// builder builds programs with visible progress.
type builder struct {
	progress *progress
	scratch  string
}

// build builds the program and installs it atomically, so that there is never a
// partial program.
func (b builder) build(ctx context.Context, title string, j job) (time.Duration, error) {
	if err := os.MkdirAll(b.scratch, 0o755); err != nil {
		return 0, err
	}
	out := filepath.Join(b.scratch, filepath.Base(j.step.Path))
	b.progress.begin(title)
	err := b.compile(ctx, j, out)
	took := b.progress.end()
	if err != nil {
		return took, err
	}
	if err := writeStamp(j.step.Path, ""); err != nil {
		return took, err
	}
	if err := os.Rename(out, j.step.Path); err != nil {
		return took, err
	}
	return took, writeStamp(j.step.Path, j.stamp)
}

func (b builder) compile(ctx context.Context, j job, out string) error {
	total, err := b.toCompile(ctx, j)
	if err != nil {
		return err
	}
	done := 0
	b.progress.update("%s", share(done, total))
	args := []string{"build", "-v", "-ldflags", j.ldflags, "-o", out, j.pkg}
	return goTool(ctx, j.dir, args, nil, func(line string) bool {
		// "go build -v" prints the name of each package that it compiles.
		if strings.ContainsAny(line, " :\t") {
			return false
		}
		done++
		b.progress.update("%s", share(done, total))
		return true
	})
}

func share(done, total int) string {
	switch {
	case total == 0:
		return "linking"
	case done >= total:
		return fmt.Sprintf("100 %%, %d packages compiled, linking", done)
	default:
		return fmt.Sprintf("%d %%, %d of %d packages", 100*done/total, done, total)
	}
}

// toCompile counts the packages that are not in Go's build cache. It downloads
// missing modules.
func (b builder) toCompile(ctx context.Context, j job) (int, error) {
	fetched, total := 0, 0
	format := `{{if and .Stale (ne .StaleReason "not installed but available in build cache")}}x{{end}}`
	args := []string{"list", "-deps", "-f", format, j.pkg}
	err := goTool(ctx, j.dir, args,
		func(line string) {
			if line != "" {
				total++
			}
		},
		func(line string) bool {
			if !strings.HasPrefix(line, "go: downloading ") {
				return false
			}
			fetched++
			b.progress.update("fetching modules: %d (%s)", fetched, strings.TrimPrefix(line, "go: downloading "))
			return true
		})
	return total, err
}

// goTool runs the go command, see runTool.
func goTool(ctx context.Context, dir string, args []string, out func(string), meaning func(string) bool) error {
	return runTool(ctx, "go", dir, args, out, meaning)
}

// runTool runs a command, and passes each line of its output to out. Lines on its
// standard error that meaning rejects come from the compiler, and are part of the
// error when the command fails.
func runTool(
	ctx context.Context, tool, dir string, args []string, out func(string), meaning func(string) bool,
) error {
	cmd := exec.CommandContext(ctx, tool, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOGC="+collector())
	endTogether(cmd)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		lines(stdout, func(line string) {
			if out != nil {
				out(line)
			}
		})
	}()
	var said []string
	lines(stderr, func(line string) {
		if !meaning(line) {
			said = append(said, line)
		}
	})
	<-read
	if err := cmd.Wait(); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("%s %s in %s: %w\n%s\n%s",
			tool, strings.Join(args, " "), dir, err, strings.Join(said, "\n"), buildHint)
	}
	return nil
}

const buildHint = "If that says that a module cannot be fetched, see `go env GOPROXY`; if the machine has run out of\n" +
	"memory, set GOFLAGS=-p=1; and running this again goes on where it stopped."

// collector is GOGC for the compiler: it collects half as often, which saves time at
// the cost of memory.
func collector() string {
	if set := os.Getenv("GOGC"); set != "" {
		return set
	}
	return "200"
}

func lines(r io.Reader, each func(string)) {
	s := bufio.NewScanner(r)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		each(s.Text())
	}
}
