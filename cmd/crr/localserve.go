package main

import (
	"fmt"
	"os"
	"os/exec"

	"github.com/spf13/cobra"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/moto"
)

// daemonCommand returns the command that runs `crr local serve`.
func daemonCommand(options localaws.ServeOptions) *exec.Cmd {
	program, err := os.Executable()
	if err != nil {
		program = os.Args[0]
	}
	args := []string{
		"local", "serve", "--report", "--dir", options.Dir, "--backend", options.Backend,
		"--replication-delay", options.ReplicationDelay.String(), "--alarm-minute", options.AlarmMinute.String(),
	}
	if options.Harsh {
		args = append(args, "--harsh")
	}
	for _, word := range options.Moto {
		args = append(args, "--moto="+word)
	}
	return exec.Command(program, args...)
}

// newLocalServeCommand returns the command of the daemon that `crr local start`
// starts.
func newLocalServeCommand() *cobra.Command {
	var options localaws.ServeOptions
	var words []string
	var report bool
	command := &cobra.Command{
		Use:    "serve",
		Short:  "Run the daemon of the local AWS in the foreground",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			options.Moto = moto.Command(words)
			if report {
				options.Report = os.NewFile(localaws.ReportFD, "report")
			}
			if err := localaws.Serve(command.Context(), options); err != nil {
				return fmt.Errorf("serving: %w", err)
			}
			return nil
		},
	}
	dirFlag(command, &options.Dir)
	command.Flags().BoolVar(&report, "report", false, "report readiness on the file descriptor that crr local start reads")
	command.Flags().StringVar(&options.Backend, "backend", "", "`url` of a running emulator")
	replicationDelayFlag(command, &options.ReplicationDelay)
	alarmMinuteFlag(command, &options.AlarmMinute)
	command.Flags().BoolVar(&options.Harsh, "harsh", false, "emulate the least favorable behavior that AWS documents")
	command.Flags().StringArrayVar(&words, "moto", nil, "`argument` of the command that starts moto; repeatable")
	return command
}
