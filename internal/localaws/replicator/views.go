package replicator

import (
	"context"
	"sync"
	"time"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// viewAge bounds how long a view is believed. It matters only where somebody
// changes the emulator behind the front's back.
const viewAge = 5 * time.Second

// view is how everything stands that decides about replication out of a bucket.
type view struct {
	generation    uint64
	taken         time.Time
	configuration *replication.Configuration // nil: there is none any more
	explainer     *replication.Explainer
	facts         replication.Facts
	missing       map[string]bool   // destinations that are gone
	keyARNs       map[string]string // of source keys, by what objects name them
	role          Role
	trusted       bool
}

// views keeps a view of each source bucket for as long as nothing but objects
// is written.
type views struct {
	gatherer *gatherer

	mu       sync.Mutex
	bySource map[string]*sighting
	matchers map[string]matcher
}

// matcher explains by a configuration alone.
type matcher struct {
	configuration *replication.Configuration
	*replication.Explainer
}

// sighting is the latest view of one source, and the keys to look at.
type sighting struct {
	mu   sync.Mutex
	view *view
	keys map[string]bool
}

func newViews(g *gatherer) *views {
	v := &views{gatherer: g}
	v.reset()
	return v
}

func (v *views) reset() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.bySource = map[string]*sighting{}
	v.matchers = map[string]matcher{}
}

// matcher is that of a source with its configuration of now.
func (v *views) matcher(source string, configuration *replication.Configuration) matcher {
	v.mu.Lock()
	defer v.mu.Unlock()
	known := v.matchers[source]
	if known.configuration != configuration {
		known = matcher{configuration, replication.NewExplainer(*configuration, replication.Facts{})}
		v.matchers[source] = known
	}
	return known
}

// of returns the view of a source as it is now, with the key of an object.
func (v *views) of(ctx context.Context, source, key string) (*view, error) {
	v.mu.Lock()
	s, ok := v.bySource[source]
	if !ok {
		s = &sighting{keys: map[string]bool{}}
		v.bySource[source] = s
	}
	v.mu.Unlock()

	s.mu.Lock()
	defer s.mu.Unlock()
	generation := v.gatherer.directory.Generation()
	known := key == "" || s.keys[key]
	if known && s.view != nil && s.view.generation == generation && time.Since(s.view.taken) < viewAge {
		return s.view, nil
	}
	if key != "" {
		s.keys[key] = true
	}
	taken, err := v.gatherer.gather(ctx, source, s.keys)
	if err != nil {
		return nil, err
	}
	taken.generation, taken.taken = generation, time.Now()
	s.view = taken
	return taken, nil
}
