package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/crr-io/pulumi-aws-crr/internal/operator"
)

func newWhoamiCommand(s streams) *cobra.Command {
	var output string
	command := &cobra.Command{
		Use:   "whoami",
		Short: "Show whose AWS credentials are in use",
		Long: `whoami asks AWS who the caller is. Without credentials, or with ones that AWS does not take, it says so within
seconds, and what to do.`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			if err := checkOutput(output); err != nil {
				return err
			}
			identity, err := operator.Whoami(command.Context())
			if err != nil {
				return err
			}
			if output == outputJSON {
				return writeJSON(s.out, identity)
			}
			_, err = fmt.Fprintf(s.out, "account %s as %s (credentials from %s)\n", identity.Account, identity.ARN, identity.Source)
			return err
		},
	}
	outputFlag(command, &output)
	return command
}
