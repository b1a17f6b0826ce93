package localaws

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

const (
	pollInterval = 20 * time.Millisecond
	signPatience = 5 * time.Second
)

var errLocked = errors.New("held by another process")

// fileLock is a lock that the kernel releases when its holder dies, however it dies.
// The file contains the id of the holder, and is never removed.
type fileLock struct {
	file *os.File
}

// tryLock acquires the lock at a path, or returns errLocked.
func tryLock(path string) (*fileLock, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the lock %s: %w", path, err)
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = errLocked
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("locking %s: %w", path, err), file.Close())
	}
	return &fileLock{file}, nil
}

// lock waits for the lock at a path. It calls waiting once if the lock is held.
func lock(ctx context.Context, path string, waiting func()) (*fileLock, error) {
	for first := true; ; first = false {
		held, err := tryLock(path)
		if !errors.Is(err, errLocked) {
			return held, err
		}
		if first {
			waiting()
		}
		if err := pause(ctx); err != nil {
			return nil, err
		}
	}
}

// sign writes the id of the holder to the file.
func (l *fileLock) sign(holder processID) error {
	text, err := json.Marshal(holder)
	if err != nil {
		return err
	}
	if err := l.file.Truncate(0); err != nil {
		return err
	}
	_, err = l.file.WriteAt(text, 0)
	return err
}

// surviveExec keeps the lock when this process executes another program.
func (l *fileLock) surviveExec() error {
	_, err := syscall.Dup(int(l.file.Fd())) // a copy is not closed then, and holds the lock as well
	return err
}

// release releases the lock.
func (l *fileLock) release() {
	_ = l.file.Close() // closing releases it in any case
}

// lockHolder returns the process that holds the lock at a path, and whether there is
// one. It waits for a holder that is about to release the lock, or has not signed it
// yet.
func lockHolder(ctx context.Context, path string) (holder processID, ok bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, signPatience)
	defer cancel()
	for {
		held, err := tryLock(path)
		if err == nil {
			held.release()
			return processID{}, false, nil
		}
		if !errors.Is(err, errLocked) {
			return processID{}, false, err
		}
		holder, err := readSignature(path)
		if err != nil || holder.alive() {
			return holder, true, err
		}
		if pause(ctx) != nil {
			if holder, ok := kernelHolder(path); ok { // the file is damaged
				return holder, true, nil
			}
			return processID{}, false, fmt.Errorf("%s is locked by an unknown process: find it with `lsof %s`, end it, and retry", path, path)
		}
	}
}

func readSignature(path string) (processID, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return processID{}, fmt.Errorf("reading who holds %s: %w", path, err)
	}
	var holder processID
	_ = json.Unmarshal(text, &holder) // zero if the holder has not signed yet
	return holder, nil
}

// pause waits a moment, or returns the context's error.
func pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(pollInterval):
		return nil
	}
}
