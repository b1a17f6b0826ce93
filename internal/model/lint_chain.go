package model

import (
	"fmt"
	"slices"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
)

// hop is one bucket that another is replicated to.
type link struct {
	subject  int
	from, to string
	rule     candidate
	rules    []candidate
}

// lintChains finds where replicas were to travel on and will not, and pairs of
// buckets whose replicas drift apart. Rules of several subjects are taken
// together; those whose source bucket is not known are left out.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-what-is-isnot-replicated.html
func lintChains(subjects []Subject) []Finding {
	hops := linksOf(subjects)
	from := map[string][]link{}
	for _, each := range hops {
		from[each.from] = append(from[each.from], each)
	}
	var findings []Finding
	for _, first := range hops {
		var spokes []string
		for _, next := range from[first.to] {
			first, second, found := first.after(next)
			switch {
			case !found:
			case second.to == first.from:
				if !first.rule.rule.SyncsReplicas() {
					findings = append(findings, first.finding(subjects, "two-way-without-sync"))
				}
			case reaches(from[first.from], second.to, second):
			case first.leadsBackTo(second, subjects):
				spokes = append(spokes, second.to)
			default:
				findings = append(findings, second.chainStops(subjects, first))
			}
		}
		if len(spokes) > 0 {
			findings = append(findings, first.twoWaySpokes(subjects, spokes))
		}
	}
	return findings
}

// leadsBackTo reports whether a hop is the way back of a two-way replication, and
// the next one is of its way there: its author gave it several destinations,
// and cannot have them replicate to each other.
func (h link) leadsBackTo(next link, subjects []Subject) bool {
	wayBackOf := subjects[h.subject].ReverseOf
	return wayBackOf != "" && wayBackOf == subjects[next.subject].Name
}

func (h link) twoWaySpokes(subjects []Subject, spokes []string) Finding {
	finding := h.finding(subjects, "two-way-spokes", h.from, h.to, strings.Join(spokes, ", "))
	finding.Fix = fmt.Sprintf(finding.Fix, h.to)
	return finding
}

// hopsOf has the enabled rules of each pair of buckets, the highest priority
// first.
func linksOf(subjects []Subject) []link {
	var hops []link
	for i := range subjects {
		source := subjects[i].Facts.Source.Bucket
		if source == "" {
			continue
		}
		for _, group := range byDestination(subjects[i].Configuration.Rules) {
			if len(group.enabled) > 0 && group.bucket != source {
				hops = append(hops, link{subject: i, from: source, to: group.bucket, rule: group.enabled[0], rules: group.enabled})
			}
		}
	}
	return hops
}

// after is the next hop with its first rule that is for objects of this one, and
// this one with its first rule for them; found is false where there are none.
func (h link) after(next link) (first, second link, found bool) {
	type side struct {
		candidate *candidate
		second    bool
	}
	all := make([]side, 0, len(h.rules)+len(next.rules))
	for i := range h.rules {
		all = append(all, side{&h.rules[i], false})
	}
	for i := range next.rules {
		all = append(all, side{&next.rules[i], true})
	}
	slices.SortStableFunc(all, func(a, b side) int { return strings.Compare(a.candidate.prefix, b.candidate.prefix) })
	var stack []side
	for _, current := range all {
		for len(stack) > 0 && !strings.HasPrefix(current.candidate.prefix, stack[len(stack)-1].candidate.prefix) {
			stack = stack[:len(stack)-1]
		}
		for _, wider := range stack {
			if wider.second == current.second || !tagsAgree(wider.candidate.tags, current.candidate.tags) {
				continue
			}
			first, second = h, next
			one, other := wider.candidate, current.candidate
			if wider.second {
				one, other = other, one
			}
			first.rule, second.rule = *one, *other
			return first, second, true
		}
		stack = append(stack, current)
	}
	return h, next, false
}

// tagsAgree reports whether an object can have both lists of tags.
func tagsAgree(a, b []s3config.Tag) bool {
	for _, one := range a {
		for _, other := range b {
			if one.Key == other.Key && one.Value != other.Value {
				return false
			}
		}
	}
	return true
}

// reaches reports whether a hop to a bucket is for objects of the given one.
func reaches(hops []link, bucket string, of link) bool {
	for _, each := range hops {
		if each.to != bucket {
			continue
		}
		if _, _, found := of.after(each); found {
			return true
		}
	}
	return false
}

func (h link) chainStops(subjects []Subject, first link) Finding {
	finding := h.finding(subjects, "chain-stops", h.from, h.to, first.from, h.from)
	finding.Fix = fmt.Sprintf(finding.Fix, h.to, first.from)
	return finding
}

func (h link) finding(subjects []Subject, id string, args ...any) Finding {
	finding := newFinding(id, args...)
	subject := &subjects[h.subject]
	finding.Replication, finding.subject = subject.Name, h.subject
	finding.Rule, finding.rule = h.rule.ref.ID, h.rule.ref.Index
	finding.Path = subject.rulePath(h.rule.ref.Index)
	return finding
}
