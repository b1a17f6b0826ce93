package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/operator"
	"github.com/crr-io/pulumi-aws-crr/internal/stackfile"
)

// questionFlags select the replications to explain or lint, planned, deployed or
// read from a bucket, and the policies and facts to evaluate them with.
type questionFlags struct {
	config   string
	subjects operator.SubjectSource
	policies operator.PolicyFiles
	facts    operator.KnownFacts
}

func (q *questionFlags) register(command *cobra.Command) {
	flags := command.Flags()
	flags.StringVar(&q.config, "config", "", "stack `file` to read, deployed or not, such as Pulumi.dev.yaml")
	flags.StringArrayVar(&q.subjects.Configurations, "replication", nil,
		"`[bucket=]file` with a replication configuration, and the name of the source bucket: output of aws s3api get-bucket-replication, S3's XML, "+
			"a CloudFormation template, a Terraform state, or terraform show -json; \"-\" reads standard input; repeatable")
	descriptorFlags(command, &q.subjects.Descriptor)
	flags.StringArrayVar(&q.policies.Role, "role-policy", nil, "`[role=]file` with policies of the replication role, as printed by IAM, the AWS CLI, CloudFormation or Terraform; repeatable")
	flags.StringArrayVar(&q.policies.Buckets, "bucket-policy", nil, "`bucket=file` with the policy of a source or destination bucket; repeatable")
	flags.StringArrayVar(&q.policies.Keys, "key-policy", nil, "`arn=file` with the policy of a KMS key; repeatable")
	flags.StringArrayVar(&q.policies.Trust, "trust-policy", nil, "`[role=]file` with the trust policy of the replication role; repeatable")
	flags.StringArrayVar(&q.policies.Boundary, "permissions-boundary", nil, "`[role=]file` with the permissions boundary of the replication role; repeatable")
	flags.StringArrayVar(&q.policies.ServiceControl, "scp", nil,
		"`[level=]file` with a service control policy that applies to the role's account; each level, such as root or an organizational unit, must allow a call "+
			"by one of its files; a file without level is a level of its own; a level with only Deny statements is assumed to have FullAWSAccess too; repeatable")
	flags.StringArrayVar(&q.policies.ResourceControl, "rcp", nil,
		"`file` with a resource control policy that applies to the role, the buckets and the keys; repeatable")
	flags.StringVar(&q.facts.File, "facts", "", "YAML `file` with facts about buckets, keys and alarms; docs/explain.md describes it")
	flags.StringVar(&q.facts.SourceKey, "source-key", "", "`ARN` of the default KMS key of the source bucket")
	command.MarkFlagsMutuallyExclusive("config", "replication", "descriptor", "stack")
}

// read returns the replications that the flags select.
func (q *questionFlags) read(command *cobra.Command) ([]model.Subject, error) {
	subjects, err := q.readSubjects(command)
	if err != nil {
		return nil, err
	}
	if err := operator.AddFacts(subjects, q.facts); err != nil {
		return nil, err
	}
	return subjects, operator.AddPolicies(subjects, q.policies)
}

func (q *questionFlags) readSubjects(command *cobra.Command) ([]model.Subject, error) {
	if q.config != "" {
		config, err := stackfile.ReadFile(q.config)
		if err != nil {
			return nil, err
		}
		return config.Subjects(), noteSecrets(command, config)
	}
	return operator.Subjects(command.Context(), q.subjects)
}

// noteSecrets prints the paths of the stack file that were not judged because
// they are secret.
func noteSecrets(command *cobra.Command, config stackfile.Config) error {
	for _, path := range config.NotJudged() {
		if _, err := fmt.Fprintf(command.ErrOrStderr(), "not judged: %s is a secret, which only Pulumi can read\n", path); err != nil {
			return err
		}
	}
	return nil
}
