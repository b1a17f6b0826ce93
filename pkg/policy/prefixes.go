package policy

import (
	"slices"
	"strings"
)

// prefixes finds, of many patterns, the few that may cover a text: those whose literal beginning the text begins with.
type prefixes struct {
	texts []string // the literal beginnings, sorted, each once
	wider []int    // for each, the longest other one that it begins with; -1: none
	items [][]int  // for each, the patterns that begin so, by their index
}

// newPrefixes makes the patterns at the other end of an index quick to find.
func newPrefixes(patterns []string) prefixes {
	byText := map[string][]int{}
	for i, pattern := range patterns {
		text := literal(pattern)
		byText[text] = append(byText[text], i)
	}
	p := prefixes{texts: make([]string, 0, len(byText))}
	for text := range byText {
		p.texts = append(p.texts, text)
	}
	slices.Sort(p.texts)
	var open []int // the texts that the current one begins with
	for i, text := range p.texts {
		for len(open) > 0 && !strings.HasPrefix(text, p.texts[open[len(open)-1]]) {
			open = open[:len(open)-1]
		}
		wider := -1
		if len(open) > 0 {
			wider = open[len(open)-1]
		}
		p.wider, p.items, open = append(p.wider, wider), append(p.items, byText[text]), append(open, i)
	}
	return p
}

// literal is what a pattern begins with before its first wildcard or policy variable.
func literal(pattern string) string {
	for i := range len(pattern) {
		if b := pattern[i]; b == '$' || isSpecial(b) {
			return pattern[:i]
		}
	}
	return pattern
}

// of adds the patterns that may cover a text.
func (p *prefixes) of(text string, found []int) []int {
	i, same := slices.BinarySearch(p.texts, text)
	if !same {
		i--
	}
	for ; i >= 0; i = p.wider[i] { // whatever text begins with, texts[i] begins with or is
		if strings.HasPrefix(text, p.texts[i]) {
			found = append(found, p.items[i]...)
		}
	}
	return found
}

// within adds the patterns whose literal beginning begins with a longer text than the given one, and that text with it.
func (p *prefixes) within(text string, found []int) []int {
	i, same := slices.BinarySearch(p.texts, text)
	if same {
		i++ // which is one of those that may cover it
	}
	for ; i < len(p.texts) && strings.HasPrefix(p.texts[i], text); i++ {
		found = append(found, p.items[i]...)
	}
	return found
}
