package operator

import (
	"io"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
)

// WriteFailure writes what a failure reason of S3 means.
func WriteFailure(w io.Writer, reason model.FailureReason) error {
	p := &page{w: w}
	p.heading(reason.ID, string(reason.Side))
	p.row("  cause", answerColumn, reason.Cause)
	p.row("  permissions", answerColumn, strings.Join(reason.Permissions, ", "))
	p.row("  do", answerColumn, reason.Fix)
	if reason.Check != "" {
		p.line("  check        " + reason.Check) // not wrapped, to be copied
	}
	if reason.BatchOnly {
		p.row("  only", answerColumn, "in the reports of S3 Batch Replication")
	}
	p.row("  see", answerColumn, reason.See)
	return p.err
}

// failureColumn is where the causes start in the list of failure reasons.
const failureColumn = 34

// WriteFailures lists all failure reasons, one or two lines each.
func WriteFailures(w io.Writer, reasons []model.FailureReason) error {
	p := &page{w: w}
	for _, reason := range reasons {
		p.row(reason.ID, failureColumn, reason.Cause)
	}
	return p.err
}
