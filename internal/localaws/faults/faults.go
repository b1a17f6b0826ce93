// Package faults injects faults into the local AWS, for tests and drills: slow
// calls, throttled calls, an unavailable region, paused replication. No fault is
// active at first.
package faults

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	mathrand "math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Kind is a kind of fault.
type Kind string

// The kinds of faults.
const (
	// Latency delays calls by Fault.Delay.
	Latency Kind = "latency"
	// Errors answers the share Fault.Rate of the calls with 503 SlowDown.
	Errors Kind = "errors"
	// RegionDown answers all calls to a region with 503 ServiceUnavailable.
	RegionDown Kind = "region-down"
	// Paused pauses replication from one bucket or all. Pending replication is kept,
	// as with AWS Fault Injection Service.
	// https://docs.aws.amazon.com/fis/latest/userguide/fis-actions-reference.html#bucket-pause-replication
	Paused Kind = "pause"
)

// Fault is an active fault.
type Fault struct {
	// ID is set when the fault is activated.
	ID   string `json:"id"`
	Kind Kind   `json:"kind"`
	// API whose calls fail: "PutObject", "DescribeKey". The calls of replication
	// itself have the names of their permissions: GetObjectVersionForReplication,
	// ReplicateObject, ReplicateDelete, ReplicateTags. Default: all.
	API string `json:"api,omitempty"`
	// Region whose calls fail. Default: all. RegionDown requires it.
	Region string `json:"region,omitempty"`
	// Bucket whose replication is paused. Default: all.
	Bucket string `json:"bucket,omitempty"`
	// Delay of Latency, in seconds in JSON.
	Delay Seconds `json:"delaySeconds,omitempty"`
	// Rate of Errors: above 0, up to 1 for every call.
	Rate float64 `json:"rate,omitempty"`
}

// String describes the fault in a few words.
func (f Fault) String() string {
	calls := f.API
	if calls == "" {
		calls = "all calls"
	}
	if f.Region != "" {
		calls += " in " + f.Region
	}
	switch f.Kind {
	case Latency:
		return fmt.Sprintf("%s: %s longer", calls, f.Delay.Duration())
	case Errors:
		return fmt.Sprintf("%s: %g%% answered 503 SlowDown", calls, 100*f.Rate) //nolint:mnd // per cent
	case RegionDown:
		return calls + ": answered 503 ServiceUnavailable"
	case Paused:
		return "replication is paused from " + cmp.Or(f.Bucket, "all buckets")
	default:
		return string(f.Kind)
	}
}

// Seconds is a duration encoded as a number of seconds in JSON.
type Seconds float64

// Duration returns the value as a [time.Duration].
func (s Seconds) Duration() time.Duration { return time.Duration(float64(s) * float64(time.Second)) }

// Injected is the error of a call that a fault made fail.
type Injected struct {
	Status  int
	Code    string
	Message string
}

func (e *Injected) Error() string { return e.Code + ": " + e.Message }

// Set is the set of active faults of a local AWS. Its zero value is empty. It is
// safe for concurrent use.
type Set struct {
	// Replicating lists the buckets that can be paused. Default: any.
	Replicating func() []string

	mu      sync.RWMutex
	faults  []Fault
	changed chan struct{}
}

// Add activates a fault. It returns an error for faults that would have no effect.
func (s *Set) Add(fault Fault) (Fault, error) {
	if err := s.check(fault); err != nil {
		return Fault{}, err
	}
	fault.ID = strings.ToLower(rand.Text()[:8])
	s.change(func(faults []Fault) []Fault { return append(faults, fault) })
	return fault, nil
}

// Clear deactivates one fault.
func (s *Set) Clear(id string) error {
	found := false
	s.change(func(faults []Fault) []Fault {
		return slices.DeleteFunc(faults, func(f Fault) bool {
			found = found || f.ID == id
			return f.ID == id
		})
	})
	if !found {
		return fmt.Errorf("no fault has the id %q", id)
	}
	return nil
}

// ClearAll deactivates all faults.
func (s *Set) ClearAll() { s.change(func([]Fault) []Fault { return nil }) }

// List returns the active faults, ordered by id.
func (s *Set) List() []Fault {
	s.mu.RLock()
	defer s.mu.RUnlock()
	list := append([]Fault{}, s.faults...)
	slices.SortFunc(list, func(a, b Fault) int { return cmp.Compare(a.ID, b.ID) })
	return list
}

func (s *Set) change(to func([]Fault) []Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = to(slices.Clone(s.faults))
	if s.changed != nil {
		close(s.changed)
		s.changed = nil
	}
}

// Paused returns the buckets whose replication is paused, and a channel that is
// closed when that may have changed, and is the same until then.
func (s *Set) Paused() (out func(bucket string) bool, changed <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.changed == nil {
		s.changed = make(chan struct{})
	}
	faults := s.faults // never modified
	return func(bucket string) bool {
		return slices.ContainsFunc(faults, func(f Fault) bool { return f.Kind == Paused && (f.Bucket == "" || f.Bucket == bucket) })
	}, s.changed
}

// Any reports whether any active fault applies to calls.
func (s *Set) Any() bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.ContainsFunc(s.faults, func(f Fault) bool { return f.Kind != Paused })
}

// Inject applies the active faults to a call: it waits, and returns an [Injected] if
// the call is to fail, or the context's error.
func (s *Set) Inject(ctx context.Context, region, api string) error {
	s.mu.RLock()
	faults := s.faults // never modified
	s.mu.RUnlock()
	var failure error
	for _, fault := range faults {
		if !fault.hits(region, api) {
			continue
		}
		switch fault.Kind {
		case Latency:
			if err := wait(ctx, fault.Delay.Duration()); err != nil {
				return err
			}
		case Errors:
			if failure == nil && mathrand.Float64() < fault.Rate {
				failure = &Injected{http.StatusServiceUnavailable, "SlowDown", "Please reduce your request rate."}
			}
		case RegionDown:
			failure = &Injected{http.StatusServiceUnavailable, "ServiceUnavailable", "The region " + region + " is down (a fault of the local AWS)."}
		}
	}
	return failure
}

func (f Fault) hits(region, api string) bool {
	return (f.Region == "" || f.Region == region) && (f.API == "" || strings.EqualFold(f.API, api))
}

func wait(ctx context.Context, delay time.Duration) error {
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
