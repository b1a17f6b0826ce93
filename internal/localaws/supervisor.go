package localaws

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"sync"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/moto"
)

const (
	maxRestarts   = 5
	restartWindow = time.Minute
)

// supervisor runs moto, and starts it again when it dies, on the same socket:
// clients wait meanwhile. When it dies too often, that is a failure.
type supervisor struct {
	command moto.Command
	socket  *net.TCPListener
	log     *slog.Logger
	logFile *os.File

	mu        sync.Mutex
	process   *moto.Process
	instance  string
	restarted func()

	failed  chan error
	closing chan struct{}
	watched chan struct{}
}

func startSupervisor(ctx context.Context, command moto.Command, logPath string, log *slog.Logger) (emulator, error) {
	logFile, err := openLog(logPath)
	if err != nil {
		return nil, err
	}
	socket, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening a port for moto: %w", err), logFile.Close())
	}
	s := &supervisor{
		command: command, socket: socket, log: log, logFile: logFile, restarted: func() {},
		failed: make(chan error, 1), closing: make(chan struct{}), watched: make(chan struct{}),
	}
	if err := s.run(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("%w\n%s\nthe whole log is in %s", err, tail(logPath), logPath), logFile.Close(), socket.Close())
	}
	go s.watch()
	return s, nil
}

// run starts a process and waits until it answers.
func (s *supervisor) run(ctx context.Context) error {
	process, err := moto.Start(s.command, s.socket, s.logFile)
	if err != nil {
		return err
	}
	if err := process.WaitReady(ctx); err != nil {
		process.Stop()
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.process, s.instance = process, rand.Text()
	return nil
}

func (s *supervisor) watch() {
	defer close(s.watched)
	var deaths []time.Time
	for {
		process := s.current()
		select {
		case <-s.closing:
			process.Stop()
			return
		case <-process.Ended():
		}
		deaths = append(deaths, time.Now())
		s.log.Error("moto died; everything it kept is lost", "error", process.Result())
		if tooMany(deaths) {
			s.failed <- fmt.Errorf("moto died %d times within %s: see %s", maxRestarts, restartWindow, s.logFile.Name())
			return
		}
		if err := s.runAgain(); err != nil {
			s.failed <- fmt.Errorf("starting moto again: %w", err)
			return
		}
		s.log.Info("moto was started again", "instance", s.Instance())
		s.notify()
	}
}

// OnRestart implements emulator.
func (s *supervisor) OnRestart(do func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.restarted = do
}

func (s *supervisor) notify() {
	s.mu.Lock()
	do := s.restarted
	s.mu.Unlock()
	do()
}

// runAgain gives up when the supervisor is closed.
func (s *supervisor) runAgain() error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-s.closing:
			cancel()
		case <-ctx.Done():
		}
	}()
	return s.run(ctx)
}

func tooMany(deaths []time.Time) bool {
	return len(deaths) >= maxRestarts && time.Since(deaths[len(deaths)-maxRestarts]) < restartWindow
}

func (s *supervisor) current() *moto.Process {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.process
}

func (s *supervisor) URL() *url.URL        { return s.current().URL() }
func (s *supervisor) PID() int             { return s.current().PID() }
func (s *supervisor) Failed() <-chan error { return s.failed }

func (s *supervisor) Instance() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.instance
}

func (s *supervisor) Close() {
	close(s.closing)
	<-s.watched
	_ = s.socket.Close()  // nobody is left to use it
	_ = s.logFile.Close() // likewise
}
