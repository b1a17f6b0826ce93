package localaws

import (
	"context"
	"errors"
	"os"
	"syscall"
	"time"
)

// processID names one process for good: the number alone is given to another
// process after its end, the number and the time of its start are not.
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

// alive tells whether that very process runs.
func (p processID) alive() bool {
	if p.PID <= 0 {
		return false
	}
	started, err := startTime(p.PID)
	return err == nil && started == p.Started
}

// signal sends a signal to the process, if it is still the same.
func (p processID) signal(signal syscall.Signal) {
	if p.alive() {
		_ = syscall.Kill(p.PID, signal) // it may end at any moment, which is what signals are for
	}
}

// kill ends the process, and its group where it leads one, and waits until it
// is gone.
func (p processID) kill(ctx context.Context) error {
	for p.alive() {
		if group, err := syscall.Getpgid(p.PID); err == nil && group == p.PID {
			_ = syscall.Kill(-p.PID, syscall.SIGKILL) // gone already, as it should be
		} else {
			p.signal(syscall.SIGKILL)
		}
		if err := pause(ctx); err != nil {
			return err
		}
	}
	return nil
}

// waitGone waits until the process has ended, and tells whether it has.
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
