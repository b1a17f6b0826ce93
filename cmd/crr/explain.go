package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/operator"
)

func newExplainCommand(s streams) *cobra.Command {
	var question questionFlags
	var object objectFlags
	var name, destination, failure, output string
	var failures bool
	command := &cobra.Command{
		Use:   "explain [key]",
		Short: "Explain whether and how an object would replicate",
		Long: `explain reports for every destination whether an object would replicate: by which rule, as what, or why not.

It works offline, from the replication rules, policies and facts given by flags. Facts that are not given are listed
as assumptions; if the result depends on one, it is unknown.

With --failure, explain describes a failure reason of S3 and how to fix it. For an existing object, use crr object,
which asks AWS.

EXIT STATUS:
  0  the object replicates to every destination, or to the one given by --destination
  1  the object does not replicate to at least one destination
  2  usage error, or the result is unknown`,
		Example: `  crr explain --config Pulumi.dev.yaml finance/q3.pdf --tag class=critical --encryption aws:kms
  crr explain --stack prod logs/old.gz --existing
  crr explain --stack prod report.pdf --delete-marker --destination dr
  aws s3api get-bucket-replication --bucket data | crr explain report.pdf --replication -
  crr explain --failure DstKmsKeyInvalidState
  crr explain --failures --output json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
			if err := checkOutput(output); err != nil {
				return err
			}
			if failures || failure != "" {
				if err := reasonsAlone(command, args); err != nil {
					return err
				}
			}
			switch {
			case failures:
				return explainFailures(s, output)
			case failure != "":
				return explainFailure(s, failure, output)
			case len(args) == 0:
				return errors.New("no object given; use crr explain KEY, or --failure REASON")
			}
			asked, err := object.object(args[0])
			if err != nil {
				return err
			}
			subjects, err := question.read(command)
			if err != nil {
				return err
			}
			subject, err := operator.Pick(subjects, name)
			if err != nil {
				return err
			}
			answer, err := operator.Explain(subject, subjects, asked, destination)
			if err != nil {
				return err
			}
			return explain(s, answer, output)
		},
	}
	question.register(command)
	object.register(command)
	flags := command.Flags()
	flags.StringVar(&name, "replication-name", "", "`name` of the replication, if there are several; NAME-from-DESTINATION is the reverse direction of a two-way replication")
	flags.StringVar(&destination, "destination", "", "`name` or bucket of the only destination to explain")
	flags.StringVar(&failure, "failure", "", "failure `reason` of S3 to explain, such as DstKmsKeyInvalidState")
	flags.BoolVar(&failures, "failures", false, "list all failure reasons of S3")
	outputFlag(command, &output)
	command.MarkFlagsMutuallyExclusive("failure", "failures")
	return command
}

// reasonsAlone rejects arguments and flags that --failure and --failures ignore.
func reasonsAlone(command *cobra.Command, args []string) error {
	flags := command.Flags().NFlag()
	if command.Flags().Changed("output") {
		flags--
	}
	if len(args) > 0 || flags > 1 {
		return errors.New("--failure and --failures explain failure reasons, not objects: omit the key and all flags except --output")
	}
	return nil
}

func explain(s streams, answer operator.Answer, output string) error {
	var err error
	if output == outputJSON {
		err = writeJSON(s.out, answer)
	} else {
		err = operator.WriteAnswer(s.out, answer)
	}
	if err != nil {
		return err
	}
	switch answer.Verdict() {
	case model.DoesNotReplicate:
		return errFailed
	case model.VerdictUnknown:
		return fmt.Errorf("unknown whether %s replicates; the reasons above name the missing facts", answer.Object.Key)
	default:
		return nil
	}
}

func explainFailure(s streams, id, output string) error {
	reason, err := model.FailureByID(id)
	if err != nil {
		return err
	}
	if output == outputJSON {
		return writeJSON(s.out, reason)
	}
	return operator.WriteFailure(s.out, reason)
}

func explainFailures(s streams, output string) error {
	if output == outputJSON {
		return writeJSON(s.out, model.Failures())
	}
	return operator.WriteFailures(s.out, model.Failures())
}
