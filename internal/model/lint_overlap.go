package model

import (
	"cmp"
	"slices"
	"strings"
)

// span is what a rule is for, made quick to compare with others.
type span struct {
	*candidate
	tags []tagNumber // sorted by key
	// outcome is a number for what the rule does with its objects.
	outcome int
	// rank among the rules by priority: the lower decides.
	rank int
	// shadow is the rank of the first rule that takes all of this one's
	// objects, and overlap that of the first that takes some; -1: none.
	shadow, overlap int
}

// tagNumber is a tag with numbers for its texts.
type tagNumber struct{ key, value int }

// lintFilters finds the rules of one destination that get in each other's way.
// Only rules whose prefixes agree can; sorted by prefix, those that a prefix
// begins with are always at hand on a stack.
func (l *linter) lintFilters(group *candidates) {
	spans := newSpans(group.enabled)
	sorted := slices.Clone(spans)
	slices.SortStableFunc(sorted, func(a, b *span) int { return cmp.Compare(a.prefix, b.prefix) })
	var stack []*span
	for _, current := range sorted {
		for len(stack) > 0 && !strings.HasPrefix(current.prefix, stack[len(stack)-1].prefix) {
			stack = stack[:len(stack)-1]
		}
		for _, wider := range stack {
			compareSpans(wider, current)
		}
		stack = append(stack, current)
	}
	for _, each := range spans {
		switch first := max(each.shadow, each.overlap); {
		case first >= 0 && each.ref.FirstSchema && spans[first].ref.FirstSchema:
			l.about(each.candidate, "schema-v1-overlap", spans[first].ref)
		case each.shadow >= 0:
			l.about(each.candidate, "rule-shadowed", spans[each.shadow].ref)
		case each.overlap >= 0:
			l.about(each.candidate, "rules-overlap", spans[each.overlap].ref)
		}
	}
}

// compareSpans notes with the lower of two rules what the higher takes of it.
// The prefix of the narrow one begins with that of the wide one.
func compareSpans(wide, narrow *span) {
	upper, lower := wide, narrow
	if narrow.rank < wide.rank {
		upper, lower = narrow, wide
	}
	samePrefix := len(wide.prefix) == len(narrow.prefix)
	if covers(upper, lower, samePrefix || upper == wide) {
		noteFirst(&lower.shadow, upper.rank)
		return
	}
	exception := covers(lower, upper, samePrefix || lower == wide)
	if !exception && upper.outcome != lower.outcome && compatible(upper.tags, lower.tags) {
		noteFirst(&lower.overlap, upper.rank)
	}
}

func noteFirst(noted *int, rank int) {
	if *noted < 0 || rank < *noted {
		*noted = rank
	}
}

// covers reports whether all that one rule is for is what the other is for too.
func covers(wide, narrow *span, prefixCovers bool) bool {
	if !prefixCovers || len(wide.tags) > len(narrow.tags) {
		return false
	}
	for _, tag := range wide.tags {
		if !slices.Contains(narrow.tags, tag) {
			return false
		}
	}
	return true
}

// compatible reports whether an object can have both lists of tags.
func compatible(a, b []tagNumber) bool {
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0].key < b[0].key:
			a = a[1:]
		case a[0].key > b[0].key:
			b = b[1:]
		case a[0].value != b[0].value:
			return false
		default:
			a, b = a[1:], b[1:]
		}
	}
	return true
}

func newSpans(rules []candidate) []*span {
	numbers := map[string]int{}
	number := func(text string) int {
		n, known := numbers[text]
		if !known {
			n = len(numbers)
			numbers[text] = n
		}
		return n
	}
	spans := make([]*span, len(rules))
	for i := range rules {
		each := &span{candidate: &rules[i], rank: i, shadow: -1, overlap: -1, outcome: number(rules[i].rule.Outcome())}
		for _, tag := range rules[i].tags {
			each.tags = append(each.tags, tagNumber{number(tag.Key), number(tag.Value)})
		}
		slices.SortFunc(each.tags, func(a, b tagNumber) int { return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.value, b.value)) })
		spans[i] = each
	}
	return spans
}
