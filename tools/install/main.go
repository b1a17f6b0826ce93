package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	interrupted := ctx.Err() != nil
	stop()
	switch {
	case err == nil:
	case interrupted:
		fmt.Fprintln(os.Stderr, "\nStopped. Run it again to go on where it was: what is compiled stays compiled.")
		os.Exit(130)
	case errors.Is(err, errUsage):
		os.Exit(2)
	default:
		fmt.Fprintln(os.Stderr, "install:", err)
		os.Exit(1)
	}
}

// localStack is the stack on the local AWS.
const localStack = "local"

var errUsage = errors.New("wrong use")

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("install", flag.ContinueOnError)
	flags.SetOutput(stderr)
	local := flags.String("local", filepath.Join("..", ".local"), "the folder to install into")
	stack := flags.String("stack", localStack, "the stack to deploy: any other than local wants the real AWS plugin")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return errUsage
	}
	if flags.NArg() > 0 {
		fmt.Fprintf(stderr, "install takes no arguments, found %q\n", flags.Args())
		return errUsage
	}
	where, err := newLayout(".", *local)
	if err != nil {
		return err
	}
	pins, err := readPins(where.Tools)
	if err != nil {
		return err
	}
	in := &installer{layout: where, pins: pins, machine: thisMachine(where), progress: newProgress(stderr), out: stdout}
	in.machine.AWS = *stack != localStack
	release, err := lock(ctx, where, in.progress)
	if err != nil {
		return err
	}
	defer release()
	// On the same file system, go installs a program atomically: a killed build
	// leaves no partial program, which the next start would consider up to date.
	if err := errors.Join(os.MkdirAll(where.Scratch(), 0o755), os.Setenv("GOTMPDIR", where.Scratch())); err != nil {
		return err
	}
	return in.run(ctx)
}
