package compare

import (
	"context"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/cannedlist"
	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/words"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

const someKey = "arn:aws:kms:us-east-1:111111111111:key/7db6d0e9"

// failed is an object that did not replicate.
func failed(change func(*Attributes)) Finding {
	is := Attributes{Found: true, Size: 7, ETag: "e", Encryption: "aws:kms", Key: someKey, BucketKey: true, Status: "FAILED"}
	if change != nil {
		change(&is)
	}
	return Finding{Reason: replicationFailed, Key: "logs/a", Version: "v", Current: true, source: is}
}

func TestCopyAgain_KeepsWhatTheObjectHas(t *testing.T) {
	t.Parallel()
	source := deployedPlace("source", "data", "us-east-1")
	const start = "aws s3api copy-object --bucket data --region us-east-1 --expected-bucket-owner 111111111111 --key 'logs/a' --copy-source 'data/logs/a' " +
		"--copy-source-if-match 'e' --metadata-directive COPY --tagging-directive COPY --storage-class "
	const owner = " --expected-source-bucket-owner 111111111111"
	for name, test := range map[string]struct {
		change func(*Attributes)
		want   string
	}{
		"under KMS": {nil, start + "STANDARD" + owner + " --server-side-encryption 'aws:kms' --ssekms-key-id '" + someKey + "' --bucket-key-enabled"},
		"in a class of its own, without a bucket key": {
			func(a *Attributes) { a.Class, a.BucketKey = "STANDARD_IA", false },
			start + "STANDARD_IA" + owner + " --server-side-encryption 'aws:kms' --ssekms-key-id '" + someKey + "' --no-bucket-key-enabled",
		},
		"with SSE-S3 and a redirect": {
			func(a *Attributes) {
				a.Encryption, a.Key, a.BucketKey = "AES256", "", false
				a.Metadata = map[string]string{"Website-Redirect-Location": "/b"}
			},
			start + "STANDARD" + owner + " --server-side-encryption 'AES256' --website-redirect-location '/b'",
		},
		"locked": {
			func(a *Attributes) {
				a.Encryption, a.Key, a.BucketKey = "", "", false
				a.Lock = Lock{Mode: "COMPLIANCE", Until: time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC), Hold: true}
			},
			start + "STANDARD" + owner + " --object-lock-mode COMPLIANCE --object-lock-retain-until-date 2030-01-02T03:04:05Z --object-lock-legal-hold-status ON",
		},
		"larger than a copy can be":  {func(a *Attributes) { a.Size = largestCopy + 1 }, ""},
		"archived":                   {func(a *Attributes) { a.Class = "DEEP_ARCHIVE" }, ""},
		"encrypted by its client":    {func(a *Attributes) { a.Encryption = string(model.SSEC) }, ""},
		"of which nothing was asked": {func(a *Attributes) { *a = Attributes{} }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, retryOf(source, failed(test.change)))
		})
	}
	for name, change := range map[string]func(*Finding){
		"an older version, whose copy would take the place of the newest": func(f *Finding) { f.Current = false },
		"a delete marker":                 func(f *Finding) { f.DeleteMarker = true },
		"what is on its way":              func(f *Finding) { f.Reason = onItsWay },
		"a key that looks like a version": func(f *Finding) { f.Key = "a?versionId=b" },
	} {
		f := failed(nil)
		change(&f)
		assert.Empty(t, retryOf(source, f), name)
	}
}

// TestCopyAgain_SaysWhyNot has what compare and object say where a copy does not do.
func TestCopyAgain_SaysWhyNot(t *testing.T) {
	t.Parallel()
	source := deployedPlace("source", "data", "us-east-1")
	for name, test := range map[string]struct {
		key    string
		change func(*Attributes)
		want   string
	}{
		"an object that can be copied":   {"a", func(*Attributes) {}, ""},
		"nothing":                        {"a", func(a *Attributes) { *a = Attributes{} }, "it was not found"},
		"larger than a copy can be":      {"a", func(a *Attributes) { a.Size = largestCopy + 1 }, "it is larger than 5 GB"},
		"as large as a copy can be":      {"a", func(a *Attributes) { a.Size = largestCopy }, ""},
		"archived":                       {"a", func(a *Attributes) { a.Class = "GLACIER" }, "it is archived and must be restored first"},
		"in a class that can be read":    {"a", func(a *Attributes) { a.Class = "GLACIER_IR" }, ""},
		"in an archive tier":             {"a", func(a *Attributes) { a.ArchiveTier = "ARCHIVE_ACCESS" }, "it is archived and must be restored first"},
		"encrypted by its client":        {"a", func(a *Attributes) { a.Encryption = string(model.SSEC) }, "it is encrypted with SSE-C"},
		"a key that looks like an older": {"a?versionId=b", func(*Attributes) {}, "no command can name its key"},
	} {
		is := failed(test.change).source
		command, whyNot := CopyAgain(source, test.key, is)
		assert.Equal(t, test.want, whyNot, name)
		assert.Equal(t, test.want == "", command != "", name)
	}
}

// Keys may hold anything: a shell must read each as it is, and a terminal must not.
func TestQuote_IsReadAsItIs(t *testing.T) {
	t.Parallel()
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("bash is not on the PATH")
	}
	for _, key := range []string{"plain", "it's", `a\b "c" $(d) #e`, "日本/é", "\x1b[31mred\x07", "a\nb\tc", "\xff\xfe", "'\x1b'", "-x"} {
		output, err := exec.CommandContext(t.Context(), bash, "-c", "printf %s "+words.Quote(key)).Output()
		require.NoError(t, err, words.Quote(key))
		assert.Equal(t, key, string(output))
		assert.NotContains(t, words.Quote(key), "\x1b")
	}
}

func TestExamine_RulesThatWereChanged(t *testing.T) {
	t.Parallel()
	never := known{attributes: map[string]Attributes{"v": stored(status(""))}}
	j := judgeOf(t, never, known{})
	found, err := j.examine(t.Context(), version(nil), nil)
	require.NoError(t, err)
	assert.Equal(t, neverTried, found.Reason, "the rules are as deployed")

	narrow := deployed(replication.Rule{ID: "all", Prefix: "finance/"})
	live := newSelection(model.Subjects(narrow)[0], narrow.Destinations[0])
	j.live = &live
	found, err = j.examine(t.Context(), version(nil), nil)
	require.NoError(t, err)
	assert.Equal(t, ruleChanged, found.Reason)
	assert.Equal(t, Missing, found.Verdict)
	assert.NotContains(t, found.Reason.Sentence(), "before the rule")
}

func TestRun_SaysWhetherTheRulesCouldBeRead(t *testing.T) {
	t.Parallel()
	_, at := serve(t, cannedlist.Slice{}, cannedlist.Slice{})
	var found collected
	summary, err := Run(t.Context(), at, []replication.Descriptor{deployed()}, found.options(Options{}))
	require.NoError(t, err)
	last := summary.NotCompared[len(summary.NotCompared)-1]
	assert.Contains(t, last, "whether the rules were changed (reading the rules of s3://data")
}

// ETags under KMS say nothing, so that checksums are asked for where they are wanted.
func TestChecksums_AreComparedWhereETagsSayNothing(t *testing.T) {
	t.Parallel()
	sum := func(text string, refused bool) known {
		return known{attributes: map[string]Attributes{"v": stored(func(a *Attributes) {
			a.Encryption, a.Key, a.ETag, a.ChecksumRefused = "aws:kms", someKey, "of-"+text, refused
			if a.Checksums = map[string]string{}; text != "" {
				a.Checksums["CRC64NVME FULL_OBJECT"] = text
			}
		})}}
	}
	here, there := version(func(v *Version) { v.ETag = "a" }), version(func(v *Version) { v.ETag = "b" })
	for name, test := range map[string]struct {
		source, destination known
		want                Reason
	}{
		"the same":            {sum("x", false), sum("x", false), alike},
		"different":           {sum("x", false), sum("y", false), attributesDiffer},
		"none at one side":    {sum("x", false), sum("", false), etagNotComparable},
		"refused at one side": {sum("x", false), sum("", true), noAnswer},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j := judgeOf(t, test.source, test.destination)
			j.kms = true
			reason, settled := j.listed(here, there)
			assert.True(t, settled && reason == etagNotComparable, "by the lists alone")
			j.checksums = true
			_, settled = j.listed(here, there)
			require.False(t, settled)
			found, err := j.examine(context.Background(), here, there)
			require.NoError(t, err)
			assert.Equal(t, test.want, found.Reason)
		})
	}
}

// The key of a replica can be changed in place.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/update-sse-encryption.html
func TestExamine_ReplicaUnderAnotherKey(t *testing.T) {
	t.Parallel()
	under := func(key string) known {
		return known{attributes: map[string]Attributes{"v": stored(func(a *Attributes) { a.Encryption, a.Key = "aws:kms", key })}}
	}
	const theirs = "arn:aws:kms:us-west-2:111111111111:key/dr"
	descriptor := deployed()
	descriptor.Source.KMSKeyARN, descriptor.Destinations[0].KMSKeyARN = someKey, theirs
	for key, want := range map[string]Reason{theirs: alike, theirs + "-2": replicaKeyDiffers, "": replicaKeyDiffers} {
		j := &judge{
			source: under(someKey), destination: under(key), rules: newSelection(model.Subjects(descriptor)[0], descriptor.Destinations[0]),
			attributes: true, now: func() time.Time { return noon },
		}
		found, err := j.examine(t.Context(), version(nil), version(nil))
		require.NoError(t, err)
		assert.Equal(t, want, found.Reason, key)
	}
}

// Under KMS, current objects are listed with the ids of their versions, which show
// that they are the same: no object is asked for.
func TestRun_CurrentObjectsUnderKMSAreMatchedByTheLists(t *testing.T) {
	t.Parallel()
	bucket := keys(3000)
	replicas := append(cannedlist.Slice{}, bucket...)
	for i := range replicas {
		replicas[i].ETag += "-other"
	}
	server, at := serve(t, bucket, replicas)
	descriptor := deployed()
	descriptor.Source.KMSKeyARN, descriptor.Destinations[0].KMSKeyARN = someKey, someKey
	var found collected
	summary, err := Run(t.Context(), at, []replication.Descriptor{descriptor}, found.options(Options{Current: true}))
	require.NoError(t, err)
	assert.True(t, summary.Same)
	assert.Positive(t, summary.Destinations[0].Reasons[etagNotComparable])
	assert.Less(t, server.Calls.Load(), int64(1000), "lists only")
}
