package localaws

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/faults"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/socket"
)

const controlPatience = 10 * time.Second

// memoryPath is where a daemon answers why it has lost what it kept, or "".
const memoryPath = "/lost"

// control is the endpoint of a daemon at which faults are switched on and off,
// and which reports on the emulator. It is a socket of the user.
type control struct {
	server *http.Server
	url    string
	served sync.WaitGroup
}

func startControl(server *Server, dir string) (*control, error) {
	listener, err := socket.Listen(dir, "control.sock")
	if err != nil {
		return nil, fmt.Errorf("opening the control endpoint: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("/", server.Faults().Handler())
	mux.HandleFunc("GET "+memoryPath, func(w http.ResponseWriter, r *http.Request) {
		lost := ""
		if err := server.Check(r.Context()); err != nil {
			lost = err.Error()
		}
		_ = json.NewEncoder(w).Encode(lost) // a client that has gone needs no answer
	})
	c := &control{
		server: &http.Server{Handler: mux, ReadHeaderTimeout: controlPatience},
		url:    listener.URL().String(),
	}
	c.served.Go(func() { _ = c.server.Serve(listener) }) // until it is closed
	return c, nil
}

func (c *control) close() {
	_ = c.server.Close() // nobody waits for its answers
	c.served.Wait()
}

// Faults switches the faults of a running local AWS.
type Faults struct{ control string }

// OpenFaults finds the local AWS that runs over a folder.
func OpenFaults(dir string) (*Faults, error) {
	l, err := layoutOf(dir)
	if err != nil {
		return nil, err
	}
	running, err := readState(l)
	if err != nil {
		return nil, err
	}
	if running.Control == "" {
		return nil, fmt.Errorf("no local AWS runs over %s: start one with `crr local start`", l.root)
	}
	return &Faults{running.Control}, nil
}

// List returns the faults that are on.
func (f *Faults) List(ctx context.Context) ([]faults.Fault, error) {
	var list []faults.Fault
	return list, f.call(ctx, http.MethodGet, "", nil, &list)
}

// Set switches a fault on, and returns it with its id.
func (f *Faults) Set(ctx context.Context, fault faults.Fault) (faults.Fault, error) {
	var added faults.Fault
	return added, f.call(ctx, http.MethodPost, "", fault, &added)
}

// Clear switches one fault off, or all where the id is empty.
func (f *Faults) Clear(ctx context.Context, id string) error {
	if id != "" {
		id = "/" + id
	}
	return f.call(ctx, http.MethodDelete, id, nil, nil)
}

// callControl sends a document, if there is one, and reads the answer, if one is wanted.
func (f *Faults) call(ctx context.Context, method, path string, send, receive any) error {
	return callControl(ctx, method, f.control, faults.Path+path, send, receive)
}

func callControl(ctx context.Context, method, control, path string, send, receive any) error {
	ctx, cancel := context.WithTimeout(ctx, controlPatience)
	defer cancel()
	var body bytes.Buffer
	if send != nil {
		if err := json.NewEncoder(&body).Encode(send); err != nil {
			return fmt.Errorf("asking the local AWS: %w", err)
		}
	}
	address, err := url.Parse(control)
	if err != nil {
		return fmt.Errorf("asking the local AWS: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, method, socket.Base(address).String()+path, &body)
	if err != nil {
		return fmt.Errorf("asking the local AWS: %w", err)
	}
	client := &http.Client{Transport: &http.Transport{DialContext: socket.Dial(address), DisableKeepAlives: true}} // and no proxy
	answer, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("asking the local AWS: %w", err)
	}
	defer func() { _ = answer.Body.Close() }() // it was read as far as it matters
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return fmt.Errorf("asking the local AWS: %w", err)
	}
	if answer.StatusCode >= http.StatusBadRequest {
		return refusal(answer.Status, text)
	}
	if receive == nil {
		return nil
	}
	if err := json.Unmarshal(text, receive); err != nil {
		return fmt.Errorf("reading the answer of the local AWS: %w", err)
	}
	return nil
}

func refusal(status string, text []byte) error {
	var said faults.Refusal
	if json.Unmarshal(text, &said) == nil && said.Error != "" {
		return errors.New(said.Error)
	}
	return fmt.Errorf("the local AWS answers %s", status)
}
