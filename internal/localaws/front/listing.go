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

// list answers the operations that list keys: with the keys encoded where that is
// asked for, of which the emulator does some and not the rest, and with the time
// of replicas that S3 shows.
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

// dropParameter leaves all other parameters as they came.
func dropParameter(from *url.URL, name string) {
	parameters := slices.DeleteFunc(strings.Split(from.RawQuery, "&"), func(parameter string) bool {
		return strings.HasPrefix(parameter, name+"=")
	})
	from.RawQuery = strings.Join(parameters, "&")
}

// keyElement begins an element that has a key, a part of one or a delimiter in
// it. These are the ones that S3 encodes, of all its lists.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjects.html
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html
var keyElement = regexp.MustCompile(`<(?:Key|Prefix|Delimiter|Marker|NextMarker|KeyMarker|NextKeyMarker|StartAfter)>[^<]*`)

// encodeKeys makes a list the answer to encoding-type=url.
func encodeKeys(list []byte) []byte {
	list = keyElement.ReplaceAllFunc(list, func(element []byte) []byte {
		tag, text, _ := strings.Cut(string(element), ">")
		return []byte(tag + ">" + encodeKey(html.UnescapeString(text)))
	})
	end := bytes.LastIndex(list, []byte("</"))
	if end < 0 {
		return list // it is no list
	}
	return slices.Concat(list[:end], []byte("<EncodingType>url</EncodingType>"), list[end:])
}

// encodeKey encodes a key as S3 does, which SDKs undo: blanks become plus signs,
// and slashes stay.
func encodeKey(key string) string { return strings.ReplaceAll(url.QueryEscape(key), "%2F", "/") }

// listTime is the form of times in lists.
const listTime = "2006-01-02T15:04:05.000Z"

// listEntry is an object or a version in a list, from end to end.
var listEntry = regexp.MustCompile(`(?s)<(?:Contents|Version)>.*?</(?:Contents|Version)>`)

// dateEntries gives the replicas in a list the time of their sources.
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
			return text // a key that XML can't hold
		}
		shown, err := time.Parse(listTime, entry.LastModified)
		if err != nil {
			return text
		}
		modified := f.replicator.Modified(replicator.ObjectID{Bucket: bucket, Key: entry.Key, Version: entry.Version}, entry.ETag, shown)
		return bytes.Replace(text, []byte(entry.LastModified), []byte(modified.UTC().Format(listTime)), 1)
	})
}
