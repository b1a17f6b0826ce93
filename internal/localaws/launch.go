package localaws

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/environ"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/moto"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/replicator"
)

const (
	stopPatience = 15 * time.Second
	// ReportFD is the file descriptor on which a daemon reports: the first of
	// [exec.Cmd.ExtraFiles].
	ReportFD = 3
)

// LaunchOptions configure a local AWS that runs as a daemon.
type LaunchOptions struct {
	Dir     string
	Backend string
	// ReplicationDelay is the minimum replication time. Default: that of a running
	// local AWS, or else [replicator.DefaultDelay].
	ReplicationDelay *time.Duration
	// AlarmMinute is the length of a minute of an alarm's period, or of a schedule.
	// Default: that of a running local AWS, or else a minute.
	AlarmMinute *time.Duration
	// Harsh is as in [Options]. Default: that of a running local AWS, or else false.
	Harsh *bool
	// Renew restarts a local AWS of another build of this program.
	Renew bool
	// Quiet omits the message that the local AWS already runs.
	Quiet bool
	// Daemon returns the command that calls [Serve] with these options, and file
	// descriptor 3 to report to.
	Daemon func(ServeOptions) *exec.Cmd
	// Progress receives messages about slow steps.
	Progress io.Writer
}

// Launch starts a local AWS in a folder, unless one already runs there, and returns
// when it is ready. A local AWS that is unusable, because its state is damaged or
// its emulator lost its data, is ended first. An interrupted or failed launch leaves
// nothing behind.
func Launch(ctx context.Context, options LaunchOptions) (Status, error) {
	l, err := openLayout(options.Dir)
	if err != nil {
		return Status{}, err
	}
	held, err := lockCommands(ctx, l, options.Progress)
	if err != nil {
		return Status{}, err
	}
	defer held.release()
	return launch(ctx, l, options)
}

// launch is Launch with the command lock held.
func launch(ctx context.Context, l layout, options LaunchOptions) (Status, error) {
	daemon, running, err := lockHolder(ctx, l.daemonLock())
	if err != nil {
		return Status{}, err
	}
	if running {
		status, err := alreadyRunning(ctx, l, options)
		var useless *unusableError
		if !errors.As(err, &useless) {
			return status, err
		}
		fmt.Fprintf(options.Progress, "Restarting the local AWS; its data is lost: %s.\n", useless.reason)
		if err := endDaemon(ctx, l, daemon); err != nil {
			return Status{}, err
		}
	}
	if err := cleanUp(ctx, l); err != nil {
		return Status{}, err
	}
	serve := ServeOptions{Dir: l.root, Backend: options.Backend, ReplicationDelay: replicator.DefaultDelay, AlarmMinute: time.Minute}
	if options.ReplicationDelay != nil {
		serve.ReplicationDelay = *options.ReplicationDelay
	}
	if options.AlarmMinute != nil {
		serve.AlarmMinute = *options.AlarmMinute
	}
	if options.Harsh != nil {
		serve.Harsh = *options.Harsh
	}
	if options.Backend == "" {
		if serve.Moto, err = findOrInstall(ctx, l, options.Progress); err != nil {
			return Status{}, err
		}
	}
	port := lastPort(l)
	if err := startProcess(ctx, l, options.Daemon(serve)); err != nil {
		return Status{}, err
	}
	if now := lastPort(l); port != 0 && port != now {
		fmt.Fprintf(options.Progress, "Port %d is taken; the proxy is at %d now.\n", port, now)
	}
	if port != 0 {
		fmt.Fprintf(options.Progress, "The credentials are new: read %s again in open shells.\n", l.env())
	}
	return Inspect(ctx, l.root)
}

func lockCommands(ctx context.Context, l layout, progress io.Writer) (*fileLock, error) {
	held, err := lock(ctx, l.commandLock(), func() {
		fmt.Fprintln(progress, "waiting for another `crr local` command in the same folder")
	})
	if err != nil {
		return nil, fmt.Errorf("waiting for another `crr local` command in %s: %w", l.root, err)
	}
	return held, nil
}

// unusableError is the reason why a running local AWS is unusable.
type unusableError struct{ reason string }

func (e *unusableError) Error() string { return e.reason }

// alreadyRunning checks that the running local AWS has the requested options. It
// returns an [unusableError] if the local AWS has to be restarted.
func alreadyRunning(ctx context.Context, l layout, options LaunchOptions) (Status, error) {
	status, err := Inspect(ctx, l.root)
	if err != nil {
		return Status{}, err
	}
	if status.slow { // it may be busy: its data is worth a second try
		return Status{}, fmt.Errorf("the local AWS in %s does not answer within %s (%s): run this again, or end it with `crr local stop --dir %s`",
			l.root, answerPatience, status.Problem, quoteIfNeeded(l.root))
	}
	if !status.Running {
		return Status{}, &unusableError{status.Problem}
	}
	if options.Renew && status.OtherBuild {
		return Status{}, &unusableError{"it is from another build of crr"}
	}
	kept, err := readState(l)
	if err != nil {
		return Status{}, err
	}
	if options.Backend != "" && options.Backend != status.Backend {
		return Status{}, fmt.Errorf("the local AWS in %s runs on %s already: run `crr local stop` first to start it on %s",
			l.root, status.Backend, options.Backend)
	}
	if wanted := options.ReplicationDelay; wanted != nil && *wanted != kept.ReplicationDelay {
		return Status{}, fmt.Errorf("the local AWS in %s runs with a replication delay of %s already: run `crr local stop` first to start it with %s; its data will be lost",
			l.root, kept.ReplicationDelay, wanted)
	}
	if wanted := options.AlarmMinute; wanted != nil && *wanted != kept.AlarmMinute {
		return Status{}, fmt.Errorf("the local AWS in %s runs with alarm minutes of %s already: run `crr local stop` first to start it with %s; its data will be lost",
			l.root, kept.AlarmMinute, wanted)
	}
	if wanted := options.Harsh; wanted != nil && *wanted != kept.Harsh {
		return Status{}, fmt.Errorf("the local AWS in %s runs with the %s temperament already: run `crr local stop` first to start it with the %s one; its data will be lost",
			l.root, temperament(kept.Harsh), temperament(*wanted))
	}
	if !options.Quiet {
		fmt.Fprintln(options.Progress, "the local AWS is already running")
	}
	if status.OtherBuild && !options.Quiet {
		fmt.Fprintln(options.Progress, "it is from another build of crr: "+renewing)
	}
	return status, writeEnv(l, kept.Access) // the file may have been removed
}

func findOrInstall(ctx context.Context, l layout, progress io.Writer) (moto.Command, error) {
	command, err := moto.Locate(ctx, l.state())
	var missing *moto.MissingError
	if !errors.As(err, &missing) {
		return command, err
	}
	fmt.Fprintln(progress, missing)
	return moto.Install(ctx, l.state(), progress)
}

// cleanUp removes the remains of a crashed daemon.
func cleanUp(ctx context.Context, l layout) error {
	left, err := readState(l)
	if err != nil {
		return removeState(l) // unreadable: there is no process id to end
	}
	if err := left.Moto.kill(ctx); err != nil {
		return fmt.Errorf("ending the emulator that a crashed local AWS left: %w", err)
	}
	return removeState(l)
}

// startProcess starts the daemon and waits for its report.
func startProcess(ctx context.Context, l layout, cmd *exec.Cmd) error {
	log, err := openLog(l.daemonLog())
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }() // the daemon has its own copy
	reader, writer, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("starting the local AWS: %w", err)
	}
	defer func() { _ = reader.Close() }() // it was read completely
	cmd.Env = environ.Clean()
	cmd.Stdout, cmd.Stderr, cmd.ExtraFiles = log, log, []*os.File{writer}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	err = cmd.Start()
	_ = writer.Close() // the daemon has its own copy
	if err != nil {
		return fmt.Errorf("starting the local AWS: %w", err)
	}
	if err := await(ctx, reader); err != nil {
		end(cmd)
		if ctx.Err() != nil {
			return fmt.Errorf("starting the local AWS was interrupted; it was stopped again: %w", ctx.Err())
		}
		return fmt.Errorf("starting the local AWS failed: %w\nits log is %s", err, l.daemonLog())
	}
	return cmd.Process.Release()
}

// await returns the error that the daemon reports.
func await(ctx context.Context, reader *os.File) error {
	reported := make(chan error, 1)
	go func() {
		var said report
		err := json.NewDecoder(reader).Decode(&said)
		switch {
		case err != nil:
			reported <- errors.New("the daemon ended without an error message")
		case said.Error != "":
			reported <- errors.New(said.Error)
		default:
			reported <- nil
		}
	}()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case err := <-reported:
		return err
	}
}

// end ends a daemon that failed to start.
func end(cmd *exec.Cmd) {
	_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended already
	timer := time.AfterFunc(stopPatience, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	_ = cmd.Wait() // the start error is reported instead
}
