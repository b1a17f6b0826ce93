package replicator

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// seriesID has the dimensions of S3's replication metrics.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html
type seriesID struct{ source, destination, rule string }

// series has the counts of one rule with metrics. A nil series counts nothing.
type series struct {
	id seriesID
	// threshold is the time after which S3 reports late replication. Zero: the rule
	// has no replication time control.
	threshold time.Duration

	mu        sync.Mutex
	pending   map[*task]bool // true: it was reported as late
	latency   time.Duration  // the longest since the last reading
	succeeded int            // since the last reading
	failed    int            // since the last reading
	closed    bool           // the rule has no metrics any more
}

// metrics holds the series of all rules.
type metrics struct {
	mu     sync.Mutex
	series map[seriesID]*series
}

func newMetrics() *metrics { return &metrics{series: map[seriesID]*series{}} }

// seriesOf returns the series of the rule that decides, or nil if it has no metrics.
func (m *metrics) seriesOf(source string, decision *model.Decision, configuration *s3config.Configuration) *series {
	return m.ofRule(source, &configuration.Rules[decision.Rule.Index])
}

func (m *metrics) ofRule(source string, rule *s3config.Rule) *series {
	if !measures(rule) {
		return nil
	}
	id := seriesID{source: source, destination: bucketName(rule.Destination.Bucket), rule: rule.ID}
	m.mu.Lock()
	defer m.mu.Unlock()
	s, ok := m.series[id]
	if !ok {
		s = &series{id: id, threshold: threshold(rule), pending: map[*task]bool{}}
		m.series[id] = s
	}
	return s
}

// measures reports whether a rule has metrics.
func measures(rule *s3config.Rule) bool {
	at := rule.Destination.Metrics
	return rule.Status == replication.Enabled && at != nil && at.Status == replication.Enabled
}

// close removes the series that are not kept, and returns their pending tasks.
func (m *metrics) close(kept func(seriesID) bool) []*task {
	m.mu.Lock()
	defer m.mu.Unlock()
	var lost []*task
	for id, s := range m.series {
		if !kept(id) {
			delete(m.series, id)
			lost = append(lost, s.close()...)
		}
	}
	return lost
}

func (s *series) close() []*task {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	return slices.Collect(maps.Keys(s.pending))
}

func (s *series) isClosed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

func threshold(rule *s3config.Rule) time.Duration {
	timed := rule.Destination.ReplicationTime
	if timed == nil || timed.Status != replication.Enabled {
		return 0
	}
	return time.Duration(timed.Time.Minutes) * time.Minute
}

func (s *series) begin(t *task) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pending[t] = false
}

// end counts a task that has ended, and reports whether it took longer than the
// threshold.
func (s *series) end(t *task, how result, now time.Time) (late bool) {
	if s == nil {
		return false
	}
	took := now.Sub(t.event.At)
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.pending, t)
	switch {
	case how.failure != "":
		s.failed++
		return false
	case how.skipped:
		return false
	}
	s.succeeded++
	s.latency = max(s.latency, took)
	return s.threshold > 0 && took > s.threshold
}

// reading is the values of a series at one time.
type reading struct {
	latency                  time.Duration
	pendingBytes             int64
	pending, succeeded, lost int
}

// read returns the values since the last reading. The latency includes the waiting
// time of pending tasks.
func (s *series) read(now time.Time) reading {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := reading{latency: s.latency, pending: len(s.pending), succeeded: s.succeeded, lost: s.failed}
	for t := range s.pending {
		r.pendingBytes += t.event.Size
		r.latency = max(r.latency, now.Sub(t.event.At))
	}
	s.latency, s.succeeded, s.failed = 0, 0, 0
	return r
}

// overdue returns the tasks that have exceeded the threshold since the last call.
func (s *series) overdue(now time.Time) []*task {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []*task
	for t, reported := range s.pending {
		if !reported && s.threshold > 0 && now.Sub(t.event.At) > s.threshold {
			s.pending[t] = true
			found = append(found, t)
		}
	}
	return found
}
