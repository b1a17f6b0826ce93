package front

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

const lifecycleRules = `<LifecycleConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">` +
	`<Rule><ID>abort</ID><Filter><Prefix></Prefix></Filter><Status>Enabled</Status><AbortIncompleteMultipartUpload><DaysAfterInitiation>7</DaysAfterInitiation></AbortIncompleteMultipartUpload></Rule>` +
	`<Rule><ID>old</ID><Filter><Prefix></Prefix></Filter><Status>Enabled</Status><NoncurrentVersionExpiration><NewerNoncurrentVersions>3</NewerNoncurrentVersions><NoncurrentDays>90</NoncurrentDays></NoncurrentVersionExpiration></Rule></LifecycleConfiguration>`

func TestLifecycleIsKeptWordForWord(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.emulator.AddBucket("b", "Enabled")
	l.refused(404, "NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist", "GET", "/b?lifecycle", "")
	l.must("PUT", "/b?lifecycle", lifecycleRules)
	assert.Equal(t, lifecycleRules, l.must("GET", "/b?lifecycle", ""))
	assert.Equal(t, "all_storage_classes_128K", l.ask("GET", "/b?lifecycle", "").Header().Get(minimumSizeHeader))
	l.must("PUT", "/b?lifecycle", lifecycleRules, with(minimumSizeHeader, "varies_by_storage_class"))
	assert.Equal(t, "varies_by_storage_class", l.ask("GET", "/b?lifecycle", "").Header().Get(minimumSizeHeader))
	l.must("DELETE", "/b?lifecycle", "")
	l.refused(404, "NoSuchLifecycleConfiguration", "", "GET", "/b?lifecycle", "")
}

func TestNamelessLifecycleRulesGetIDs(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.emulator.AddBucket("b", "")
	l.must("PUT", "/b?lifecycle", strings.Replace(lifecycleRules, "<ID>old</ID>", "", 1))
	kept := l.must("GET", "/b?lifecycle", "")
	assert.Equal(t, 2, strings.Count(kept, "<ID>"))
	assert.Contains(t, kept, "<Rule><ID>abort</ID>", "the rest stays word for word")
	assert.Equal(t, kept, l.must("GET", "/b?lifecycle", ""))
}

func TestLifecycleFaults(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.emulator.AddBucket("b", "")
	change := func(old, replacement string) string { return strings.Replace(lifecycleRules, old, replacement, 1) }
	const expiration = "<Expiration><Days>1</Days><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>"
	for name, test := range map[string]struct{ body, code, message string }{
		"no XML":           {"{", "MalformedXML", ""},
		"no rule":          {"<LifecycleConfiguration/>", "MalformedXML", ""},
		"unknown status":   {change("Enabled", "On"), "MalformedXML", ""},
		"no filter":        {change("<Filter><Prefix></Prefix></Filter>", ""), "MalformedXML", ""},
		"filter and old":   {change("<Filter>", "<Prefix/><Filter>"), "MalformedXML", ""},
		"days and markers": {change("<AbortIncomplete", expiration+"<AbortIncomplete"), "MalformedXML", ""},
		"an id twice":      {change("<ID>old</ID>", "<ID>abort</ID>"), "InvalidArgument", "Rule ID must be unique"},
		"a long id":        {change("<ID>old</ID>", "<ID>"+strings.Repeat("x", 256)+"</ID>"), "InvalidArgument", "255"},
		"nothing to do": {
			change("<AbortIncompleteMultipartUpload><DaysAfterInitiation>7</DaysAfterInitiation></AbortIncompleteMultipartUpload>", ""),
			"InvalidRequest", "At least one action needs to be specified in a rule",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l.refused(400, test.code, test.message, "PUT", "/b?lifecycle", test.body)
		})
	}
}
