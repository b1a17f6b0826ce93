package moto

import (
	"context"
	_ "embed" // for the changes to moto
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/socket"
)

const (
	startDeadline = 60 * time.Second
	stopDeadline  = 3 * time.Second
	socketFD      = 3 // the first of [exec.Cmd.ExtraFiles]
)

// changes patch moto. Python imports them first.
//
//go:embed sitecustomize.py
var changes []byte

// Process is a running moto server.
type Process struct {
	command Command
	address *url.URL
	process *os.Process
	ended   chan struct{}
	result  error
}

// Start runs the server on a socket that the caller has bound and keeps open:
// clients may connect at once, also while a server is replaced by another, and are
// served when it is ready. The server dies with this process, however this process
// dies (on Linux), and has its own process group. Its output goes to the log, and
// its patches into a folder beside the log.
func Start(command Command, listener *socket.Listener, log *os.File) (*Process, error) {
	inherited, err := listener.File()
	if err != nil {
		return nil, fmt.Errorf("sharing the socket with moto: %w", err)
	}
	defer func() { _ = inherited.Close() }() // the child has its own copy
	p := &Process{command: command, address: listener.URL(), ended: make(chan struct{})}
	changed := filepath.Join(filepath.Dir(log.Name()), "python")
	if err := errors.Join(os.MkdirAll(changed, 0o700), os.WriteFile(filepath.Join(changed, "sitecustomize.py"), changes, 0o600)); err != nil {
		return nil, fmt.Errorf("preparing moto: %w", err)
	}
	cmd := command.command(context.Background(), "-H", p.address.String())
	// Werkzeug, moto's HTTP server, passes its socket to a successor in this way.
	cmd.Env = append(environment(), "PYTHONPATH="+changed+string(filepath.ListSeparator)+os.Getenv("PYTHONPATH"), "PYTHONDONTWRITEBYTECODE=1", "WERKZEUG_RUN_MAIN=true", "WERKZEUG_SERVER_FD="+strconv.Itoa(socketFD))
	cmd.ExtraFiles = []*os.File{inherited}
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = childAttributes()
	if err := p.run(cmd); err != nil {
		return nil, fmt.Errorf("starting %s: %w", command, err)
	}
	return p, nil
}

// run starts the command and waits for its end on one locked thread, because the
// kernel ends a child when the thread that started it ends.
func (p *Process) run(cmd *exec.Cmd) error {
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		if err := cmd.Start(); err != nil {
			started <- err
			return
		}
		p.process = cmd.Process
		started <- nil
		p.result = cmd.Wait()
		close(p.ended)
	}()
	return <-started
}

// PID returns the process id of the server.
func (p *Process) PID() int { return p.process.Pid }

// URL returns the URL of the server's socket.
func (p *Process) URL() *url.URL { return p.address }

// Ended returns a channel that is closed when the server has ended, after which
// [Process.Result] is set.
func (p *Process) Ended() <-chan struct{} { return p.ended }

// Result returns how the server ended.
func (p *Process) Result() error {
	if p.result == nil {
		return errors.New("moto ended by itself")
	}
	return fmt.Errorf("moto ended: %w", p.result)
}

// WaitReady returns when the server responds, or has ended.
func (p *Process) WaitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startDeadline)
	defer cancel()
	answered := make(chan error, 1)
	go func() { answered <- p.greet(ctx) }()
	select {
	case <-p.ended:
		return p.Result()
	case err := <-answered:
		return err
	}
}

func (p *Process) greet(ctx context.Context) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, socket.Base(p.address).JoinPath("moto-api", "data.json").String(), nil)
	if err != nil {
		return fmt.Errorf("waiting for moto: %w", err)
	}
	client := &http.Client{Transport: &http.Transport{DialContext: socket.Dial(p.address), DisableKeepAlives: true}}
	answer, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("waiting for moto: %w", err)
	}
	defer func() { _ = answer.Body.Close() }() // only the status matters
	_, _ = io.Copy(io.Discard, answer.Body)    // likewise
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("waiting for moto: it answers %s", answer.Status)
	}
	return nil
}

// Stop ends the server and all its children, and waits for them.
func (p *Process) Stop() {
	p.signalGroup(syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(stopDeadline):
		p.signalGroup(syscall.SIGKILL)
		<-p.ended
	}
}

func (p *Process) signalGroup(signal syscall.Signal) {
	_ = syscall.Kill(-p.PID(), signal) // an error means that the group is gone
}
