package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/live"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/teardown"
)

func newDestroyCheckCommand(s streams) *cobra.Command {
	var from stateSource
	var output string
	command := &cobra.Command{
		Use:   "destroy-check",
		Short: "Check whether a stack can be destroyed",
		Long: `destroy-check reports the buckets that prevent a stack from being destroyed: not empty, protected, locked, or deployed
without forceDestroy. Nothing is changed.

EXIT STATUS:
  0  the stack can be destroyed
  1  it can't
  2  usage error, or the state could not be read`,
		Example: `  crr destroy-check --stack prod
  crr destroy-check --stack prod --output json`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			if err := checkOutput(output); err != nil {
				return err
			}
			state, sessions, err := from.open(command.Context())
			if err != nil {
				return err
			}
			findings := teardown.Check(command.Context(), sessions, state)
			if output == outputJSON {
				if findings == nil {
					findings = []teardown.Finding{}
				}
				err = writeJSON(s.out, findings)
			} else {
				for _, finding := range findings {
					fmt.Fprintf(s.out, "bucket %s (%s): %s: %s\n", finding.Bucket, finding.Region, finding.Message, finding.Fix)
				}
			}
			if err == nil && len(findings) > 0 {
				err = errFailed
			}
			return err
		},
	}
	from.flags(command)
	outputFlag(command, &output)
	return command
}

func newScheduleKeyDeletionCommand(s streams) *cobra.Command {
	var from stateSource
	var yes, dryRun bool
	command := &cobra.Command{
		Use:   "schedule-key-deletion",
		Short: "Schedule the deletion of a destroyed stack's KMS keys",
		Long: `schedule-key-deletion schedules the deletion of the KMS keys of a destroyed stack. Pulumi retains these keys, because
data encrypted with them can't be read without them. Keys of buckets that still exist are kept. KMS deletes the other
keys after crr:deletionWindowInDays; until then, ` + "`aws kms cancel-key-deletion`" + ` restores a key.

It reads the stack's state as printed by ` + "`pulumi stack export`" + ` before the destroy. ` + "`make down`" + ` runs it.

EXIT STATUS:
  0  every key is scheduled, or kept for the printed reason
  1  a deletion could not be scheduled
  2  usage error, or the state could not be read`,
		Example: `  pulumi stack export --stack dev > dev.json && pulumi destroy --stack dev
  crr schedule-key-deletion --state dev.json --dry-run`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			state, sessions, err := from.open(command.Context())
			if err != nil {
				return err
			}
			var scheduled []teardown.Key
			for _, plan := range teardown.PlanKeys(command.Context(), sessions, state) {
				if !plan.Schedule {
					fmt.Fprintf(s.out, "keep    %s: %s\n", plan.ARN, plan.Reason)
					continue
				}
				fmt.Fprintf(s.out, "delete  %s in %d days\n", plan.ARN, plan.Days)
				scheduled = append(scheduled, plan.Key)
			}
			if dryRun || len(scheduled) == 0 {
				return nil
			}
			if err := confirm(command.InOrStdin(), s.err, yes, "Schedule the deletion of these keys?"); err != nil {
				return err
			}
			return scheduleAll(command.Context(), s, sessions, scheduled)
		},
	}
	from.flags(command)
	command.Flags().BoolVar(&yes, "yes", false, "do not ask for confirmation")
	command.Flags().BoolVar(&dryRun, "dry-run", false, "print the plan only")
	return command
}

func scheduleAll(ctx context.Context, s streams, sessions *live.Sessions, keys []teardown.Key) error {
	failed := false
	for _, key := range keys {
		if err := teardown.ScheduleDeletion(ctx, sessions, key); err != nil {
			fmt.Fprintln(s.err, err)
			failed = true
		}
	}
	if failed {
		return errFailed
	}
	return nil
}

// stateSource selects the stack or the file to read the state from.
type stateSource struct{ stack, file string }

func (from *stateSource) flags(command *cobra.Command) {
	command.Flags().StringVar(&from.stack, "stack", "", "`name` of the Pulumi stack to read the state from")
	command.Flags().StringVar(&from.file, "state", "", "`file` to read the state from, as printed by pulumi stack export")
	command.MarkFlagsMutuallyExclusive("stack", "state")
	command.MarkFlagsOneRequired("stack", "state")
}

func (from *stateSource) open(ctx context.Context) (teardown.State, *live.Sessions, error) {
	read := func() (teardown.State, error) { return teardown.ReadFile(from.file) }
	if from.stack != "" {
		read = func() (teardown.State, error) { return teardown.ReadStack(ctx, from.stack) }
	}
	state, err := read()
	if err != nil {
		return teardown.State{}, nil, err
	}
	sessions, err := live.Open(ctx)
	return state, sessions, err
}

// confirm asks for confirmation on a terminal. It returns an error if in is no
// terminal and yes is false.
func confirm(in io.Reader, out io.Writer, yes bool, question string) error {
	if yes {
		return nil
	}
	file, ok := in.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return errors.New("no terminal to ask for confirmation; use --yes to continue, or --dry-run to print the plan")
	}
	fmt.Fprintf(out, "%s [y/N] ", question)
	answer, _ := bufio.NewReader(file).ReadString('\n') // no answer is a no
	if answer = strings.ToLower(strings.TrimSpace(answer)); answer != "y" && answer != "yes" {
		return errors.New("nothing was changed")
	}
	return nil
}
