package compare

import (
	"strings"
	"time"
)

// Version is one version of an object, or a delete marker, as listed.
type Version struct {
	Key string
	// ID of the version. Empty where only current objects are listed.
	ID string
	// CurrentID is the version id if only current objects are listed, which are matched by
	// key. Empty if the list does not contain it.
	CurrentID string
	// ETag without its quotes. Delete markers have none.
	ETag string
	// Size in bytes.
	Size int64
	// Class of storage. Left out: STANDARD.
	Class string
	// Modified is when it was written, as S3 writes times.
	Modified string
	// Current reports whether it is the newest of its key.
	Current bool
	// Marker reports whether it is a delete marker.
	Marker bool
	// Status of replication, only in inventory reports.
	Status string
	// Encryption, only in inventory reports: "SSE-KMS".
	Encryption string
}

// texts of the version.
func (v *Version) texts() [8]*string {
	return [...]*string{&v.Key, &v.ID, &v.CurrentID, &v.ETag, &v.Class, &v.Modified, &v.Status, &v.Encryption}
}

// age returns the age of the version, or 0 if the list has no time.
func (v *Version) age(now time.Time) time.Duration {
	written, err := time.Parse(time.RFC3339, v.Modified)
	if err != nil {
		return 0
	}
	return now.Sub(written)
}

// detached is a copy that does not keep the page in memory that it came from.
func (v *Version) detached() Version {
	copied := *v
	for _, text := range copied.texts() {
		*text = strings.Clone(*text)
	}
	return copied
}

// Position is how far a list was read: up to a version of a key, or up to the
// end of a key where no version is named. The zero value is the beginning.
type Position struct {
	Key, Version string
}

// Page is a part of a list.
type Page struct {
	Versions []Version
	// Next is where the list goes on. It has meaning where there is More.
	Next Position
	More bool
	// Bytes of all texts in it.
	Bytes int
}

// compact copies the texts out of the document that they are parts of: a list
// says five times as much as is compared.
func (p *Page) compact() {
	p.Bytes = 0
	for i := range p.Versions {
		for _, text := range p.Versions[i].texts() {
			p.Bytes += len(*text)
		}
	}
	var all strings.Builder
	all.Grow(p.Bytes)
	for i := range p.Versions {
		for _, text := range p.Versions[i].texts() {
			start := all.Len()
			all.WriteString(*text)
			*text = all.String()[start:]
		}
	}
	p.Next = Position{strings.Clone(p.Next.Key), strings.Clone(p.Next.Version)}
}
