package front

import (
	"bytes"
	"encoding/xml"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/replicator"
)

// list handles the operations that list keys. It encodes the keys on request, which
// the emulator does only in part, and sets the modification times of replicas.
func (f *Front) list(w http.ResponseWriter, c *call) error {
	encoded := c.query.Get("encoding-type") == "url"
	if encoded {
		dropParameter(c.request.URL, "encoding-type")
	}
	f.passOn(w, c, func(answer *http.Response) error {
		if answer.StatusCode != http.StatusOK {
			return nil
		}
		body, err := readAnswer(answer)
		if err != nil {
			return err
		}
		body = f.dateEntries(c.bucket, body)
		if encoded {
			body = encodeKeys(body)
		}
		replaceAnswer(answer, body)
		return nil
	})
	return nil
}

// dropParameter removes a query parameter and leaves the others unchanged.
func dropParameter(from *url.URL, name string) {
	parameters := slices.DeleteFunc(strings.Split(from.RawQuery, "&"), func(parameter string) bool {
		return strings.HasPrefix(parameter, name+"=")
	})
	from.RawQuery = strings.Join(parameters, "&")
}

// keyElement matches the start of an element with a key, a part of a key or a
// delimiter: the elements that S3 encodes in its lists.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjects.html
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html
var keyElement = regexp.MustCompile(`<(?:Key|Prefix|Delimiter|Marker|NextMarker|KeyMarker|NextKeyMarker|StartAfter)>[^<]*`)

// encodeKeys returns the list for encoding-type=url.
func encodeKeys(list []byte) []byte {
	list = keyElement.ReplaceAllFunc(list, func(element []byte) []byte {
		tag, text, _ := strings.Cut(string(element), ">")
		return []byte(tag + ">" + encodeKey(html.UnescapeString(text)))
	})
	end := bytes.LastIndex(list, []byte("</"))
	if end < 0 {
		return list // not a list
	}
	return slices.Concat(list[:end], []byte("<EncodingType>url</EncodingType>"), list[end:])
}

// encodeKey encodes a key as S3 does: spaces become plus signs, and slashes stay.
func encodeKey(key string) string { return strings.ReplaceAll(url.QueryEscape(key), "%2F", "/") }

// listTime is the time format in lists.
const listTime = "2006-01-02T15:04:05.000Z"

// listEntry matches an object or a version in a list.
var listEntry = regexp.MustCompile(`(?s)<(?:Contents|Version)>.*?</(?:Contents|Version)>`)

// dateEntries sets the modification times of replicas in a list to those of their
// sources.
func (f *Front) dateEntries(bucket string, list []byte) []byte {
	if !f.replicator.Translates() {
		return list
	}
	return listEntry.ReplaceAllFunc(list, func(text []byte) []byte {
		var entry struct {
			Key, ETag, LastModified string
			Version                 string `xml:"VersionId"`
		}
		if xml.Unmarshal(text, &entry) != nil {
			return text // a key that XML can't represent
		}
		shown, err := time.Parse(listTime, entry.LastModified)
		if err != nil {
			return text
		}
		modified := f.replicator.Modified(replicator.ObjectID{Bucket: bucket, Key: entry.Key, Version: entry.Version}, entry.ETag, shown)
		return bytes.Replace(text, []byte(entry.LastModified), []byte(modified.UTC().Format(listTime)), 1)
	})
}
