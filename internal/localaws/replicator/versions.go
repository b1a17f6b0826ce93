package replicator

import (
	"regexp"
	"sync"
)

// versions maps between public version ids and the emulator's. The emulator
// generates its own id for a replica, whose public id is that of its source. Other
// versions have the same id for both.
type versions struct {
	mu       sync.RWMutex
	emulated map[ObjectID]string // of replicas
	public   map[string]string   // by the emulator's id, which is unique
	// arriving are the replicas that the emulator is creating: it may return them
	// before it has responded with their ids.
	arriving map[*arrival]struct{}
}

// arrival is a replica that the emulator is creating.
type arrival struct {
	objectKey

	known chan struct{} // closed when its id is known, or there is none
}

func newVersions() *versions {
	return &versions{emulated: map[ObjectID]string{}, public: map[string]string{}, arriving: map[*arrival]struct{}{}}
}

// expect announces a replica of a key. The returned function must be called when the
// emulator has responded and the id has been recorded.
func (v *versions) expect(at ObjectID) (known func()) {
	a := &arrival{objectKey{at.Bucket, at.Key}, make(chan struct{})}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.arriving[a] = struct{}{}
	return func() {
		v.mu.Lock()
		defer v.mu.Unlock()
		delete(v.arriving, a)
		close(a.known)
	}
}

// await waits until the ids are known of all replicas of a key, or of a bucket, that
// the emulator may have returned by now.
func (v *versions) await(bucket, key string) {
	var arriving []*arrival
	v.mu.RLock()
	for each := range v.arriving {
		if each.bucket == bucket && (key == "" || each.key == key) {
			arriving = append(arriving, each)
		}
	}
	v.mu.RUnlock()
	for _, each := range arriving {
		<-each.known
	}
}

// learn records the emulator's id of a replica.
func (v *versions) learn(replica ObjectID, emulated string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.emulated[replica] = emulated
	v.public[emulated] = replica.Version
}

// emulatedOf returns the emulator's id of a version.
func (v *versions) emulatedOf(id ObjectID) string {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if emulated, ok := v.emulated[id]; ok {
		return emulated
	}
	return id.Version
}

// replicated reports whether there is a replica with the id.
func (v *versions) replicated(id ObjectID) bool {
	v.mu.RLock()
	defer v.mu.RUnlock()
	_, ok := v.emulated[id]
	return ok
}

// publicOf returns the public id of a version in the emulator.
func (v *versions) publicOf(emulated string) string {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if public, ok := v.public[emulated]; ok {
		return public
	}
	return emulated
}

// emulatedID matches version ids that the emulator generates.
var emulatedID = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// publish replaces the emulator's ids in a document by public ids.
func (v *versions) publish(document []byte) []byte {
	return emulatedID.ReplaceAllFunc(document, func(id []byte) []byte { return []byte(v.publicOf(string(id))) })
}

func (v *versions) any() bool {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return len(v.emulated)+len(v.arriving) > 0
}

func (v *versions) forget(id ObjectID) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if emulated, ok := v.emulated[id]; ok {
		delete(v.public, emulated)
		delete(v.emulated, id)
	}
}

func (v *versions) forgetBucket(bucket string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for id, emulated := range v.emulated {
		if id.Bucket == bucket {
			delete(v.public, emulated)
			delete(v.emulated, id)
		}
	}
}
