package heartbeat

import "strings"

// folder is the folder of heartbeats below the prefix of a rule.
const folder = ".crr-heartbeat/"

// Key of the heartbeat of a rule: under its prefix, and with the name of the
// bucket that it is written to. Rules of both directions of a two-way pair have
// the same ids, and those of several sources of one destination may have; if
// their heartbeats were one object, each would look like the arrival of another.
func Key(source, prefix, rule string) string { return prefix + folder + source + "/" + rule }

// Keys is a pattern, as policies have it, of the keys of all heartbeats that are
// written to a bucket.
func Keys(source string) string { return "*" + folder + source + "/*" }

// Is reports whether an object is a heartbeat, by its key.
func Is(key string) bool { return strings.Contains(key, folder) }
