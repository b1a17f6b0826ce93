package cannedlist

import (
	"net/url"
	"strings"
)

// objects lists current objects, as ListObjectsV2 does.
func objects(bucket Bucket, query url.Values) []byte {
	prefix, delimiter := query.Get("prefix"), query.Get("delimiter")
	from := max(query.Get("start-after"), query.Get("continuation-token"))
	start := after(bucket, from)
	if prefix > from {
		start = firstFrom(bucket, prefix)
	}
	var document []byte
	entries, wanted, last, truncated := 0, limit(query), "", false
	for i := start; i < bucket.Len(); {
		o := bucket.At(i)
		if !strings.HasPrefix(o.Key, prefix) {
			break
		}
		if !o.Current || o.Marker {
			i++
			continue
		}
		if entries == wanted {
			truncated = true
			break
		}
		entries++
		if folder, below := folderOf(o.Key, prefix, delimiter); below {
			document = append(element(append(document, "<CommonPrefixes>"...), "Prefix", folder), "</CommonPrefixes>"...)
			last = folder + "\U0010FFFF"
			i = after(bucket, last)
			continue
		}
		document = append(rest(element(append(document, "<Contents>"...), "Key", o.Key), o), "</Contents>"...)
		last = o.Key
		i++
	}
	page := begin("ListBucketResult", truncated, entries)
	page = element(page, "Prefix", prefix)
	if truncated {
		page = element(page, "NextContinuationToken", last)
	}
	return append(append(page, document...), "</ListBucketResult>"...)
}

// firstFrom is the index of the first version of a key that is not smaller.
func firstFrom(b Bucket, key string) int {
	index := after(b, key)
	for index > 0 && b.At(index-1).Key == key {
		index--
	}
	return index
}

// folderOf is what a list with a delimiter shows in the place of a key.
func folderOf(key, prefix, delimiter string) (string, bool) {
	if delimiter == "" {
		return "", false
	}
	name, _, below := strings.Cut(key[len(prefix):], delimiter)
	return prefix + name + delimiter, below
}
