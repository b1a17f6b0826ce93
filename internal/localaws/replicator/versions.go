package replicator

import (
	"regexp"
	"sync"
)

// versions translates between the version ids that clients see and those of the
// emulator, which makes up its own: a replica has the id of its source for the
// former. Ids of all other versions are the same for both.
type versions struct {
	mu       sync.RWMutex
	emulated map[ObjectID]string // of replicas
	public   map[string]string   // by the emulator's id, which is unique
	// arriving are the replicas that the emulator is making: it may show them
	// before it has answered under which ids it has them.
	arriving map[*arrival]struct{}
}

// arrival is a replica that the emulator is making.
type arrival struct {
	objectKey

	known chan struct{} // closed once its id is known, or there is none
}

func newVersions() *versions {
	return &versions{emulated: map[ObjectID]string{}, public: map[string]string{}, arriving: map[*arrival]struct{}{}}
}

// expect announces a replica of a key. The function that it returns must be called
// when the emulator has answered, and the id was learnt.
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

// await waits until the ids are known of all replicas of a key, or of all keys of a
// bucket, that the emulator may have shown by now.
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

// learn remembers under which id the emulator has a replica.
func (v *versions) learn(replica ObjectID, emulated string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.emulated[replica] = emulated
	v.public[emulated] = replica.Version
}

// emulatedOf is the emulator's id of a version.
func (v *versions) emulatedOf(id ObjectID) string {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if emulated, ok := v.emulated[id]; ok {
		return emulated
	}
	return id.Version
}

// replicated tells whether a replica is there under the id.
func (v *versions) replicated(id ObjectID) bool {
	v.mu.RLock()
	defer v.mu.RUnlock()
	_, ok := v.emulated[id]
	return ok
}

// publicOf is the id that clients see of a version of the emulator's.
func (v *versions) publicOf(emulated string) string {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if public, ok := v.public[emulated]; ok {
		return public
	}
	return emulated
}

// emulatedID is the form of version ids that the emulator makes up.
var emulatedID = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// publish replaces the emulator's ids in a document by those that clients see.
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
