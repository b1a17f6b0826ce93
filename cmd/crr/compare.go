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
		Short: "Tell whether both sides of a replication hold the same",
		Long: `compare lists the source and each destination side by side, version by version, and tells what is missing,
different, or extra. What the rules do not want at a destination is not missed there. What the lists do not agree on
is looked into: is it still on its way, has it failed, was it never tried?

Lists tell size, ETag and storage class. Under KMS and for uploads in parts, ETags say nothing of the content, and the
version's id is what is compared: S3 keeps it. --checksums asks for the checksums of these, with two calls for each.
--attributes asks for checksum, metadata, tags, encryption key and Object Lock of every version, with two calls and more.
What was not compared, the summary says.

For objects that did not replicate and that a copy onto itself replicates, the command that does so is printed; it is
"retry" in JSON.

With --resume the comparison can be ended at any time, and goes on where it was. Differences of its last seconds
may then be printed again; the counts are right.

Buckets that are too large to be listed can be compared by their S3 Inventory reports, in CSV, with --inventory for
each place. Temporary files then take the space of the reports, unpacked.

Exit status: 0 the same, 1 not the same, or not yet, 2 wrong use, or not known.`,
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
				return fmt.Errorf("--concurrency %d is too little; use 1 or more", options.Concurrency)
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
	flags.BoolVar(&options.Current, "current", false, "compare current objects only, by their keys: faster, and knows nothing of older versions")
	flags.BoolVar(&options.Attributes, "attributes", false, "compare checksum, metadata, tags and Object Lock too: calls for every version")
	flags.BoolVar(&options.Checksums, "checksums", false, "compare checksums where ETags say nothing, under KMS and of uploads in parts: two calls for each such version")
	flags.StringArrayVar(&inventory, "inventory", nil,
		"`place=s3://bucket/.../manifest.json` of an S3 Inventory report to read instead of listing; source and destinations; repeatable")
	flags.BoolVar(&pendingOK, "pending-ok", false, "exit with 0 where nothing differs but what is still on its way")
	flags.StringVar(&options.Resume, "resume", "", "`file` that keeps how far the comparison has come, to go on from there")
	flags.IntVar(&options.Concurrency, "concurrency", 16, "how many ranges of keys to list at once")
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
		return errNotWell
	case !summary.Answered():
		return errors.New("not everything could be found out; the unknown ones above say why")
	default:
		return nil
	}
}

// writeLine writes a value as a line of JSON, with its type in front.
func writeLine(w io.Writer, kind string, value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "{\"type\":%q,%s\n", kind, data[1:])
	return err
}
