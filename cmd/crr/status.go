package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/crr-io/pulumi-aws-crr/internal/operator"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/live"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/metrics"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/status"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/terminal"
)

// statusOptions are the flags of crr status.
type statusOptions struct {
	from     operator.DescriptorSource
	window   string
	output   string
	html     string
	watch    bool
	interval time.Duration
}

func newStatusCommand(s streams) *cobra.Command {
	var options statusOptions
	command := &cobra.Command{
		Use:   "status",
		Short: "Show the current replication status of a deployment",
		Long: `status shows the state, latency, backlog and failed operations of each rule, and the alarms.

If a queue receives S3's events, the last failures are listed with their reasons. "Safe until" is the time up to which
everything the rule selects is at the destination, from the destination's metrics and heartbeats. It is never later
than the metrics show, and unknown if they don't show it.

The state of a rule is one of
  replicating  nothing failed in the window, or operations have succeeded since ("recovered"), and replicas are on time
  changed      the live rule differs from the deployed one
  late         replicas are later than the threshold of the latency alarm, or than 15 minutes
  failing      operations failed in the window and none has succeeded since; S3 does not retry them
  disabled     the rule is disabled, by the deployment or by a later change
  unknown      S3 published no metrics for 15 minutes, or could not be asked
Missing data never counts as healthy, and charts show gaps.

EXIT STATUS:
  0  all rules replicate and no alarm is in ALARM
  1  a rule or alarm has failed, or its state is unknown
  2  usage error, or no metrics could be read`,
		Example: `  crr status --stack prod
  crr status --stack prod --watch --interval 30s
  crr status --descriptor deployed.json --window 7d --html status.html`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error { return runStatus(command, s, options) },
	}
	descriptorFlags(command, &options.from)
	outputFlag(command, &options.output)
	flags := command.Flags()
	flags.StringVar(&options.window, "window", "3h", "`period` to look back: 90m, 3h, 30d")
	flags.StringVar(&options.html, "html", "", "also write an HTML page with charts to `file`")
	flags.BoolVar(&options.watch, "watch", false, "refresh until interrupted")
	flags.DurationVar(&options.interval, "interval", 15*time.Second, "time between refreshes (--watch)")
	return command
}

func runStatus(command *cobra.Command, s streams, options statusOptions) error {
	if err := checkOutput(options.output); err != nil {
		return err
	}
	window, err := metrics.ParseLength(options.window)
	if err != nil {
		return fmt.Errorf("--window: %w", err)
	}
	if command.Flags().Changed("interval") && !options.watch {
		return errors.New("--interval requires --watch")
	}
	if options.interval < time.Second {
		return errors.New("--interval: must be at least 1s")
	}
	ctx := command.Context()
	descriptors, err := operator.Descriptors(ctx, options.from)
	if err != nil {
		return err
	}
	if len(descriptors) == 0 {
		return errors.New("the deployment has no replication")
	}
	sessions, err := live.Open(ctx)
	if err != nil {
		return err
	}
	if err := sessions.CheckAccounts(ctx, descriptors...); err != nil {
		return err
	}
	look := func(ctx context.Context) (status.Status, error) {
		return status.Read(ctx, sessions, descriptors, window, time.Now())
	}
	to, show := terminal.Of(s.out), showStatus(options)
	if options.watch {
		to.Interactive = to.Interactive && options.output == outputTable
		return verdict(status.Watch(ctx, to, options.interval, look, show))
	}
	found, err := look(ctx)
	if err != nil {
		return err
	}
	return verdict(found, show(to, found))
}

// showStatus returns a function that prints a status in the requested format and
// writes the HTML page if requested.
func showStatus(options statusOptions) status.Show {
	return func(to terminal.Terminal, found status.Status) error {
		if options.html != "" {
			if err := status.WritePageFile(options.html, found); err != nil {
				return err
			}
		}
		if options.output == outputJSON {
			return writeJSON(to, found)
		}
		return status.Write(to, found)
	}
}

// verdict returns the error that maps a status to the exit status.
func verdict(found status.Status, err error) error {
	switch {
	case err != nil:
		return err
	case !found.Known():
		return errors.New("CloudWatch returned no metrics for any rule; the reasons are above")
	case !found.Well():
		return errFailed
	default:
		return nil
	}
}
