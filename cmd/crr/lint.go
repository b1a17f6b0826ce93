package main

import (
	"github.com/spf13/cobra"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/operator"
)

func newLintCommand(s streams) *cobra.Command {
	var question questionFlags
	var severity, output string
	command := &cobra.Command{
		Use:   "lint",
		Short: "Find valid but risky replication settings",
		Long: `lint reports configurations that S3 accepts but that are probably mistakes: rules that never match, unusable keys,
alarms that can't fire, replicas that are not replicated further, policies that deny the replication role, and
unexpected costs.

It works offline. Policies are evaluated if they are given.

Severities:
  error    objects are not replicated, or notifications are not sent
  warning  probably a mistake
  info     worth knowing

EXIT STATUS:
  0  no errors and no warnings
  1  at least one error or warning
  2  usage error, or the input could not be read`,
		Example: `  crr lint --config Pulumi.dev.yaml
  crr lint --stack prod --severity warning
  crr lint --replication data=replication.json --role-policy role.json --bucket-policy data-dr=policy.json
  crr lint --replication a=a.json --replication b=b.json      # also finds broken chains of buckets
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
	command.Flags().StringVar(&severity, "severity", string(model.SeverityInfo), "lowest `level` to show: error|warning|info")
	outputFlag(command, &output)
	return command
}

var severities = []model.Severity{model.SeverityError, model.SeverityWarning, model.SeverityInfo}

func lint(s streams, report operator.Report, output string) error {
	var err error
	if output == outputJSON {
		err = writeJSON(s.out, report)
	} else {
		err = operator.WriteReport(s.out, report)
	}
	if err == nil && !report.OK() {
		return errFailed
	}
	return err
}
