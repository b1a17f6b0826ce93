package main

import (
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/crr-io/pulumi-aws-crr/internal/operator"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/live"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/object"
)

func newObjectCommand(s streams) *cobra.Command {
	var from operator.DescriptorSource
	var question object.Question
	var output string
	command := &cobra.Command{
		Use:   "object s3://bucket/key",
		Short: "Report whether one object is replicated, and if not, why",
		Long: `object reports the replication state of one object version, the reason, and how to repair it.

It reads the version in the given bucket and in each bucket that replicates to or from it, the live rules, and the
live policies of buckets, keys and the role. The bucket is a source or a destination of the deployment. Nothing is
changed. Settings that could not be read are listed as not judged and never count as ok.

The state at each destination is one of
  replicated    the destination has the same version, with the same attributes
  not selected  neither the deployed nor the live rules select it
  pending       replication is in progress
  failed        S3 tried and failed, and does not retry
  missing       should be at the destination: written before the rule, excluded by a changed rule, or deleted there
  different     the destination has the version with other content, metadata, tags or lock
  extra         a replica whose source was deleted, or a version that no rule replicated
  unknown       AWS could not be asked

EXIT STATUS:
  0  the object is replicated to every destination whose rules select it
  1  it is not, or not yet
  2  usage error, or the result is unknown`,
		Example: `  crr object s3://data-0a1b2c3/finance/q3.pdf
  crr object s3://data-0a1b2c3/finance/q3.pdf --stack prod --version-id 3sL4kqtJlcpXroDTDmJ+rmSpXd3dIbrHY
  crr object s3://data-0a1b2c3/q3.pdf --descriptor deployed.json --output json | jq -r '.links[].fix[]'`,
		Args: cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
			if err := checkOutput(output); err != nil {
				return err
			}
			var err error
			if question.Bucket, question.Key, err = object.Parse(args[0]); err != nil {
				return err
			}
			return askObject(command, s, from, question, output)
		},
	}
	descriptorFlags(command, &from)
	command.Flags().StringVar(&question.Version, "version-id", "", "`id` of the object version (default: the current version)")
	outputFlag(command, &output)
	return command
}

func askObject(command *cobra.Command, s streams, from operator.DescriptorSource, question object.Question, output string) error {
	ctx := command.Context()
	descriptors, err := operator.Descriptors(ctx, from)
	if err != nil {
		return err
	}
	if descriptors, err = object.Concerning(descriptors, question.Bucket); err != nil {
		return err
	}
	sessions, err := live.Open(ctx)
	if err != nil {
		return err
	}
	if err := sessions.CheckAccounts(ctx, descriptors...); err != nil {
		return err
	}
	answer, err := object.Ask(ctx, sessions, descriptors, question)
	if err != nil {
		return err
	}
	if output == outputJSON {
		err = writeJSON(s.out, answer)
	} else {
		err = operator.WriteObject(s.out, answer, time.Now())
	}
	switch {
	case err != nil:
		return err
	case answer.Well:
		return nil
	case !answer.Known():
		return errors.New("unknown whether the object is replicated; the result above lists what could not be read")
	default:
		return errFailed
	}
}
