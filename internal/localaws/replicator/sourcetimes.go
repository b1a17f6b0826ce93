package replicator

import (
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"
)

// sourceTimes holds the modification times of the sources of replicas: S3 returns
// that time for a replica, and the emulator the time of the replication.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-and-other-bucket-configs.html
type sourceTimes struct {
	mu    sync.RWMutex
	byKey map[objectKey][]sourceTime // in order of arrival
}

type objectKey struct{ bucket, key string }

type sourceTime struct {
	version, etag     string
	modified, arrived time.Time
}

func newSourceTimes() *sourceTimes { return &sourceTimes{byKey: map[objectKey][]sourceTime{}} }

// learn records the source of a replica that has just arrived.
func (o *sourceTimes) learn(replica ObjectID, etag string, source http.Header) {
	modified, err := http.ParseTime(source.Get("Last-Modified"))
	if err != nil {
		return // a delete marker has none
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	key := objectKey{replica.Bucket, replica.Key}
	o.byKey[key] = append(o.byKey[key], sourceTime{replica.Version, etag, modified, time.Now()})
}

// modified returns the modification time of a version with the emulator's ETag and
// time. Some lists contain no version ids: for these it is the time of the last
// replica with that ETag, if the emulator created it before that replica's arrival
// was recorded.
func (o *sourceTimes) modified(id ObjectID, etag string, emulated time.Time) time.Time {
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

func (o *sourceTimes) forget(id ObjectID) {
	o.mu.Lock()
	defer o.mu.Unlock()
	key := objectKey{id.Bucket, id.Key}
	left := slices.DeleteFunc(o.byKey[key], func(each sourceTime) bool { return each.version == id.Version })
	if o.byKey[key] = left; len(left) == 0 {
		delete(o.byKey, key)
	}
}

func (o *sourceTimes) forgetBucket(bucket string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	maps.DeleteFunc(o.byKey, func(key objectKey, _ []sourceTime) bool { return key.bucket == bucket })
}
