package replication

import (
	"maps"
	"slices"
)

// LintIDs are the ids of all findings, for tests to be complete.
func LintIDs() []string { return slices.Collect(maps.Keys(lintCatalogue)) }

// KnownRegions are those of [KnownRegion], for a test to compare.
var KnownRegions = knownRegions
