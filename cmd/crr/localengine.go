package main

import (
	"os"
	"os/exec"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws"
)

// newLocalPrepareCommand is a step of tools/stack.sh.
func newLocalPrepareCommand(s streams) *cobra.Command {
	options := localaws.LaunchOptions{Daemon: daemonCommand, Progress: s.err, Quiet: true, Harsh: harshOption(false, false)}
	command := &cobra.Command{
		Use:    "prepare",
		Short:  "Wait for other engines, and clear up what a killed one has left",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			return localaws.PrepareEngine(command.Context(), options)
		},
	}
	dirFlag(command, &options.Dir)
	return command
}

// newLocalEngineCommand is a step of tools/stack.sh.
func newLocalEngineCommand(s streams) *cobra.Command {
	options := localaws.LaunchOptions{Daemon: daemonCommand, Progress: s.err, Quiet: true, Harsh: harshOption(false, false)}
	command := &cobra.Command{
		Use:    "engine -- command...",
		Short:  "Become an engine that works on the local AWS, alone",
		Hidden: true,
		Args:   cobra.MinimumNArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
			return localaws.RunEngine(command.Context(), options, args, watchCommand(options.Dir))
		},
	}
	dirFlag(command, &options.Dir)
	return command
}

// watchCommand is this program as `crr local watch` over this process.
func watchCommand(dir string) *exec.Cmd {
	program, err := os.Executable()
	if err != nil {
		program = os.Args[0]
	}
	return exec.Command(program, "local", "watch", "--dir", dir, "--engine", strconv.Itoa(os.Getpid()))
}

// newLocalWatchCommand is what `crr local engine` starts beside the engine.
func newLocalWatchCommand(s streams) *cobra.Command {
	var dir string
	var engine int
	command := &cobra.Command{
		Use:    "watch",
		Short:  "End an engine when the local AWS ends",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			return localaws.WatchEngine(command.Context(), dir, engine, s.err)
		},
	}
	dirFlag(command, &dir)
	command.Flags().IntVar(&engine, "engine", 0, "`pid` of the engine")
	return command
}
