package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/crr-io/pulumi-aws-crr/internal/operator"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/verify"
)

// verifyTimeout is how long S3 takes for nearly all objects, and for the first
// metrics of a rule.
const verifyTimeout = 15 * time.Minute

func newVerifyCommand(s streams) *cobra.Command {
	var from operator.DescriptorSource
	var options verify.Options
	var output, junitFile string
	command := &cobra.Command{
		Use:   "verify [replication]",
		Short: "Check a deployment, and replicate probe objects through it",
		Long: `verify tells whether a deployment replicates, and if not, why, and what to do.

It reads back everything that was deployed and compares: buckets and how long they keep versions, keys, the role,
all policies, the rules, alarms, topics, queues, trails and records. Whatever lets more people in, silences a subscriber
or shortens the life of replicas is a failure. Then it replicates small probe objects, for each way in which the rules pick objects,
compares their replicas, tries uploads that must be refused, and removes all of it again, also when interrupted.
Probes are below .crr-verify/ in the prefix of their rule. What a run that was killed has left, another one removes
once the first is over for certain: half an hour after it began, with the default --timeout. --no-write looks only.

What cannot be found out is a failure. The first failure is the one to look at: what rests on it is skipped, and what
replication can do without comes after it. What flags switch off is listed as skipped.
Exit status: 0 all well, 1 something is wrong, 2 wrong use, or something could not be judged and the rest is well.`,
		Example: `  crr verify --stack prod
  crr verify --descriptor deployed.json customer-data --no-write
  pulumi stack output --json | crr verify --junit verify.xml
  crr verify --stack prod --output json | jq -r '.checks[] | select(.status == "fail") | .reason'`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
			if err := checkOutput(output); err != nil {
				return err
			}
			if options.Timeout <= 0 {
				return fmt.Errorf("--timeout %s leaves no time; give some, such as 15m", options.Timeout)
			}
			options.Progress = s.err
			descriptors, err := operator.Descriptors(command.Context(), from)
			if err != nil {
				return err
			}
			name := ""
			if len(args) > 0 {
				name = args[0]
			}
			if descriptors, err = verify.Pick(descriptors, name); err != nil {
				return err
			}
			report, err := verify.Run(command.Context(), descriptors, options)
			if err != nil {
				return err
			}
			return writeVerified(s, report, output, junitFile)
		},
	}
	descriptorFlags(command, &from)
	flags := command.Flags()
	flags.BoolVar(&options.NoWrite, "no-write", false, "look only: put no probe objects")
	flags.BoolVar(&options.NoRefusals, "no-refusals", false, "try no uploads that must be refused: each is an AccessDenied in the account's audit logs")
	flags.BoolVar(&options.NoHTTP, "no-http", false, "try no upload over plain HTTP: a signed request that anybody on the way can read")
	flags.DurationVar(&options.Timeout, "timeout", verifyTimeout, "how long probes, and metrics after them, may take")
	flags.StringVar(&junitFile, "junit", "", "`file` to write the result to for continuous integration, as JUnit XML")
	outputFlag(command, &output)
	return command
}

func writeVerified(s streams, report *verify.Report, output, junitFile string) error {
	if junitFile != "" {
		if err := writeJUnit(junitFile, report); err != nil {
			return err
		}
	}
	var err error
	if output == outputJSON {
		err = writeJSON(s.out, report)
	} else {
		err = verify.WriteTable(s.out, report)
	}
	if err != nil {
		return err
	}
	switch report.Verdict() {
	case verify.NotWell:
		return errNotWell
	case verify.NoAnswer:
		return errors.New("AWS did not answer everything, or not so that it could be judged; the failures above say what")
	default:
		return nil
	}
}

func writeJUnit(name string, report *verify.Report) error {
	file, err := os.Create(name)
	if err != nil {
		return fmt.Errorf("writing the JUnit report: %w", err)
	}
	err = verify.WriteJUnit(file, report)
	if err := errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("writing the JUnit report: %w", err)
	}
	return nil
}
