package front

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestKeysInListsAreEncodedWhereTheClientAsks(t *testing.T) {
	t.Parallel()
	const (
		list = `<R><Name>a+b</Name><Prefix>a b/</Prefix><Delimiter>+</Delimiter><Marker>%2F</Marker><NextMarker>ü</NextMarker>` +
			`<KeyMarker/><NextKeyMarker>100%</NextKeyMarker><StartAfter>&lt;</StartAfter><Contents><Key>a&amp;b&#13;/c</Key></Contents>` +
			`<CommonPrefixes><Prefix>a b/ü+</Prefix></CommonPrefixes></R>`
		encoded = `<R><Name>a+b</Name><Prefix>a+b/</Prefix><Delimiter>%2B</Delimiter><Marker>%252F</Marker><NextMarker>%C3%BC</NextMarker>` +
			`<KeyMarker/><NextKeyMarker>100%25</NextKeyMarker><StartAfter>%3C</StartAfter><Contents><Key>a%26b%0D/c</Key></Contents>` +
			`<CommonPrefixes><Prefix>a+b/%C3%BC%2B</Prefix></CommonPrefixes><EncodingType>url</EncodingType></R>`
	)
	for _, query := range []string{"", "list-type=2", "versions", "uploads"} {
		l := newReplicatingLab(t)
		l.body = list
		assert.Equal(t, list, l.must("GET", "/b?"+query+"&max-keys=7", ""), query)
		assert.Equal(t, encoded, l.must("GET", "/b?"+query+"&encoding-type=url&max-keys=7", ""), query)
		require.Len(t, l.requests, 2)
		assert.Equal(t, l.requests[0].URL.RawQuery, l.requests[1].URL.RawQuery, "the emulator would encode some of it")
	}
}

func TestErrorsOfListsStayAsTheyAre(t *testing.T) {
	t.Parallel()
	l := newReplicatingLab(t)
	l.status, l.body = http.StatusNotFound, "<Error><Key>a b</Key></Error>"
	assert.Equal(t, l.body, l.ask("GET", "/b?versions&encoding-type=url", "").Body.String())
}

func TestReplicasAreAsOldAsTheirSources(t *testing.T) {
	t.Parallel()
	const emulated, original = "2026-01-02T03:09:09.000Z", "2026-01-02T03:04:05.000Z"
	l := newReplicatingLab(t)
	entries := `<Version><Key>a</Key><VersionId>` + emulatedVersion + `</VersionId><LastModified>` + emulated + `</LastModified></Version>` +
		`<Version><Key>a</Key><VersionId>other</VersionId><LastModified>` + emulated + `</LastModified></Version>` +
		`<Contents><Key>a</Key><LastModified>` + emulated + `</LastModified><ETag>&quot;replica&quot;</ETag></Contents>` +
		`<Contents><Key>a</Key><LastModified>` + emulated + `</LastModified><ETag>&quot;other&quot;</ETag></Contents>`
	l.body = "<R>" + entries + "</R>"
	want := strings.ReplaceAll(l.body, emulatedVersion, publicVersion)
	want = strings.Replace(want, emulated, original, 1)
	want = strings.Replace(want, emulated+"</LastModified><ETag>&quot;replica", original+"</LastModified><ETag>&quot;replica", 1)
	assert.Equal(t, want, l.must("GET", "/b?versions", ""))

	for _, request := range []struct{ method, path, form string }{
		{"HEAD", "/b/k", "Fri, 02 Jan 2026 03:09:09 GMT"},
		{"GET", "/b/k", "Fri, 02 Jan 2026 03:09:09 GMT"},
		{"GET", "/b/k?attributes", emulated},
	} {
		l.header.Set("Last-Modified", request.form)
		l.header.Set("X-Amz-Version-Id", emulatedVersion)
		assert.Equal(t, "Fri, 02 Jan 2026 03:04:05 GMT", l.ask(request.method, request.path, "").Header().Get("Last-Modified"), request.path)
		l.header.Set("X-Amz-Version-Id", "other")
		assert.Equal(t, "Fri, 02 Jan 2026 03:09:09 GMT", l.ask(request.method, request.path, "").Header().Get("Last-Modified"), request.path)
	}
}
