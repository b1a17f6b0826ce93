package status

import (
	"context"
	"sync"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/alarms"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/failures"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/live"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/metrics"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// facts are the live data of a deployment.
type facts struct {
	descriptor replication.Descriptor
	readings   []metrics.Reading
	rules      map[string]liveRules // by bucket name in the descriptor
	alarms     []alarms.Alarm
	found      failures.Found
}

// Read reads the status of deployments over a window that ends now.
func Read(ctx context.Context, sessions *live.Sessions, descriptors []replication.Descriptor, length time.Duration, now time.Time) (Status, error) {
	window, err := metrics.Recent(now, length)
	if err != nil {
		return Status{}, err
	}
	status := Status{Time: now.UTC(), Window: window, Deployments: make([]Deployment, len(descriptors))}
	var group sync.WaitGroup
	for i, descriptor := range descriptors {
		group.Go(func() {
			status.Deployments[i] = gather(ctx, sessions, descriptor, window).deployment(window, now)
		})
	}
	group.Wait()
	return status, ctx.Err()
}

// gather reads everything concurrently, since a region that is down takes long.
func gather(ctx context.Context, sessions *live.Sessions, d replication.Descriptor, window metrics.Window) facts {
	f := facts{descriptor: d}
	var group sync.WaitGroup
	group.Go(func() { f.readings = metrics.Read(ctx, metrics.From(sessions), metrics.Links(d), window) })
	group.Go(func() { f.rules = rulesOf(ctx, sessions, d) })
	group.Go(func() { f.alarms = alarms.States(ctx, sessions, d) })
	group.Go(func() { f.found = failures.Peek(ctx, sessions, d) })
	group.Wait()
	return f
}

// rulesOf returns the rules of each source bucket, by its name in the descriptor.
func rulesOf(ctx context.Context, sessions *live.Sessions, d replication.Descriptor) map[string]liveRules {
	found := map[string]liveRules{}
	var lock sync.Mutex
	var group sync.WaitGroup
	for _, subject := range model.Subjects(d) {
		for _, place := range d.Buckets() {
			if place.Name != subject.Facts.Source.Name {
				continue
			}
			group.Go(func() {
				read := readRules(ctx, sessions, place, subject.Configuration)
				lock.Lock()
				defer lock.Unlock()
				found[place.Name] = read
			})
		}
	}
	group.Wait()
	return found
}
