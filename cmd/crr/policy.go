package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/crr-io/pulumi-aws-crr/internal/access"
	"github.com/crr-io/pulumi-aws-crr/internal/operator"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
	"github.com/crr-io/pulumi-aws-crr/stacks"
)

func newPolicyCommand(s streams) *cobra.Command {
	var from policySource
	var output, task, account string
	command := &cobra.Command{
		Use:   "policy",
		Short: "Print what the policies of roles, buckets and keys must grant",
		Long: `policy prints the statements that replication needs: in the policy of each role and, where the other side is another
account, in the policies of the destination's bucket and key. What the deployment made has them already; for what belongs
to others, this is what to hand to them.

They are statements to add, not whole policies. put-bucket-policy and put-key-policy replace what is there: get the policy
first, add the statements to it, and put that. KMS refuses a policy that locks the key's owner out; S3 takes one that drops
the owner's statements. Each resource comes once, with what all replications need of it.

With --for, policy prints something else: the identity policies that the credentials need which deploy the topology or run a
command on it, one for each account, as tight as the names allow. Generated names are patterns. An edit that takes something
away needs the rights of both: --config for what is wanted, with --stack for what is there.`,
		Example: `  crr policy --config Pulumi.dev.yaml      # before it is deployed
  crr policy --stack prod
  aws s3api get-bucket-replication --bucket data | crr policy --replication data=-
  crr policy --replication data=found.json --source-key arn:aws:kms:us-east-1:111111111111:key/...
  crr policy --descriptor deployed.json --output json
  crr policy --for deploy --config Pulumi.dev.yaml --account 111111111111
  crr policy --for verify --stack prod`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			if err := checkOutput(output); err != nil {
				return err
			}
			if err := from.check(task, account); err != nil {
				return err
			}
			if task != "" {
				policies, err := from.access(command, access.Task(task), account)
				if err != nil {
					return err
				}
				if output == outputJSON {
					return writeJSON(s.out, policies)
				}
				return operator.WriteAccess(s.out, policies)
			}
			descriptors, err := from.descriptors(command)
			if err != nil {
				return err
			}
			grants := replication.Grants(descriptors...)
			if output == outputJSON {
				return writeJSON(s.out, grants)
			}
			return operator.WriteGrants(s.out, grants)
		},
	}
	command.Flags().StringVar(&from.config, "config", "", "stack `file` to read before it is deployed: Pulumi.dev.yaml")
	command.Flags().StringVar(&from.found, "replication", "", "`[bucket=]file` with a replication configuration, as crr explain takes it; - is standard input")
	command.Flags().StringVar(&from.sourceKey, "source-key", "", "`ARN` of the key that the bucket of --replication encrypts with, where a rule is for such objects")
	descriptorFlags(command, &from.deployed)
	command.Flags().StringVar(&task, "for", "", "print what the credentials need that run a task: `"+taskNames()+"`")
	command.Flags().StringVar(&account, "account", "", "`number` of the account of those credentials, with --for and --config")
	command.MarkFlagsMutuallyExclusive("config", "replication", "descriptor")
	command.MarkFlagsMutuallyExclusive("replication", "stack")
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

// check refuses flags that do not go together.
func (p policySource) check(task, account string) error {
	deploys := task == string(access.ToDeploy)
	switch {
	case p.config != "" && p.deployed.Stack != "" && !deploys:
		return errors.New("--config and --stack go together with --for deploy alone, whose policy may be about both; leave one of them out")
	case account != "" && (task == "" || p.config == ""):
		return errors.New("--account is the account that --for and --config are about; give both, or leave it out")
	case account != "" && !access.IsAccount(account):
		return fmt.Errorf("--account %q is not the number of an account, which has 12 digits", account)
	default:
		return nil
	}
}

func (p policySource) descriptors(command *cobra.Command) ([]replication.Descriptor, error) {
	if p.sourceKey != "" && p.found == "" {
		return nil, errors.New("--source-key is about the bucket of --replication; name that as well, or leave it out")
	}
	switch {
	case p.config != "":
		planned, err := stacks.ReadFile(p.config)
		if err != nil {
			return nil, err
		}
		return planned.Descriptors(), noteSecrets(command, planned)
	case p.found != "":
		descriptor, err := p.foundDescriptor(command.Context())
		return []replication.Descriptor{descriptor}, err
	default:
		return operator.Descriptors(command.Context(), p.deployed)
	}
}

func (p policySource) foundDescriptor(ctx context.Context) (replication.Descriptor, error) {
	subjects, err := operator.Subjects(ctx, operator.SubjectSource{Configurations: []string{p.found}, Descriptor: p.deployed})
	if err != nil {
		return replication.Descriptor{}, err
	}
	if missing := subjects[0].Facts.NoConfiguration; missing != "" {
		return replication.Descriptor{}, fmt.Errorf("--replication %s: there is no replication configuration, so nothing to grant: %s", p.found, missing)
	}
	bucket := subjects[0].Facts.Source.Bucket
	if bucket == "" {
		return replication.Descriptor{}, fmt.Errorf("--replication %s: name the bucket as well: --replication my-bucket=%s", p.found, p.found)
	}
	descriptor, err := replication.FoundDescriptor(bucket, p.sourceKey, subjects[0].Configuration)
	if err != nil {
		return replication.Descriptor{}, fmt.Errorf("the replication of %s: %w", bucket, err)
	}
	return descriptor, nil
}
