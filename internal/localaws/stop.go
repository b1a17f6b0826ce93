package localaws

import (
	"context"
	"fmt"
	"io"
	"syscall"
)

// Stop ends the local AWS over a folder, and returns when all of it is gone.
// It tells whether there was anything to end.
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
		err = endDaemon(ctx, daemon)
	}
	if err != nil {
		return running, err
	}
	if _, _, err := lockHolder(ctx, l.daemonLock()); err != nil {
		return running, err // it is still on its way out
	}
	return running, cleanUp(ctx, l)
}

func endDaemon(ctx context.Context, daemon processID) error {
	daemon.signal(syscall.SIGTERM)
	if daemon.waitGone(ctx, stopPatience) {
		return nil
	}
	if err := daemon.kill(ctx); err != nil {
		return fmt.Errorf("ending the local AWS (process %d): %w", daemon.PID, err)
	}
	return nil
}
