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
	// NoWrite only reads: no objects are written.
	NoWrite bool
	// NoRefusals skips uploads that must be rejected, NoHTTP only the one over plain
	// HTTP.
	NoRefusals, NoHTTP bool
	// Timeout limits the time for probes, and then for metrics.
	Timeout time.Duration
	// Progress receives progress messages.
	Progress io.Writer
}

// Run verifies deployments concurrently. It returns an error if nothing could be
// verified, or if it was interrupted; probes are deleted in that case, too.
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

// interrupted returns the error of an interrupted run, with its leftover probes.
func interrupted(report *Report) error {
	var left []string
	for _, check := range report.Checks {
		if check.About == cleanUp && check.Status != Pass && check.root == nil {
			left = append(left, check.Reason)
		}
	}
	if len(left) == 0 {
		return fmt.Errorf("%w; all probes were deleted", live.ErrInterrupted)
	}
	return fmt.Errorf("%w; %s", live.ErrInterrupted, strings.Join(left, "; "))
}

// Pick returns the descriptor with the given name, or all if name is "".
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
		return nil, fmt.Errorf("there is no replication %q; there are: %s", name, strings.Join(names, ", "))
	}
	return descriptors[at : at+1], nil
}
