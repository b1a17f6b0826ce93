package compare

import "maps"

// Finding is the result for one version.
type Finding struct {
	Verdict Verdict `json:"verdict"`
	Reason  Reason  `json:"reason"`
	// Replication that the version belongs to, and the destination's name.
	Replication string `json:"replication"`
	Destination string `json:"destination"`
	Key         string `json:"key"`
	Version     string `json:"versionId,omitempty"`
	// DeleteMarker reports whether the version is one.
	DeleteMarker bool `json:"deleteMarker,omitempty"`
	// Current reports whether it is the newest of its key, on the side that has it.
	Current bool `json:"current"`
	// Differences between the buckets, if both have it.
	Differences []Difference `json:"differences,omitempty"`
	// Detail is the error of AWS.
	Detail string `json:"detail,omitempty"`
	// Retry is a command that replicates the object, or "".
	Retry string `json:"retry,omitempty"`

	source Attributes
}

// encryptionKey is the attribute of a replica that is encrypted with another key than
// that of its rule. The difference is between the rule and the replica.
const encryptionKey = "encryptionKey"

// Difference is an attribute that differs between the buckets.
type Difference struct {
	Attribute   string `json:"attribute"`
	Source      string `json:"source"`
	Destination string `json:"destination"`
}

// Tally counts versions.
type Tally struct {
	// Source and Destination are how many versions the lists had.
	Source      int64 `json:"source"`
	Destination int64 `json:"destination"`
	// Reasons are how many versions have got each.
	Reasons map[Reason]int64 `json:"reasons"`
}

func newTally() Tally { return Tally{Reasons: map[Reason]int64{}} }

func (t *Tally) add(other Tally) {
	t.Source += other.Source
	t.Destination += other.Destination
	for reason, count := range other.Reasons {
		t.Reasons[reason] += count
	}
}

func (t *Tally) clone() Tally {
	copied := *t
	copied.Reasons = maps.Clone(t.Reasons)
	return copied
}

// Verdicts are how many versions have got each.
func (t *Tally) Verdicts() map[Verdict]int64 {
	verdicts := map[Verdict]int64{}
	for reason, count := range t.Reasons {
		verdicts[reason.Verdict()] += count
	}
	return verdicts
}
