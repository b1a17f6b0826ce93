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
		Short: "Tell whether one object is replicated, and if not, why",
		Long: `object asks S3 for one version of an object in the bucket that is named and at the other end of each link, reads the
rules of the bucket, the policies of buckets, keys and the role as they are now, and tells what is where, why, and
what to do. The bucket is a source or a destination of the deployment. It changes nothing. What it could not read is
listed as not judged, and never taken to be good.

The object stands at each destination as one of
  replicated    the destination has the version, and nothing differs
  not selected  the rules leave it out, those that were deployed and those that are in force
  pending       on its way
  failed        S3 tried and failed; it does not try again
  missing       it should be there and is not: written before the rule, left out by a changed rule, or deleted there
  different     the destination has the version with other content, metadata, tags or lock
  extra         a replica whose source is gone, or a version that no rule brought
  unknown       AWS did not let it be found out

Exit status: 0 replicated where the rules want it, or rightly not selected, 1 not so, or not yet, 2 wrong use,
or not known.`,
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
	command.Flags().StringVar(&question.Version, "version-id", "", "`id` of the version to ask about (default the current one)")
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
		return errors.New("it is not known whether the object is replicated; the answer above says what could not be read")
	default:
		return errNotWell
	}
}
