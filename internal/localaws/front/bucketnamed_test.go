package front

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

const (
	tieringConfiguration = `<?xml version="1.0" encoding="UTF-8"?>` +
		`<IntelligentTieringConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Id>archive</Id><Status>Enabled</Status>` +
		`<Tiering><AccessTier>ARCHIVE_ACCESS</AccessTier><Days>90</Days></Tiering>` +
		`<Tiering><AccessTier>DEEP_ARCHIVE_ACCESS</AccessTier><Days>180</Days></Tiering></IntelligentTieringConfiguration>`
	inventoryConfiguration = `<InventoryConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Id>daily</Id><IsEnabled>true</IsEnabled>` +
		`<Destination><S3BucketDestination><Bucket>arn:aws:s3:::records</Bucket><Format>CSV</Format></S3BucketDestination></Destination>` +
		`<IncludedObjectVersions>All</IncludedObjectVersions><OptionalFields><Field>ReplicationStatus</Field></OptionalFields>` +
		`<Schedule><Frequency>Daily</Frequency></Schedule></InventoryConfiguration>`
)

func TestNamedConfigurationsAreKeptWordForWord(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ subresource, id, body, listed string }{
		{"intelligent-tiering", "archive", tieringConfiguration, "ListBucketIntelligentTieringConfigurationsOutput"},
		{"inventory", "daily", inventoryConfiguration, "ListInventoryConfigurationsResult"},
	} {
		t.Run(c.subresource, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.emulator.AddBucket("b", "Enabled")
			path := "/b?" + c.subresource
			l.refused(404, "NoSuchConfiguration", "", "GET", path+"&id="+c.id, "")
			l.refused(404, "NoSuchConfiguration", "", "DELETE", path+"&id="+c.id, "")
			l.must("PUT", path+"&id="+c.id, c.body)
			assert.Equal(t, c.body, l.must("GET", path+"&id="+c.id, ""))

			second := strings.Replace(c.body, "<Id>"+c.id, "<Id>second", 1)
			l.must("PUT", path+"&id=second", second)
			all := l.must("GET", path, "")
			assert.Contains(t, all, "<"+c.listed)
			assert.Contains(t, all, string(withoutProlog([]byte(c.body)))+string(withoutProlog([]byte(second))))

			l.must("DELETE", path+"&id="+c.id, "")
			l.refused(404, "NoSuchConfiguration", "", "GET", path+"&id="+c.id, "")
			assert.Equal(t, second, l.must("GET", path+"&id=second", ""), "the other one stays")
			l.refused(404, "NoSuchBucket", "", "PUT", "/nobody?"+c.subresource+"&id="+c.id, c.body)
		})
	}
}

func TestNamedConfigurationFaults(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.emulator.AddBucket("b", "")
	for name, c := range map[string]struct{ query, body, from, to, code string }{
		"tiering that is no XML":         {"intelligent-tiering&id=archive", "{", "", "", "MalformedXML"},
		"tiering of an unknown tier":     {"intelligent-tiering&id=archive", tieringConfiguration, ">ARCHIVE_ACCESS", ">COLD", "MalformedXML"},
		"tiering of unknown status":      {"intelligent-tiering&id=archive", tieringConfiguration, "Enabled", "On", "MalformedXML"},
		"tiering too early":              {"intelligent-tiering&id=archive", tieringConfiguration, "<Days>180", "<Days>90", "InvalidArgument"},
		"tiering too late":               {"intelligent-tiering&id=archive", tieringConfiguration, "<Days>180", "<Days>731", "InvalidArgument"},
		"tiering under another id":       {"intelligent-tiering&id=other", tieringConfiguration, "", "", "InvalidArgument"},
		"inventory of an unknown format": {"inventory&id=daily", inventoryConfiguration, "CSV", "JSON", "MalformedXML"},
		"inventory of no schedule":       {"inventory&id=daily", inventoryConfiguration, "Daily", "Hourly", "MalformedXML"},
		"inventory without id":           {"inventory", inventoryConfiguration, "", "", "InvalidArgument"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l.refused(http.StatusBadRequest, c.code, "", "PUT", "/b?"+c.query, strings.Replace(c.body, c.from, c.to, 1))
		})
	}
}
