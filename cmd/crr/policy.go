package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/crr-io/pulumi-aws-crr/internal/operator"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
	"github.com/crr-io/pulumi-aws-crr/stacks"
)

func newPolicyCommand(s streams) *cobra.Command {
	var from policySource
	var output string
	command := &cobra.Command{
		Use:   "policy",
		Short: "Print what the policies of roles, buckets and keys must grant",
		Long: `policy prints the statements that replication needs: in the policy of each role and, where the other side is another
account, in the policies of the destination's bucket and key. What the deployment made has them already; for what belongs
to others, this is what to hand to them.`,
		Example: `  crr policy --config Pulumi.dev.yaml      # before it is deployed
  crr policy --stack prod
  crr policy --replication my-bucket=found.json --source-key arn:aws:kms:us-east-1:111111111111:key/...
  crr policy --descriptor deployed.json --output json`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			if err := checkOutput(output); err != nil {
				return err
			}
			from.deployed.Input = command.InOrStdin()
			descriptors, err := from.descriptors(command.Context())
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
	command.Flags().StringVar(&from.config, "config", "", "stack `file` to read before it is deployed: Pulumi.dev.yaml")
	command.Flags().StringVar(&from.found, "replication", "", "`bucket=file` with what aws s3api get-bucket-replication prints")
	command.Flags().StringVar(&from.sourceKey, "source-key", "", "`ARN` of the key that the bucket of --replication encrypts with")
	descriptorFlags(command, &from.deployed)
	command.MarkFlagsMutuallyExclusive("config", "replication", "descriptor", "stack")
	command.MarkFlagsRequiredTogether("replication", "source-key")
	outputFlag(command, &output)
	return command
}

// policySource is where the replications come from: planned, found on a bucket,
// or deployed.
type policySource struct {
	config           string
	found, sourceKey string
	deployed         operator.DescriptorSource
}

func (p policySource) descriptors(ctx context.Context) ([]replication.Descriptor, error) {
	switch {
	case p.config != "":
		planned, err := stacks.ReadFile(p.config)
		if err != nil {
			return nil, err
		}
		return planned.Descriptors(), nil
	case p.found != "":
		descriptor, err := p.foundDescriptor()
		return []replication.Descriptor{descriptor}, err
	default:
		return operator.Descriptors(ctx, p.deployed)
	}
}

func (p policySource) foundDescriptor() (replication.Descriptor, error) {
	bucket, file, named := strings.Cut(p.found, "=")
	if !named {
		return replication.Descriptor{}, fmt.Errorf("--replication %s: name the bucket as well: --replication my-bucket=%s", p.found, p.found)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return replication.Descriptor{}, fmt.Errorf("reading the replication configuration: %w", err)
	}
	configuration, err := replication.ParseConfigurationJSON(data)
	if err != nil {
		return replication.Descriptor{}, fmt.Errorf("reading %s: %w", file, err)
	}
	return replication.FoundDescriptor(bucket, p.sourceKey, configuration)
}
