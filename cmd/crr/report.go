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

// reportFormats are the values of --format.
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
		Short: "Report how well the 15-minute replication target was met, for auditors",
		Long: `report shows for each rule the share of operations proven to have replicated within 15 minutes, the target of S3
Replication Time Control.

It lists exceptions, alarms that were raised, deleted or recreated, and every gap in the data. It reports whether the
deployment's trails record calls on its buckets, how each figure is computed, and its limits. Missing data never
counts as healthy.

EXIT STATUS:
  0  the target was met
  1  the target was missed, data is missing, a trail does not record, or trails, alarm history or event queue could
     not be read
  2  usage error, or no metrics could be read`,
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
	command.Flags().StringVar(&window, "window", "30d", "`period` to report on: 24h, 30d, 90d")
	command.Flags().StringVar(&format, "format", "markdown", "output format: `markdown|json|html`")
	return command
}

func readReport(ctx context.Context, from operator.DescriptorSource, length time.Duration) (report.Report, error) {
	descriptors, err := operator.Descriptors(ctx, from)
	if err != nil {
		return report.Report{}, err
	}
	if len(descriptors) == 0 {
		return report.Report{}, errors.New("the deployment has no replication")
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
		return errors.New("CloudWatch returned no metrics for any rule; the reasons are above")
	case !found.Well():
		return errFailed
	default:
		return nil
	}
}
