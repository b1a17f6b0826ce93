package operator

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/compare"
)

func TestWriteComparison(t *testing.T) {
	t.Parallel()
	failed := compare.Finding{Key: "logs/a b", Version: "v1", Reason: "replication-failed", Current: true, Retry: "aws s3api copy-object --bucket data"}
	older := compare.Finding{Key: "logs/a b", Version: "v0", Reason: "replication-failed"} // a copy would replace v1
	tags := compare.Finding{
		Key: "logs/c", Version: "v2", Reason: "attributes-differ",
		Differences: []compare.Difference{{Attribute: "tags", Source: "class=critical", Destination: "none"}},
	}
	unknown := compare.Finding{Key: "logs/d", Version: "v3", Reason: "no-answer", Detail: "AccessDenied"}
	summary := compare.Summary{
		Destinations: []compare.DestinationSummary{
			{
				Replication: "data", Destination: "dr", Source: "data", Bucket: "data-dr", Versions: map[string]int64{"source": 1234567, "destination": 1234566},
				Verdicts: map[compare.Verdict]int64{compare.Same: 1234560, compare.Failed: 1, compare.Different: 1, compare.NotSelected: 5},
				Reasons:  map[compare.Reason]int64{"same": 1234560, "replication-failed": 1, "attributes-differ": 1, "no-rule-matches": 5},
				Samples:  map[compare.Reason][]compare.Finding{"replication-failed": {failed, older}, "attributes-differ": {tags}},
			},
			{
				Replication: "data", Destination: "archive", Source: "data", Bucket: "data-archive", Versions: map[string]int64{"source": 1, "destination": 1},
				Verdicts: map[compare.Verdict]int64{compare.Unknown: 1}, Reasons: map[compare.Reason]int64{"no-answer": 1},
				Samples: map[compare.Reason][]compare.Finding{"no-answer": {unknown}},
			},
			{
				Replication: "data", Destination: "copy", Source: "data", Bucket: "data-copy", Versions: map[string]int64{"source": 0, "destination": 0},
			},
		},
		Compared: []string{"size", "ETag"}, NotCompared: []string{"checksum"},
	}
	var table strings.Builder
	require.NoError(t, WriteComparison(&table, summary))
	assert.Equal(t, `data: s3://data -> dr s3://data-dr  NOT THE SAME
  listed       1,234,567 at the source, 1,234,566 at the destination
  same         1,234,560
  different    1
               1 attributes-differ: The versions have different content or attributes.
    do         Find the change of the destination in CloudTrail, if data events are recorded. Then
               write the object to the source again.
    such as    logs/c v2; tags: class=critical, there none
  failed       1
               1 replication-failed: S3 failed to replicate it to this or another destination, and
               does not retry.
    do         Find the cause with `+"`crr verify`"+`, remove it, then run S3 Batch Replication for
               objects with the status FAILED, which keeps versions, or, for a few objects, copy
               each onto itself as below, which makes a new version with the same content, metadata,
               tags, storage class, encryption and lock:
               https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-batch-replication-batch.html
    such as    logs/a b v1
               aws s3api copy-object --bucket data
               logs/a b v0
  not selected 5
               5 no-rule-matches: No enabled rule for this destination matches the object.

data: s3://data -> archive s3://data-archive  UNKNOWN
  listed       1 at the source, 1 at the destination
  same         0
  unknown      1
               1 no-answer: AWS could not be asked.
    do         See the error, use credentials that may read both buckets, and compare again.
    such as    logs/d v3: AccessDenied

data: s3://data -> copy s3://data-copy  THE SAME
  listed       0 at the source, 0 at the destination
  same         0

compared       size, ETag
not compared   checksum; use --attributes to compare them, or --checksums for content whose ETags
               can't be compared
`, table.String())
}

func TestDescribeFinding_LetsNoControlCharacterThrough(t *testing.T) {
	t.Parallel()
	text := describeFinding(compare.Finding{
		Key: "a\x1b[31m\nb", Detail: "\x1b]0;x\x07", Differences: []compare.Difference{{Attribute: "tags", Source: "\x1b[2J", Destination: "\r"}},
	})
	assert.NotContains(t, text, "\x1b")
	assert.NotContains(t, text, "\n")
	assert.NotContains(t, text, "\r")
}
