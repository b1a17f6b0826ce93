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
		Short: "Show how a deployment replicates right now",
		Long: `status shows for each rule whether it replicates, how far behind its replicas are, what waits and what failed,
the last failures with their reasons where a queue keeps S3's events, and the alarms. "Safe until" is the time up to
which everything that the rule replicates is at the destination, from the destination's metrics and heartbeats; where
that can't be shown, it is not known. It is never later than what the metrics show.

The state of a rule is one of
  replicating  nothing failed in the window, or operations have succeeded since ("recovered"), and the replicas are
               not late
  changed      the bucket's rule is not the one that was deployed
  late         the replicas are further behind than the latency alarm allows, or than 15 minutes
  failing      operations failed in the window, and none has succeeded since; S3 does not try them again
  disabled     the rule is not in force, as deployed or by somebody since
  unknown      S3 published nothing for 15 minutes, or could not be asked
Data that is missing is never taken to be good, and gaps stay gaps.

Exit status: 0 all rules replicate and no alarm says otherwise, 1 something is not well or not known,
2 wrong use, or nothing could be read at all.`,
		Example: `  crr status --stack prod
  crr status --stack prod --watch --interval 30s
  crr status --descriptor deployed.json --window 7d --html status.html`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error { return runStatus(command, s, options) },
	}
	descriptorFlags(command, &options.from)
	outputFlag(command, &options.output)
	flags := command.Flags()
	flags.StringVar(&options.window, "window", "3h", "`time` to look back: 90m, 3h, 30d")
	flags.StringVar(&options.html, "html", "", "`file` to write a page with charts to, besides")
	flags.BoolVar(&options.watch, "watch", false, "look again and again, until interrupted")
	flags.DurationVar(&options.interval, "interval", 15*time.Second, "how long to wait between looks (--watch)")
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
		return errors.New("--interval: is how long --watch waits between looks; add --watch, or leave it out")
	}
	if options.interval < time.Second {
		return errors.New("--interval: take a second at least")
	}
	ctx := command.Context()
	descriptors, err := operator.Descriptors(ctx, options.from)
	if err != nil {
		return err
	}
	if len(descriptors) == 0 {
		return errors.New("nothing is deployed here that replicates")
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

// showStatus is how to show a status: as asked for, and as a page besides.
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

// verdict is the exit status of a status.
func verdict(found status.Status, err error) error {
	switch {
	case err != nil:
		return err
	case !found.Known():
		return errors.New("CloudWatch could not be asked about any rule; the reasons are above")
	case !found.Well():
		return errNotWell
	default:
		return nil
	}
}
