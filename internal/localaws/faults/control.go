package faults

import (
	"encoding/json"
	"io"
	"net/http"
)

// Path is the path of the faults at the control endpoint.
const Path = "/faults"

// maxBody is far larger than any fault.
const maxBody = 1 << 16

// Handler returns the control endpoint: GET lists the faults, POST activates one,
// DELETE deactivates one, or all. It is served on a socket that only the user can
// access.
func (s *Set) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+Path, func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, s.List()) })
	mux.HandleFunc("POST "+Path, s.post)
	mux.HandleFunc("DELETE "+Path, func(w http.ResponseWriter, _ *http.Request) {
		s.ClearAll()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("DELETE "+Path+"/{id}", func(w http.ResponseWriter, r *http.Request) {
		if err := s.Clear(r.PathValue("id")); err != nil {
			refuse(w, http.StatusNotFound, err)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	return mux
}

func (s *Set) post(w http.ResponseWriter, r *http.Request) {
	var wanted Fault
	decoder := json.NewDecoder(io.LimitReader(r.Body, maxBody))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&wanted); err != nil {
		refuse(w, http.StatusBadRequest, err)
		return
	}
	added, err := s.Add(wanted)
	if err != nil {
		refuse(w, http.StatusBadRequest, err)
		return
	}
	answer(w, http.StatusCreated, added)
}

// Refusal is the body of an error response.
type Refusal struct {
	Error string `json:"error"`
}

func refuse(w http.ResponseWriter, status int, err error) { answer(w, status, Refusal{err.Error()}) }

func answer(w http.ResponseWriter, status int, document any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(document) // the client may have disconnected
}
