package compare

import "context"

// pageSize is the most that S3 lists at once.
const pageSize = 1000

// stream is a list that is read ahead by one page.
type stream struct {
	pages chan pageOrError
	page  []Version
	ended bool
}

type pageOrError struct {
	page Page
	err  error
}

// newStream lists what comes after a key, until the context ends.
func newStream(ctx context.Context, lister Lister, after string) *stream {
	s := &stream{pages: make(chan pageOrError, 1)}
	go s.read(ctx, lister, Position{Key: after})
	return s
}

func (s *stream) read(ctx context.Context, lister Lister, at Position) {
	defer close(s.pages)
	for {
		page, err := lister.List(ctx, at, pageSize)
		select {
		case s.pages <- pageOrError{page, err}:
		case <-ctx.Done():
			return
		}
		if err != nil || !page.More {
			return
		}
		at = page.Next
	}
}

// next implements cursor.
func (s *stream) next() (*Version, error) {
	for len(s.page) == 0 {
		if s.ended {
			return nil, nil
		}
		read, open := <-s.pages
		switch {
		case !open:
			// The reader was told to stop, or has come to the end.
			s.ended = true
		case read.err != nil:
			return nil, read.err
		default:
			s.page = read.page.Versions
			s.ended = !read.page.More
		}
	}
	version := &s.page[0]
	s.page = s.page[1:]
	return version, nil
}
