package replication

import "cmp"

// Thresholds of the alarms on a rule. Zero leaves a threshold to the component that makes
// the alarms, and is no way out of theirs: where one rule is to have no alarm on
// what waits, the others are given thresholds of their own.
type Thresholds struct {
	// LatencySeconds that replicas may be behind.
	LatencySeconds int `json:"latencySeconds,omitempty" pulumi:"latencySeconds"`
	// PendingOperations that may wait to be replicated: how many, not how long.
	PendingOperations int `json:"pendingOperations,omitempty" pulumi:"pendingOperations"`
	// PendingBytes that may wait to be replicated.
	PendingBytes int `json:"pendingBytes,omitempty" pulumi:"pendingBytes"`
}

// Or are these thresholds, with others in the place of those left out.
func (t Thresholds) Or(others Thresholds) Thresholds {
	return Thresholds{
		LatencySeconds:    cmp.Or(t.LatencySeconds, others.LatencySeconds),
		PendingOperations: cmp.Or(t.PendingOperations, others.PendingOperations),
		PendingBytes:      cmp.Or(t.PendingBytes, others.PendingBytes),
	}
}

// Validate finds thresholds that no metric can pass in a meaningful way.
func (t Thresholds) Validate() Problems {
	var problems Problems
	for _, threshold := range []struct {
		name, unit string
		value      int
	}{
		{"latencySeconds", "seconds", t.LatencySeconds},
		{"pendingOperations", "operations", t.PendingOperations},
		{"pendingBytes", "bytes", t.PendingBytes},
	} {
		if threshold.value < 0 {
			problems.Add(threshold.name, "%d is not a number of %s; give 1 or more, or leave it out", threshold.value, threshold.unit)
		}
	}
	return problems
}
