package policy

import (
	"iter"
	"slices"
	"strings"
)

// Patterns are resource patterns, prepared for a search among many.
type Patterns struct {
	all   []string
	index prefixes
}

// NewPatterns returns the patterns, each once.
func NewPatterns(patterns []string) Patterns {
	all := slices.Compact(slices.Sorted(slices.Values(patterns)))
	return Patterns{all, newPrefixes(all)}
}

// MayCover reports whether a pattern begins in a way that may cover a text that begins with prefix. Whether one does,
// takes Within longer to say.
func (p Patterns) MayCover(prefix string) bool {
	var few [4]int
	return len(p.index.of(prefix, few[:0])) > 0 || len(p.index.within(prefix, few[:0])) > 0
}

// Within returns each pattern that covers a text that begins with prefix, with such a text. It is something to ask
// [Evaluate] about, where a statement is about a part of a bucket: what is asked of another part does not show what the
// statement does.
func (p Patterns) Within(prefix string) iter.Seq2[string, string] {
	return func(yield func(pattern, text string) bool) {
		found := p.index.within(prefix, p.index.of(prefix, nil))
		slices.Sort(found)
		for _, i := range found {
			if text, ok := within(p.all[i], prefix); ok && !yield(p.all[i], text) {
				return
			}
		}
	}
}

// filled is a text that a pattern covers.
var filled = strings.NewReplacer("*", "any", "?", "a")

// within returns a text that begins with prefix and that a resource pattern covers, and whether there is such a text.
func within(pattern, prefix string) (text string, ok bool) {
	// Up to the first wildcard, the two have to be the same text.
	literal := strings.IndexAny(pattern, "*?")
	if literal < 0 {
		literal = len(pattern)
	}
	if before := pattern[:literal]; !strings.HasPrefix(prefix, before) {
		if !strings.HasPrefix(before, prefix) {
			return "", false
		}
		return before + filled.Replace(pattern[literal:]), true
	}
	begin := prefix[:literal]
	pattern, prefix = pattern[literal:], prefix[literal:]

	want := []rune(pattern)
	// As an automaton: at[i] reports that the prefix so far is matched by the first i characters of the pattern.
	at := make([]bool, len(want)+1)
	at[0] = true
	for _, character := range prefix {
		next := make([]bool, len(at))
		for i, wanted := range want {
			at[i+1] = at[i+1] || at[i] && wanted == '*' // which stands for nothing, too
			switch {
			case !at[i]:
			case wanted == '*':
				next[i] = true
			case wanted == '?' || wanted == character:
				next[i+1] = true
			}
		}
		at = next
	}
	for i, reached := range at {
		if reached {
			return begin + prefix + filled.Replace(string(want[i:])), true
		}
	}
	return "", false
}
