package main

import (
	"os"
	"os/exec"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws"
)

// newLocalPrepareCommand returns a command that tools/stack.sh runs.
func newLocalPrepareCommand(s streams) *cobra.Command {
	options := localaws.LaunchOptions{Daemon: daemonCommand, Progress: s.err, Quiet: true, Harsh: harshOption(false, false)}
	command := &cobra.Command{
		Use:    "prepare",
		Short:  "Wait for other engines, and clean up after killed ones",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			return localaws.PrepareEngine(command.Context(), options)
		},
	}
	dirFlag(command, &options.Dir)
	return command
}

// newLocalEngineCommand returns a command that tools/stack.sh runs.
func newLocalEngineCommand(s streams) *cobra.Command {
	options := localaws.LaunchOptions{Daemon: daemonCommand, Progress: s.err, Quiet: true, Harsh: harshOption(false, false)}
	command := &cobra.Command{
		Use:    "engine -- command...",
		Short:  "Run an engine with exclusive use of the local AWS",
		Hidden: true,
		Args:   cobra.MinimumNArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
			return localaws.RunEngine(command.Context(), options, args, watchCommand(options.Dir))
		},
	}
	dirFlag(command, &options.Dir)
	return command
}

// watchCommand returns the command that runs `crr local watch` for this process.
func watchCommand(dir string) *exec.Cmd {
	program, err := os.Executable()
	if err != nil {
		program = os.Args[0]
	}
	return exec.Command(program, "local", "watch", "--dir", dir, "--engine", strconv.Itoa(os.Getpid()))
}

// newLocalWatchCommand returns the command that `crr local engine` starts along
// with the engine.
func newLocalWatchCommand(s streams) *cobra.Command {
	var dir string
	var engine int
	command := &cobra.Command{
		Use:    "watch",
		Short:  "Stop an engine when the local AWS stops",
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
