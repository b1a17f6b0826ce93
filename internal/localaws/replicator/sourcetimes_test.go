package replicator

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestOriginals(t *testing.T) {
	t.Parallel()
	o := newSourceTimes()
	day := func(of int) time.Time { return time.Date(2026, 1, of, 0, 0, 0, 0, time.UTC) }
	source := func(etag string, of int) http.Header {
		return http.Header{"Etag": {etag}, "Last-Modified": {day(of).Format(http.TimeFormat)}}
	}
	first, second := ObjectID{"dst", "k", "1"}, ObjectID{"dst", "k", "2"}
	o.learn(first, "same", source("same", 1))
	afterFirst := time.Now()
	time.Sleep(time.Millisecond)
	o.learn(second, "same", source("same", 2))
	o.learn(ObjectID{"dst", "k", "marker"}, "", http.Header{})
	newest := ObjectID{Bucket: "dst", Key: "k"}
	emulated, later := afterFirst.Add(time.Microsecond), time.Now().Add(time.Hour)

	assert.Equal(t, day(1), o.modified(first, "", emulated))
	assert.Equal(t, day(2), o.modified(second, "", emulated))
	assert.Equal(t, day(2), o.modified(newest, "same", emulated))
	assert.Equal(t, emulated, o.modified(newest, "other", emulated), "it was overwritten")
	assert.Equal(t, later, o.modified(newest, "same", later), "it was overwritten with the same")
	assert.Equal(t, emulated, o.modified(ObjectID{"dst", "k", "marker"}, "", emulated))
	assert.Equal(t, emulated, o.modified(ObjectID{"src", "k", "1"}, "", emulated))

	o.forget(second)
	assert.Equal(t, emulated, o.modified(newest, "same", emulated), "the first had arrived before")
	assert.Equal(t, day(1), o.modified(newest, "same", afterFirst.Add(-time.Second)), "it is the newest again")
	o.forget(first)
	assert.Empty(t, o.byKey)
	o.learn(first, "same", source("same", 1))
	o.forgetBucket("dst")
	assert.Empty(t, o.byKey)
}
