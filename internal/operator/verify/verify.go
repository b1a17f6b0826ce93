package verify

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/live"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// Options of a verification.
type Options struct {
	// NoWrite looks only: no probe object is put.
	NoWrite bool
	// NoRefusals tries no uploads that must be refused, and NoHTTP not the one of
	// them over plain HTTP.
	NoRefusals, NoHTTP bool
	// Timeout is how long probes, and metrics after them, may take.
	Timeout time.Duration
	// Progress is where to tell how far it is.
	Progress io.Writer
}

// Run verifies deployments, all at once. An error means that it could not be
// done at all, or was interrupted; then what was put is removed all the same.
func Run(ctx context.Context, descriptors []replication.Descriptor, options Options) (*Report, error) {
	sessions, err := live.Open(ctx)
	if err != nil {
		return nil, err
	}
	if err := sessions.CheckAccounts(ctx, descriptors...); err != nil {
		return nil, err
	}
	report := &Report{Started: time.Now()}
	shown := newProgress(options.Progress)
	deployments := make([]*deployment, len(descriptors))
	var verifying sync.WaitGroup
	for i, descriptor := range descriptors {
		d := newDeployment(descriptor, sessions, options, shown)
		deployments[i] = d
		verifying.Go(func() { d.verify(ctx) })
	}
	verifying.Wait()
	shown.close()
	for _, d := range deployments {
		report.add(d.list.checks)
	}
	report.Seconds = time.Since(report.Started).Seconds()
	if ctx.Err() != nil {
		return report, interrupted(report)
	}
	return report, nil
}

// interrupted says what an interrupted run leaves behind.
func interrupted(report *Report) error {
	var left []string
	for _, check := range report.Checks {
		if check.About == cleanUp && check.Status != Pass && check.root == nil {
			left = append(left, check.Reason)
		}
	}
	if len(left) == 0 {
		return fmt.Errorf("%w; nothing that verify put is left", live.ErrInterrupted)
	}
	return fmt.Errorf("%w; %s", live.ErrInterrupted, strings.Join(left, "; "))
}

// Pick returns the descriptor of a name, or all where no name is given.
func Pick(descriptors []replication.Descriptor, name string) ([]replication.Descriptor, error) {
	if name == "" {
		return descriptors, nil
	}
	names := make([]string, len(descriptors))
	for i, descriptor := range descriptors {
		names[i] = descriptor.Name
	}
	at := slices.Index(names, name)
	if at < 0 {
		return nil, fmt.Errorf("there is no replication %q; there is %s", name, strings.Join(names, ", "))
	}
	return descriptors[at : at+1], nil
}
