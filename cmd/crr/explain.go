package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/crr-io/pulumi-aws-crr/internal/operator"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

func newExplainCommand(s streams) *cobra.Command {
	var question questionFlags
	var object objectFlags
	var name, destination, failure, output string
	var failures bool
	command := &cobra.Command{
		Use:   "explain [key]",
		Short: "Tell whether an object replicates, where to, and if not, why",
		Long: `explain tells for every destination whether an object replicates, under which rule and into what, or why not.
It asks no one: the answer follows from the rules and from what else is told. What is not told is not taken
to be fine; it is listed as assumed, and where it decides, the answer is unknown.

With --failure it tells what a reason means that S3 gives for a failed object, and what to do.
For an object that is there, crr object asks AWS what became of it.

Exit status: 0 the object replicates to every destination (--destination narrows that down),
1 to at least one it does not, 2 wrong use, or unknown.`,
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
				return errors.New("say which object: crr explain KEY; or --failure REASON")
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
	flags.StringVar(&name, "replication-name", "", "`name` of the replication, where there are several; NAME-from-DESTINATION is the way back of a two-way one")
	flags.StringVar(&destination, "destination", "", "`name` or bucket of the one destination to ask about")
	flags.StringVar(&failure, "failure", "", "`reason` that S3 gave for a failed object, to be explained: DstKmsKeyInvalidState")
	flags.BoolVar(&failures, "failures", false, "list all reasons that S3 gives")
	outputFlag(command, &output)
	command.MarkFlagsMutuallyExclusive("failure", "failures")
	return command
}

// reasonsAlone refuses what would not be looked at where a reason is explained.
func reasonsAlone(command *cobra.Command, args []string) error {
	flags := command.Flags().NFlag()
	if command.Flags().Changed("output") {
		flags--
	}
	if len(args) > 0 || flags > 1 {
		return errors.New("--failure and --failures explain reasons, whatever object they are of: leave out the key and all flags but --output")
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
	case replication.DoesNot:
		return errNotWell
	case replication.VerdictUnknown:
		return fmt.Errorf("whether %s replicates is not known; the reasons above say what to tell", answer.Object.Key)
	default:
		return nil
	}
}

func explainFailure(s streams, id, output string) error {
	reason, err := replication.FailureByID(id)
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
		return writeJSON(s.out, replication.Failures())
	}
	return operator.WriteFailures(s.out, replication.Failures())
}
