package compare

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
	"slices"
	"strings"
)

// Reports are as large as buckets, and S3 does not promise any order in them.
// Both are dealt out to files by a hash of the key, and again where a file is
// still too large, so that a pair of files fits into memory and can be sorted.
const (
	// fanOut is how many files versions are dealt out to at a time.
	fanOut = 1 << fanBits
	// fanBits of the hash select the file.
	fanBits = 6
	// deepest is how often they are dealt out at most: a single key cannot be.
	deepest = 5
)

// dealer deals out versions until a pair of files has no more than so many
// bytes.
type dealer struct{ inMemory int64 }

// ordinary takes some 50 MB of memory.
var ordinary = dealer{16 << 20}

// feed hands on versions, in any order.
type feed func(take func(Version) error) error

// match sorts what two feeds hand on, and gives it away part by part. Both sides
// of a key are in the same part.
func (d dealer) match(source, destination feed, level int, part func(source, destination cursor) error) error {
	here, err := deal(source, level)
	if err != nil {
		return err
	}
	defer here.close()
	there, err := deal(destination, level)
	if err != nil {
		return err
	}
	defer there.close()
	for i := range fanOut {
		first, second := here[i], there[i]
		if first.size+second.size > d.inMemory && level < deepest {
			err = d.match(first.feed, second.feed, level+1, part)
		} else {
			err = matchSorted(first, second, part)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func matchSorted(first, second *part, match func(source, destination cursor) error) error {
	here, err := first.sorted()
	if err != nil {
		return err
	}
	there, err := second.sorted()
	if err != nil {
		return err
	}
	return match(here, there)
}

// part is a file of versions.
type part struct {
	file   *os.File
	buffer *bufio.Writer
	size   int64
}

type parts [fanOut]*part

// deal writes what a feed hands on to files.
func deal(from feed, level int) (_ *parts, err error) {
	dealt := &parts{}
	defer func() {
		if err != nil {
			dealt.close()
		}
	}()
	for i := range dealt {
		file, err := os.CreateTemp("", "crr-compare-")
		if err != nil {
			return nil, fmt.Errorf("sorting the inventory: %w; set TMPDIR to use another folder for temporary files", err)
		}
		_ = os.Remove(file.Name()) // now, so that nothing can leave it behind; where that cannot be, later
		dealt[i] = &part{file: file, buffer: bufio.NewWriterSize(file, 16<<10)}
	}
	err = from(func(version Version) error {
		hash := fnv.New64a()
		_, _ = hash.Write([]byte(version.Key)) // never fails
		return dealt[hash.Sum64()>>(level*fanBits)%fanOut].add(version)
	})
	if err != nil {
		return nil, err
	}
	for _, p := range dealt {
		if err := p.buffer.Flush(); err != nil {
			return nil, noSpace(err)
		}
	}
	return dealt, nil
}

func (p *part) add(version Version) error {
	line, err := json.Marshal(version)
	if err != nil {
		return err
	}
	written, err := p.buffer.Write(append(line, '\n'))
	p.size += int64(written)
	return noSpace(err)
}

func noSpace(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("sorting the inventory: %w; it needs space for both unpacked reports; set TMPDIR to use another folder", err)
}

// feed reads the file again.
func (p *part) feed(take func(Version) error) error {
	if _, err := p.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	decoder := json.NewDecoder(bufio.NewReader(p.file))
	for {
		var version Version
		err := decoder.Decode(&version)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("reading a temporary file: %w", err)
		}
		if err := take(version); err != nil {
			return err
		}
	}
}

// sorted reads the file into memory.
func (p *part) sorted() (*sortedVersions, error) {
	var all sortedVersions
	err := p.feed(func(version Version) error {
		all = append(all, version)
		return nil
	})
	slices.SortFunc(all, func(a, b Version) int { return strings.Compare(a.Key, b.Key) })
	return &all, err
}

func (p *parts) close() {
	for _, each := range p {
		if each != nil {
			_ = each.file.Close()
			_ = os.Remove(each.file.Name()) // it is gone already, but on Windows
		}
	}
}

// sortedVersions are a list in memory.
type sortedVersions []Version

// next implements cursor.
func (s *sortedVersions) next() (*Version, error) {
	if len(*s) == 0 {
		return nil, nil
	}
	version := &(*s)[0]
	*s = (*s)[1:]
	return version, nil
}
