// Package cannedlist is a server that lists buckets as S3 does: buckets of any
// size, since their objects may be made up while they are listed. Tests and
// benchmarks list them.
package cannedlist

import (
	"slices"
	"sort"
	"strings"
)

// Object is a version of an object, or a delete marker.
type Object struct {
	Key, Version, ETag, Class, Status string
	Size                              int64
	Marker, Current                   bool
}

// Bucket is what is listed: sorted by key, the newest version of a key first.
type Bucket interface {
	Len() int
	At(i int) Object
}

// Slice is a bucket of a few objects.
type Slice []Object

// Len implements Bucket.
func (s Slice) Len() int { return len(s) }

// At implements Bucket.
func (s Slice) At(i int) Object { return s[i] }

// Sorted is a bucket of objects in any order. The first of a key is its current
// version.
func Sorted(objects ...Object) Slice {
	sorted := slices.Clone(objects)
	slices.SortStableFunc(sorted, func(a, b Object) int { return strings.Compare(a.Key, b.Key) })
	for i := range sorted {
		sorted[i].Current = i == 0 || sorted[i-1].Key != sorted[i].Key
	}
	return sorted
}

// after is the index of the first version that comes after a key.
func after(b Bucket, key string) int {
	return sort.Search(b.Len(), func(i int) bool { return b.At(i).Key > key })
}

// afterVersion is the index of the first version that comes after one.
func afterVersion(b Bucket, key, version string) int {
	for i := sort.Search(b.Len(), func(i int) bool { return b.At(i).Key >= key }); i < b.Len() && b.At(i).Key == key; i++ {
		if b.At(i).Version == version {
			return i + 1
		}
	}
	return after(b, key)
}

// find is a version, or the current one of a key where no id is given.
func find(b Bucket, key, version string) (Object, bool) {
	for i := sort.Search(b.Len(), func(i int) bool { return b.At(i).Key >= key }); i < b.Len() && b.At(i).Key == key; i++ {
		if object := b.At(i); version == "" || object.Version == version {
			return object, true
		}
	}
	return Object{}, false
}
