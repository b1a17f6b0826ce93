package policy

import (
	"iter"
	"slices"
	"strings"
	"unicode/utf8"
)

// Patterns are resource patterns, prepared for a search among many.
type Patterns struct {
	all     []resourcePattern
	index   prefixes
	unnamed string
}

// resourcePattern is a pattern as a document has it, and with its policy variables filled in.
type resourcePattern struct{ written, expanded string }

// NewPatterns returns the patterns, each once, with their policy variables filled in as [Evaluate] does for each of the
// requests. Without requests, "${" is ordinary text.
func NewPatterns(patterns []string, requests ...Request) Patterns {
	var p Patterns
	for _, pattern := range slices.Compact(slices.Sorted(slices.Values(patterns))) {
		p.all = append(p.all, resourcePattern{pattern, pattern})
		if !hasVariable(pattern) {
			continue
		}
		for i := range requests {
			e := evaluation{request: requests[i], caller: newCaller(&requests[i])}
			if expanded, ok := e.expandResource(pattern); ok {
				p.all = append(p.all, resourcePattern{pattern, expanded})
			}
		}
	}
	texts := make([]string, len(p.all))
	for i := range p.all {
		texts[i] = p.all[i].expanded
	}
	p.index, p.unnamed = newPrefixes(texts), unnamedIn(texts)
	return p
}

// Unnamed returns a text that no pattern matches without an asterisk: it has a character that none contains, more often
// than any has question marks. A resource that ends with it stands for those that no pattern names.
func (p Patterns) Unnamed() string { return p.unnamed }

// unnamedIn returns the text for [Patterns.Unnamed].
func unnamedIn(patterns []string) string {
	character, times := '\uE000', 1 // of the private use area
	for i := 0; i < len(patterns); i++ {
		times = max(times, 1+strings.Count(patterns[i], "?"))
		if strings.ContainsRune(patterns[i], character) {
			character, i = character+1, -1
		}
	}
	return strings.Repeat(string(character), times)
}

// MayCover reports whether a pattern begins in a way that may cover a text that begins with prefix. Whether one does,
// takes Within longer to say.
func (p Patterns) MayCover(prefix string) bool {
	var few [4]int
	return len(p.index.of(prefix, few[:0])) > 0 || len(p.index.within(prefix, few[:0])) > 0
}

// Covering returns the patterns that cover an ARN, as the documents have them. [Evaluate] decides two resources that
// the same patterns cover the same.
func (p Patterns) Covering(arn string) []string {
	var few [16]int
	found := p.index.of(arn, few[:0])
	slices.Sort(found)
	var covering []string
	for _, i := range found {
		if pattern := p.all[i].expanded; matchResource(pattern, arn) || matchIncomplete(pattern, arn) {
			covering = append(covering, p.all[i].written)
		}
	}
	return covering
}

// Within returns each pattern that covers a text that begins with prefix, with such a text. It is something to ask
// [Evaluate] about, where a statement is about a part of a bucket: what is asked of another part does not show what the
// statement does.
func (p Patterns) Within(prefix string) iter.Seq2[string, string] {
	return func(yield func(pattern, text string) bool) {
		found := p.index.within(prefix, p.index.of(prefix, nil))
		slices.Sort(found)
		for _, i := range found {
			if text, ok := within(p.all[i].expanded, prefix, p.unnamed); ok && !yield(p.all[i].written, text) {
				return
			}
		}
	}
}

// within returns a text that begins with prefix and that a resource pattern covers, and whether there is such a text.
// Wildcards stand for the text unnamed, or for its first character.
func within(pattern, prefix, unnamed string) (text string, ok bool) {
	// Up to the first wildcard, the two have to be the same text.
	begin := literal(pattern)
	if !strings.HasPrefix(prefix, begin) {
		if !strings.HasPrefix(begin, prefix) {
			return "", false
		}
		return begin + filled(characters(pattern[len(begin):]), unnamed), true
	}
	want := characters(pattern[len(begin):])
	prefix = prefix[len(begin):]
	// As an automaton: at[i] reports that the prefix so far is matched by the first i characters of the pattern.
	at := make([]bool, len(want)+1)
	at[0] = true
	for _, letter := range prefix {
		next := make([]bool, len(at))
		for i, wanted := range want {
			at[i+1] = at[i+1] || at[i] && wanted == anyCharacters // which stands for nothing, too
			switch {
			case !at[i]:
			case wanted == anyCharacters:
				next[i] = true
			case wanted == anyCharacter || wanted == letter:
				next[i+1] = true
			}
		}
		at = next
	}
	for i, reached := range at {
		if reached {
			return begin + prefix + filled(want[i:], unnamed), true
		}
	}
	return "", false
}

// The wildcards among the characters of a pattern.
const (
	anyCharacters rune = -1 - iota
	anyCharacter
)

// characters returns those of a pattern, and its wildcards apart from quoted ones.
func characters(pattern string) []rune {
	var all []rune
	for len(pattern) > 0 {
		character, width := utf8.DecodeRuneInString(pattern)
		switch {
		case pattern[0] == '*':
			character = anyCharacters
		case pattern[0] == '?':
			character = anyCharacter
		case pattern[0] == quote && len(pattern) > 1:
			character, width = utf8.DecodeRuneInString(pattern[1:])
			width++
		}
		all, pattern = append(all, character), pattern[width:]
	}
	return all
}

// filled returns a text that characters of a pattern cover.
func filled(characters []rune, unnamed string) string {
	one, _ := utf8.DecodeRuneInString(unnamed)
	var text strings.Builder
	for _, character := range characters {
		switch character {
		case anyCharacters:
			text.WriteString(unnamed)
		case anyCharacter:
			text.WriteRune(one)
		default:
			text.WriteRune(character)
		}
	}
	return text.String()
}
