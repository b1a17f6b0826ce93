package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/faults"
)

func newLocalFaultCommand(s streams) *cobra.Command {
	command := &cobra.Command{
		Use:   "fault",
		Short: "Inject faults into the local AWS, for tests and drills",
		Long: `fault injects faults into the local AWS. A fault stays active until it is cleared or the local AWS stops.

Calls made by replication have the names of their permissions: GetObjectVersionForReplication, ReplicateObject,
ReplicateDelete, ReplicateTags. Faults without effect are rejected: unknown regions, unknown operations, and buckets
without replication rules.`,
		Args: cobra.NoArgs,
		RunE: help,
	}
	command.AddCommand(newFaultSetCommand(s), newFaultClearCommand(s), newFaultListCommand(s))
	return command
}

func newFaultSetCommand(s streams) *cobra.Command {
	var dir string
	var fault faults.Fault
	var delay time.Duration
	command := &cobra.Command{
		Use:   "set latency|errors|region-down|pause",
		Short: "Inject a fault and print its id",
		Long: `set injects a fault and prints its id.

EXIT STATUS:
  0  the fault is active
  2  usage error, or the local AWS is not running`,
		Example: `  crr local fault set latency --api PutObject --delay 2s
  crr local fault set errors --rate 0.2                    # every fifth call fails with 503 SlowDown
  crr local fault set region-down --region us-west-2
  crr local fault set pause                                # pauses replication
  crr local fault set pause --bucket my-source             # pauses replication from one bucket`,
		Args:      cobra.ExactArgs(1),
		ValidArgs: []string{string(faults.Latency), string(faults.Errors), string(faults.RegionDown), string(faults.Paused)},
		RunE: func(command *cobra.Command, args []string) error {
			fault.Kind, fault.Delay = faults.Kind(args[0]), faults.Seconds(delay.Seconds())
			running, err := localaws.OpenFaults(dir)
			if err != nil {
				return err
			}
			added, err := running.Set(command.Context(), fault)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(s.out, added.ID)
			return err
		},
	}
	dirFlag(command, &dir)
	command.Flags().StringVar(&fault.API, "api", "", "`name` of the operation that fails (default all)")
	command.Flags().StringVar(&fault.Region, "region", "", "`region` whose calls fail (default all)")
	command.Flags().StringVar(&fault.Bucket, "bucket", "", "source `bucket` to pause replication from (pause; default all)")
	command.Flags().DurationVar(&delay, "delay", 0, "delay added to each call (latency)")
	command.Flags().Float64Var(&fault.Rate, "rate", 0, "share of calls that fail, 0 to 1 (errors)")
	return command
}

func newFaultClearCommand(s streams) *cobra.Command {
	var dir string
	command := &cobra.Command{
		Use:   "clear [id]",
		Short: "Clear one fault, or all faults",
		Example: `  crr local fault clear
  crr local fault clear k3f9q2xa`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
			running, err := localaws.OpenFaults(dir)
			if err != nil {
				return err
			}
			id := ""
			if len(args) > 0 {
				id = args[0]
			}
			if err := running.Clear(command.Context(), id); err != nil {
				return err
			}
			_, err = io.WriteString(s.err, "cleared\n")
			return err
		},
	}
	dirFlag(command, &dir)
	return command
}

func newFaultListCommand(s streams) *cobra.Command {
	var dir, output string
	command := &cobra.Command{
		Use:     "list",
		Short:   "List the active faults",
		Example: `  crr local fault list`,
		Args:    cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			if err := checkOutput(output); err != nil {
				return err
			}
			running, err := localaws.OpenFaults(dir)
			if err != nil {
				return err
			}
			list, err := running.List(command.Context())
			if err != nil {
				return err
			}
			if output == outputJSON {
				return writeJSON(s.out, list)
			}
			return writeFaults(s.out, list)
		},
	}
	dirFlag(command, &dir)
	outputFlag(command, &output)
	return command
}

func writeFaults(w io.Writer, list []faults.Fault) error {
	if len(list) == 0 {
		_, err := io.WriteString(w, "no faults\n")
		return err
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tFAULT\tEFFECT")
	for _, fault := range list {
		fmt.Fprintf(table, "%s\t%s\t%s\n", fault.ID, fault.Kind, fault)
	}
	return table.Flush()
}
