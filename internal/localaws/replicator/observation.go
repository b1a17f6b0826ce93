package replicator

import (
	"maps"
	"sync"
	"time"
)

// observation is the latest snapshot of one source, and the keys to include.
type observation struct {
	taking sync.Mutex // held while a snapshot is taken

	mu       sync.Mutex
	snapshot *snapshot
	keys     map[string]bool
}

// latest returns the snapshot with a generation and a key, if it is usable, and
// reports whether it is recent enough to need no new one.
func (s *observation) latest(generation uint64, key string) (latest *snapshot, young bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.snapshot == nil || s.snapshot.generation != generation || (key != "" && !s.snapshot.keys[key]) {
		return nil, false
	}
	age := time.Since(s.snapshot.taken)
	if age >= 2*snapshotAge {
		return nil, false
	}
	return s.snapshot, age < snapshotAge
}

// wanted returns the keys to include, with an additional one.
func (s *observation) wanted(key string) map[string]bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if key != "" {
		s.keys[key] = true
	}
	return maps.Clone(s.keys)
}

func (s *observation) keep(taken *snapshot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.snapshot = taken
}
