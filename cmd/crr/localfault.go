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
		Short: "Make the local AWS fail, for tests and drills",
		Long: `fault makes the local AWS fail, until it is told otherwise or ends.

The calls of replication itself go by the names of their permissions: GetObjectVersionForReplication,
ReplicateObject, ReplicateDelete, ReplicateTags. What would do nothing is refused: regions and operations that
don't exist, and buckets that nothing is replicated out of.`,
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
		Short: "Switch a fault on, and print its id",
		Example: `  crr local fault set latency --api PutObject --delay 2s
  crr local fault set errors --rate 0.2                    # every fifth call gets 503 SlowDown
  crr local fault set region-down --region us-west-2
  crr local fault set pause                                # replication stands still
  crr local fault set pause --bucket my-source             # out of one bucket`,
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
	command.Flags().StringVar(&fault.API, "api", "", "`name` of the calls that fail; left out: all")
	command.Flags().StringVar(&fault.Region, "region", "", "`region` whose calls fail; left out: all")
	command.Flags().StringVar(&fault.Bucket, "bucket", "", "source `bucket` that replication is paused out of; left out: all (pause)")
	command.Flags().DurationVar(&delay, "delay", 0, "how much longer calls take (latency)")
	command.Flags().Float64Var(&fault.Rate, "rate", 0, "share of the calls that fail, up to 1 (errors)")
	return command
}

func newFaultClearCommand(s streams) *cobra.Command {
	var dir string
	command := &cobra.Command{
		Use:   "clear [id]",
		Short: "Switch a fault off, or all faults",
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
		Short:   "List the faults that are on",
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
	fmt.Fprintln(table, "ID\tFAULT\tWHAT IT DOES")
	for _, fault := range list {
		fmt.Fprintf(table, "%s\t%s\t%s\n", fault.ID, fault.Kind, fault)
	}
	return table.Flush()
}
