package localaws

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// enginePatience is how long a command waits for a running engine.
const enginePatience = 45 * time.Second

// PrepareEngine waits until no Pulumi engine uses the local AWS, and cleans up after
// engines that were killed or ran out of disk space. If the state of a stack is
// damaged, it removes the stack and restarts the local AWS.
func PrepareEngine(ctx context.Context, options LaunchOptions) error {
	held, err := prepareEngine(ctx, options)
	if err == nil {
		held.release()
	}
	return err
}

// RunEngine prepares for an engine, and replaces this process with it. The engine
// keeps the engine lock. It also starts the watcher, which calls [WatchEngine].
func RunEngine(ctx context.Context, options LaunchOptions, command []string, watcher *exec.Cmd) error {
	program, err := exec.LookPath(command[0])
	if err != nil {
		return fmt.Errorf("starting the engine: %w", err)
	}
	held, err := prepareEngine(ctx, options)
	if err != nil {
		return err
	}
	defer held.release() // released here unless the engine inherits it
	if err := ctx.Err(); err != nil {
		return err
	}
	watcher.Stderr = os.Stderr
	watcher.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // it has to survive signals to the engine's group
	if err := watcher.Start(); err != nil {
		return fmt.Errorf("watching the engine: %w", err)
	}
	if err := errors.Join(held.sign(self()), held.surviveExec()); err != nil {
		return fmt.Errorf("handing the lock over to the engine: %w", err)
	}
	return fmt.Errorf("starting the engine: %w", syscall.Exec(program, command, os.Environ()))
}

// prepareEngine returns the engine lock.
func prepareEngine(ctx context.Context, options LaunchOptions) (*fileLock, error) {
	l, err := openLayout(options.Dir)
	if err != nil {
		return nil, err
	}
	held, err := lockEngines(ctx, l, options.Progress)
	if err != nil {
		return nil, err
	}
	if err := clearUp(ctx, l, options); err != nil {
		held.release()
		return nil, err
	}
	return held, nil
}

func clearUp(ctx context.Context, l layout, options LaunchOptions) error {
	if err := awaitEngines(ctx, l, options.Progress); err != nil {
		return err
	}
	damaged, err := repairPulumi(l)
	if err != nil || damaged == "" {
		return err
	}
	fmt.Fprintf(options.Progress, "%s was damaged and has been removed. Restarting the local AWS; its data is lost.\n", damaged)
	if _, err := Stop(ctx, l.root, options.Progress); err != nil {
		return err
	}
	_, err = Launch(ctx, options)
	return err
}

// lockEngines takes the lock that one engine holds at a time.
func lockEngines(ctx context.Context, l layout, progress io.Writer) (*fileLock, error) {
	wait, cancel := context.WithTimeout(ctx, enginePatience)
	defer cancel()
	var other string
	held, err := lock(wait, l.engineLock(), func() {
		if id, err := readSignature(l.engineLock()); err == nil && id.alive() {
			other = fmt.Sprintf(", process %d (%s)", id.PID, commandLine(id.PID))
		}
		fmt.Fprintf(progress, "Waiting for another engine%s, which is at work on the local AWS.\n", other)
	})
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return nil, fmt.Errorf("another engine%s, has been at work on the local AWS for more than %s: run this again when it has ended, or end it", other, enginePatience)
	}
	return held, err
}

// engineLock is the content of Pulumi's lock file for a stack.
type engineLock struct {
	PID       int       `json:"pid"`
	Timestamp time.Time `json:"timestamp"`
}

// awaitEngines waits for engines that were started by hand, and removes the locks of
// engines that ended without doing so.
func awaitEngines(ctx context.Context, l layout, progress io.Writer) error {
	began, said := time.Now(), false
	for {
		atWork, err := removeDeadLocks(l)
		if err != nil || atWork == "" {
			return err
		}
		if !said {
			fmt.Fprintf(progress, "Waiting for %s, which is at work on the local AWS.\n", atWork)
			said = true
		}
		if time.Since(began) > enginePatience {
			return fmt.Errorf("%s has been at work on the local AWS for more than %s: run this again when it has ended, or end it", atWork, enginePatience)
		}
		if err := pause(ctx); err != nil {
			return err
		}
	}
}

// removeDeadLocks returns the engine that is running, or "".
func removeDeadLocks(l layout) (atWork string, err error) {
	err = walk(filepath.Join(l.bookkeeping(), "locks"), func(path string, info fs.FileInfo) error {
		if strings.HasSuffix(path, ".attrs") {
			return nil
		}
		var held engineLock
		text, err := os.ReadFile(path)
		if err == nil && json.Unmarshal(text, &held) != nil && time.Since(info.ModTime()) < beingWritten {
			atWork = "an engine that is starting"
			return nil
		}
		if err == nil && held.atWork() {
			atWork = fmt.Sprintf("another engine, process %d (%s)", held.PID, commandLine(held.PID))
			return nil
		}
		return errors.Join(removeFile(path), removeFile(path+".attrs"))
	})
	return atWork, err
}

// beingWritten is the age up to which a lock file may be incomplete.
const beingWritten = 2 * time.Second

// atWork reports whether the engine that made the lock runs. Its process id may
// since have been reused by a process that is not an engine, or that started after
// the lock was made.
func (e engineLock) atWork() bool {
	if e.PID <= 0 {
		return false
	}
	started, command, err := describeProcess(e.PID)
	switch {
	case errors.Is(err, errNoProcess):
		return false
	case err != nil:
		return true // unknown: don't remove the lock of a running engine
	case filepath.Base(firstWord(command)) != "pulumi":
		return false
	}
	return started.IsZero() || started.Before(e.Timestamp.Add(inaccuracy))
}

// inaccuracy bounds the error of start times from ps, which adds to the boot time.
// It reads two clocks one after the other, and clocks may be set.
const inaccuracy = time.Minute

func firstWord(text string) string {
	word, _, _ := strings.Cut(text, " ")
	return word
}

func commandLine(pid int) string {
	_, command, _ := describeProcess(pid)
	return command
}

// describeProcess returns the start time of a process, if ps reports it, and its
// command line. It returns errNoProcess if there is no such process.
func describeProcess(pid int) (started time.Time, command string, err error) {
	ps := exec.Command("ps", "-wwo", "lstart=,args=", "-p", strconv.Itoa(pid))
	ps.Env = append(os.Environ(), "LC_ALL=C")
	out, err := ps.Output()
	if exit := (&exec.ExitError{}); errors.As(err, &exit) && exit.ExitCode() == 1 {
		return time.Time{}, "", errNoProcess
	}
	if err != nil {
		return time.Time{}, "", fmt.Errorf("asking ps for process %d: %w", pid, err)
	}
	text := strings.TrimSpace(string(out))
	const layout = "Mon Jan _2 15:04:05 2006"
	if len(text) < len(layout) {
		return time.Time{}, text, nil
	}
	started, err = time.ParseInLocation(layout, text[:len(layout)], time.Local)
	if err != nil {
		return time.Time{}, text, nil //nolint:nilerr // this ps has no such column
	}
	return started, strings.TrimSpace(text[len(layout):]), nil
}

// WatchEngine returns when an engine has ended. If the local AWS ends first,
// WatchEngine ends the engine, which would otherwise retry its calls for minutes.
func WatchEngine(ctx context.Context, dir string, engine int, progress io.Writer) error {
	l, err := layoutOf(dir)
	if err != nil {
		return err
	}
	id, err := identifyProcess(engine)
	if err != nil {
		return nil // it has already ended
	}
	kept, err := readState(l)
	if err != nil {
		return err
	}
	for id.alive() {
		if !kept.Daemon.alive() {
			fmt.Fprintln(progress, "The local AWS has ended, and the engine is stopped. Run the same command again: it starts the local AWS anew.")
			return endEngine(ctx, id)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(watchInterval):
		}
	}
	return nil
}

const (
	watchInterval = 500 * time.Millisecond
	// goodbye is how long an engine may take to handle a signal.
	goodbye = 5 * time.Second
)

// endEngine interrupts an engine, which cancels the update, interrupts it again,
// which terminates it, and finally kills it.
func endEngine(ctx context.Context, engine processID) error {
	for range 2 {
		engine.signal(syscall.SIGINT)
		if engine.waitGone(ctx, goodbye) {
			return nil
		}
	}
	return engine.kill(ctx)
}
