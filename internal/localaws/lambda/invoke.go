package lambda

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// maxPrinted is the length of the output in Lambda's response.
const maxPrinted = 4 << 10

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	text []byte
}

func (t *tail) Write(text []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, text...)
	t.text = t.text[max(0, len(t.text)-maxPrinted):]
	return len(text), nil
}

func (t *tail) bytes() []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	return bytes.Clone(t.text)
}

const (
	defaultTimeout = 3 // seconds
	// outputPatience is how long to wait for the output of a program that has ended,
	// in case another process holds it open.
	outputPatience = 5 * time.Second
	busyPause      = 10 * time.Millisecond
)

// RefusedError is returned when a function can't be called.
type RefusedError struct{ Why string }

func (e *RefusedError) Error() string { return e.Why }

// Invoke calls a function and waits for its response. A function error is a
// [Result], not an error.
func (s *Service) Invoke(ctx context.Context, functionARN string, payload []byte) (Result, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.life, cancel)()
	c, err := s.configuration(ctx, functionARN)
	if err != nil {
		return Result{}, err
	}
	s.mu.Lock()
	code := s.code[functionARN]
	s.mu.Unlock()
	switch {
	case !slices.Contains([]string{"provided.al2023", "provided.al2"}, c.Runtime):
		return Result{}, &RefusedError{fmt.Sprintf("the local AWS runs only functions with the runtime provided.al2023, but %s has %s", c.FunctionName, c.Runtime)}
	case code == nil:
		return Result{}, &RefusedError{fmt.Sprintf("the local AWS does not have the code of %s: update the function", c.FunctionName)}
	}
	root, err := os.MkdirTemp("", "localaws-lambda-")
	if err != nil {
		return Result{}, fmt.Errorf("making a folder for the code of %s: %w", c.FunctionName, err)
	}
	defer func() { _ = os.RemoveAll(root) }() // a remaining folder does no harm
	if err := unzip(code, root); err != nil {
		return Result{}, &RefusedError{err.Error()}
	}
	return s.call(ctx, functionARN, &c, root, payload)
}

func (s *Service) call(ctx context.Context, functionARN string, c *configuration, root string, payload []byte) (Result, error) {
	if c.Timeout == 0 {
		c.Timeout = defaultTimeout
	}
	limit := time.Duration(c.Timeout) * time.Second
	api, err := startRuntimeAPI(functionARN, payload, time.Now().Add(limit))
	if err != nil {
		return Result{}, fmt.Errorf("opening a port for %s: %w", c.FunctionName, err)
	}
	defer api.close()
	environment, err := s.environment(ctx, functionARN, c, api.address(), root)
	if err != nil {
		return Result{}, err
	}
	var printed tail
	program, err := start(root, environment, &printed)
	if err != nil {
		return failure(api.id, "Runtime.InvalidEntrypoint", notStarted(err)), nil
	}
	ended := make(chan struct{})
	var how error
	go func() {
		how = program.Wait()
		close(ended)
	}()
	result, answered := await(ctx, api, limit, ended)
	_ = syscall.Kill(-program.Process.Pid, syscall.SIGKILL) // the program and its children, if any
	<-ended
	if !answered {
		result = failure(api.id, "Runtime.ExitError", "Error: Runtime exited with error: "+exit(how))
	}
	result.Printed = printed.bytes()
	s.options.Log.Info("a function was called", "function", c.FunctionName, "failed", result.Failed != "", "printed", string(result.Printed))
	return result, ctx.Err()
}

// start starts the program of a function. It retries while the file is busy: another
// process that was started at the same time may have inherited the file while it was
// open for writing.
func start(root string, environment []string, printed io.Writer) (program *exec.Cmd, err error) {
	const attempts = 20
	for range attempts {
		program = exec.Command(filepath.Join(root, "bootstrap"))
		program.Dir, program.Env, program.Stdout, program.Stderr = root, environment, printed, printed
		program.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		program.WaitDelay = outputPatience
		if err = program.Start(); !errors.Is(err, syscall.ETXTBSY) {
			break
		}
		time.Sleep(busyPause)
	}
	return program, err
}

func notStarted(err error) string {
	if errors.Is(err, fs.ErrNotExist) {
		return "Error: Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"
	}
	return "Error: " + err.Error()
}

// await returns the response of a program, unless it ended without one.
func await(ctx context.Context, api *runtimeAPI, limit time.Duration, ended <-chan struct{}) (result Result, answered bool) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case result = <-api.done:
		return result, true
	case <-ctx.Done():
		return failure(api.id, "Runtime.Interrupted", "Error: the call was cancelled"), true
	case <-timer.C:
		return failure(api.id, "Sandbox.Timedout", fmt.Sprintf("Error: Task timed out after %.2f seconds", limit.Seconds())), true
	case <-ended:
	}
	select {
	case result = <-api.done: // its last action
		return result, true
	default:
		return Result{}, false
	}
}

// exit describes how a program ended.
func exit(how error) string {
	if how == nil {
		return "exit status 0"
	}
	return how.Error()
}

func failure(id, kind, message string) Result {
	payload, err := json.Marshal(map[string]string{"errorType": kind, "errorMessage": "RequestId: " + strings.ToLower(id) + " " + message})
	if err != nil {
		panic("lambda: strings always marshal: " + err.Error())
	}
	return Result{Payload: payload, Failed: unhandled}
}
