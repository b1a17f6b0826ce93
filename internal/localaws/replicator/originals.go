package replicator

import (
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"
)

// originals remembers when the sources of replicas were modified: S3 shows that
// time of their replicas, too, and the emulator the time of the replication.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-and-other-bucket-configs.html
type originals struct {
	mu    sync.RWMutex
	byKey map[objectKey][]original // in the order in which the replicas arrived
}

type objectKey struct{ bucket, key string }

type original struct {
	version, etag     string
	modified, arrived time.Time
}

func newOriginals() *originals { return &originals{byKey: map[objectKey][]original{}} }

// learn remembers what is known of the source of a replica that has just arrived.
func (o *originals) learn(replica ObjectID, etag string, source http.Header) {
	modified, err := http.ParseTime(source.Get("Last-Modified"))
	if err != nil {
		return // a delete marker has none
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	key := objectKey{replica.Bucket, replica.Key}
	o.byKey[key] = append(o.byKey[key], original{replica.Version, etag, modified, time.Now()})
}

// modified is when a version was modified that the emulator has with an ETag and
// a time of its own. Some lists tell no version ids: there it is the last replica
// of that ETag, if the emulator had it by the time when that one had arrived.
func (o *originals) modified(id ObjectID, etag string, emulated time.Time) time.Time {
	o.mu.RLock()
	defer o.mu.RUnlock()
	for _, each := range slices.Backward(o.byKey[objectKey{id.Bucket, id.Key}]) {
		newest := id.Version == "" && each.etag == etag && !emulated.After(each.arrived)
		if newest || each.version == id.Version {
			return each.modified
		}
	}
	return emulated
}

func (o *originals) forget(id ObjectID) {
	o.mu.Lock()
	defer o.mu.Unlock()
	key := objectKey{id.Bucket, id.Key}
	left := slices.DeleteFunc(o.byKey[key], func(each original) bool { return each.version == id.Version })
	if o.byKey[key] = left; len(left) == 0 {
		delete(o.byKey, key)
	}
}

func (o *originals) forgetBucket(bucket string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	maps.DeleteFunc(o.byKey, func(key objectKey, _ []original) bool { return key.bucket == bucket })
}
