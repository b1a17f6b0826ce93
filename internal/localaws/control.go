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

// memoryPath returns why a daemon's emulator lost its data, or "".
const memoryPath = "/lost"

// control is the endpoint of a daemon for switching faults and checking the
// emulator. It is a socket that only the user can access.
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
		_ = json.NewEncoder(w).Encode(lost) // the client may have disconnected
	})
	c := &control{
		server: &http.Server{Handler: mux, ReadHeaderTimeout: controlPatience},
		url:    listener.URL().String(),
	}
	c.served.Go(func() { _ = c.server.Serve(listener) }) // returns when it is closed
	return c, nil
}

func (c *control) close() {
	_ = c.server.Close() // no client waits for a response
	c.served.Wait()
}

// Faults switches the faults of a running local AWS.
type Faults struct{ control string }

// OpenFaults finds the local AWS that runs in a folder.
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
		return nil, fmt.Errorf("no local AWS runs in %s: start one with `crr local start`", l.root)
	}
	return &Faults{running.Control}, nil
}

// List returns the active faults.
func (f *Faults) List(ctx context.Context) ([]faults.Fault, error) {
	var list []faults.Fault
	return list, f.call(ctx, http.MethodGet, "", nil, &list)
}

// Set activates a fault, and returns it with its id.
func (f *Faults) Set(ctx context.Context, fault faults.Fault) (faults.Fault, error) {
	var added faults.Fault
	return added, f.call(ctx, http.MethodPost, "", fault, &added)
}

// Clear deactivates one fault, or all if the id is empty.
func (f *Faults) Clear(ctx context.Context, id string) error {
	if id != "" {
		id = "/" + id
	}
	return f.call(ctx, http.MethodDelete, id, nil, nil)
}

// callControl sends the document, if it isn't nil, and decodes the response into
// result, if that isn't nil.
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
	client := &http.Client{Transport: &http.Transport{DialContext: socket.Dial(address), DisableKeepAlives: true}} // without a proxy
	answer, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("asking the local AWS: %w", err)
	}
	defer func() { _ = answer.Body.Close() }() // the rest of the body is not needed
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
