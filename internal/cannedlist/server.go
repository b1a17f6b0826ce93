package cannedlist

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
)

// Server answers path-style calls on buckets. It does not check signatures.
type Server struct {
	Buckets map[string]Bucket
	// Calls that were answered.
	Calls atomic.Int64
	// Before is asked before each call, and answers it where it returns true.
	Before func(w http.ResponseWriter, r *http.Request) bool
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.Calls.Add(1)
	if s.Before != nil && s.Before(w, r) {
		return
	}
	name, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	bucket, known := s.Buckets[name]
	query := r.URL.Query()
	switch {
	case !known:
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte("<Error><Code>NoSuchBucket</Code></Error>"))
	case key != "":
		head(w, bucket, key, query.Get("versionId"))
	case query.Has("versioning"):
		answer(w, []byte("<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"))
	case query.Has("versions"):
		answer(w, versions(bucket, query))
	case r.Method == http.MethodHead:
	default:
		answer(w, objects(bucket, query))
	}
}

func answer(w http.ResponseWriter, document []byte) {
	w.Header().Set("Content-Type", "application/xml")
	w.Header().Set("Content-Length", strconv.Itoa(len(document)))
	_, _ = w.Write(document) // an error means that the client is gone
}

func head(w http.ResponseWriter, bucket Bucket, key, version string) {
	object, found := find(bucket, key, version)
	header := w.Header()
	switch {
	case !found:
		w.WriteHeader(http.StatusNotFound)
	case object.Marker:
		header.Set("X-Amz-Delete-Marker", "true")
		w.WriteHeader(map[bool]int{true: http.StatusNotFound, false: http.StatusMethodNotAllowed}[version == ""])
	default:
		header.Set("ETag", strconv.Quote(object.ETag))
		header.Set("Content-Length", strconv.FormatInt(object.Size, 10))
		header.Set("X-Amz-Version-Id", object.Version)
		for name, value := range map[string]string{"X-Amz-Replication-Status": object.Status, "X-Amz-Storage-Class": object.Class} {
			if value != "" {
				header.Set(name, value)
			}
		}
	}
}

// limit is how many entries are wanted at most.
func limit(query url.Values) int {
	if wanted, err := strconv.Atoi(query.Get("max-keys")); err == nil && wanted < 1000 {
		return wanted
	}
	return 1000
}

func versions(bucket Bucket, query url.Values) []byte {
	start := 0
	switch key, version := query.Get("key-marker"), query.Get("version-id-marker"); {
	case version != "":
		start = afterVersion(bucket, key, version)
	case key != "":
		start = after(bucket, key)
	}
	end := min(start+limit(query), bucket.Len())
	document := begin("ListVersionsResult", end < bucket.Len(), end-start)
	for i := start; i < end; i++ {
		document = version(document, bucket.At(i))
	}
	if end < bucket.Len() && end > start {
		last := bucket.At(end - 1)
		document = element(document, "NextKeyMarker", last.Key)
		document = element(document, "NextVersionIdMarker", last.Version)
	}
	return append(document, "</ListVersionsResult>"...)
}

func version(document []byte, o Object) []byte {
	name := "Version"
	if o.Marker {
		name = "DeleteMarker"
	}
	document = append(append(append(document, '<'), name...), '>')
	document = element(document, "Key", o.Key)
	document = element(document, "VersionId", o.Version)
	document = element(document, "IsLatest", strconv.FormatBool(o.Current))
	document = rest(document, o)
	return append(append(append(document, "</"...), name...), '>')
}

// rest is the part that lists of versions and of objects have in common.
func rest(document []byte, o Object) []byte {
	document = append(document, "<LastModified>2026-01-02T03:04:05.000Z</LastModified>"...)
	if o.Marker {
		return document
	}
	document = append(append(append(document, "<ETag>&quot;"...), o.ETag...), "&quot;</ETag><Size>"...)
	document = append(strconv.AppendInt(document, o.Size, 10), "</Size>"...)
	class := o.Class
	if class == "" {
		class = "STANDARD"
	}
	return element(document, "StorageClass", class)
}

func begin(root string, truncated bool, entries int) []byte {
	document := make([]byte, 0, 512+320*entries)
	document = append(document, xml.Header...)
	document = append(append(append(document, '<'), root...), ` xmlns="http://s3.amazonaws.com/doc/2006-03-01/">`...)
	return element(document, "IsTruncated", strconv.FormatBool(truncated))
}

func element(document []byte, name, text string) []byte {
	document = append(append(append(document, '<'), name...), '>')
	if strings.ContainsAny(text, "<>&\r\x01") {
		text = escaper.Replace(text)
	}
	document = append(document, text...)
	return append(append(append(document, "</"...), name...), '>')
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\r", "&#13;", "\x01", "&#x1;")
