package main

import (
	"io"

	"github.com/spf13/cobra"
)

// streams are where a command writes to: results and messages.
type streams struct {
	out, err io.Writer
}

func newRootCommand(s streams) *cobra.Command {
	root := &cobra.Command{
		Use:   "crr",
		Short: "Operate replicated S3 buckets, on AWS and on this machine",
		Long: `crr operates replicated S3 buckets, on AWS and on this machine.

Results go to standard output, progress and messages to standard error.
Exit status: 0 all well, 1 the thing checked is not well, 2 wrong use or no answer.`,
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

// help is what a command does that only has others below it. Its arguments were
// checked: without it, cobra takes an unknown command for a wish for help.
func help(command *cobra.Command, _ []string) error { return command.Help() }
