package e2e

import (
	"bufio"
	"encoding/json"
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/compare"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// comparing is a lab with a deployment of two destinations, one of which takes only
// critical finance data.
type comparing struct {
	*lab
	source, dr, archive replication.DeployedBucket
	at                  map[string]clients
}

func newComparing(t *testing.T) *comparing {
	t.Helper()
	l := newLab(t)
	l.project(`
config:
  crr:forceDestroy: true
  crr:replications:
    - name: data
      source: { region: us-east-1 }
      destinations:
        - { name: dr, region: us-west-2, storageClass: STANDARD_IA }
        - { name: archive, region: eu-west-1 }
      rules:
        - { id: all, destinations: [dr] }
        - { id: critical, destinations: [archive], prefix: finance/, tags: { class: critical } }
`)
	l.up()
	deployed := l.descriptors()[0]
	c := &comparing{lab: l, source: deployed.Source, dr: deployed.Destinations[0], archive: deployed.Destinations[1], at: map[string]clients{}}
	for _, place := range []replication.DeployedBucket{c.source, c.dr, c.archive} {
		c.at[place.Bucket] = l.in(place.Region)
	}
	return c
}

// put writes an object and returns its version.
func (c *comparing) put(place replication.DeployedBucket, key, text, tags string) string {
	c.t.Helper()
	answer, err := c.at[place.Bucket].s3.PutObject(c.t.Context(), &s3.PutObjectInput{
		Bucket: &place.Bucket, Key: &key, Body: strings.NewReader(text), Tagging: &tags, Metadata: map[string]string{"made-by": "test"},
	})
	require.NoError(c.t, err)
	return aws.ToString(answer.VersionId)
}

func (c *comparing) remove(place replication.DeployedBucket, key, version string) {
	c.t.Helper()
	input := &s3.DeleteObjectInput{Bucket: &place.Bucket, Key: &key}
	if version != "" {
		input.VersionId = &version
	}
	_, err := c.at[place.Bucket].s3.DeleteObject(c.t.Context(), input)
	require.NoError(c.t, err)
}

// result is the output of crr compare.
type result struct {
	status   int
	findings map[string]compare.Finding // by destination and key
	summary  compare.Summary
	text     string
}

func (r result) verdicts(destination string) map[compare.Verdict]int64 {
	for _, each := range r.summary.Destinations {
		if each.Destination == destination {
			return each.Verdicts
		}
	}
	return nil
}

func (c *comparing) compare(flags ...string) result {
	c.t.Helper()
	text, err := c.run("crr", append([]string{"compare", "--stack", "test", "--output", "json"}, flags...)...)
	r := result{text: text, findings: map[string]compare.Finding{}}
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		r.status = exit.ExitCode()
	}
	lines := bufio.NewScanner(strings.NewReader(text))
	for lines.Scan() {
		var line struct {
			Type string
			compare.Finding
			compare.Summary
		}
		if json.Unmarshal(lines.Bytes(), &line) != nil {
			continue // a message
		}
		if line.Type == "summary" {
			r.summary = line.Summary
		} else {
			r.findings[line.Destination+" "+line.Key] = line.Finding
		}
	}
	return r
}

// settled waits until no replication is pending.
func (c *comparing) settled(flags ...string) result {
	c.t.Helper()
	var r result
	require.Eventually(c.t, func() bool {
		r = c.compare(flags...)
		return r.status != 2 && r.verdicts("dr")[compare.Pending]+r.verdicts("archive")[compare.Pending] == 0
	}, time.Minute, 500*time.Millisecond, "something is still on its way:\n%s", lazy(func() string { return r.text }))
	return r
}

// lazy is a text that is computed when it is printed.
type lazy func() string

func (l lazy) String() string { return l() }

func TestCompare_TellsEveryVerdict(t *testing.T) {
	t.Parallel()
	c := newComparing(t)
	c.put(c.source, "finance/critical", "1", "class=critical")
	c.put(c.source, "finance/ordinary", "2", "")
	old := c.put(c.source, "logs/twice", "3", "")
	recent := c.put(c.source, "logs/twice", "4", "")
	c.put(c.source, "logs/deleted", "5", "")
	c.remove(c.source, "logs/deleted", "")

	same := c.settled("--attributes")
	require.Equal(t, 0, same.status, same.text)
	assert.True(t, same.summary.Same)
	assert.Empty(t, same.findings)
	assert.Equal(t, map[compare.Verdict]int64{compare.Same: 6}, same.verdicts("dr"), "five versions and a delete marker")
	assert.Equal(t, map[compare.Verdict]int64{compare.Same: 1, compare.NotSelected: 5}, same.verdicts("archive"))
	assert.Equal(t, 0, c.compare("--current").status)
	table := c.mustRun("crr", "compare", "--stack", "test")
	assert.Contains(t, table, "THE SAME")
	assert.Contains(t, strings.Join(strings.Fields(table), " "), "not compared checksum, metadata, tags, encryption key, Object Lock, ACL; use --attributes to compare them")

	fault := strings.TrimSpace(c.mustRun("crr", "local", "fault", "set", "pause", "--dir", c.local()))
	c.put(c.source, "logs/pending", "10", "")
	assert.Equal(t, 1, c.compare().status, "it may never arrive")
	waiting := c.compare("--pending-ok")
	assert.Equal(t, 0, waiting.status, waiting.text)
	assert.Equal(t, int64(1), waiting.verdicts("dr")[compare.Pending])
	odd := c.put(c.dr, "logs/odd", "11", "")
	assert.Equal(t, 1, c.compare("--pending-ok").status, "another difference counts")
	c.remove(c.dr, "logs/odd", odd)
	c.mustRun("crr", "local", "fault", "clear", fault, "--dir", c.local())
	c.settled()

	// Now the two sides are made to differ, in every possible way.
	c.remove(c.dr, "logs/twice", recent)
	c.remove(c.source, "logs/twice", old)
	c.put(c.dr, "logs/stranger", "6", "")
	c.put(c.dr, "finance/ordinary", "7", "")
	c.remove(c.archive, "finance/critical", "")
	_, err := c.at[c.dr.Bucket].s3.PutObjectTagging(t.Context(), &s3.PutObjectTaggingInput{
		Bucket: &c.dr.Bucket, Key: aws.String("finance/critical"),
		Tagging: &s3types.Tagging{TagSet: []s3types.Tag{{Key: aws.String("class"), Value: aws.String("boring")}}},
	})
	require.NoError(t, err)
	_, err = c.at[c.dr.Bucket].kms.DisableKey(t.Context(), &kms.DisableKeyInput{KeyId: &c.dr.KMSKeyARN})
	require.NoError(t, err)
	c.put(c.source, "logs/failing", "8", "")
	c.putAwkward()
	for _, key := range []string{"logs/failing", awkwardKey} {
		require.Eventually(t, func() bool { return c.status(key) == s3types.ReplicationStatusFailed }, time.Minute, 200*time.Millisecond)
	}
	_, err = c.at[c.dr.Bucket].kms.EnableKey(t.Context(), &kms.EnableKeyInput{KeyId: &c.dr.KMSKeyARN})
	require.NoError(t, err)

	apart := c.settled("--attributes")
	assert.Equal(t, 1, apart.status, apart.text)
	reasons := map[string]string{}
	for name, finding := range apart.findings {
		reasons[name] = string(finding.Verdict) + " " + string(finding.Reason)
	}
	assert.Equal(t, "different attributes-differ", reasons["dr finance/critical"])
	assert.Equal(t, []compare.Difference{{Attribute: "tags", Source: "class=critical", Destination: "class=boring"}}, apart.findings["dr finance/critical"].Differences)
	assert.Equal(t, "extra written-there", reasons["dr logs/stranger"])
	assert.Equal(t, "extra written-there", reasons["dr finance/ordinary"])
	assert.Equal(t, "failed replication-failed", reasons["dr logs/failing"])
	assert.Equal(t, "extra delete-marker-there", reasons["archive finance/critical"])
	assert.Equal(t, map[compare.Verdict]int64{compare.Same: 4, compare.Missing: 1, compare.Extra: 3, compare.Different: 1, compare.Failed: 2}, apart.verdicts("dr"), apart.text)
	assert.Equal(t, map[compare.Reason]int64{"deleted-there": 1, "deleted-at-source": 1}, only(apart.reasonsAt("dr"), "deleted-there", "deleted-at-source"))

	lists := c.settled()
	assert.NotContains(t, lists.findings, "dr finance/critical", "lists do not contain tags")
	assert.Contains(t, lists.summary.NotCompared, "tags", "and the summary says so")
	current := c.settled("--current")
	assert.Contains(t, attributes(current.findings["dr finance/ordinary"].Differences), "versionId", current.text)
	table, err = c.run("crr", "compare", "--stack", "test")
	assert.Error(t, err)
	assert.Contains(t, table, "NOT THE SAME")
	for _, key := range []string{"logs/failing", awkwardKey} {
		retry := apart.findings["dr "+key].Retry
		assert.Contains(t, table, retry, "the way to replicate it again")
		c.retried(key, retry)
	}
}

// awkwardKey has characters that are special in a shell, a URL and a terminal.
const awkwardKey = "logs/it's 100 %41 & \x1b[31m+é"

// putAwkward writes an object with all properties that a copy can lose.
func (c *comparing) putAwkward() {
	c.t.Helper()
	_, err := c.at[c.source.Bucket].s3.PutObject(c.t.Context(), &s3.PutObjectInput{
		Bucket: &c.source.Bucket, Key: aws.String(awkwardKey), Body: strings.NewReader("9"), Tagging: aws.String("class=dull"),
		Metadata: map[string]string{"made-by": "test"}, ContentType: aws.String("text/x-ledger"), CacheControl: aws.String("no-store"),
		ContentLanguage: aws.String("fr"), StorageClass: s3types.StorageClassStandardIa,
	})
	require.NoError(c.t, err)
}

// retried runs the command that compare prints, and compares the new version with
// the previous one and with its replica.
func (c *comparing) retried(key, command string) {
	c.t.Helper()
	type all struct {
		kept map[string]any
		tags []s3types.Tag
	}
	read := func(place replication.DeployedBucket) (all, string) {
		client := c.at[place.Bucket].s3
		head, err := client.HeadObject(c.t.Context(), &s3.HeadObjectInput{Bucket: &place.Bucket, Key: &key})
		require.NoError(c.t, err, key)
		tags, err := client.GetObjectTagging(c.t.Context(), &s3.GetObjectTaggingInput{Bucket: &place.Bucket, Key: &key})
		require.NoError(c.t, err)
		return all{map[string]any{
			"size": aws.ToInt64(head.ContentLength), "type": aws.ToString(head.ContentType), "cache": aws.ToString(head.CacheControl),
			"language": aws.ToString(head.ContentLanguage), "metadata": head.Metadata, "class": head.StorageClass,
			"encryption": head.ServerSideEncryption, "key": aws.ToString(head.SSEKMSKeyId), "bucket key": aws.ToBool(head.BucketKeyEnabled),
		}, tags.TagSet}, aws.ToString(head.VersionId)
	}
	before, old := read(c.source)
	output, err := c.run("bash", "-c", command)
	require.NoError(c.t, err, "%s\n%s", command, output)
	after, version := read(c.source)
	assert.Equal(c.t, before, after, command)
	assert.NotEqual(c.t, old, version)
	require.Eventually(c.t, func() bool { return c.status(key) == s3types.ReplicationStatusCompleted }, time.Minute, 200*time.Millisecond)
	replica, replicated := read(c.dr)
	assert.Equal(c.t, version, replicated)
	assert.Equal(c.t, before.tags, replica.tags)
	assert.Equal(c.t, before.kept["metadata"], replica.kept["metadata"])
}

func (c *comparing) status(key string) s3types.ReplicationStatus {
	answer, err := c.at[c.source.Bucket].s3.HeadObject(c.t.Context(), &s3.HeadObjectInput{Bucket: &c.source.Bucket, Key: &key})
	if err != nil {
		return ""
	}
	return answer.ReplicationStatus
}

func (r result) reasonsAt(destination string) map[compare.Reason]int64 {
	for _, each := range r.summary.Destinations {
		if each.Destination == destination {
			return each.Reasons
		}
	}
	return nil
}

func only(counts map[compare.Reason]int64, reasons ...compare.Reason) map[compare.Reason]int64 {
	kept := map[compare.Reason]int64{}
	for _, reason := range reasons {
		kept[reason] = counts[reason]
	}
	return kept
}

func attributes(differences []compare.Difference) (names []string) {
	for _, each := range differences {
		names = append(names, each.Attribute)
	}
	return names
}

// TestD16_CompareProvesWhatSyncAndLsDoNot covers the recipe's test of disaster
// recovery, `aws s3 sync` and `aws s3 ls`: both find no difference if an old
// version, the one to recover, is missing in the destination.
func TestD16_CompareProvesWhatSyncAndLsDoNot(t *testing.T) {
	t.Parallel()
	c := newComparing(t)
	good := c.put(c.source, "ledger", "good", "")
	c.put(c.source, "ledger", "ruin", "")
	require.Equal(t, 0, c.settled().status)
	c.remove(c.dr, "ledger", good)

	sync := c.mustRun("aws", "s3", "sync", "--dryrun", "s3://"+c.source.Bucket, "s3://"+c.dr.Bucket, "--source-region", c.source.Region, "--region", c.dr.Region)
	assert.Empty(t, sync, "sync finds nothing to do")
	here := strings.Fields(c.mustRun("aws", "s3", "ls", "s3://"+c.source.Bucket, "--region", c.source.Region))
	there := strings.Fields(c.mustRun("aws", "s3", "ls", "s3://"+c.dr.Bucket, "--region", c.dr.Region))
	assert.Equal(t, here[2:], there[2:], "ls shows the same")

	apart := c.compare()
	assert.Equal(t, 1, apart.status)
	assert.Equal(t, compare.Missing, apart.findings["dr ledger"].Verdict, apart.text)
	assert.Equal(t, good, apart.findings["dr ledger"].Version)
}

// TestCompare_NoAnswer covers errors that prevent a result.
func TestCompare_NoAnswer(t *testing.T) {
	t.Parallel()
	c := newComparing(t)
	c.write("deployed.json", c.mustRun("pulumi", "stack", "output", "replications", "--json", "--stack", "test"))
	gone := strings.ReplaceAll(c.mustRun("cat", "deployed.json"), c.dr.Bucket, "no-such-bucket-anywhere")
	c.write("gone.json", gone)
	output, err := c.run("crr", "compare", "--descriptor", "gone.json")
	assert.Error(t, err)
	assert.Contains(t, output, "that s3://no-such-bucket-anywhere is still deployed")

	c.write("begun.json", `{"version":1,"question":"another","pairs":[]}`)
	output, err = c.run("crr", "compare", "--descriptor", "deployed.json", "--resume", filepath.Join(c.dir, "begun.json"))
	assert.Error(t, err)
	assert.Contains(t, output, "belongs to another comparison")
}
