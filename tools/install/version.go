package main

import (
	"fmt"
	"regexp"
	"strconv"
)

// version is a semantic version without its suffix.
type version struct{ major, minor, patch int }

var versionText = regexp.MustCompile(`^v?(\d+)\.(\d+)\.(\d+)`)

// parseVersion parses "v1.2.3" and "1.2.3", with any suffix.
func parseVersion(text string) (version, bool) {
	hit := versionText.FindStringSubmatch(text)
	if hit == nil {
		return version{}, false
	}
	var n [3]int
	for i := range n {
		var err error
		if n[i], err = strconv.Atoi(hit[i+1]); err != nil {
			return version{}, false
		}
	}
	return version{n[0], n[1], n[2]}, true
}

// String returns the version with a leading "v".
func (v version) String() string { return "v" + v.Bare() }

// Bare returns the version without a leading "v".
func (v version) Bare() string { return fmt.Sprintf("%d.%d.%d", v.major, v.minor, v.patch) }

func (v version) less(w version) bool {
	if v.major != w.major {
		return v.major < w.major
	}
	if v.minor != w.minor {
		return v.minor < w.minor
	}
	return v.patch < w.patch
}

// fits reports whether v can replace the wanted version: the same major version, and
// not older.
func (v version) fits(wanted version) bool { return v.major == wanted.major && !v.less(wanted) }
