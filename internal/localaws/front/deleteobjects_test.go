package front

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const keepVersions = `{"Version":"2012-10-17","Statement":[
 {"Effect":"Deny","Principal":"*","Action":"s3:DeleteObject","Resource":"arn:aws:s3:::b/keep/*"},
 {"Effect":"Deny","Principal":"*","Action":"s3:DeleteObjectVersion","Resource":"arn:aws:s3:::b/*"}]}`

func deletionOf(objects ...string) string {
	var body strings.Builder
	body.WriteString(`<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/">`)
	for _, object := range objects {
		key, version, _ := strings.Cut(object, "@")
		fmt.Fprintf(&body, "<Object><Key>%s</Key>", key)
		if version != "" {
			fmt.Fprintf(&body, "<VersionId>%s</VersionId>", version)
		}
		body.WriteString("</Object>")
	}
	return body.String() + "</Delete>"
}

func TestDeleteObjects(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.must("PUT", "/b", "")
	l.must("PUT", "/b?policy", keepVersions)

	all := deletionOf("a", "b")
	assert.Contains(t, l.must("POST", "/b?delete", all), all, "an allowed request passes as it came")

	mixed := l.must("POST", "/b?delete", deletionOf("a", "keep/b", "c@1"), with("Content-Md5", "x"), with("X-Amz-Checksum-Crc32", "x"))
	assert.Contains(t, mixed, "<Delete><Object><Key>a</Key></Object></Delete>", "the emulator gets those that may go")
	assert.Contains(t, mixed, "<Error><Key>keep/b</Key><Code>AccessDenied</Code>")
	assert.Contains(t, mixed, "<Error><Key>c</Key><VersionId>1</VersionId><Code>AccessDenied</Code>")
	requests := l.emulator.Requests()
	last := requests[len(requests)-1]
	assert.Empty(t, last.Header.Get("Content-Md5"), "it was of the longer request")
	assert.Empty(t, last.Header.Get("X-Amz-Checksum-Crc32"))

	before := len(l.emulator.Requests())
	none := l.must("POST", "/b?delete", deletionOf("keep/a", "keep/b"))
	assert.Equal(t, 2, strings.Count(none, "<Code>AccessDenied</Code>"))
	assert.Contains(t, none, `<DeleteResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">`)
	assert.Len(t, l.emulator.Requests(), before, "nothing was left to ask the emulator")
}

func TestDeleteObjectsFaults(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.must("PUT", "/b", "")
	for _, body := range []string{"", "{", "<Delete/>", deletionOf(make([]string, 1001)...)} {
		l.refused(400, "MalformedXML", "", "POST", "/b?delete", body)
	}
}

// A condition on the version sees the version of each object.
func TestDeletedVersionsAreConditions(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.must("PUT", "/b", "")
	l.must("PUT", "/b?policy", `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:DeleteObjectVersion","Resource":"arn:aws:s3:::b/*","Condition":{"StringEquals":{"s3:VersionId":"null"}}}]}`)
	body := l.must("POST", "/b?delete", deletionOf("k@11111111-2222-3333-4444-555555555555", "k@null"))
	require.Contains(t, body, "<Error><Key>k</Key><VersionId>null</VersionId>")
	assert.NotContains(t, body, "<Error><Key>k</Key><VersionId>1")
}
