package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/crr-io/pulumi-aws-crr/internal/operator"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
	"github.com/crr-io/pulumi-aws-crr/stacks"
)

// questionFlags say what a question is about: a replication that is planned,
// deployed, or found on a bucket, and policies beside it.
type questionFlags struct {
	config   string
	subjects operator.SubjectSource
	policies operator.PolicyFiles
	facts    operator.KnownFacts
}

func (q *questionFlags) register(command *cobra.Command) {
	flags := command.Flags()
	flags.StringVar(&q.config, "config", "", "stack `file` to ask about before it is deployed: Pulumi.dev.yaml")
	flags.StringArrayVar(&q.subjects.Configurations, "replication", nil,
		"`[bucket=]file` with a replication configuration, and the source bucket's name: what aws s3api get-bucket-replication prints, S3's XML, "+
			"a CloudFormation template, a Terraform state, or terraform show -json; - is standard input; repeatable")
	descriptorFlags(command, &q.subjects.Descriptor)
	flags.StringArrayVar(&q.policies.Role, "role-policy", nil, "`[role=]file` with policies of the replication role, as IAM, the AWS CLI, CloudFormation or Terraform has them; repeatable")
	flags.StringArrayVar(&q.policies.Buckets, "bucket-policy", nil, "`bucket=file` with the policy of a bucket on either side; repeatable")
	flags.StringArrayVar(&q.policies.Keys, "key-policy", nil, "`arn=file` with the policy of a KMS key; repeatable")
	flags.StringArrayVar(&q.policies.Trust, "trust-policy", nil, "`[role=]file` with the trust policy of the replication role; repeatable")
	flags.StringArrayVar(&q.policies.Boundary, "permissions-boundary", nil, "`[role=]file` with the permissions boundary of the replication role; repeatable")
	flags.StringArrayVar(&q.policies.ServiceControl, "scp", nil,
		"`[level=]file` with a service control policy over the role's account; files of one level, such as root or an organizational unit, "+
			"are alternatives, every other file is a level of its own; where a level only denies, FullAWSAccess is taken to be beside it; repeatable")
	flags.StringArrayVar(&q.policies.ResourceControl, "rcp", nil,
		"`file` with a resource control policy over the role, the buckets and the keys; repeatable")
	flags.StringVar(&q.facts.File, "facts", "", "`file` with what else is known of buckets, keys and alarms, in YAML; docs/explain.md lists what it takes")
	flags.StringVar(&q.facts.SourceKey, "source-key", "", "`ARN` of the KMS key that the source bucket encrypts with")
	command.MarkFlagsMutuallyExclusive("config", "replication", "descriptor", "stack")
}

// read gets the replications, wherever they come from.
func (q *questionFlags) read(command *cobra.Command) ([]replication.Subject, error) {
	subjects, err := q.readSubjects(command)
	if err != nil {
		return nil, err
	}
	if err := operator.AddFacts(subjects, q.facts); err != nil {
		return nil, err
	}
	return subjects, operator.AddPolicies(subjects, q.policies)
}

func (q *questionFlags) readSubjects(command *cobra.Command) ([]replication.Subject, error) {
	if q.config != "" {
		config, err := stacks.ReadFile(q.config)
		if err != nil {
			return nil, err
		}
		return config.Subjects(), noteSecrets(command, config)
	}
	return operator.Subjects(command.Context(), q.subjects)
}

// noteSecrets says which values of a stack file were not judged.
func noteSecrets(command *cobra.Command, config stacks.Config) error {
	for _, path := range config.NotJudged() {
		if _, err := fmt.Fprintf(command.ErrOrStderr(), "not judged: %s is a secret, which only Pulumi can read\n", path); err != nil {
			return err
		}
	}
	return nil
}
