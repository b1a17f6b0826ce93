package localaws

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/internal/fakeaws"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/moto"
)

// The test binary is also the daemon, and the moto that it starts, so that lifecycle
// tests take milliseconds.
const (
	asDaemon = "localaws-daemon"
	asMoto   = "localaws-moto"
)

func TestMain(m *testing.M) {
	switch {
	case len(os.Args) > 1 && os.Args[1] == asDaemon:
		os.Exit(beDaemon(os.Args[2:]))
	case len(os.Args) > 1 && os.Args[1] == asMoto:
		fmt.Fprintln(os.Stderr, fakeaws.ServeInherited())
		os.Exit(1)
	}
	os.Exit(runTests(m))
}

// runTests puts this binary first on PATH as moto_server.
func runTests(m *testing.M) int {
	if !endToEnd() {
		dir, err := os.MkdirTemp("", "localaws-bin-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer func() { _ = os.RemoveAll(dir) }()
		script := fmt.Sprintf("#!/bin/sh\n[ \"$1\" = --help ] && exit\nexec '%s' %s\n", os.Args[0], asMoto)
		if err := os.WriteFile(filepath.Join(dir, "moto_server"), []byte(script), 0o755); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		_ = os.Setenv("PATH", dir+":"+os.Getenv("PATH")) // can't fail for a name such as PATH
	}
	return m.Run()
}

// endToEnd reports whether tests use the real moto.
func endToEnd() bool { return os.Getenv("CRR_E2E") == "1" }

// needsMoto skips a test that requires the real moto.
func needsMoto(tb testing.TB) {
	tb.Helper()
	if !endToEnd() {
		tb.Skip("left out: it takes a real moto; `make test`, or CRR_E2E=1, runs it")
	}
}

func daemonCommand(options ServeOptions) *exec.Cmd {
	return exec.Command(os.Args[0], append([]string{asDaemon, options.Dir, options.Backend, options.ReplicationDelay.String(), options.AlarmMinute.String(), strconv.FormatBool(options.Harsh)}, options.Moto...)...)
}

func beDaemon(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	delay, err := time.ParseDuration(args[2])
	minute, minuteErr := time.ParseDuration(args[3])
	if err = errors.Join(err, minuteErr); err == nil {
		err = Serve(ctx, ServeOptions{
			Dir: args[0], Backend: args[1], ReplicationDelay: delay, AlarmMinute: minute, Harsh: args[4] == "true", Moto: moto.Command(args[5:]), Report: os.NewFile(ReportFD, "report"),
		})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	return 0
}
