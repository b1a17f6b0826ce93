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
	keys          map[string]bool            // that were looked at, by what objects name them
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

func newViews(g *gatherer) *views {
	return &views{gatherer: g, bySource: map[string]*sighting{}, matchers: map[string]matcher{}}
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

// of returns the view of a source as it is now, with the key of an object. Where
// a view is merely old, one who asks takes another, and the rest go by the old one
// until then: replication does not stand still meanwhile.
func (v *views) of(ctx context.Context, source, key string) (*view, error) {
	s := v.sightingOf(source)
	latest, young := s.latest(v.gatherer.directory.Generation(), key)
	switch {
	case young:
		return latest, nil
	case latest == nil:
		s.looking.Lock()
	case !s.looking.TryLock():
		return latest, nil
	}
	defer s.looking.Unlock()
	generation := v.gatherer.directory.Generation()
	if latest, young = s.latest(generation, key); young {
		return latest, nil // somebody else has looked meanwhile
	}
	keys := s.wanted(key)
	taken, err := v.gatherer.gather(ctx, source, keys)
	if err != nil {
		return nil, err
	}
	taken.generation, taken.taken, taken.keys = generation, time.Now(), keys
	s.keep(taken)
	return taken, nil
}

func (v *views) sightingOf(source string) *sighting {
	v.mu.Lock()
	defer v.mu.Unlock()
	s, ok := v.bySource[source]
	if !ok {
		s = &sighting{keys: map[string]bool{}}
		v.bySource[source] = s
	}
	return s
}
