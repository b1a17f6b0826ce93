package compare

import (
	"context"
	"sort"
	"strings"
	"unicode/utf8"
)

// splitter looks for a key near the middle of an unread range. It makes no
// assumptions about keys, and only reads the first key after a given one.
type splitter struct {
	ctx    context.Context
	lister Lister
	upto   string
	err    error
}

// longestKey in bytes.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
const longestKey = 1024

// lastRune sorts after all others.
const lastRune = utf8.MaxRune

// splitKey finds a key to split the range at: those up to it remain, those after
// it are given away. It is false where there is no such key.
func splitKey(ctx context.Context, lister Lister, after, upto string) (string, bool, error) {
	s := &splitter{ctx: ctx, lister: lister, upto: upto}
	common, ok := s.commonPrefix(after)
	if !ok || s.err != nil {
		return "", false, s.err
	}
	first, _ := utf8.DecodeRuneInString(after[len(common):])
	last := s.lastAfter(common, first)
	if s.err != nil || last <= first {
		return "", false, s.err
	}
	middle := valid(first + (last-first+1)/2)
	key, found := s.firstAfter(common + string(middle))
	return key, found, s.err
}

// firstAfter is the first key after one, within the range.
func (s *splitter) firstAfter(key string) (string, bool) {
	if s.err != nil {
		return "", false
	}
	page, err := s.lister.List(s.ctx, Position{Key: key}, 1)
	if err != nil {
		s.err = err
		return "", false
	}
	if len(page.Versions) == 0 {
		return "", false
	}
	found := page.Versions[0].Key
	return found, s.upto == "" || found <= s.upto
}

// commonPrefix is the longest part of a key that all keys to come begin with.
// It is false where nothing comes but what begins with the whole key.
func (s *splitter) commonPrefix(key string) (string, bool) {
	var cuts []int
	for i := range key {
		cuts = append(cuts, i)
	}
	cuts = append(cuts, len(key))
	longer := sort.Search(len(cuts), func(i int) bool {
		if cuts[i] > longestKey-utf8.UTFMax {
			return true // S3 refuses markers that are too long for a key
		}
		_, others := s.firstAfter(key[:cuts[i]] + string(lastRune))
		return others
	})
	if longer == 0 || longer == len(cuts) {
		return "", false
	}
	return key[:cuts[longer-1]], true
}

// lastAfter is the last character that follows a prefix which all keys have.
// Most keys have none but those of ASCII.
func (s *splitter) lastAfter(prefix string, first rune) rune {
	low, high := first, rune(utf8.RuneSelf)
	if _, beyond := s.firstAfter(prefix + string(high)); beyond || low >= high {
		high = lastRune
	}
	for low+1 < high && s.err == nil {
		middle := valid(low + (high-low)/2)
		key, some := s.firstAfter(prefix + string(middle))
		if !some {
			high = min(high-1, middle)
			continue
		}
		rest, ours := strings.CutPrefix(key, prefix)
		if !ours {
			return low // written while we looked
		}
		low, _ = utf8.DecodeRuneInString(rest)
	}
	return low
}

// valid steps over the surrogates, which are no characters.
func valid(r rune) rune {
	if utf8.ValidRune(r) {
		return r
	}
	return 0xE000
}
