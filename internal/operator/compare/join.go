package compare

import (
	"fmt"
	"strings"
)

// cursor iterates over a sorted list. It returns nil at the end.
type cursor interface {
	next() (*Version, error)
}

// join reads two lists side by side, key by key, and matches their versions by id.
// Each version is passed on once, with its counterpart or nil.
//
// The versions of a key may come in different orders. Unmatched versions are kept in
// memory, which is little as long as the orders are similar.
type join struct {
	source, destination side
	// enter is called before each key, and ends the join if it returns false.
	enter func(key string) bool
	// match gets each version, with its counterpart.
	match func(source, destination *Version) error
	// leave is called after each key.
	leave func(key string) error
}

// side is a list with the version that comes next.
type side struct {
	cursor cursor
	name   string
	head   *Version
	last   string
	// waiting are unmatched versions of the key.
	waiting map[string]*Version
}

// advance moves to the next version. S3 sorts keys by their bytes; a list that
// is sorted in another way cannot be compared like this.
func (s *side) advance() error {
	head, err := s.cursor.next()
	if err != nil {
		return err
	}
	s.head = head
	if head == nil {
		return nil
	}
	if head.Key < s.last {
		return fmt.Errorf("the list of %s is not sorted by key: %q comes after %q; "+
			"directory buckets and some servers list in this order, and can't be compared", s.name, head.Key, s.last)
	}
	s.last = head.Key
	return nil
}

func (s *side) at(key string) bool { return s.head != nil && s.head.Key == key }

func (j *join) run() error {
	for _, side := range []*side{&j.source, &j.destination} {
		side.waiting = map[string]*Version{}
		if err := side.advance(); err != nil {
			return err
		}
	}
	for j.source.head != nil || j.destination.head != nil {
		key := j.key()
		if !j.enter(key) {
			return nil
		}
		if err := j.versions(key); err != nil {
			return err
		}
		if err := j.leave(key); err != nil {
			return err
		}
	}
	return nil
}

// key is the smaller of the two that come next.
func (j *join) key() string {
	switch {
	case j.source.head == nil:
		return j.destination.head.Key
	case j.destination.head == nil:
		return j.source.head.Key
	case strings.Compare(j.source.head.Key, j.destination.head.Key) <= 0:
		return j.source.head.Key
	default:
		return j.destination.head.Key
	}
}

// versions matches those of a key: one of the source, one of the destination,
// in turn.
func (j *join) versions(key string) error {
	swapped := func(destination, source *Version) error { return j.match(source, destination) }
	for j.source.at(key) || j.destination.at(key) {
		if err := take(&j.source, &j.destination, key, j.match); err != nil {
			return err
		}
		if err := take(&j.destination, &j.source, key, swapped); err != nil {
			return err
		}
	}
	for _, version := range j.source.waiting {
		if err := j.match(version, nil); err != nil {
			return err
		}
	}
	for _, version := range j.destination.waiting {
		if err := j.match(nil, version); err != nil {
			return err
		}
	}
	clear(j.source.waiting)
	clear(j.destination.waiting)
	return nil
}

// take matches the next version of one side with those that wait on the other,
// or lets it wait as long as the other side may still bring its counterpart.
func take(from, other *side, key string, match func(version, counterpart *Version) error) error {
	if !from.at(key) {
		return nil
	}
	version := from.head
	if err := from.advance(); err != nil {
		return err
	}
	if counterpart, found := other.waiting[version.ID]; found {
		delete(other.waiting, version.ID)
		return match(version, counterpart)
	}
	if other.at(key) {
		from.waiting[version.ID] = version
		return nil
	}
	return match(version, nil)
}
