package compare

import "context"

const (
	// pageSize is the most that S3 lists at once.
	pageSize = 1000
	// pageBytes is how much a page may hold: with so many lists open at once, pages
	// of the longest keys would take hundreds of megabytes.
	pageBytes = 256 << 10
)

// stream is a list that is read ahead by one page.
type stream struct {
	after string
	pages chan pageOrError
	page  []Version
}

type pageOrError struct {
	page Page
	err  error
}

// newStream lists what comes after a key, until the context ends.
func newStream(ctx context.Context, lister Lister, after string) *stream {
	s := &stream{after: after, pages: make(chan pageOrError, 1)}
	go s.read(ctx, lister, Position{Key: after})
	return s
}

func (s *stream) read(ctx context.Context, lister Lister, at Position) {
	defer close(s.pages)
	for limit := pageSize; ; {
		page, err := lister.List(ctx, at, limit)
		select {
		case s.pages <- pageOrError{page, err}:
		case <-ctx.Done():
			return
		}
		if err != nil || !page.More {
			return
		}
		at, limit = page.Next, page.fitting()
	}
}

// fitting is how many versions like those of the page may be asked for at once.
func (p Page) fitting() int {
	return min(pageSize, max(1, pageBytes*len(p.Versions)/max(1, p.Bytes)))
}

// next implements cursor. Some servers begin with the key that they were to
// begin after.
func (s *stream) next() (*Version, error) {
	for {
		for len(s.page) > 0 {
			version := &s.page[0]
			s.page = s.page[1:]
			if version.Key > s.after {
				return version, nil
			}
		}
		read, open := <-s.pages
		if !open || read.err != nil {
			return nil, read.err // the end, or the reader was stopped
		}
		s.page = read.page.Versions
	}
}
