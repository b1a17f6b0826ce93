package compare

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/live"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// Options say what to compare, and how.
type Options struct {
	// Current compares current objects only, by their keys.
	Current bool
	// Attributes compares what lists do not tell: a call or more per version.
	Attributes bool
	// Concurrency is how many ranges of keys, or calls about single versions, are
	// worked on at once.
	Concurrency int
	// Resume is the file that keeps how far the comparison has come. Empty: none.
	Resume string
	// Inventory are the manifests to read instead of listing, by the place's
	// name: "source".
	Inventory map[string]string
	// Found is told of every difference as it is found.
	Found func(Finding) error
	// Watch is told regularly how many versions were counted.
	Watch func(counted int64)
}

// Access leads to the account of a place.
type Access interface {
	At(place replication.DeployedPlace) aws.Config
}

// how often the state is kept, and those who watch are told.
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
		if ctx.Err() != nil {
			err = interruption(options.Resume)
		}
		return Summary{}, errors.Join(err, c.save(question, options.Resume))
	}
	if options.Resume != "" {
		if err := os.Remove(options.Resume); err != nil && !errors.Is(err, os.ErrNotExist) {
			return Summary{}, fmt.Errorf("removing what is not needed any more: %w", err)
		}
	}
	return c.summary(options), nil
}

// begin takes up a comparison that was not finished, or begins a new one.
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

// keep writes the state and tells those who watch, until it is stopped.
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
				_ = c.save(question, options.Resume) // the last one, at the end, tells of errors
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

// interruption says how to go on after a comparison was ended from outside.
func interruption(file string) error {
	if file == "" {
		return errors.New("interrupted, and nothing is kept; with --resume FILE a comparison can go on where it was interrupted")
	}
	return fmt.Errorf("interrupted; the same command, with --resume %s, goes on from here", file)
}

// pairsOf are each source with each of its destinations.
func pairsOf(ctx context.Context, access Access, descriptors []replication.Descriptor, options Options) ([]*pair, error) {
	var pairs []*pair
	for _, descriptor := range descriptors {
		buckets := map[string]*s3Bucket{}
		for _, place := range descriptor.Places() {
			buckets[place.Name] = newS3Bucket(access.At(place), place, options.Current, 2*options.Concurrency)
			if err := buckets[place.Name].mustBeVersioned(ctx); err != nil {
				return nil, err
			}
		}
		for _, subject := range descriptor.Subjects() {
			for _, place := range descriptor.Places() {
				if _, replicates := subject.Facts.Destinations[place.Bucket]; replicates {
					pairs = append(pairs, pairOf(subject, buckets[subject.Facts.Source.Name], buckets[place.Name], options))
				}
			}
		}
	}
	if len(pairs) == 0 {
		return nil, errors.New("there is nothing to compare: no rule of the descriptor replicates anything")
	}
	return pairs, nil
}

func pairOf(subject replication.Subject, source, destination *s3Bucket, options Options) *pair {
	p := &pair{
		replication: subject.Name, source: source.place, destination: destination.place, splits: true,
		judge: judge{
			source: source, destination: destination, rules: newSelection(subject, destination.place),
			attributes: options.Attributes, current: options.Current, now: time.Now,
		},
	}
	p.lists = p.listed
	return p
}

// mustBeVersioned says so where a bucket cannot be compared version by version.
func (b *s3Bucket) mustBeVersioned(ctx context.Context) error {
	if b.current {
		return nil
	}
	answer, err := b.client.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: &b.place.Bucket})
	switch {
	case slices.Contains([]string{"AccessDenied", "NotImplemented", "MethodNotAllowed"}, live.Code(err)):
		return nil // lists may be allowed all the same
	case err != nil:
		return live.Failed("asking for the versioning of s3://"+b.place.Bucket, b.place, err)
	case answer.Status == "":
		return fmt.Errorf("s3://%s has no versions: versioning was never enabled there, and S3 replicates only versions; "+
			"enable it, or compare the current objects with --current", b.place.Bucket)
	}
	return nil
}
