package main

import (
	"github.com/spf13/cobra"

	"github.com/crr-io/pulumi-aws-crr/internal/operator"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

func newLintCommand(s streams) *cobra.Command {
	var question questionFlags
	var severity, output string
	command := &cobra.Command{
		Use:   "lint",
		Short: "Find what is legal in a replication, and unwise",
		Long: `lint finds what S3 accepts and people regret: rules that never match or never decide, keys that cannot be used,
alarms that cannot fire, replicas that will not travel on, policies that keep the replication role out, and what costs
more than it seems to. It asks no one: policies are judged where they are given.

Severities: an error keeps objects from being replicated or somebody from being told, a warning is likely a mistake,
info is good to know. Exit status: 0 no error and no warning, 1 at least one, 2 wrong use or no answer.`,
		Example: `  crr lint --config Pulumi.dev.yaml
  crr lint --stack prod --severity warning
  crr lint --replication data=replication.json --role-policy role.json --bucket-policy data-dr=policy.json
  crr lint --replication a=a.json --replication b=b.json      # chains from bucket to bucket too
  crr lint --config Pulumi.prod.yaml --output json | jq -r '.findings[].id'`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			if err := checkOutput(output); err != nil {
				return err
			}
			from, err := oneOf("--severity", severity, severities)
			if err != nil {
				return err
			}
			subjects, err := question.read(command)
			if err != nil {
				return err
			}
			return lint(s, operator.Lint(subjects, from), output)
		},
	}
	question.register(command)
	command.Flags().StringVar(&severity, "severity", string(replication.SeverityInfo), "show findings from this `level` on: error|warning|info")
	outputFlag(command, &output)
	return command
}

var severities = []replication.Severity{replication.SeverityError, replication.SeverityWarning, replication.SeverityInfo}

func lint(s streams, report operator.Report, output string) error {
	var err error
	if output == outputJSON {
		err = writeJSON(s.out, report)
	} else {
		err = operator.WriteReport(s.out, report)
	}
	if err == nil && !report.Well() {
		return errNotWell
	}
	return err
}
