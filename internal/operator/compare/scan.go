package compare

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// errNotAPage says that S3 has not answered with what was asked for. The
// answer may have been cut off.
var errNotAPage = errors.New("the answer is not a whole page of a list")

// parsePage reads the answer to ListObjectVersions or ListObjectsV2. A general
// decoder takes ten times as long, and listing is mostly that. The texts of the
// page are parts of the document.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html
func parsePage(document string) (Page, error) {
	s := scanner{rest: document}
	root := s.open()
	if root != "ListVersionsResult" && root != "ListBucketResult" {
		return Page{}, fmt.Errorf("%w: it begins with <%s>", errNotAPage, root)
	}
	if s.empty {
		return Page{}, nil
	}
	page := Page{Versions: make([]Version, 0, strings.Count(document, "<Key>"))}
	for {
		switch name := s.open(); name {
		case "":
			if s.failed || !s.closes(root) {
				return Page{}, errNotAPage
			}
			return page.sorted(), nil
		case "Version", "DeleteMarker", "Contents":
			page.Versions = append(page.Versions, s.version(name))
		case "IsTruncated":
			page.More = s.text(name) == "true"
		case "NextKeyMarker":
			page.Next.Key = s.text(name)
		case "NextVersionIdMarker":
			page.Next.Version = s.text(name)
		default:
			s.skip(name)
		}
	}
}

// sorted puts delete markers between the versions where a server lists them
// apart.
func (p Page) sorted() Page {
	byKey := func(a, b Version) int { return strings.Compare(a.Key, b.Key) }
	if !slices.IsSortedFunc(p.Versions, byKey) {
		slices.SortStableFunc(p.Versions, byKey)
	}
	return p
}

// scanner goes through an XML document that a machine wrote: no comments, no
// processing instructions but the first line, no attributes that matter.
type scanner struct {
	rest string
	// empty is set if the last opened element is already closed.
	empty  bool
	failed bool
}

func (s *scanner) fail() { s.failed, s.rest = true, "" }

// open enters the next element of this level and returns its name, or "" where
// the level ends.
func (s *scanner) open() string {
	for {
		start := strings.IndexByte(s.rest, '<')
		if start < 0 || start+1 >= len(s.rest) {
			s.fail()
			return ""
		}
		if s.rest[start+1] == '/' {
			s.rest = s.rest[start:]
			return ""
		}
		end := strings.IndexByte(s.rest[start:], '>')
		if end < 0 {
			s.fail()
			return ""
		}
		tag := s.rest[start+1 : start+end]
		s.rest = s.rest[start+end+1:]
		if strings.HasPrefix(tag, "?") || strings.HasPrefix(tag, "!") {
			continue
		}
		tag, s.empty = strings.CutSuffix(tag, "/")
		name, _, _ := strings.Cut(tag, " ")
		return name
	}
}

// closes leaves the level of an element, if it is that one's.
func (s *scanner) closes(name string) bool {
	if s.empty {
		s.empty = false
		return true
	}
	rest, ok := strings.CutPrefix(s.rest, "</")
	if ok {
		rest, ok = strings.CutPrefix(rest, name)
	}
	if !ok || !strings.HasPrefix(rest, ">") {
		s.fail()
		return false
	}
	s.rest = rest[1:]
	return true
}

// text is what an element holds that has no others in it.
func (s *scanner) text(name string) string {
	if s.empty {
		s.empty = false
		return ""
	}
	end := strings.IndexByte(s.rest, '<')
	if end < 0 {
		s.fail()
		return ""
	}
	text := s.rest[:end]
	s.rest = s.rest[end:]
	s.closes(name)
	return s.unescape(text)
}

// skip leaves an element with all that is in it.
func (s *scanner) skip(name string) {
	for !s.empty && !s.failed {
		inner := s.open()
		if inner == "" {
			break
		}
		s.skip(inner)
	}
	s.closes(name)
}

func (s *scanner) version(name string) Version {
	v := Version{Marker: name == "DeleteMarker", Current: name == "Contents"}
	if s.empty {
		s.fail()
		return v
	}
	for {
		switch field := s.open(); field {
		case "":
			s.closes(name)
			return v
		case "Key":
			v.Key = s.text(field)
		case "VersionId":
			v.ID = s.text(field)
		case "ETag":
			v.ETag = strings.Trim(s.text(field), `"`)
		case "Size":
			size, err := strconv.ParseInt(s.text(field), 10, 64)
			if err != nil {
				s.fail()
			}
			v.Size = size
		case "StorageClass":
			v.Class = s.text(field)
		case "LastModified":
			v.Modified = s.text(field)
		case "IsLatest":
			v.Current = s.text(field) == "true"
		default:
			s.skip(field)
		}
	}
}

// entities are the predefined entities of XML.
var entities = map[string]string{"amp": "&", "lt": "<", "gt": ">", "quot": `"`, "apos": "'"}

// unescape resolves references. S3 writes characters that XML does not know,
// such as control characters in keys, as numbers too.
func (s *scanner) unescape(text string) string {
	if !strings.Contains(text, "&") {
		return text
	}
	var plain strings.Builder
	for {
		before, after, found := strings.Cut(text, "&")
		plain.WriteString(before)
		if !found {
			return plain.String()
		}
		name, rest, ended := strings.Cut(after, ";")
		if !ended || !s.resolve(&plain, name) {
			s.fail()
			return ""
		}
		text = rest
	}
}

func (s *scanner) resolve(plain *strings.Builder, name string) bool {
	if known, ok := entities[name]; ok {
		plain.WriteString(known)
		return true
	}
	digits, numeric := strings.CutPrefix(name, "#")
	base := 10
	if hex, isHex := strings.CutPrefix(digits, "x"); isHex {
		digits, base = hex, 16
	}
	code, err := strconv.ParseUint(digits, base, 21)
	if !numeric || err != nil {
		return false
	}
	plain.WriteRune(rune(code))
	return true
}
