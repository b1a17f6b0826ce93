package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/crr-io/pulumi-aws-crr/internal/operator"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/live"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/metrics"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/report"
)

// reportFormats are the ways to write a report.
var reportFormats = map[string]func(io.Writer, report.Report) error{
	"markdown": report.WriteMarkdown,
	"json":     func(w io.Writer, r report.Report) error { return writeJSON(w, r) },
	"html":     report.WritePage,
}

func newReportCommand(s streams) *cobra.Command {
	var from operator.DescriptorSource
	var window, format string
	command := &cobra.Command{
		Use:   "report",
		Short: "Report how replication within 15 minutes was kept, for an auditor",
		Long: `report tells for each rule the share of operations that are shown to have replicated within 15 minutes, which is
what S3 Replication Time Control promises, the exceptions, the alarms that were raised, deleted or made again, and every
gap in the data. It says whether the deployment's trails record calls on its buckets, how each figure is made, and what
it cannot tell. Missing data never count as good.

Exit status: 0 the promise was kept, 1 it was broken, data are missing, a trail does not record, or the trail, the
history of alarms or the queue of events can't be read, 2 wrong use, or nothing could be read at all.`,
		Example: `  crr report --stack prod --window 30d > report.md
  crr report --stack prod --window 90d --format html > report.html`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			write, known := reportFormats[format]
			if !known {
				return fmt.Errorf("--format %q is not known; use markdown, json or html", format)
			}
			length, err := metrics.ParseLength(window)
			if err != nil {
				return fmt.Errorf("--window: %w", err)
			}
			found, err := readReport(command.Context(), from, length)
			if err != nil {
				return err
			}
			if err := write(s.out, found); err != nil {
				return err
			}
			return reportVerdict(found)
		},
	}
	descriptorFlags(command, &from)
	command.Flags().StringVar(&window, "window", "30d", "`time` to report on: 24h, 30d, 90d")
	command.Flags().StringVar(&format, "format", "markdown", "how to write the report: `markdown|json|html`")
	return command
}

func readReport(ctx context.Context, from operator.DescriptorSource, length time.Duration) (report.Report, error) {
	descriptors, err := operator.Descriptors(ctx, from)
	if err != nil {
		return report.Report{}, err
	}
	if len(descriptors) == 0 {
		return report.Report{}, errors.New("nothing is deployed here that replicates")
	}
	by, err := operator.Whoami(ctx, live.Options{Region: descriptors[0].Source.Region})
	if err != nil {
		return report.Report{}, err
	}
	sessions, err := live.Open(ctx)
	if err != nil {
		return report.Report{}, err
	}
	if err := sessions.CheckAccounts(ctx, descriptors...); err != nil {
		return report.Report{}, err
	}
	return report.Read(ctx, sessions, by, descriptors, length, time.Now())
}

func reportVerdict(found report.Report) error {
	switch {
	case !found.Known():
		return errors.New("CloudWatch could not be asked about any rule; the reasons are above")
	case !found.Well():
		return errNotWell
	default:
		return nil
	}
}
