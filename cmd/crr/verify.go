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

// verifyTimeout is the time within which S3 replicates nearly all objects and
// publishes the first metrics of a rule.
const verifyTimeout = 15 * time.Minute

func newVerifyCommand(s streams) *cobra.Command {
	var from operator.DescriptorSource
	var options verify.Options
	var output, junitFile string
	command := &cobra.Command{
		Use:   "verify [replication]",
		Short: "Check a deployment and replicate probe objects through it",
		Long: `verify checks that a deployment replicates and is configured as deployed. It reports the cause and the fix of each
failure.

It compares buckets, version retention, keys, the role, policies, rules, alarms, topics, queues, trails and logs with
the deployment. Wider access, removed subscribers and shorter retention of replicas are failures. Then it replicates
small probe objects through every rule, compares the replicas, tries uploads that must be rejected, and cleans up,
also when interrupted. Probes have keys below .crr-verify/ in the prefix of their rule. Leftover probes of a killed
run are deleted by a later run, 30 minutes after the first one started (with the default --timeout).

Anything that can't be verified is a failure. Start with the first failure: dependent checks are skipped, and optional
features are checked last. Checks disabled by flags are listed as skipped.

EXIT STATUS:
  0  all checks passed
  1  at least one check failed
  2  usage error, or some checks are unknown and none failed`,
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
				return fmt.Errorf("--timeout %s is not positive; use a duration such as 15m", options.Timeout)
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
	flags.BoolVar(&options.NoWrite, "no-write", false, "only read: write no probe objects")
	flags.BoolVar(&options.NoRefusals, "no-refusals", false, "skip uploads that must be rejected; each causes an AccessDenied in the account's audit logs")
	flags.BoolVar(&options.NoHTTP, "no-http", false, "skip the upload over plain HTTP, a signed request that is sent unencrypted")
	flags.DurationVar(&options.Timeout, "timeout", verifyTimeout, "maximum time for probes, and then for metrics")
	flags.StringVar(&junitFile, "junit", "", "also write the result as JUnit XML to `file`, for continuous integration")
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
	case verify.Failed:
		return errFailed
	case verify.Unknown:
		return errors.New("some checks are unknown; the failures above say why")
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
