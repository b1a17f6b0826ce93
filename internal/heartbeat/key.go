package heartbeat

import (
	"strings"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// folder is where heartbeats are, below the prefixes of rules: where nobody else
// would write.
const folder = ".crr-heartbeat/"

// Key of the heartbeat of a rule: under its prefix, and with the name of the
// place that writes it. Rules of both directions of a two-way pair have the same
// ids; if their heartbeats were one object, each would look like the arrival of
// the other.
func Key(rule replication.Rule) string { return rule.Prefix + folder + rule.From() + "/" + rule.ID }

// Keys is a pattern, as policies have it, of the keys of all heartbeats that a
// place writes.
func Keys(from string) string { return "*" + folder + from + "/*" }

// Is tells whether an object is a heartbeat, by its key.
func Is(key string) bool { return strings.Contains(key, folder) }
