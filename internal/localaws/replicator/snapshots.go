package replicator

import (
	"context"
	"sync"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
)

// snapshotAge limits the age of a snapshot. It matters only if the emulator is
// changed without the front.
const snapshotAge = 5 * time.Second

// snapshot is the state that decides about replication from a bucket.
type snapshot struct {
	generation    uint64
	taken         time.Time
	keys          map[string]bool         // the included keys, by the names in objects
	configuration *s3config.Configuration // nil: there is none any more
	explainer     *model.Explainer
	facts         model.Facts
	missing       map[string]bool   // destinations that do not exist
	keyARNs       map[string]string // of source keys, by the names in objects
	role          Role
	trusted       bool
}

// snapshots keeps a snapshot of each source bucket until anything but objects is
// written.
type snapshots struct {
	gatherer *gatherer

	mu       sync.Mutex
	bySource map[string]*observation
	matchers map[string]matcher
}

// matcher explains decisions from a configuration alone.
type matcher struct {
	configuration *s3config.Configuration
	*model.Explainer
}

func newSnapshots(g *gatherer) *snapshots {
	return &snapshots{gatherer: g, bySource: map[string]*observation{}, matchers: map[string]matcher{}}
}

// matcher returns the matcher of a source for its current configuration.
func (v *snapshots) matcher(source string, configuration *s3config.Configuration) matcher {
	v.mu.Lock()
	defer v.mu.Unlock()
	known := v.matchers[source]
	if known.configuration != configuration {
		known = matcher{configuration, model.NewExplainer(*configuration, model.Facts{})}
		v.matchers[source] = known
	}
	return known
}

// of returns a current snapshot of a source, with the key of an object. When a
// snapshot is due for renewal, one caller takes the new one, and the others use the
// old one meanwhile, so that replication continues.
func (v *snapshots) of(ctx context.Context, source, key string) (*snapshot, error) {
	s := v.observationOf(source)
	latest, young := s.latest(v.gatherer.directory.Generation(), key)
	switch {
	case young:
		return latest, nil
	case latest == nil:
		s.taking.Lock()
	case !s.taking.TryLock():
		return latest, nil
	}
	defer s.taking.Unlock()
	generation := v.gatherer.directory.Generation()
	if latest, young = s.latest(generation, key); young {
		return latest, nil // another caller has taken one meanwhile
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

func (v *snapshots) observationOf(source string) *observation {
	v.mu.Lock()
	defer v.mu.Unlock()
	s, ok := v.bySource[source]
	if !ok {
		s = &observation{keys: map[string]bool{}}
		v.bySource[source] = s
	}
	return s
}
