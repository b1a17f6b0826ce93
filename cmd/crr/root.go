package main

import (
	"io"

	"github.com/spf13/cobra"
)

// streams are the writers for results and for messages.
type streams struct {
	out, err io.Writer
}

func newRootCommand(s streams) *cobra.Command {
	root := &cobra.Command{
		Use:   "crr",
		Short: "Operate replicated S3 buckets on AWS and on this machine",
		Long: `crr operates replicated S3 buckets on AWS and on this machine.

Results go to standard output, progress and messages to standard error.

EXIT STATUS:
  0  success
  1  the thing checked failed
  2  usage error, or the result is unknown`,
		Version:       version(),
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.NoArgs,
		RunE:          help,
	}
	root.SetOut(s.out)
	root.SetErr(s.err)
	root.AddCommand(newCompareCommand(s), newDescribeCommand(s), newDestroyCheckCommand(s), newPolicyCommand(s), newExplainCommand(s), newLintCommand(s), newLocalCommand(s), newObjectCommand(s), newReportCommand(s), newScheduleKeyDeletionCommand(s), newStatusCommand(s), newVerifyCommand(s), newVersionCommand(s), newWhoamiCommand(s))
	return root
}

// help is the RunE of commands that only have subcommands. Without it, cobra
// prints the help for an unknown subcommand and succeeds.
func help(command *cobra.Command, _ []string) error { return command.Help() }
