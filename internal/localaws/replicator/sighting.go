package replicator

import (
	"maps"
	"sync"
	"time"
)

// sighting is the latest view of one source, and the keys to look at.
type sighting struct {
	looking sync.Mutex // held by who takes a view

	mu   sync.Mutex
	view *view
	keys map[string]bool
}

// latest returns the view that shows a generation and a key, if there is one that
// is of any use, and whether it is to be believed without looking again.
func (s *sighting) latest(generation uint64, key string) (latest *view, young bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.view == nil || s.view.generation != generation || (key != "" && !s.view.keys[key]) {
		return nil, false
	}
	age := time.Since(s.view.taken)
	if age >= 2*viewAge {
		return nil, false
	}
	return s.view, age < viewAge
}

// wanted are the keys to look at, one more among them.
func (s *sighting) wanted(key string) map[string]bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if key != "" {
		s.keys[key] = true
	}
	return maps.Clone(s.keys)
}

func (s *sighting) keep(taken *view) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.view = taken
}
