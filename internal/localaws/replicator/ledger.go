package replicator

import (
	"maps"
	"sync"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
)

// The statuses in S3's responses.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-status.html
const (
	Pending   = "PENDING"
	Completed = "COMPLETED"
	Failed    = "FAILED"
	Replica   = "REPLICA"
)

// record is the replication state of a version that replicates, or that is a
// replica.
type record struct {
	// object as it was written, for matching rules.
	object   model.Object
	outcomes map[string]outcome // by destination bucket
}

// outcome is the state of a version at one destination.
type outcome struct {
	waiting int    // tasks
	failure string // the failure reason, if the last effective task failed
	arrived bool   // the last effective task succeeded
}

// status returns the status of the version: FAILED if any destination failed,
// PENDING if none failed and one is pending.
func (r *record) status() string {
	if r.object.Replica {
		return Replica
	}
	status := ""
	for _, each := range r.outcomes {
		switch {
		case each.waiting > 0:
			if status != Failed {
				status = Pending
			}
		case each.failure != "":
			status = Failed
		case each.arrived && status == "":
			status = Completed
		}
	}
	return status
}

// ledger has the records of all versions with a replication status.
type ledger struct {
	mu      sync.RWMutex
	records map[ObjectID]*record
}

func newLedger() *ledger { return &ledger{records: map[ObjectID]*record{}} }

// status returns the status of a version, or "" if S3 shows none.
func (l *ledger) status(id ObjectID) string {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if r, ok := l.records[id]; ok {
		return r.status()
	}
	return ""
}

// object returns a version as it was written, if there is a record of it.
func (l *ledger) object(id ObjectID) (model.Object, bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if r, ok := l.records[id]; ok {
		return r.object, true
	}
	return model.Object{}, false
}

// failures returns the failure reasons of a version by destination.
func (l *ledger) failures(id ObjectID) map[string]string {
	l.mu.RLock()
	defer l.mu.RUnlock()
	found := map[string]string{}
	if r, ok := l.records[id]; ok {
		for destination, each := range r.outcomes {
			if each.failure != "" {
				found[destination] = each.failure
			}
		}
	}
	return found
}

// await records pending tasks of a version.
func (l *ledger) await(id ObjectID, object model.Object, destinations []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r, ok := l.records[id]
	if !ok {
		r = &record{object: object, outcomes: make(map[string]outcome, len(destinations))}
		l.records[id] = r
	}
	for _, destination := range destinations {
		now := r.outcomes[destination]
		now.waiting++
		r.outcomes[destination] = now
	}
}

// settle records the result of a task.
func (l *ledger) settle(id ObjectID, destination string, how result) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r, ok := l.records[id]
	if !ok {
		return // the version was deleted meanwhile
	}
	now := r.outcomes[destination]
	now.waiting--
	if !how.skipped {
		now.failure, now.arrived = how.failure, how.failure == ""
	}
	r.outcomes[destination] = now
}

// arrive records that a version is a replica.
func (l *ledger) arrive(id ObjectID, object model.Object) {
	object.Replica = true
	l.mu.Lock()
	defer l.mu.Unlock()
	l.records[id] = &record{object: object, outcomes: map[string]outcome{}}
}

func (l *ledger) forget(id ObjectID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.records, id)
}

func (l *ledger) forgetBucket(bucket string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	maps.DeleteFunc(l.records, func(id ObjectID, _ *record) bool { return id.Bucket == bucket })
}
