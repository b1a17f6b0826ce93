package main

import (
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/crr-io/pulumi-aws-crr/tools/internal/terraform"
)

// children are the processes that must not outlive this one.
type children struct {
	mu        sync.Mutex
	processes []*terraform.Process
	ended     bool
	starting  sync.WaitGroup
	offline   bool // no request to AWS
}

// startTime is how long a process may take to start and be ended at the end.
const startTime = 700 * time.Millisecond

// add returns false if it is too late: the caller has to end the process.
func (c *children) add(p *terraform.Process) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.ended {
		c.processes = append(c.processes, p)
	}
	return !c.ended
}

func (c *children) end() {
	c.mu.Lock()
	c.ended = true
	for _, p := range c.processes {
		p.Close()
	}
	c.mu.Unlock()
	// The starter ends a process that is just starting.
	started := make(chan struct{})
	go func() { c.starting.Wait(); close(started) }()
	select {
	case <-started:
	case <-time.After(startTime):
	}
}

// parentPoll is the interval of checks for the parent.
const parentPoll = 300 * time.Millisecond

// endWithEngine ends this process and its children on a signal, or when the engine
// that started it has ended.
func endWithEngine(c *children) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	parent := os.Getppid()
	go func() {
		tick := time.NewTicker(parentPoll)
		defer tick.Stop()
		for {
			select {
			case <-signals:
			case <-tick.C:
				if os.Getppid() == parent {
					continue
				}
			}
			c.end()
			os.Exit(0)
		}
	}()
}
