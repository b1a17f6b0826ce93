package replication

// KnownRegions are those of [KnownRegion], for a test to compare.
var KnownRegions = knownRegions
