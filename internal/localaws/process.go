package localaws

import (
	"context"
	"errors"
	"os"
	"syscall"
	"time"
)

// processID identifies a process uniquely, even if the system reuses its number, by
// its number and start time.
type processID struct {
	PID     int    `json:"pid"`
	Started string `json:"started"`
}

// identifyProcess returns the id of a running process.
func identifyProcess(pid int) (processID, error) {
	started, err := startTime(pid)
	if err != nil {
		return processID{}, err
	}
	return processID{PID: pid, Started: started}, nil
}

// alive reports whether the process runs.
func (p processID) alive() bool {
	if p.PID <= 0 {
		return false
	}
	started, err := startTime(p.PID)
	return err == nil && started == p.Started
}

// signal sends a signal to the process, unless another one has its number.
func (p processID) signal(signal syscall.Signal) {
	if p.alive() {
		_ = syscall.Kill(p.PID, signal) // the process may end at any time
	}
}

// kill ends the process, and its group if it leads one, and waits for its end.
func (p processID) kill(ctx context.Context) error {
	for p.alive() {
		if group, err := syscall.Getpgid(p.PID); err == nil && group == p.PID {
			_ = syscall.Kill(-p.PID, syscall.SIGKILL) // it has already ended
		} else {
			p.signal(syscall.SIGKILL)
		}
		if err := pause(ctx); err != nil {
			return err
		}
	}
	return nil
}

// waitGone waits for the end of the process, and reports whether it has ended.
func (p processID) waitGone(ctx context.Context, most time.Duration) bool {
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	for p.alive() {
		if pause(ctx) != nil {
			return false
		}
	}
	return true
}

func self() processID {
	id, err := identifyProcess(os.Getpid())
	if err != nil {
		return processID{PID: os.Getpid()}
	}
	return id
}

var errNoProcess = errors.New("no such process")
