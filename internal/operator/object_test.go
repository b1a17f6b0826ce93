package operator

import (
	"bytes"
	"io"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/compare"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/object"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/terminal"
)

var objectTime = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

func failedObject() object.Answer {
	written := objectTime.Add(-time.Hour)
	return object.Answer{
		Format: object.FormatVersion, Bucket: "data", Region: "us-east-1", Key: "logs/a", NotJudged: []string{"the policy of s3://data-dr: AccessDenied", "grants"},
		Here: object.Copy{
			State: object.Present, VersionID: "v1", Status: "FAILED", Size: 1200, StorageClass: "STANDARD", Encryption: "aws:kms",
			KMSKey: "arn:aws:kms:us-east-1:111111111111:key/k", Modified: &written, Tags: map[string]string{"class": "critical"},
		},
		Links: []object.Link{
			{
				Replication: "data", Name: "dr", Bucket: "data-dr", Region: "us-west-2", Verdict: object.Failed, Version: object.Copy{State: object.Absent},
				Current: &object.Copy{State: object.DeleteMarker, VersionID: "m"}, Rule: &model.RuleRef{ID: "all", Priority: 1}, Reported: "DstKmsKeyInvalidState",
				Reasons: []model.Reason{{ID: "replica-key-unusable", Sentence: "The key is disabled.", Fix: "Enable the key.", Failure: "DstKmsKeyInvalidState", See: "https://docs.aws.amazon.com/x"}},
				Notes:   []string{"nothing else is known"}, Fix: []string{"aws kms enable-key --key-id k", "aws s3api copy-object --bucket data"},
			},
			{
				Replication: "data", Name: "archive", Bucket: "data-archive", Region: "eu-west-1", Verdict: object.Different,
				Version: object.Copy{State: object.Present, Size: 1201, StorageClass: "STANDARD_IA"}, Differences: []compare.Difference{{Attribute: "size", Source: "1200", Destination: "1201"}},
			},
			{Incoming: true, Name: "source", Bucket: "origin", Region: "us-east-1", Verdict: object.Unknown, Version: object.Copy{State: object.NotKnown, Problem: "AccessDenied"}},
		},
	}
}

func TestWriteObject_SaysWhatIsWhereWhyAndWhatToDo(t *testing.T) {
	t.Parallel()
	var text bytes.Buffer
	require.NoError(t, WriteObject(&text, failedObject(), objectTime))
	assert.Equal(t, `s3://data/logs/a
  here         1.2 kB, STANDARD, version v1, encryption aws:kms, key
               arn:aws:kms:us-east-1:111111111111:key/k, tagged class=critical, written 2026-03-14
               11:00 UTC, 1 h ago
  S3 status    FAILED: at least one destination failed; S3 does not retry

dr  s3://data-dr  us-west-2                                                                   FAILED
  there        no such version
  current      another version is current: a delete marker, version m
  rule         all, priority 1
  S3 reported  DstKmsKeyInvalidState
  because      replica-key-unusable: The key is disabled. S3 reports DstKmsKeyInvalidState.
    do         Enable the key.
    see        https://docs.aws.amazon.com/x
  note         nothing else is known
  fix          aws kms enable-key --key-id k
               aws s3api copy-object --bucket data

archive  s3://data-archive  eu-west-1                                                      DIFFERENT
  there        1.2 kB, STANDARD_IA
  differs      size: 1200 at the source, 1201 at the destination

from source  s3://origin  us-east-1                                                          UNKNOWN
  there        unknown: AccessDenied

not judged     the policy of s3://data-dr: AccessDenied
               grants
`, text.String())
}

func TestWriteObject_LetsNoControlCharacterThrough(t *testing.T) {
	t.Parallel()
	answer := failedObject()
	answer.Key, answer.Here.Tags = "a\x1b[31m\n", map[string]string{"\x1b[2J": "\r"}
	answer.Links[0].Fix, answer.Links[0].Notes = []string{"x\x1b"}, []string{"\x1b]0;x\x07"}
	answer.Links[2].Version.Problem = "\x1b"
	var text bytes.Buffer
	require.NoError(t, WriteObject(&text, answer, objectTime))
	assert.NotContains(t, text.String(), "\x1b")
	assert.NotContains(t, text.String(), "\r")
}

// Colours are codes on a terminal, not texts.
func TestColours_ReachATerminal(t *testing.T) {
	t.Setenv("NO_COLOR", "")
	t.Setenv("TERM", "xterm")
	for name, write := range map[string]func(io.Writer) error{
		"object": func(w io.Writer) error { return WriteObject(w, failedObject(), objectTime) },
		"comparison": func(w io.Writer) error {
			return WriteComparison(w, compare.Summary{Destinations: []compare.DestinationSummary{{Replication: "data", Source: "data", Destination: "dr", Bucket: "data-dr"}}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			controller, screen, err := pty.Open()
			require.NoError(t, err)
			defer controller.Close()
			said := make(chan []byte)
			go func() {
				text, _ := io.ReadAll(controller) // a terminal ends with an error
				said <- text
			}()
			require.NoError(t, write(terminal.NewPrintable(screen)))
			require.NoError(t, screen.Close())
			text := string(<-said)
			assert.Contains(t, text, "\x1b[")
			assert.NotContains(t, text, `\x1b`)
		})
	}
}
