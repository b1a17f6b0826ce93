package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/replicator"
)

const defaultDir = ".local"

func newLocalCommand(s streams) *cobra.Command {
	command := &cobra.Command{
		Use:   "local",
		Short: "Run a local AWS",
		Long: `local runs a local AWS, for deployments without an AWS account.

It is an emulator (moto) behind an HTTPS proxy that serves all AWS host names and rejects all others.
In a shell that has sourced the env file, AWS clients use only the local AWS.`,
		Example: `  crr local start
  . .local/env
  aws s3 ls
  crr local stop`,
		Args: cobra.NoArgs,
		RunE: help,
	}
	command.AddCommand(newLocalStartCommand(s), newLocalStopCommand(s), newLocalStatusCommand(s), newLocalFaultCommand(s), newLocalServeCommand(),
		newLocalPrepareCommand(s), newLocalEngineCommand(s), newLocalWatchCommand(s))
	return command
}

func newLocalStartCommand(s streams) *cobra.Command {
	var options localaws.LaunchOptions
	var delay, minute time.Duration
	var harsh bool
	command := &cobra.Command{
		Use:   "start",
		Short: "Start the local AWS if it is not running",
		Long: `start starts the local AWS if it is not running.

A local AWS with damaged state, or whose emulator was killed or reset and lost its data, is restarted, and the reason
is printed.

With --harsh, it emulates the least favorable behavior that AWS documents: new roles and policies take effect after
seconds, metrics are minutes late or missing, clients need permissions on KMS keys, ETags with KMS encryption are
random, IAM limits the size of policies, PutMetricAlarm is throttled, S3 rejects notifications to targets with new
policies, and S3 assumes roles without aws:SourceAccount. The environment variable CRR_HARSH=1 is equivalent, for make
and the tests.

EXIT STATUS:
  0  the local AWS is running
  2  usage error, or it could not be started`,
		Example: `  crr local start
  crr local start --dir /tmp/lab
  crr local start --replication-delay 10s           # leaves time to see PENDING
  crr local start --alarm-minute 5s                 # alarms fire within seconds
  crr local start --harsh                           # least favorable behavior of AWS
  crr local start --backend http://127.0.0.1:4566   # uses a running emulator`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			options.Daemon, options.Progress = daemonCommand, s.err
			if command.Flags().Changed(replicationDelay) {
				options.ReplicationDelay = &delay
			}
			if command.Flags().Changed(alarmMinute) {
				options.AlarmMinute = &minute
			}
			options.Harsh = harshOption(command.Flags().Changed("harsh"), harsh)
			status, err := localaws.Launch(command.Context(), options)
			if err != nil || options.Quiet {
				return err
			}
			_, err = fmt.Fprint(s.out, status.Summary())
			return err
		},
	}
	dirFlag(command, &options.Dir)
	command.Flags().StringVar(&options.Backend, "backend", "", "`url` of a running emulator to use instead of moto")
	command.Flags().BoolVar(&options.Renew, "renew", false, "restart it if it was started by another build of crr; its objects are lost")
	command.Flags().BoolVar(&options.Quiet, "quiet", false, "print only unusual events")
	replicationDelayFlag(command, &delay)
	alarmMinuteFlag(command, &minute)
	command.Flags().BoolVar(&harsh, "harsh", false, "emulate the least favorable behavior that AWS documents; same as CRR_HARSH=1")
	return command
}

// harshOption returns the value of --harsh or CRR_HARSH, or nil if neither is set.
func harshOption(given, harsh bool) *bool {
	if !given && os.Getenv("CRR_HARSH") == "" {
		return nil
	}
	if !given {
		harsh = os.Getenv("CRR_HARSH") == "1"
	}
	return &harsh
}

func newLocalStopCommand(s streams) *cobra.Command {
	var dir string
	command := &cobra.Command{
		Use:     "stop",
		Short:   "Stop the local AWS and delete its data",
		Example: `  crr local stop`,
		Args:    cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			stopped, err := localaws.Stop(command.Context(), dir, s.err)
			if err != nil {
				return err
			}
			message := "the local AWS is not running\n"
			if stopped {
				message = "the local AWS was stopped\n"
			}
			_, err = fmt.Fprint(s.out, message)
			return err
		},
	}
	dirFlag(command, &dir)
	return command
}

func newLocalStatusCommand(s streams) *cobra.Command {
	var dir, output string
	command := &cobra.Command{
		Use:   "status",
		Short: "Report whether the local AWS is running",
		Long: `status reports whether the local AWS is running, with its endpoints and files.

EXIT STATUS:
  0  the local AWS is running and answers
  1  it is not running, or does not answer
  2  usage error, or the state could not be read`,
		Example: `  crr local status
  crr local status --output json | jq -r .instance`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			if err := checkOutput(output); err != nil {
				return err
			}
			status, err := localaws.Inspect(command.Context(), dir)
			if err != nil {
				return err
			}
			if err := writeStatus(s.out, status, output); err != nil {
				return err
			}
			if !status.Running {
				return errFailed
			}
			return nil
		},
	}
	dirFlag(command, &dir)
	outputFlag(command, &output)
	return command
}

func writeStatus(w io.Writer, status localaws.Status, output string) error {
	if output == outputJSON {
		return writeJSON(w, status)
	}
	return status.WriteTable(w)
}

const (
	replicationDelay = "replication-delay"
	alarmMinute      = "alarm-minute"
)

func replicationDelayFlag(command *cobra.Command, delay *time.Duration) {
	command.Flags().DurationVar(delay, replicationDelay, replicator.DefaultDelay, "minimum delay of replication")
}

func alarmMinuteFlag(command *cobra.Command, minute *time.Duration) {
	command.Flags().DurationVar(minute, alarmMinute, time.Minute, "duration of a minute in alarm periods and schedules; a shorter one makes alarms fire sooner")
}

func dirFlag(command *cobra.Command, dir *string) {
	command.Flags().StringVar(dir, "dir", defaultDir, "`folder` for the files of the local AWS")
}
