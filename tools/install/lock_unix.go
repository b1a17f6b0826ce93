//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

const lockPoll = 100 * time.Millisecond

// lock waits for other installers in the same folder. The kernel releases the lock
// when its holder ends, however it ends.
func lock(ctx context.Context, l layout, p *progress) (release func(), err error) {
	if err := os.MkdirAll(l.Local, 0o755); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(filepath.Join(l.Local, ".install.lock"), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	release = func() { _ = file.Close() } // which releases it in any case
	for first := true; ; first = false {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return release, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			release()
			return nil, fmt.Errorf("locking %s: %w", file.Name(), err)
		}
		if first {
			p.say("Waiting for another build in %s.", l.Local)
		}
		select {
		case <-ctx.Done():
			release()
			return nil, ctx.Err()
		case <-time.After(lockPoll):
		}
	}
}
