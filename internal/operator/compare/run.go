package compare

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/live"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// Options of a comparison.
type Options struct {
	// Current compares current objects only, by their keys.
	Current bool
	// Attributes also compares attributes that lists don't contain: one or more calls per
	// version.
	Attributes bool
	// Checksums compares the checksums that S3 keeps, where ETags are no digests of
	// the content: two calls for each such version.
	Checksums bool
	// Concurrency is how many ranges of keys, or calls about single versions, are
	// worked on at once.
	Concurrency int
	// Resume is the file that keeps how far the comparison has come. Empty: none.
	// Reading reports always begins anew.
	Resume string
	// Inventory are the manifests to read instead of listing, by the place's
	// name: "source".
	Inventory map[string]string
	// Found is called with every difference as it is found.
	Found func(Finding) error
	// Watch is called regularly with the number of compared versions.
	Watch func(counted int64)
}

// Access provides credentials for a bucket.
type Access interface {
	At(place replication.DeployedBucket) aws.Config
}

// The intervals of saving the state and of progress.
const (
	keepEvery  = 2 * time.Second
	watchEvery = 200 * time.Millisecond
)

// Run compares each replication's source with all of its destinations.
func Run(ctx context.Context, access Access, descriptors []replication.Descriptor, options Options) (Summary, error) {
	pairs, err := pairsOf(ctx, access, descriptors, options)
	if err != nil {
		return Summary{}, err
	}
	question, err := questionOf(descriptors, options)
	if err != nil {
		return Summary{}, err
	}
	return run(ctx, pairs, question, options)
}

func run(ctx context.Context, pairs []*pair, question string, options Options) (Summary, error) {
	c := newComparison(pairs, options.Concurrency, options.Found)
	if err := c.begin(question, options.Resume); err != nil {
		return Summary{}, err
	}
	stop := c.keep(question, options)
	err := c.run(ctx)
	stop()
	if err != nil {
		err = wayOut(err, ctx.Err() != nil, options.Resume)
		return Summary{}, errors.Join(err, c.save(question, options.Resume))
	}
	if options.Resume != "" {
		if err := os.Remove(options.Resume); err != nil && !errors.Is(err, os.ErrNotExist) {
			return Summary{}, fmt.Errorf("removing the state of the finished comparison: %w", err)
		}
	}
	if len(options.Inventory) > 0 {
		if err := c.mustHold(); err != nil {
			return Summary{}, err
		}
	}
	return c.summary(options), nil
}

// mustHold returns an error if reports are empty: they may be incomplete, or from a day
// on which the bucket was empty.
func (c *comparison) mustHold() error {
	for _, p := range c.pairs {
		if p.done.Source == 0 && p.done.Destination == 0 {
			return fmt.Errorf("the inventory reports of s3://%s and s3://%s are empty; compare without --inventory",
				p.source.Bucket, p.destination.Bucket)
		}
	}
	return nil
}

// begin resumes an unfinished comparison, or begins a new one.
func (c *comparison) begin(question, file string) error {
	if file == "" {
		c.whole()
		return nil
	}
	kept, found, err := readState(file, question, len(c.pairs))
	if err != nil {
		return err
	}
	if found {
		c.resume(kept)
		return nil
	}
	c.whole()
	return c.save(question, file) // now, rather than in an hour, it shows whether it can be written
}

func (c *comparison) save(question, file string) error {
	if file == "" {
		return nil
	}
	return c.state(question).write(file)
}

// keep saves the state and calls Watch regularly, until it is stopped.
func (c *comparison) keep(question string, options Options) (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		keep, watch := time.NewTicker(keepEvery), time.NewTicker(watchEvery)
		defer keep.Stop()
		defer watch.Stop()
		for {
			select {
			case <-done:
				return
			case <-keep.C:
				_ = c.save(question, options.Resume) // the last save, at the end, reports errors
			case <-watch.C:
				if options.Watch != nil {
					options.Watch(c.counted.Load())
				}
			}
		}
	}()
	return func() {
		close(done)
		<-ended
	}
}

// wayOut adds to err how to resume the comparison.
func wayOut(err error, interrupted bool, file string) error {
	if interrupted {
		err = live.ErrInterrupted
	}
	switch {
	case file != "":
		return fmt.Errorf("%w; run the same command with --resume %s to continue", err, file)
	case interrupted:
		return fmt.Errorf("%w; nothing was saved; use --resume FILE to be able to continue a comparison", err)
	default:
		return err
	}
}
