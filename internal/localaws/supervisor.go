package localaws

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/moto"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/socket"
)

// memoryInterval is the interval of checks that moto still has its data.
const memoryInterval = 5 * time.Second

// supervisor runs moto until it ends or loses its data. It does not restart moto: a
// running deployment would wait minutes for resources that no longer exist.
type supervisor struct {
	process  *moto.Process
	memory   *memory
	socket   *socket.Listener
	logFile  *os.File
	instance string

	lost    atomic.Pointer[error]
	failed  chan error
	closing chan struct{}
	closed  sync.Once
	watched chan struct{}
}

func startSupervisor(ctx context.Context, command moto.Command, logPath string, harsh bool) (emulator, error) {
	logFile, err := openLog(logPath)
	if err != nil {
		return nil, err
	}
	listener, err := socket.Listen(filepath.Dir(logPath), "moto.sock")
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening a socket for moto: %w", err), logFile.Close())
	}
	s := &supervisor{
		socket: listener, logFile: logFile, instance: rand.Text(),
		failed: make(chan error, 1), closing: make(chan struct{}), watched: make(chan struct{}),
	}
	if err := s.run(ctx, command, harsh); err != nil {
		return nil, errors.Join(fmt.Errorf("%w\n%s\nthe whole log is in %s", err, tail(logPath), logPath), logFile.Close(), listener.Close())
	}
	go s.watch()
	return s, nil
}

// run starts moto, waits until it is ready, and creates the marker.
func (s *supervisor) run(ctx context.Context, command moto.Command, harsh bool) error {
	if harsh {
		command = append(moto.Command{"env", "CRR_LOCAL_AWS_HARSH=1"}, command...)
	}
	process, err := moto.Start(command, s.socket, s.logFile)
	if err != nil {
		return err
	}
	if err := process.WaitReady(ctx); err != nil {
		process.Stop()
		return err
	}
	s.process, s.memory = process, newMemory(process.URL(), "crr-local-aws-"+strings.ToLower(s.instance))
	if err := s.memory.mark(ctx); err != nil {
		process.Stop()
		return err
	}
	return nil
}

func (s *supervisor) watch() {
	defer close(s.watched)
	defer s.process.Stop()
	tick := time.NewTicker(memoryInterval)
	defer tick.Stop()
	for {
		select {
		case <-s.closing:
			return
		case <-s.process.Ended():
			s.fail(s.process.Result())
			return
		case <-tick.C:
			if err := s.Check(context.Background()); errors.Is(err, errForgotten) {
				s.fail(err)
				return
			}
		}
	}
}

// fail reports why moto is unusable. It closes the socket: otherwise active calls
// would wait for a process that accepts them.
func (s *supervisor) fail(err error) {
	s.lost.Store(&err)
	_ = s.socket.Close() // it is no longer usable
	s.failed <- err
}

// Check implements emulator.
func (s *supervisor) Check(ctx context.Context) error {
	if lost := s.lost.Load(); lost != nil {
		return *lost
	}
	select {
	case <-s.process.Ended():
		return s.process.Result()
	default:
		return s.memory.check(ctx)
	}
}

func (s *supervisor) URL() *url.URL        { return s.process.URL() }
func (s *supervisor) PID() int             { return s.process.PID() }
func (s *supervisor) Failed() <-chan error { return s.failed }
func (s *supervisor) Instance() string     { return s.instance }

func (s *supervisor) Close() {
	s.closed.Do(func() { close(s.closing) })
	<-s.watched
	_ = s.socket.Close()  // it may be closed already
	_ = s.logFile.Close() // likewise
}
