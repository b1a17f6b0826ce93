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

// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html
func TestRefusedLifecycleRules(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.emulator.AddBucket("b", "")
	const (
		all      = "<Filter><Prefix></Prefix></Filter>"
		tag      = "<Tag><Key>a</Key><Value>b</Value></Tag>"
		tagged   = "<Filter>" + tag + "</Filter>"
		malform  = "MalformedXML"
		argument = "InvalidArgument"
		request  = "InvalidRequest"
	)
	day := func(n string) string { return "<Expiration><Days>" + n + "</Days></Expiration>" }
	date := func(at string) string { return "<Expiration><Date>" + at + "</Date></Expiration>" }
	to := func(class, days string) string {
		return "<Transition><Days>" + days + "</Days><StorageClass>" + class + "</StorageClass></Transition>"
	}
	for name, test := range map[string]struct{ rule, code, message string }{ // empty: it is accepted
		"an expiration":                  {all + day("1"), "", ""},
		"no day":                         {all + day("0"), argument, "'Days' for Expiration action must be a positive integer"},
		"midnight":                       {all + date("2030-01-01T00:00:00Z"), "", ""},
		"not midnight":                   {all + date("2030-01-01T10:00:00Z"), argument, "'Date' must be at midnight GMT"},
		"no date":                        {all + date("x"), malform, ""},
		"an And of one":                  {"<Filter><And>" + tag + "</And></Filter>" + day("1"), malform, ""},
		"an And of two":                  {"<Filter><And><Prefix>a</Prefix>" + tag + "</And></Filter>" + day("1"), "", ""},
		"two conditions without And":     {"<Filter><Prefix>a</Prefix>" + tag + "</Filter>" + day("1"), malform, ""},
		"an And beside a prefix":         {"<Filter><Prefix>a</Prefix><And><Prefix>a</Prefix>" + tag + "</And></Filter>" + day("1"), malform, ""},
		"a tag twice":                    {"<Filter><And>" + tag + tag + "</And></Filter>" + day("1"), request, "Duplicate Tag Keys are not allowed."},
		"sizes that exclude one another": {"<Filter><And><ObjectSizeGreaterThan>2</ObjectSizeGreaterThan><ObjectSizeLessThan>1</ObjectSizeLessThan></And></Filter>" + day("1"), request, "'ObjectSizeLessThan' has to be a value greater than 'ObjectSizeGreaterThan'."},
		"markers of tagged objects":      {tagged + "<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>", request, "ExpiredObjectDeleteMarker cannot be specified with Tags."},
		"uploads of tagged objects":      {tagged + "<AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation></AbortIncompleteMultipartUpload>", request, "AbortIncompleteMultipartUpload cannot be specified with Tags."},
		"uploads of no days":             {all + "<AbortIncompleteMultipartUpload><DaysAfterInitiation>0</DaysAfterInitiation></AbortIncompleteMultipartUpload>", argument, ""},
		"noncurrent without days":        {all + "<NoncurrentVersionExpiration><NewerNoncurrentVersions>1</NewerNoncurrentVersions></NoncurrentVersionExpiration>", malform, ""},
		"too many newer versions":        {all + "<NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays><NewerNoncurrentVersions>101</NewerNoncurrentVersions></NoncurrentVersionExpiration>", argument, ""},
		"a transition":                   {all + to("STANDARD_IA", "30") + to("GLACIER", "90") + day("365"), "", ""},
		"a transition at once":           {all + to("GLACIER", "0"), "", ""},
		"infrequent access too early":    {all + to("STANDARD_IA", "29"), argument, "'Days' in Transition action must be greater than or equal to 30 for storageClass 'STANDARD_IA'"},
		"a transition after the end":     {all + to("GLACIER", "90") + day("90"), argument, "'Days' in the Expiration action for filter '(prefix=)' must be greater than 'Days' in the Transition action"},
		"an unknown class":               {all + to("X", "90"), malform, ""},
		"a class twice":                  {all + to("GLACIER", "90") + to("GLACIER", "91"), malform, ""},
		"days and dates":                 {all + to("GLACIER", "90") + date("2030-01-01T00:00:00Z"), request, "Found mixed 'Date' and 'Days'"},
	} {
		body := "<LifecycleConfiguration><Rule><Status>Enabled</Status>" + test.rule + "</Rule></LifecycleConfiguration>"
		if test.code == "" {
			l.must("PUT", "/b?lifecycle", body)
			continue
		}
		t.Log(name)
		l.refused(400, test.code, test.message, "PUT", "/b?lifecycle", body)
	}
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
