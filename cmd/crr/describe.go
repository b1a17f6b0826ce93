package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/crr-io/pulumi-aws-crr/internal/operator"
)

func newDescribeCommand(s streams) *cobra.Command {
	var from operator.DescriptorSource
	var output string
	command := &cobra.Command{
		Use:   "describe",
		Short: "Show the resources of a deployment",
		Long: `describe shows the resources of a deployment.

EXIT STATUS:
  0  the deployment was printed
  2  usage error, or the deployment could not be read`,
		Example: `  crr describe
  crr describe --stack prod
  crr describe --descriptor deployed.json --output json
  pulumi stack output --json | crr describe`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			if err := checkOutput(output); err != nil {
				return err
			}
			descriptors, err := operator.Descriptors(command.Context(), from)
			if err != nil {
				return err
			}
			if output == outputJSON {
				return writeJSON(s.out, descriptors)
			}
			return operator.Describe(s.out, descriptors)
		},
	}
	descriptorFlags(command, &from)
	outputFlag(command, &output)
	return command
}

// descriptorFlags adds the flags that select the deployment.
func descriptorFlags(command *cobra.Command, from *operator.DescriptorSource) {
	command.Flags().StringVar(&from.Stack, "stack", "",
		"`name` of the Pulumi stack to read the descriptor from (default: standard input if piped, else the stack selected in this folder)")
	command.Flags().StringVar(&from.File, "descriptor", "", "`file` to read the descriptor from; \"-\" reads standard input")
	command.Flags().StringArrayVar(&from.AssumeRoles, "assume-role", nil,
		"`ARN` of a role to assume for the buckets of its account, instead of the role in the descriptor; repeatable")
	command.MarkFlagsMutuallyExclusive("stack", "descriptor")
	command.PreRun = func(command *cobra.Command, _ []string) {
		from.Input, from.Messages = command.InOrStdin(), command.ErrOrStderr()
	}
}

const (
	outputTable = "table"
	outputJSON  = "json"
)

func outputFlag(command *cobra.Command, output *string) {
	command.Flags().StringVar(output, "output", outputTable, "output format: `table|json`")
}

func checkOutput(output string) error {
	if output != outputTable && output != outputJSON {
		return fmt.Errorf("--output %q is not known; use %s or %s", output, outputTable, outputJSON)
	}
	return nil
}

func writeJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}
