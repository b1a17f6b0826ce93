// Command crr operates replicated S3 buckets.
//
// Results go to standard output, progress and messages to standard error. The
// exit status is 0 on success, 1 if the thing checked failed, and 2 for a
// usage error or if the result is unknown.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/live"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/terminal"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/terminal/silence"
)

func main() {
	silence.End()
	os.Exit(untilSignal(func(ctx context.Context) int {
		return run(ctx, os.Args[1:], streams{out: os.Stdout, err: os.Stderr})
	}))
}

// untilSignal calls do with a context that is canceled on SIGINT and SIGTERM.
func untilSignal(do func(context.Context) int) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return do(ctx)
}

// run executes the command line and returns the exit status.
func run(ctx context.Context, args []string, s streams) int {
	out, messages := terminal.NewPrintable(s.out), terminal.NewPrintable(s.err)
	defer messages.Close()
	defer out.Close()
	s = streams{out: out, err: messages}
	root := newRootCommand(s)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errFailed):
		return exitFailed // the result itself gives the reason
	case ctx.Err() != nil && !errors.Is(err, live.ErrInterrupted): // the error is a consequence of the interrupt
		fmt.Fprintln(s.err, "crr:", live.ErrInterrupted)
		return exitNoAnswer
	default:
		fmt.Fprintln(s.err, "crr:", err)
		return exitNoAnswer
	}
}
