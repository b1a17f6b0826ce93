package lambda

import (
	"crypto/rand"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// maxPayload is Lambda's limit for the response of a function.
const maxPayload = 6 << 20

// Result is the result of a call.
type Result struct {
	// Payload is the function's response or error.
	Payload []byte
	// Failed is "Unhandled" if the function failed.
	Failed string
	// Printed is the end of the function's output.
	Printed []byte
}

// unhandled is Lambda's code for function errors.
const unhandled = "Unhandled"

// runtimeAPI serves the Runtime API to one program, for one call.
type runtimeAPI struct {
	id, functionARN string
	payload         []byte
	deadline        time.Time
	handed          sync.Once
	done            chan Result
	server          *http.Server
	listener        net.Listener
}

func startRuntimeAPI(functionARN string, payload []byte, deadline time.Time) (*runtimeAPI, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	a := &runtimeAPI{
		id: rand.Text(), functionARN: functionARN, payload: payload, deadline: deadline, done: make(chan Result, 1), listener: listener,
	}
	calls := http.NewServeMux()
	const base = "/2018-06-01/runtime/"
	calls.HandleFunc("GET "+base+"invocation/next", a.next)
	calls.HandleFunc("POST "+base+"invocation/"+a.id+"/response", a.ends(""))
	calls.HandleFunc("POST "+base+"invocation/"+a.id+"/error", a.ends(unhandled))
	calls.HandleFunc("POST "+base+"init/error", a.ends(unhandled))
	a.server = &http.Server{Handler: calls, ReadHeaderTimeout: patience}
	go func() { _ = a.server.Serve(listener) }() // until it is closed
	return a, nil
}

func (a *runtimeAPI) address() string { return a.listener.Addr().String() }

// close stops the API, and ends requests that wait for another call.
func (a *runtimeAPI) close() { _ = a.server.Close() }

// next returns the call, once.
func (a *runtimeAPI) next(w http.ResponseWriter, r *http.Request) {
	first := false
	a.handed.Do(func() { first = true })
	if !first {
		<-r.Context().Done() // there is no other
		return
	}
	w.Header().Set("Lambda-Runtime-Aws-Request-Id", a.id)
	w.Header().Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(a.deadline.UnixMilli(), 10))
	w.Header().Set("Lambda-Runtime-Invoked-Function-Arn", a.functionARN)
	w.Header().Set("Lambda-Runtime-Trace-Id", "Root=1-"+strings.ToLower(a.id[:8]))
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(a.payload) // a disconnected program has failed
}

func (a *runtimeAPI) ends(failed string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		payload, err := io.ReadAll(io.LimitReader(r.Body, maxPayload+1))
		if err != nil || len(payload) > maxPayload {
			http.Error(w, "the answer is too long", http.StatusRequestEntityTooLarge)
			return
		}
		w.WriteHeader(http.StatusAccepted)
		select {
		case a.done <- Result{Payload: payload, Failed: failed}:
		default: // it has already responded
		}
	}
}
