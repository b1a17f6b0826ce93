// Command smoke determines undocumented behavior of AWS that this product depends
// on: with two buckets, two keys and one role, in at most 20 minutes. It prints what
// it will create and asks first, removes what it created, and writes a report
// without the names of the account, which can be published.
package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"golang.org/x/term"

	"github.com/crr-io/pulumi-aws-crr/internal/operator"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/live"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/terminal"
	"github.com/crr-io/pulumi-aws-crr/internal/stackfile"
)

// The exit statuses.
const (
	exitAnswered  = 0
	exitLeftovers = 1
	exitNoAnswer  = 2
)

// cleanUpTime is the part of the limit that is reserved for removal.
const cleanUpTime = 2 * time.Minute

type options struct {
	stackFile, source, destination, report string
	yes, clean                             bool
	limit, patience, settle                time.Duration
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	out, messages := terminal.NewPrintable(os.Stdout), terminal.NewPrintable(os.Stderr)
	code, err := command(ctx, os.Args[1:], os.Stdin, out, messages)
	stop()
	if err != nil {
		fmt.Fprintln(messages, "smoke:", err)
	}
	os.Exit(code)
}

func parse(args []string, errs io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("smoke", flag.ContinueOnError)
	flags.SetOutput(errs)
	flags.StringVar(&o.stackFile, "config", "", "stack `file` with the profile, and with the regions of the first replication")
	flags.StringVar(&o.source, "source-region", "", "`region` of the source bucket (default that of the stack file, or us-east-1)")
	flags.StringVar(&o.destination, "destination-region", "", "`region` of the destination bucket (default that of the stack file, or us-west-2)")
	flags.StringVar(&o.report, "report", "smoke-report", "write the report to this `name` with .md and .json")
	flags.BoolVar(&o.yes, "yes", false, "make the resources without asking")
	flags.BoolVar(&o.clean, "clean", false, "only remove what earlier runs left")
	flags.DurationVar(&o.limit, "limit", 20*time.Minute, "time for everything, removal included")
	flags.DurationVar(&o.patience, "patience", 5*time.Minute, "time for one object to be replicated")
	flags.DurationVar(&o.settle, "settle", 30*time.Second, "time for a change of IAM to be known")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if o.limit <= cleanUpTime {
		return o, fmt.Errorf("--limit must be more than %s, which are kept for removing everything", cleanUpTime)
	}
	return o, nil
}

// command runs the program and returns its exit status.
func command(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) (int, error) {
	o, err := parse(args, errs)
	if errors.Is(err, flag.ErrHelp) {
		return exitAnswered, nil
	}
	if err != nil {
		return exitNoAnswer, err
	}
	from, err := o.credentials()
	if err != nil {
		return exitNoAnswer, err
	}
	identity, err := operator.Whoami(ctx, from)
	if err != nil {
		return exitNoAnswer, err
	}
	sessions, err := live.OpenWith(ctx, from)
	if err != nil {
		return exitNoAnswer, err
	}
	s := newSite(sessions.Home(), identity.Account, o.source, o.destination)
	leftovers, err := s.leftovers(ctx)
	if err != nil {
		return exitNoAnswer, fmt.Errorf("looking for what earlier runs left: %w", err)
	}
	if !o.clean {
		leftovers = olderThan(leftovers, o.limit)
	}
	o.plan(out, identity.Account, leftovers)
	if o.clean && len(leftovers) == 0 {
		return exitAnswered, nil
	}
	if agreed, err := o.agreed(in, out); !agreed {
		return exitNoAnswer, err
	}
	left := s.remove(context.WithoutCancel(ctx), leftovers, cleanUpTime)
	if o.clean {
		return remaining(errs, left)
	}
	return o.ask(ctx, s, left, out, errs)
}

// ask creates the resources, runs the experiment, removes the resources in any case,
// and reports.
func (o options) ask(ctx context.Context, s *site, left []thing, out, errs io.Writer) (int, error) {
	started := time.Now()
	limited, cancel := context.WithTimeout(ctx, o.limit-cleanUpTime)
	defer cancel()
	e := newExperiment(s, o, errs)
	failed := e.run(limited)
	fmt.Fprintln(errs, "removing everything ...")
	left = append(left, s.remove(context.WithoutCancel(ctx), s.made, cleanUpTime)...)
	r := e.report(started, left, failed)
	if err := r.write(o.report, s.redactor()); err != nil {
		return exitNoAnswer, err
	}
	fmt.Fprintf(out, "%s\nThe report is in %s.md and %s.json.\n", s.redactor().text(r.markdown()), o.report, o.report)
	if code, err := remaining(errs, left); code != exitAnswered {
		return code, err
	}
	if failed != nil {
		return exitNoAnswer, failed
	}
	if open := r.unknown(); len(open) > 0 {
		return exitNoAnswer, fmt.Errorf("no answer to %s", strings.Join(open, ", "))
	}
	return exitAnswered, nil
}

// remaining names the resources that could not be removed.
func remaining(errs io.Writer, left []thing) (int, error) {
	for _, each := range left {
		fmt.Fprintf(errs, "could not remove the %s %s: %s\n", each.kind, each.where(), each.problem)
	}
	if len(left) > 0 {
		return exitLeftovers, errors.New("resources are left; run this again with --clean")
	}
	return exitAnswered, nil
}

// credentials and regions of the stack
func (o *options) credentials() (live.Options, error) {
	var stack stackfile.Credentials
	if o.stackFile != "" {
		var err error
		if stack, err = stackfile.ReadCredentials(o.stackFile); err != nil {
			return live.Options{}, err
		}
		if stack.OnlyPulumi != "" {
			return live.Options{}, fmt.Errorf("%s sets %s, which only a deployment can use; use a profile", o.stackFile, stack.OnlyPulumi)
		}
		config, err := stackfile.ReadFile(o.stackFile)
		if err == nil && len(config.Replications) > 0 && len(config.Replications[0].Destinations) > 0 {
			first := config.Replications[0]
			o.source, o.destination = cmp.Or(o.source, first.Source.Region), cmp.Or(o.destination, first.Destinations[0].Bucket.Region)
		}
	}
	o.source, o.destination = cmp.Or(o.source, "us-east-1"), cmp.Or(o.destination, "us-west-2")
	if o.source == o.destination {
		return live.Options{}, fmt.Errorf("both regions are %s; name another with --destination-region", o.source)
	}
	return live.Options{
		Region: o.source, Profile: stack.Profile, ConfigFiles: stack.SharedConfigFiles, CredentialFiles: stack.SharedCredentialsFiles,
	}, nil
}

func (o options) plan(out io.Writer, account string, leftovers []thing) {
	fmt.Fprintf(out, "Account %s.\n", account)
	for _, each := range leftovers {
		fmt.Fprintf(out, "  remove  %s %s, left by an earlier run\n", each.kind, each.where())
	}
	if o.clean {
		if len(leftovers) == 0 {
			fmt.Fprintln(out, "Earlier runs left nothing.")
		}
		return
	}
	fmt.Fprintf(out, `  make    2 buckets, in %s and %s
  make    2 KMS keys, there; their deletion is scheduled at the end, for 7 days later
  make    1 or 2 roles, which S3 assumes to replicate between the buckets
  write   about a dozen objects of a few bytes
All of it is removed within %s. It costs a few cents at most: the keys and S3's replication metrics by the hour,
requests and transfer next to nothing.
`, o.source, o.destination, o.limit)
}

func (o options) agreed(in io.Reader, out io.Writer) (bool, error) {
	if o.yes {
		return true, nil
	}
	if file, ok := in.(*os.File); !ok || !term.IsTerminal(int(file.Fd())) {
		return false, errors.New("nothing was made: there is no terminal to ask on; give --yes")
	}
	fmt.Fprint(out, "Go on? [y/N] ")
	answer, _ := bufio.NewReader(in).ReadString('\n')
	if answer = strings.ToLower(strings.TrimSpace(answer)); answer == "y" || answer == "yes" {
		return true, nil
	}
	return false, errors.New("nothing was made")
}
