package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/crr-io/pulumi-aws-crr/internal/operator"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/live"
	"github.com/crr-io/pulumi-aws-crr/stacks"
)

func newWhoamiCommand(s streams) *cobra.Command {
	var output, config string
	command := &cobra.Command{
		Use:   "whoami",
		Short: "Show whose AWS credentials are in use",
		Long: `whoami asks AWS who the caller is. Without credentials, or with ones that AWS does not take, it says so within
seconds, and what to do. With --config it asks as a deployment of the stack would: in the region of its first source,
with its aws:profile.`,
		Example: `  crr whoami
  crr whoami --config Pulumi.prod.yaml`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			if err := checkOutput(output); err != nil {
				return err
			}
			var stack stacks.Credentials
			if config != "" {
				var err error
				if stack, err = stacks.ReadCredentials(config); err != nil {
					return err
				}
			}
			if stack.OnlyPulumi != "" {
				_, err := fmt.Fprintf(s.err, "%s sets %s, which only a deployment can use: `pulumi preview` checks the credentials\n", config, stack.OnlyPulumi)
				return err
			}
			identity, err := operator.Whoami(command.Context(), live.Options{
				Region: stack.Region, Profile: stack.Profile, ConfigFiles: stack.SharedConfigFiles, CredentialFiles: stack.SharedCredentialsFiles,
			})
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
	command.Flags().StringVar(&config, "config", "", "`file` of the stack that is to be deployed")
	outputFlag(command, &output)
	return command
}
