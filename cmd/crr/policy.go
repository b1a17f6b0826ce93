package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/crr-io/pulumi-aws-crr/internal/access"
	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/operator"
	"github.com/crr-io/pulumi-aws-crr/internal/stackfile"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

func newPolicyCommand(s streams) *cobra.Command {
	var from policySource
	var output, task, account string
	command := &cobra.Command{
		Use:   "policy",
		Short: "Print the policy statements that replication needs",
		Long: `policy prints the statements that replication needs in the policies of the role and, across accounts, of the
destination bucket and its key.

Resources made by the deployment already have them. Give the output to the owners of existing buckets, keys and roles.

Add these statements to the existing policies. put-bucket-policy and put-key-policy replace the whole policy: get it
first, add the statements, and put the result. KMS rejects a policy that locks out the key's owner; S3 accepts one
that drops the owner's statements. Each resource is printed once, with the statements for all replications.

With --for, policy instead prints the least-privilege identity policies for deploying the topology or for running a
command, one per account. Generated names appear as patterns. An update that removes resources needs the permissions
of both the old and the new configuration: pass --config for the new one and --stack for the deployed one.

EXIT STATUS:
  0  the statements were printed
  2  usage error, or the input could not be read`,
		Example: `  crr policy --config Pulumi.dev.yaml      # before deployment
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
			grants := model.Grants(descriptors...)
			if output == outputJSON {
				return writeJSON(s.out, grants)
			}
			return operator.WriteGrants(s.out, grants)
		},
	}
	command.Flags().StringVar(&from.config, "config", "", "stack `file` to read, deployed or not, such as Pulumi.dev.yaml")
	command.Flags().StringVar(&from.found, "replication", "", "`[bucket=]file` with a replication configuration, as for crr explain; \"-\" reads standard input")
	command.Flags().StringVar(&from.sourceKey, "source-key", "", "`ARN` of the default key of the --replication bucket, if a rule replicates KMS-encrypted objects")
	descriptorFlags(command, &from.deployed)
	command.Flags().StringVar(&task, "for", "", "print identity policies for a task: `"+taskNames()+"`")
	command.Flags().StringVar(&account, "account", "", "`id` of the account of the credentials, with --for and --config")
	command.MarkFlagsMutuallyExclusive("config", "replication", "descriptor")
	command.MarkFlagsMutuallyExclusive("replication", "stack")
	outputFlag(command, &output)
	return command
}

// policySource selects the replications: planned, read from a bucket, or deployed.
type policySource struct {
	config           string
	found, sourceKey string
	deployed         operator.DescriptorSource
}

// check returns an error for flags that can't be combined.
func (p policySource) check(task, account string) error {
	deploys := task == string(access.ToDeploy)
	switch {
	case p.config != "" && p.deployed.Stack != "" && !deploys:
		return errors.New("--config and --stack can be combined only with --for deploy; omit one of them")
	case account != "" && (task == "" || p.config == ""):
		return errors.New("--account requires --for and --config")
	case account != "" && !access.IsAccount(account):
		return fmt.Errorf("--account %q is not an account id of 12 digits", account)
	default:
		return nil
	}
}

func (p policySource) descriptors(command *cobra.Command) ([]replication.Descriptor, error) {
	if p.sourceKey != "" && p.found == "" {
		return nil, errors.New("--source-key requires --replication")
	}
	switch {
	case p.config != "":
		planned, err := stackfile.ReadFile(p.config)
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
		return replication.Descriptor{}, fmt.Errorf("--replication %s: no replication configuration, so nothing to grant: %s", p.found, missing)
	}
	bucket := subjects[0].Facts.Source.Bucket
	if bucket == "" {
		return replication.Descriptor{}, fmt.Errorf("--replication %s: the bucket name is missing; use --replication my-bucket=%s", p.found, p.found)
	}
	descriptor, err := model.ExistingDescriptor(bucket, p.sourceKey, subjects[0].Configuration)
	if err != nil {
		return replication.Descriptor{}, fmt.Errorf("the replication of %s: %w", bucket, err)
	}
	return descriptor, nil
}
