package localaws

import (
	"context"
	"fmt"
	"io"
	"syscall"
)

// Stop ends the local AWS in a folder, and waits until all of it has ended. It
// reports whether there was anything to end.
func Stop(ctx context.Context, dir string, progress io.Writer) (stopped bool, err error) {
	l, err := layoutOf(dir)
	if err != nil {
		return false, err
	}
	if !exists(l.state()) {
		return false, nil
	}
	held, err := lockCommands(ctx, l, progress)
	if err != nil {
		return false, err
	}
	defer held.release()
	daemon, running, err := lockHolder(ctx, l.daemonLock())
	if err != nil {
		return false, err
	}
	if running {
		err = endDaemon(ctx, l, daemon)
	}
	if err != nil {
		return running, err
	}
	return running, cleanUp(ctx, l)
}

// endDaemon ends the daemon of a folder, and waits until it has released its lock.
func endDaemon(ctx context.Context, l layout, daemon processID) error {
	daemon.signal(syscall.SIGTERM)
	if !daemon.waitGone(ctx, stopPatience) {
		if err := daemon.kill(ctx); err != nil {
			return fmt.Errorf("ending the local AWS (process %d): %w", daemon.PID, err)
		}
	}
	_, _, err := lockHolder(ctx, l.daemonLock()) // waits for a daemon that is ending
	return err
}
