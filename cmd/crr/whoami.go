package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/crr-io/pulumi-aws-crr/internal/operator"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/live"
	"github.com/crr-io/pulumi-aws-crr/internal/stackfile"
)

func newWhoamiCommand(s streams) *cobra.Command {
	var output, config string
	command := &cobra.Command{
		Use:   "whoami",
		Short: "Show the identity of the AWS credentials in use",
		Long: `whoami shows the AWS account and principal of the credentials in use.

Without valid credentials, it fails within seconds and reports how to fix that. With --config, it uses the settings of
a deployment of the stack: the region of the first source bucket and aws:profile.

EXIT STATUS:
  0  AWS accepted the credentials
  2  usage error, or no valid credentials`,
		Example: `  crr whoami
  crr whoami --config Pulumi.prod.yaml`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			if err := checkOutput(output); err != nil {
				return err
			}
			var stack stackfile.Credentials
			if config != "" {
				var err error
				if stack, err = stackfile.ReadCredentials(config); err != nil {
					return err
				}
			}
			if stack.OnlyPulumi != "" {
				_, err := fmt.Fprintf(s.err, "%s sets %s, which only Pulumi can use: `pulumi preview` checks the credentials\n", config, stack.OnlyPulumi)
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
	command.Flags().StringVar(&config, "config", "", "stack `file` whose AWS settings to use")
	outputFlag(command, &output)
	return command
}
