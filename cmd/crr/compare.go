package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/crr-io/pulumi-aws-crr/internal/operator"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/compare"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/live"
)

func newCompareCommand(s streams) *cobra.Command {
	var from operator.DescriptorSource
	var options compare.Options
	var inventory []string
	var output string
	var pendingOK bool
	command := &cobra.Command{
		Use:   "compare",
		Short: "Compare source and destination buckets version by version",
		Long: `compare lists the source bucket and each destination bucket and reports versions that are missing, different or extra.

Objects that no rule selects are not reported missing. Each difference is investigated: pending, failed or never
attempted.

Listings contain size, ETag and storage class. With KMS encryption and for multipart uploads, ETags don't depend on
the content alone; there, version ids are compared, which S3 preserves. --checksums also compares the checksums of
these versions, with two calls per version. --attributes compares checksum, metadata, tags, encryption key and Object
Lock of every version, with at least two calls per version. The summary lists what was not compared.

If copying an object onto itself replicates it, the command is printed ("retry" in JSON).

With --resume, an interrupted comparison resumes where it left off. Differences found in the last seconds before the
interrupt may be printed twice; the counts are correct.

Buckets too large to list can be compared by their S3 Inventory reports in CSV format: pass --inventory for each
bucket. The unpacked reports need temporary disk space.

EXIT STATUS:
  0  the buckets hold the same objects
  1  they differ, or objects are still pending
  2  usage error, or not everything could be compared`,
		Example: `  crr compare --stack prod
  crr compare --stack prod --current --output json | jq -r 'select(.verdict=="missing") | .key'
  crr compare --stack prod --attributes --resume prod.compare
  crr compare --stack prod --inventory source=s3://reports/a/manifest.json --inventory dr=s3://reports/b/manifest.json`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			if err := checkOutput(output); err != nil {
				return err
			}
			if options.Concurrency < 1 {
				return fmt.Errorf("--concurrency %d is too low; use 1 or more", options.Concurrency)
			}
			var err error
			if options.Inventory, err = compare.ParseInventories(inventory); err != nil {
				return err
			}
			return runCompare(command, s, from, options, output, pendingOK)
		},
	}
	descriptorFlags(command, &from)
	flags := command.Flags()
	flags.BoolVar(&options.Current, "current", false, "compare only current objects, by key: faster, ignores noncurrent versions")
	flags.BoolVar(&options.Attributes, "attributes", false, "also compare checksum, metadata, tags and Object Lock, with calls for every version")
	flags.BoolVar(&options.Checksums, "checksums", false, "compare checksums of KMS-encrypted objects and multipart uploads, with two calls per version")
	flags.StringArrayVar(&inventory, "inventory", nil,
		"`name=s3://bucket/.../manifest.json` of an S3 Inventory report to read instead of listing; name is source or a destination; repeatable")
	flags.BoolVar(&pendingOK, "pending-ok", false, "exit with 0 if the only differences are pending objects")
	flags.StringVar(&options.Resume, "resume", "", "`file` to save progress to and to resume from")
	flags.IntVar(&options.Concurrency, "concurrency", 16, "number of key ranges to list at once")
	outputFlag(command, &output)
	command.MarkFlagsMutuallyExclusive("inventory", "resume")
	return command
}

func runCompare(command *cobra.Command, s streams, from operator.DescriptorSource, options compare.Options, output string, pendingOK bool) error {
	ctx := command.Context()
	descriptors, err := operator.Descriptors(ctx, from)
	if err != nil {
		return err
	}
	sessions, err := live.Open(ctx)
	if err != nil {
		return err
	}
	if err := sessions.CheckAccounts(ctx, descriptors...); err != nil {
		return err
	}
	progress := compare.NewProgress(s.err, func() int64 { return compare.Expected(ctx, sessions, descriptors, options) })
	options.Watch = progress.Counted
	options.Found = func(compare.Finding) error { return nil }
	if output == outputJSON {
		options.Found = func(finding compare.Finding) error { return writeLine(s.out, "difference", finding) }
	}
	summary, err := compare.Run(ctx, sessions, descriptors, options)
	progress.Close()
	if err != nil {
		return err
	}
	if output == outputJSON {
		err = writeLine(s.out, "summary", summary)
	} else {
		err = operator.WriteComparison(s.out, summary)
	}
	switch {
	case err != nil:
		return err
	case pendingOK && summary.OnlyPending():
		return nil
	case summary.Differs():
		return errFailed
	case !summary.Answered():
		return errors.New("not everything could be compared; the reasons are listed above as unknown")
	default:
		return nil
	}
}

// writeLine writes value as one line of JSON with a leading "type" field.
func writeLine(w io.Writer, kind string, value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "{\"type\":%q,%s\n", kind, data[1:])
	return err
}
