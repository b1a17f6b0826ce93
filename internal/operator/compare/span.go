package compare

import "sync"

// span is a range of keys that one worker compares: those after one key, up to
// and including another.
type span struct {
	pair *pair

	mu sync.Mutex
	// after is the last key that is done, and counted.
	after string
	// at is the key that is being compared.
	at string
	// upto is the last key of the range. Empty: to the end of the bucket.
	upto  string
	tally Tally
	// commits since a worker last tried to split the span.
	commits   int
	splitting bool
}

func newSpan(p *pair, after, upto string) *span {
	return &span{pair: p, after: after, at: after, upto: upto, tally: newTally()}
}

// enter moves on to a key, if it is in the range. The range may have become
// shorter since the last one.
func (s *span) enter(key string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.upto != "" && key > s.upto {
		return false
	}
	s.at = key
	return true
}

// commit counts what was found up to a key. From then on, a comparison that is
// resumed begins after it.
func (s *span) commit(key string, tally Tally) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.after = key
	s.tally.add(tally)
	s.commits++
}

// claim reserves the span for being split, if it has turned out long.
func (s *span) claim() (after, upto string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.splitting || s.commits < pagesBeforeSplit {
		return "", "", false
	}
	s.splitting, s.commits = true, 0
	return s.at, s.upto, true
}

// release ends a claim.
func (s *span) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.splitting = false
}

// splitAt gives away what comes after a key, unless the span is past it.
func (s *span) splitAt(key string) (*span, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if key < s.at || s.upto != "" && key >= s.upto {
		return nil, false
	}
	rest := newSpan(s.pair, key, s.upto)
	s.upto = key
	return rest, true
}

// pagesBeforeSplit is how much of a range must have been compared before it is
// split. Finding the place takes a dozen calls.
const pagesBeforeSplit = 8
