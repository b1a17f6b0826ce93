package compare

import (
	"encoding/xml"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const versionsPage = `<?xml version="1.0" encoding="UTF-8"?>
<ListVersionsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name><Prefix/><KeyMarker></KeyMarker>
<NextKeyMarker>a&amp;b</NextKeyMarker><NextVersionIdMarker>v2</NextVersionIdMarker><MaxKeys>2</MaxKeys><IsTruncated>true</IsTruncated>
<Version><ETag>&quot;d41d&quot;</ETag><Size>7</Size><StorageClass>STANDARD_IA</StorageClass><Key>a&#x1;&lt;&#233;</Key><VersionId>v1</VersionId><IsLatest>true</IsLatest>
<LastModified>2026-11-21T10:00:00.000Z</LastModified><Owner><ID>o</ID><DisplayName/></Owner><ChecksumAlgorithm>CRC32</ChecksumAlgorithm></Version>
<DeleteMarker><Key>a&amp;b</Key><VersionId>v2</VersionId><IsLatest>false</IsLatest><LastModified>2026-11-21T10:00:01.000Z</LastModified></DeleteMarker>
</ListVersionsResult>`

func TestParsePage_Versions(t *testing.T) {
	t.Parallel()
	page, err := parsePage(versionsPage)
	require.NoError(t, err)
	assert.Equal(t, Page{
		More: true, Next: Position{Key: "a&b", Version: "v2"},
		Versions: []Version{
			{Key: "a\x01<é", ID: "v1", ETag: "d41d", Size: 7, Class: "STANDARD_IA", Modified: "2026-11-21T10:00:00.000Z", Current: true},
			{Key: "a&b", ID: "v2", Modified: "2026-11-21T10:00:01.000Z", Marker: true},
		},
	}, page)
}

func TestParsePage_CurrentObjects(t *testing.T) {
	t.Parallel()
	page, err := parsePage(`<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>k</Key><Size>1</Size><ETag>"e"</ETag></Contents><KeyCount>1</KeyCount></ListBucketResult>`)
	require.NoError(t, err)
	assert.Equal(t, Page{Versions: []Version{{Key: "k", Size: 1, ETag: "e", Current: true}}}, page)

	page, err = parsePage(`<ListBucketResult/>`)
	require.NoError(t, err)
	assert.Empty(t, page.Versions)
}

// A page that was cut off anywhere must not look like a shorter one.
func TestParsePage_RefusesWhatIsNotWhole(t *testing.T) {
	t.Parallel()
	for length := range len(versionsPage) {
		_, err := parsePage(versionsPage[:length])
		assert.ErrorIs(t, err, errNotAPage, "cut off after %q", versionsPage[:length])
	}
	for _, wrong := range []string{
		"<Error><Code>NoSuchBucket</Code></Error>",
		"<ListBucketResult><Contents><Size>x</Size></Contents></ListBucketResult>",
		"<ListBucketResult><Contents/></ListBucketResult>",
		"<ListBucketResult><Contents><Key>&nbsp;</Key></Contents></ListBucketResult>",
		"<ListBucketResult><Contents><Key>a</Size></Contents></ListBucketResult>",
	} {
		_, err := parsePage(wrong)
		assert.ErrorIs(t, err, errNotAPage, wrong)
	}
}

// FuzzParsePage holds the scanner against the decoder of the standard library:
// where both can read a page, they read the same.
func FuzzParsePage(f *testing.F) {
	f.Add(versionsPage)
	f.Add("<ListBucketResult><Contents><Key>k</Key><Size>1</Size></Contents></ListBucketResult>")
	f.Add("<ListBucketResult><Owner><Contents/></Owner></ListBucketResult>")
	f.Fuzz(func(t *testing.T, document string) {
		page, err := parsePage(document)
		if err != nil {
			return
		}
		for _, strange := range []string{"<!", "<?", "\r", "<Key><"} {
			if strings.Contains(document, strange) {
				return // no S3 writes this, and it means something only to a full parser
			}
		}
		var reference struct {
			Versions []struct{ Key string } `xml:"Version"`
			Markers  []struct{ Key string } `xml:"DeleteMarker"`
			Contents []struct{ Key string } `xml:"Contents"`
		}
		if xml.Unmarshal([]byte(document), &reference) != nil {
			return
		}
		assert.Len(t, page.Versions, len(reference.Versions)+len(reference.Markers)+len(reference.Contents))
	})
}

// BenchmarkParsePage holds the scanner against the decoder that the SDK is built
// on, which only goes through the tokens here.
func BenchmarkParsePage(b *testing.B) {
	head, rest, _ := strings.Cut(versionsPage, "<Version>")
	entry, tail, _ := strings.Cut(rest, "</Version>")
	document := head + strings.Repeat("<Version>"+strings.ReplaceAll(entry, "&#x1;", "")+"</Version>", 1000) + tail
	for name, parse := range map[string]func() error{
		"scanner": func() error { _, err := parsePage(document); return err },
		"decoder": func() error {
			decoder := xml.NewDecoder(strings.NewReader(document))
			for {
				if _, err := decoder.Token(); err == io.EOF { //nolint:errorlint // as the package documents
					return nil
				} else if err != nil {
					return err
				}
			}
		},
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(document)))
			b.ReportAllocs()
			for b.Loop() {
				if err := parse(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
