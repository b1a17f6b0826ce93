package replication

import (
	"fmt"
	"strings"
)

// hop is one bucket that another is replicated to.
type hop struct {
	subject  int
	from, to string
	rule     candidate
}

// lintChains finds where replicas were to travel on and will not, and pairs of
// buckets whose replicas drift apart. Rules of several subjects are taken
// together; those whose source bucket is not known are left out.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-what-is-isnot-replicated.html
func lintChains(subjects []Subject) []Finding {
	hops := firstHops(subjects)
	from := map[string][]hop{}
	for _, each := range hops {
		from[each.from] = append(from[each.from], each)
	}
	var findings []Finding
	for _, first := range hops {
		var spokes []string
		for _, second := range from[first.to] {
			switch {
			case second.to == first.from:
				if !first.rule.rule.syncsReplicas() {
					findings = append(findings, first.finding(subjects, "two-way-without-sync"))
				}
			case reaches(from[first.from], second.to):
			case first.leadsBackTo(second, subjects):
				spokes = append(spokes, second.to)
			default:
				findings = append(findings, second.chainStops(subjects, first))
			}
		}
		if len(spokes) > 0 {
			findings = append(findings, first.spokesApart(subjects, spokes))
		}
	}
	return findings
}

// leadsBackTo tells whether a hop is the way back of a two-way replication, and
// the next one is of its way there: its author gave it several destinations,
// and cannot have them replicate to each other.
func (h hop) leadsBackTo(next hop, subjects []Subject) bool {
	wayBackOf := subjects[h.subject].WayBackOf
	return wayBackOf != "" && wayBackOf == subjects[next.subject].Name
}

func (h hop) spokesApart(subjects []Subject, spokes []string) Finding {
	finding := h.finding(subjects, "two-way-spokes", h.from, h.to, strings.Join(spokes, ", "))
	finding.Fix = fmt.Sprintf(finding.Fix, h.to)
	return finding
}

// firstHops has the first enabled rule for each pair of buckets.
func firstHops(subjects []Subject) []hop {
	var hops []hop
	seen := map[[2]string]bool{}
	for i := range subjects {
		source := subjects[i].Facts.Source.Bucket
		if source == "" {
			continue
		}
		for _, group := range byDestination(subjects[i].Configuration.Rules) {
			pair := [2]string{source, group.bucket}
			if len(group.enabled) > 0 && !seen[pair] && group.bucket != source {
				seen[pair] = true
				hops = append(hops, hop{subject: i, from: source, to: group.bucket, rule: group.enabled[0]})
			}
		}
	}
	return hops
}

func reaches(hops []hop, bucket string) bool {
	for _, each := range hops {
		if each.to == bucket {
			return true
		}
	}
	return false
}

func (h hop) chainStops(subjects []Subject, first hop) Finding {
	finding := h.finding(subjects, "chain-stops", h.from, h.to, first.from, h.from)
	finding.Fix = fmt.Sprintf(finding.Fix, h.to, first.from)
	return finding
}

func (h hop) finding(subjects []Subject, id string, args ...any) Finding {
	finding := newFinding(id, args...)
	subject := &subjects[h.subject]
	finding.Replication, finding.subject = subject.Name, h.subject
	finding.Rule, finding.rule = h.rule.ref.ID, h.rule.ref.Index
	finding.Path = subject.rulePath(h.rule.ref.Index)
	return finding
}
