package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/crr-io/pulumi-aws-crr/internal/operator"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

func newPolicyCommand(s streams) *cobra.Command {
	var from operator.DescriptorSource
	var output string
	command := &cobra.Command{
		Use:   "policy",
		Short: "Print what the policies of roles, buckets and keys must grant",
		Long: `policy prints the statements that replication needs: in the policy of each role and, where the other side is another
account, in the policies of the destination's bucket and key. What the deployment made has them already; for what belongs
to others, this is what to hand to them.`,
		Example: `  crr policy --stack prod
  crr policy --descriptor deployed.json --output json`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			if err := checkOutput(output); err != nil {
				return err
			}
			from.Input = command.InOrStdin()
			descriptors, err := operator.Descriptors(command.Context(), from)
			if err != nil {
				return err
			}
			grants := []replication.Grant{}
			for _, descriptor := range descriptors {
				grants = append(grants, descriptor.Grants()...)
			}
			if output == outputJSON {
				return writeJSON(s.out, grants)
			}
			for _, grant := range grants {
				fmt.Fprintf(s.out, "# %s\n", grant.Resource)
				if err := writeJSON(s.out, grant.Document); err != nil {
					return err
				}
			}
			return nil
		},
	}
	descriptorFlags(command, &from)
	outputFlag(command, &output)
	return command
}
