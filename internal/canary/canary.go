package canary

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/crr-io/pulumi-aws-crr/internal/heartbeat"
)

// pollStep is how long a destination is left alone after the first look for a
// heartbeat, and by how much longer after each further one: most arrive within
// seconds, and every look is billed.
const pollStep = time.Second

// Canary writes heartbeats and measures their arrival.
type Canary struct {
	config heartbeat.Config
	store  store
	meter  meter
	now    func() time.Time
	log    *slog.Logger
}

// New returns a canary with the credentials of the function.
func New(config heartbeat.Config, credentials aws.Config, log *slog.Logger) *Canary {
	accounts := newAccounts(credentials)
	return &Canary{config: config, store: buckets{accounts}, meter: cloudWatch{accounts}, now: time.Now, log: log}
}

// Handle is the entry point of the function. A run that a deployment triggers never
// fails the deployment: missing data triggers the alarms.
func (c *Canary) Handle(ctx context.Context, call heartbeat.Call) error {
	err := c.Beat(ctx)
	if err != nil && call.Deploying {
		c.log.Error("the first heartbeat", "error", err)
		return nil
	}
	return err
}

// Beat writes one heartbeat for each rule and publishes the age of the newest one at
// each destination. It continues after errors and returns all of them.
func (c *Canary) Beat(ctx context.Context) error {
	failures := make([]error, len(c.config.Heartbeats))
	var beats sync.WaitGroup
	for i, h := range c.config.Heartbeats {
		beats.Go(func() { failures[i] = c.beat(ctx, h, c.config.Destinations[h.Destination]) })
	}
	beats.Wait()
	return errors.Join(failures...)
}

func (c *Canary) beat(ctx context.Context, h heartbeat.Beat, destination heartbeat.Place) error {
	key := c.config.Key(h)
	version, writeErr := c.store.write(ctx, c.config.Source, key, h.Tags, c.now())
	if writeErr != nil {
		writeErr = fmt.Errorf("writing the heartbeat of the rule %s: %w", h.Rule, writeErr)
	}
	newest, err := c.newest(ctx, destination, key, version)
	arrived := !errors.Is(err, errNone)
	if !arrived {
		newest, err = c.store.oldest(ctx, c.config.Source, key)
	}
	if err != nil {
		return errors.Join(writeErr, fmt.Errorf("looking for the heartbeat of the rule %s in %s: %w", h.Rule, destination.Bucket, err))
	}
	age := c.now().Sub(newest.written)
	if err := c.meter.publish(ctx, c.config.Source, destination, h.Rule, age); err != nil {
		return errors.Join(writeErr, fmt.Errorf("publishing the age of the heartbeat of the rule %s: %w", h.Rule, err))
	}
	c.log.Info("heartbeat", "rule", h.Rule, "destination", destination.Bucket, "arrived", arrived, "age", age.String())
	if arrived {
		c.forget(ctx, key, newest)
	}
	return writeErr
}

// newest is the newest heartbeat at a destination, once the given version has
// arrived or has been waited for. Without a version there is nothing to wait
// for.
func (c *Canary) newest(ctx context.Context, destination heartbeat.Place, key, version string) (sighting, error) {
	deadline := c.now().Add(c.config.Wait())
	for wait := pollStep; ; wait += pollStep {
		there, err := c.store.newest(ctx, destination, key)
		arrived := err == nil && there.version == version
		if arrived || version == "" || !c.now().Before(deadline) {
			return there, err
		}
		select {
		case <-ctx.Done():
			return sighting{}, ctx.Err()
		case <-time.After(min(wait, deadline.Sub(c.now()))):
		}
	}
}

// forget deletes the heartbeats before the one that has arrived, everywhere: a
// year of heartbeats is nothing to keep, and S3 does not replicate the deletion
// of a version. Where it is not allowed, a lifecycle rule can do the same.
func (c *Canary) forget(ctx context.Context, key string, arrived sighting) {
	for _, place := range slices.AppendSeq([]heartbeat.Place{c.config.Source}, maps.Values(c.config.Destinations)) {
		if err := c.forgetAt(ctx, place, key, arrived.version); err != nil {
			c.log.Warn("old heartbeats stay", "bucket", place.Bucket, "key", key, "error", err)
		}
	}
}

func (c *Canary) forgetAt(ctx context.Context, place heartbeat.Place, key, arrived string) error {
	versions, err := c.store.versions(ctx, place, key)
	if err != nil {
		return err
	}
	at := slices.Index(versions, arrived)
	if at < 0 {
		return nil // it is still on its way here, and so may those before it be
	}
	for _, version := range versions[at+1:] {
		if err := c.store.remove(ctx, place, key, version); err != nil {
			return fmt.Errorf("removing the version %s: %w", version, err)
		}
	}
	return nil
}
