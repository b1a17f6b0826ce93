// Package nearest finds the known word closest to a misspelled one.
package nearest

import (
	"strings"

	"github.com/agext/levenshtein"
)

// longest is the length of texts that are looked at: comparing takes time, and
// no word is as long.
const longest = 64

// Word is the one of the words that takes the fewest changes to make of the
// text, in whatever case, or "" where they are too many to call it a slip.
func Word(text string, words []string) string {
	if text == "" || len(text) > longest {
		return ""
	}
	best, least := "", len(text)/3+1
	for _, word := range words {
		if distance := levenshtein.Distance(strings.ToLower(text), strings.ToLower(word), nil); distance < least {
			best, least = word, distance
		}
	}
	return best
}
