package verify

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gotest.tools/v3/golden"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/terminal"
)

// sample is a report with all that can be in one.
func sample() *Report {
	list := &checklist{replication: "data"}
	source := list.check("source", "bucket", nil, func() outcome { return outcome{} })
	list.check("source", "versioning", []*Check{source}, func() outcome { return outcome{} })
	dr := list.check("dr", "bucket", nil, func() outcome { return outcome{} })
	key := list.check("dr", "key", []*Check{dr}, func() outcome {
		return fails("the key arn:aws:kms:us-west-2:111111111111:key/7db6d0e9 is in the state Disabled: nobody can read what it encrypts, and nothing replicates",
			"aws kms enable-key --key-id 7db6d0e9 --region us-west-2").withFailure("DstKmsKeyInvalidState")
	})
	list.check("alarms", "failed", nil, func() outcome {
		return outcome{reason: "reading the alarms in us-east-1: AccessDenied: not authorized", fix: "use other credentials", noAnswer: true}
	})
	list.check("probes source -> dr", "rule dr", []*Check{key}, nil)
	list.check("probes source -> dr", "multipart", []*Check{key}, nil)
	list.check("source refuses", "plain HTTP", nil, func() outcome { return outcome{seconds: 0.25} })
	list.check("source refuses", "SSE-S3", nil, func() outcome { return skip("the bucket is managed elsewhere") })
	report := &Report{Started: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC), Seconds: 3.25}
	report.add(list.checks)
	return report
}

func TestWriteTable_OneLineAFindingWhereNothingWraps(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, WriteTable(&out, sample()))
	golden.Assert(t, out.String(), "plain.txt")
}

func TestWriteTable_WrapsOnATerminal(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, writeTable(terminal.Terminal{Writer: &out, Width: 80}, sample()))
	golden.Assert(t, out.String(), "terminal.txt")
}

func TestWriteJUnit(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, WriteJUnit(&out, sample()))
	golden.Assert(t, out.String(), "junit.xml")
}
