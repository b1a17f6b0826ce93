package compare

import "slices"

// Summary is the result of a comparison.
type Summary struct {
	// Same reports whether every destination holds all that the rules want there,
	// and nothing else.
	Same         bool                 `json:"same"`
	Destinations []DestinationSummary `json:"destinations"`
	// Compared are the attributes that were compared, NotCompared the others.
	Compared    []string `json:"compared"`
	NotCompared []string `json:"notCompared"`
}

// DestinationSummary is the result for one destination.
type DestinationSummary struct {
	Replication string            `json:"replication"`
	Destination string            `json:"destination"`
	Source      string            `json:"sourceBucket"`
	Bucket      string            `json:"destinationBucket"`
	Versions    map[string]int64  `json:"versions"`
	Verdicts    map[Verdict]int64 `json:"verdicts"`
	Reasons     map[Reason]int64  `json:"reasons"`
	// Samples are the first findings of each reason.
	Samples map[Reason][]Finding `json:"-"`
}

// settled verdicts do not count as differences.
var settled = []Verdict{Same, NotSelected}

// Answered reports whether no verdict is unknown.
func (s Summary) Answered() bool {
	return !slices.ContainsFunc(s.Destinations, func(d DestinationSummary) bool { return d.Verdicts[Unknown] > 0 })
}

// Differs reports whether any difference is known.
func (s Summary) Differs() bool {
	return slices.ContainsFunc(s.Destinations, func(d DestinationSummary) bool {
		for verdict, count := range d.Verdicts {
			if count > 0 && verdict != Unknown && !slices.Contains(settled, verdict) {
				return true
			}
		}
		return false
	})
}

// OnlyPending reports whether all differences are pending.
func (s Summary) OnlyPending() bool {
	for _, d := range s.Destinations {
		for verdict, count := range d.Verdicts {
			if count > 0 && verdict != Pending && !slices.Contains(settled, verdict) {
				return false
			}
		}
	}
	return true
}

func (c *comparison) summary(options Options) Summary {
	var s Summary
	for _, p := range c.pairs {
		s.Destinations = append(s.Destinations, p.summary())
	}
	s.Same = s.Answered() && !s.Differs()
	s.Compared, s.NotCompared = []string{"size", "ETag", "storage class"}, []string{"ACL"}
	if !options.Current {
		s.Compared = append([]string{"version id", "delete marker"}, s.Compared...)
	} else {
		s.NotCompared = append([]string{"versions that are not current", "delete markers"}, s.NotCompared...)
	}
	checksum, more := []string{"checksum"}, []string{"metadata", "tags", "encryption key", "Object Lock"}
	switch {
	case options.Attributes:
		s.Compared = append(append(s.Compared, checksum...), more...)
	case options.Checksums:
		s.Compared, s.NotCompared = append(s.Compared, "checksum where ETags are no digests"), append(more, s.NotCompared...)
	default:
		s.NotCompared = append(append(checksum, more...), s.NotCompared...)
	}
	for _, p := range c.pairs {
		if text := "whether the rules were changed"; p.unread != nil {
			text += " (" + p.unread.Error() + ")"
			if !slices.Contains(s.NotCompared, text) {
				s.NotCompared = append(s.NotCompared, text)
			}
		}
	}
	return s
}

func (p *pair) summary() DestinationSummary {
	p.mu.Lock()
	defer p.mu.Unlock()
	return DestinationSummary{
		Replication: p.replication, Destination: p.destination.Name, Source: p.source.Bucket, Bucket: p.destination.Bucket,
		Versions: map[string]int64{"source": p.done.Source, "destination": p.done.Destination},
		Verdicts: p.done.Verdicts(), Reasons: p.done.Reasons, Samples: p.samples,
	}
}
