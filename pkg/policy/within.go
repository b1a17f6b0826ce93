package policy

import "strings"

// filled is a text that a pattern covers.
var filled = strings.NewReplacer("*", "any", "?", "a")

// Within returns a text that begins with prefix and that a resource pattern covers, and whether there is such a text.
// It is something to ask [Evaluate] about, where a statement is about a part of a bucket: what is asked of another part
// does not show what the statement does.
func Within(pattern, prefix string) (text string, ok bool) {
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
	// As an automaton: at[i] tells that the prefix so far is covered by the first i characters of the pattern.
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
