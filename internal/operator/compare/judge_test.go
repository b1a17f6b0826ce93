package compare

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// known is a bucket of which everything is known: attributes by version id, or
// by key for the current version.
type known struct {
	Lister
	attributes map[string]Attributes
	tags       map[string]map[string]string
	err        error
}

func (k known) Head(_ context.Context, key, version string) (Attributes, error) {
	if version == "" {
		version = key
	}
	return k.attributes[version], k.err
}

func (k known) Tags(_ context.Context, _, version string) (map[string]string, error) {
	return k.tags[version], nil
}

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// stored is an ordinary object of which a test changes what matters.
func stored(change func(*Attributes)) Attributes {
	a := Attributes{Found: true, Version: "v", Size: 7, ETag: "e", Status: "COMPLETED", Checksums: map[string]string{}}
	if change != nil {
		change(&a)
	}
	return a
}

func version(change func(*Version)) *Version {
	v := &Version{Key: "logs/a", ID: "v", ETag: "e", Size: 7, Current: true, Modified: "2026-11-21T11:00:00.000Z"}
	if change != nil {
		change(v)
	}
	return v
}

func judgeOf(t *testing.T, source, destination known, rules ...replication.Rule) *judge {
	t.Helper()
	descriptor := deployed(rules...)
	subject := model.Subjects(descriptor)[0]
	return &judge{
		source: source, destination: destination, rules: newSelection(subject, descriptor.Destinations[0]),
		now: func() time.Time { return noon },
	}
}

func status(status string) func(*Attributes) { return func(a *Attributes) { a.Status = status } }

func marker(v *Version) { v.Marker, v.ETag = true, "" }

func TestExamine_WhatOneSideLacks(t *testing.T) {
	t.Parallel()
	is := func(a Attributes) known { return known{attributes: map[string]Attributes{"v": a}} }
	nothing := known{}
	markers := replication.Rule{ID: "all", DeleteMarkers: true}
	tagged := replication.Rule{ID: "tagged", Tags: map[string]string{"class": "critical"}}
	withTags := func(class string) known {
		return known{
			attributes: map[string]Attributes{"v": stored(func(a *Attributes) { a.Status, a.TagCount = "", 1 })},
			tags:       map[string]map[string]string{"v": {"class": class}},
		}
	}
	for name, test := range map[string]struct {
		source, destination known
		rule                replication.Rule
		missing, extra      *Version
		want                Reason
	}{
		"never tried":                         {source: is(stored(status(""))), missing: version(nil), want: neverTried},
		"on its way":                          {source: is(stored(status("PENDING"))), missing: version(nil), want: onItsWay},
		"failed":                              {source: is(stored(status("FAILED"))), missing: version(nil), want: replicationFailed},
		"deleted there":                       {source: is(stored(nil)), missing: version(nil), want: deletedThere},
		"arrived since":                       {source: is(stored(nil)), destination: is(stored(nil)), missing: version(nil), want: alike},
		"deleted here since":                  {source: nothing, missing: version(nil), want: goneSince},
		"a replica itself":                    {source: is(stored(status("REPLICA"))), missing: version(nil), want: "is-replica"},
		"outside the rule's prefix":           {source: is(stored(status(""))), rule: replication.Rule{ID: "f", Prefix: "finance/"}, missing: version(nil), want: "no-rule-matches"},
		"the rule is disabled":                {source: is(stored(status(""))), rule: replication.Rule{ID: "d", Status: replication.Disabled}, missing: version(nil), want: "rule-disabled"},
		"not tagged as the rule wants":        {source: withTags("boring"), rule: tagged, missing: version(nil), want: "no-rule-matches"},
		"tagged as the rule wants":            {source: withTags("critical"), rule: tagged, missing: version(nil), want: neverTried},
		"an old delete marker":                {rule: markers, missing: version(marker), want: markerMissing},
		"a new delete marker":                 {rule: markers, missing: version(func(v *Version) { marker(v); v.Modified = "2026-11-21T11:59:00.000Z" }), want: onItsWay},
		"a delete marker that a report knows": {rule: markers, missing: version(func(v *Version) { marker(v); v.Status = "FAILED" }), want: replicationFailed},
		"a delete marker that arrived since":  {rule: markers, destination: is(Attributes{Found: true, Marker: true}), missing: version(marker), want: alike},
		"delete markers are not replicated":   {rule: replication.Rule{ID: "all"}, missing: version(marker), want: "delete-markers-off"},
		"delete markers have no tags":         {rule: tagged, missing: version(marker), want: "no-rule-matches"},

		"deleted at the source":         {destination: is(stored(status("REPLICA"))), extra: version(nil), want: deletedHere},
		"written there":                 {destination: is(stored(status(""))), extra: version(nil), want: writtenThere},
		"written there, but elsewhere":  {destination: is(stored(status(""))), rule: replication.Rule{ID: "f", Prefix: "finance/"}, extra: version(nil), want: "no-rule-matches"},
		"written there, and sent back":  {destination: is(stored(status("PENDING"))), extra: version(nil), want: replicatesBack},
		"written here since":            {source: is(stored(nil)), destination: is(stored(nil)), extra: version(nil), want: alike},
		"deleted there by somebody":     {rule: markers, extra: version(marker), want: markerThere},
		"deleted there, but elsewhere":  {rule: replication.Rule{ID: "f", Prefix: "finance/"}, extra: version(marker), want: "no-rule-matches"},
		"gone there since":              {extra: version(nil), want: goneSince},
		"AWS does not tell":             {source: known{err: errors.New("AccessDenied")}, missing: version(nil), want: noAnswer},
		"AWS does not tell what is new": {destination: known{err: errors.New("AccessDenied")}, extra: version(nil), want: noAnswer},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test.rule.ID == "" {
				test.rule = markers
			}
			j := judgeOf(t, test.source, test.destination, test.rule)
			finding, err := j.examine(t.Context(), test.missing, test.extra)
			require.NoError(t, err)
			assert.Equal(t, test.want, finding.Reason)
			assert.Equal(t, test.want.Verdict(), finding.Verdict)
			assert.Equal(t, "logs/a", finding.Key)
		})
	}
}

func TestExamine_WhatBothHave(t *testing.T) {
	t.Parallel()
	changed := func(attribute, here, there string) []Difference { return []Difference{{attribute, here, there}} }
	for name, test := range map[string]struct {
		source, destination func(*Attributes)
		want                Reason
		differences         []Difference
	}{
		"the same":                     {nil, nil, alike, nil},
		"size":                         {nil, func(a *Attributes) { a.Size = 8 }, attributesDiffer, changed("size", "7", "8")},
		"size, on its way":             {status("PENDING"), func(a *Attributes) { a.Size = 8 }, onItsWay, changed("size", "7", "8")},
		"size, failed":                 {status("FAILED"), func(a *Attributes) { a.Size = 8 }, replicationFailed, changed("size", "7", "8")},
		"ETags that are MD5s":          {nil, func(a *Attributes) { a.ETag = "f" }, attributesDiffer, changed("etag", "e", "f")},
		"ETags under KMS":              {nil, func(a *Attributes) { a.ETag, a.Encryption = "f", "aws:kms" }, etagNotComparable, nil},
		"ETags of parts":               {nil, func(a *Attributes) { a.ETag = "f-2" }, etagNotComparable, nil},
		"a checksum proves it":         {sum("CRC32", "x"), func(a *Attributes) { a.ETag, a.Encryption = "f", "aws:kms"; sum("CRC32", "x")(a) }, alike, nil},
		"a checksum disproves it":      {sum("CRC32", "x"), sum("CRC32", "y"), attributesDiffer, changed("checksum", "CRC32=x", "CRC32=y")},
		"checksums of different kinds": {sum("CRC32", "x"), sum("SHA256", "y"), alike, nil},
		"metadata":                     {nil, func(a *Attributes) { a.Metadata = map[string]string{"by": "me"} }, attributesDiffer, changed("metadata", "none", "by=me")},
		"lock": {
			func(a *Attributes) { a.Lock = Lock{Mode: "GOVERNANCE", Until: noon} }, func(a *Attributes) { a.Lock.Hold = true }, attributesDiffer,
			changed("lock", "GOVERNANCE until 2026-11-21T12:00:00Z", "none, legal hold"),
		},
		"the destination's own lock":    {nil, func(a *Attributes) { a.Lock = Lock{Mode: "GOVERNANCE", Until: noon} }, alike, nil},
		"tags":                          {func(a *Attributes) { a.TagCount = 1 }, nil, attributesDiffer, changed("tags", "team=storage", "none")},
		"a class that costs more":       {nil, func(a *Attributes) { a.Class = "STANDARD" }, attributesDiffer, changed("storageClass", "STANDARD_IA", "STANDARD")},
		"a class further down":          {nil, func(a *Attributes) { a.Class = "DEEP_ARCHIVE" }, alike, nil},
		"deleted here while we looked":  {func(a *Attributes) { a.Found = false }, nil, goneSince, nil},
		"deleted there while we looked": {nil, func(a *Attributes) { a.Found = false }, deletedThere, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			there := stored(func(a *Attributes) { a.Class = "STANDARD_IA" })
			if test.destination != nil {
				test.destination(&there)
			}
			source := known{attributes: map[string]Attributes{"v": stored(test.source)}, tags: map[string]map[string]string{"v": {"team": "storage"}}}
			j := judgeOf(t, source, known{attributes: map[string]Attributes{"v": there}}, replication.Rule{ID: "all", StorageClass: "STANDARD_IA"})
			j.attributes = true
			finding, err := j.examine(t.Context(), version(nil), version(nil))
			require.NoError(t, err)
			assert.Equal(t, test.want, finding.Reason)
			assert.Equal(t, test.differences, finding.Differences)
		})
	}
}

func sum(algorithm, value string) func(*Attributes) {
	return func(a *Attributes) { a.Checksums = map[string]string{algorithm: value} }
}

// Where only current objects are compared, the keys may be all that two objects
// have in common.
func TestExamine_CurrentObjectsAreMatchedByTheirKeys(t *testing.T) {
	t.Parallel()
	here, there := stored(nil), stored(func(a *Attributes) { a.Version, a.ETag, a.Status = "w", "f", "" })
	find := func(rule replication.Rule) Finding {
		j := judgeOf(t, known{attributes: map[string]Attributes{"logs/a": here}}, known{attributes: map[string]Attributes{"logs/a": there}}, rule)
		j.current = true
		listed := version(func(v *Version) { v.ID = "" })
		finding, err := j.examine(t.Context(), listed, listed)
		require.NoError(t, err)
		return finding
	}
	finding := find(replication.Rule{ID: "all"})
	assert.Equal(t, Different, finding.Verdict)
	assert.Equal(t, []Difference{{"etag", "e", "f"}, {"versionId", "v", "w"}}, finding.Differences)
	assert.Equal(t, Reason("no-rule-matches"), find(replication.Rule{ID: "f", Prefix: "finance/"}).Reason)
}

func TestListed_BelievesListsOnlyWhereTheySettleIt(t *testing.T) {
	t.Parallel()
	is := func(j *judge, source, destination *Version) bool {
		_, ok := j.listed(source, destination)
		return ok
	}
	j := judgeOf(t, known{}, known{}, replication.Rule{ID: "all", StorageClass: "STANDARD_IA"})
	in := func(class string) *Version { return version(func(v *Version) { v.Class = class }) }
	assert.True(t, is(j, in("STANDARD"), in("STANDARD_IA")))
	assert.True(t, is(j, in("STANDARD"), in("GLACIER")), "a lifecycle rule may have moved it")
	assert.False(t, is(j, in("STANDARD"), in("STANDARD")))
	assert.False(t, is(j, in("STANDARD"), version(func(v *Version) { v.Class, v.Size = "STANDARD_IA", 8 })))
	assert.False(t, is(j, in("STANDARD"), version(func(v *Version) { v.Class, v.ETag = "STANDARD_IA", "f" })))
	assert.True(t, is(j, version(marker), version(marker)))
	assert.False(t, is(j, version(marker), version(nil)))
	j.attributes = true
	assert.False(t, is(j, in("STANDARD"), in("STANDARD_IA")), "lists do not tell attributes")
}

func TestReasons_SayWhatTheyMeanAndWhatToDo(t *testing.T) {
	t.Parallel()
	for reason, meaning := range meanings {
		assert.Contains(t, Verdicts, meaning.verdict, reason)
		assert.Equal(t, reason == alike, meaning.sentence == "", reason)
		settles := meaning.verdict == Same || meaning.verdict == NotSelected
		assert.Equal(t, settles, meaning.do == "", "%s: what is well needs no advice, and what is not does", reason)
	}
	assert.Equal(t, NotSelected, Reason("no-rule-matches").Verdict())
	assert.NotEmpty(t, Reason("no-rule-matches").Sentence())
}

func TestListed_TakesTheVersionIDWhereETagsAreNoDigests(t *testing.T) {
	t.Parallel()
	other := func(change func(*Version)) *Version {
		return version(func(v *Version) {
			v.ETag = "f"
			if change != nil {
				change(v)
			}
		})
	}
	for name, test := range map[string]struct {
		kms                 bool
		source, destination *Version
		want                Reason // empty: the lists do not settle it
	}{
		"KMS keys":                      {true, version(nil), other(nil), etagNotComparable},
		"no KMS":                        {false, version(nil), other(nil), ""},
		"uploaded in parts":             {false, version(func(v *Version) { v.ETag = "e-2" }), other(nil), etagNotComparable},
		"KMS by the inventory":          {false, version(nil), other(func(v *Version) { v.Encryption = "SSE-KMS" }), etagNotComparable},
		"two layers by the inventory":   {false, version(func(v *Version) { v.Encryption = "DSSE-KMS" }), other(nil), etagNotComparable},
		"another size":                  {true, version(nil), other(func(v *Version) { v.Size = 8 }), ""},
		"no version id":                 {true, version(func(v *Version) { v.ID = "" }), other(func(v *Version) { v.ID = "" }), ""},
		"null versions":                 {true, version(func(v *Version) { v.ID = "null" }), other(func(v *Version) { v.ID = "null" }), ""},
		"current on one side":           {true, version(func(v *Version) { v.Current = false }), other(nil), currentDiffers},
		"equal, current on one side":    {false, version(func(v *Version) { v.Current = false }), version(nil), currentDiffers},
		"markers, current on one side":  {false, version(func(v *Version) { v.Marker, v.ETag = true, "" }), version(func(v *Version) { v.Marker, v.Current, v.ETag = true, false, "" }), currentDiffers},
		"different, current on one too": {false, version(func(v *Version) { v.Current = false }), other(nil), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j := judgeOf(t, known{}, known{}, replication.Rule{ID: "all"})
			j.kms = test.kms
			reason, settled := j.listed(test.source, test.destination)
			assert.Equal(t, test.want, reason)
			assert.Equal(t, test.want != "", settled)
		})
	}
}

func TestExamine_DeleteMarkers(t *testing.T) {
	t.Parallel()
	made := func(status string, age time.Duration) *Version {
		return version(func(v *Version) {
			v.Marker, v.ETag, v.Status, v.Modified = true, "", status, noon.Add(-age).Format(time.RFC3339)
		})
	}
	here := known{attributes: map[string]Attributes{"v": {Found: true, Marker: true}}}
	completed := known{attributes: map[string]Attributes{"v": {Found: true, Marker: true, Status: "COMPLETED"}}}
	alive := known{attributes: map[string]Attributes{"logs/a": stored(nil)}}
	replicates := replication.Rule{ID: "all", DeleteMarkers: true}
	for name, test := range map[string]struct {
		source, destination known
		rule                replication.Rule
		marker              *Version
		want                Reason
	}{
		"alive at the destination, by rule":     {here, alive, replication.Rule{ID: "all"}, made("", time.Hour), aliveByRule},
		"not there either, by rule":             {here, known{}, replication.Rule{ID: "all"}, made("", time.Hour), "delete-marker-off"},
		"replicated, and removed since":         {here, known{}, replicates, made("COMPLETED", time.Minute), deletedThere},
		"replicated by HEAD, and removed since": {completed, known{}, replicates, made("", time.Minute), deletedThere},
		"young, and nothing known":              {here, known{}, replicates, made("", time.Minute), onItsWay},
		"old, and nothing known":                {here, known{}, replicates, made("", time.Hour), markerMissing},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			finding, err := judgeOf(t, test.source, test.destination, test.rule).examine(t.Context(), test.marker, nil)
			require.NoError(t, err)
			if test.want == "delete-marker-off" {
				assert.Equal(t, NotSelected, finding.Verdict)
				assert.NotEqual(t, aliveByRule, finding.Reason)
				return
			}
			assert.Equal(t, test.want, finding.Reason)
		})
	}
}

func TestSummary_PendingOnly(t *testing.T) {
	t.Parallel()
	of := func(verdicts map[Verdict]int64) Summary {
		return Summary{Destinations: []DestinationSummary{{Verdicts: verdicts}}}
	}
	assert.True(t, of(map[Verdict]int64{Same: 3, Pending: 1, NotSelected: 2}).OnlyPending())
	for _, verdict := range []Verdict{Missing, Different, Extra, Failed, Unknown} {
		assert.False(t, of(map[Verdict]int64{Pending: 1, verdict: 1}).OnlyPending(), verdict)
	}
}
