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
		Short: "Run an AWS on this machine",
		Long: `local runs an AWS on this machine, for deployments without an account.

It is an emulator (moto) behind an HTTPS proxy that speaks for all host names of AWS and for no others.
A shell that has read the env file talks to it, and to nothing else.`,
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
		Short: "Start the local AWS, unless it runs already",
		Long: `start starts the local AWS, unless it runs already.

One that is of no use any more is started anew, and the reason is printed: its state is damaged, or its emulator was
killed or reset and has lost what it kept.

With --harsh it behaves like the worst that AWS documents: roles and policies are not seen for seconds, metrics are
minutes late or missing, clients need rights on KMS keys, ETags under KMS are random, IAM limits the size of policies,
PutMetricAlarm is throttled, S3 refuses notifications whose targets' policies are new, and assumes roles without
aws:SourceAccount. The environment variable CRR_HARSH=1 does the same for make and the tests.`,
		Example: `  crr local start
  crr local start --dir /tmp/lab
  crr local start --replication-delay 10s           # time to look at PENDING
  crr local start --alarm-minute 5s                 # alarms that tell within seconds
  crr local start --harsh                           # as unforgiving as AWS can be
  crr local start --backend http://127.0.0.1:4566   # an emulator that runs already`,
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
	command.Flags().StringVar(&options.Backend, "backend", "", "`url` of an emulator that runs already, instead of moto")
	command.Flags().BoolVar(&options.Renew, "renew", false, "start it anew where another build of crr runs it; objects in it are lost")
	command.Flags().BoolVar(&options.Quiet, "quiet", false, "print only what is not as usual")
	replicationDelayFlag(command, &delay)
	alarmMinuteFlag(command, &minute)
	command.Flags().BoolVar(&harsh, "harsh", false, "behave like the worst that AWS documents; CRR_HARSH=1 does the same")
	return command
}

// harshOption is the temperament that a flag or the environment asks for, or nil.
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
		Short:   "End the local AWS and all that it keeps",
		Example: `  crr local stop`,
		Args:    cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			stopped, err := localaws.Stop(command.Context(), dir, s.err)
			if err != nil {
				return err
			}
			message := "the local AWS does not run\n"
			if stopped {
				message = "the local AWS has ended\n"
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
		Short: "Tell whether the local AWS runs, and where everything is",
		Long:  "status tells whether the local AWS runs, and where everything is. Exit status: 0 it runs and answers, 1 it does not.",
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
				return errNotWell
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
	command.Flags().DurationVar(delay, replicationDelay, replicator.DefaultDelay, "how long replication takes at least, if it does not have to wait")
}

func alarmMinuteFlag(command *cobra.Command, minute *time.Duration) {
	command.Flags().DurationVar(minute, alarmMinute, time.Minute, "how long a minute of an alarm's period or of a schedule lasts; shorter, alarms tell sooner")
}

func dirFlag(command *cobra.Command, dir *string) {
	command.Flags().StringVar(dir, "dir", defaultDir, "`folder` that keeps the local AWS's files")
}
