package model

import (
	"slices"
	"strings"
)

// NoteChains adds notes where the object stops: a destination has rules of its own that match it,
// but S3 does not replicate replicas. The subjects may include the source bucket itself.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-what-is-isnot-replicated.html
func (x *Explanation) NoteChains(source string, subjects []Subject) {
	if event := x.Object.Event; event != "" && event != Written && !event.deletes() {
		return
	}
	reached := func(bucket string) bool {
		return bucket == source || slices.ContainsFunc(x.Decisions, func(d Decision) bool { return d.Bucket == bucket && d.Rule != nil })
	}
	for i := range x.Decisions {
		decision := &x.Decisions[i]
		if decision.Verdict == DoesNotReplicate || decision.Bucket == "" {
			continue
		}
		var stops []string
		for _, next := range subjects {
			if next.Facts.Source.Bucket != decision.Bucket {
				continue
			}
			for _, group := range byDestination(next.Configuration.Rules) {
				if group.winner(&x.Object) != nil && !reached(group.bucket) && !contains(stops, group.bucket) {
					stops = append(stops, group.bucket)
				}
			}
		}
		if len(stops) > 0 {
			decision.Notes = append(decision.Notes, noting("chain-stops", decision.Bucket, strings.Join(stops, ", "), decision.Bucket))
		}
	}
}
