package replicator

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/emulator"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/faults"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/messenger"
	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// DefaultDelay is the default minimum replication time: long enough to see PENDING.
const DefaultDelay = time.Second

// DefaultPublishEvery is the default interval of metrics. S3 publishes once a
// minute; here it costs nothing to publish more often.
const DefaultPublishEvery = 10 * time.Second

const (
	workers  = 32              // more than clients usually have connections, or replication would lag further and further behind
	patience = 5 * time.Minute // for calls to the emulator
)

// Options configure an engine.
type Options struct {
	// Emulator is the address of the emulator.
	Emulator *url.URL
	// Directory has the state that is not in the emulator.
	Directory Directory
	// Faults are injected into replication.
	Faults *faults.Set
	// Delay is the time between an event and its replication.
	Delay time.Duration
	// PublishEvery is the interval of metrics. Default: DefaultPublishEvery.
	PublishEvery time.Duration
	// Late is the delay of metrics. If it is set, one in five is missing.
	Late time.Duration
	// WithoutSourceAccount omits the key aws:SourceAccount when S3 assumes roles.
	WithoutSourceAccount bool
	// Published receives the published metrics as a PutMetricData form.
	Published func(account, region string, form url.Values)
	// Call calls the functions that receive events.
	Call messenger.Call
	// Log receives failures.
	Log *slog.Logger
}

// Engine replicates objects. It is safe for concurrent use.
type Engine struct {
	options     Options
	client      *emulator.Client
	schedule    *schedule
	ledger      *ledger
	versions    *versions
	sourceTimes *sourceTimes
	snapshots   *snapshots
	accounts    *emulator.Accounts
	metrics     *metrics
	messages    *messenger.Messenger
	published   atomic.Int64 // calls of PutMetricData
	stop        context.CancelFunc
	running     sync.WaitGroup
}

// Start returns an engine that runs until it is closed.
func Start(options Options) *Engine {
	if options.PublishEvery == 0 {
		options.PublishEvery = DefaultPublishEvery
	}
	client := emulator.NewClient(options.Emulator, patience)
	ctx, stop := context.WithCancel(context.Background())
	accounts := emulator.NewAccounts(client)
	e := &Engine{
		options: options, client: client, schedule: newSchedule(), ledger: newLedger(), versions: newVersions(), sourceTimes: newSourceTimes(),
		accounts: accounts, snapshots: newSnapshots(&gatherer{client: client, accounts: accounts, directory: options.Directory, withoutSourceAccount: options.WithoutSourceAccount}),
		metrics: newMetrics(), messages: messenger.New(client, accounts, options.Call), stop: stop,
	}
	due := make(chan *queue)
	e.running.Go(func() { e.dispatch(ctx, due) })
	for range workers {
		e.running.Go(func() { e.work(ctx, due) })
	}
	e.running.Go(func() { e.publish(ctx) })
	return e
}

// Close stops the engine. Pending replication is lost.
func (e *Engine) Close() {
	e.stop()
	e.running.Wait()
	e.client.CloseIdleConnections()
}

// Status returns the replication status of a version, or "" if S3 shows none.
func (e *Engine) Status(id ObjectID) string { return e.ledger.status(id) }

// Failures returns the failure reasons of a version by destination bucket.
func (e *Engine) Failures(id ObjectID) map[string]string { return e.ledger.failures(id) }

// Modified returns the modification time of a version in S3, which for a replica is
// its source's. The ETag and the emulated time are the emulator's. Without a version
// id it is the object's newest version.
func (e *Engine) Modified(id ObjectID, etag string, emulated time.Time) time.Time {
	e.versions.await(id.Bucket, id.Key)
	return e.sourceTimes.modified(id, etag, emulated)
}

// Translates reports whether any version ids differ between clients and emulator.
func (e *Engine) Translates() bool { return e.versions.any() }

// EmulatedVersion returns the emulator's id of a version.
func (e *Engine) EmulatedVersion(id ObjectID) string { return e.versions.emulatedOf(id) }

// PublicVersion returns the id for clients of a version in the emulator.
func (e *Engine) PublicVersion(emulated ObjectID) string {
	e.versions.await(emulated.Bucket, emulated.Key)
	return e.versions.publicOf(emulated.Version)
}

// PublicVersions replaces the emulator's version ids in a document about a bucket.
func (e *Engine) PublicVersions(bucket string, document []byte) []byte {
	e.versions.await(bucket, "")
	return e.versions.publish(document)
}

// BucketGone removes everything recorded about the objects of a bucket.
func (e *Engine) BucketGone(bucket string) {
	e.ledger.forgetBucket(bucket)
	e.versions.forgetBucket(bucket)
	e.sourceTimes.forgetBucket(bucket)
}

// HandleEvent handles an event. It does not block.
func (e *Engine) HandleEvent(event Event) {
	if event.Kind == model.VersionDeleted {
		e.ledger.forget(event.Object)
		e.versions.forget(event.Object)
		e.sourceTimes.forget(event.Object)
		return
	}
	configuration := e.options.Directory.Bucket(event.Object.Bucket).Replication
	if configuration == nil {
		return
	}
	object, ok := e.objectOf(event)
	if !ok {
		return // it was never replicated, so its changes are not either
	}
	wanted := e.snapshots.matcher(event.Object.Bucket, configuration).Explain(object)
	var tasks []*task
	var destinations []string
	for i := range wanted.Decisions {
		decision := &wanted.Decisions[i]
		if !attempted(decision) {
			continue
		}
		destinations = append(destinations, decision.Bucket)
		tasks = append(tasks, &task{
			event: event, destination: decision.Bucket,
			series: e.metrics.seriesOf(event.Object.Bucket, decision, configuration),
		})
	}
	if len(tasks) == 0 {
		return
	}
	e.ledger.await(event.Object, object, destinations)
	for _, t := range tasks {
		t.series.begin(t)
		e.schedule.add(t, event.At.Add(e.options.Delay))
	}
}

// objectOf returns the object of an event for pkg/replication, with the properties
// that it was written with.
func (e *Engine) objectOf(event Event) (model.Object, bool) {
	switch event.Kind {
	case model.Written, model.DeleteMarkerMade:
		return model.Object{
			Key: event.Object.Key, Event: event.Kind, Tags: event.Tags, Size: event.Size,
			StorageClass: replication.StorageClass(event.Header.Get("X-Amz-Storage-Class")),
			Encryption:   encryption(event.Header.Get("X-Amz-Server-Side-Encryption")),
			KMSKey:       event.Header.Get("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id"),
			Owner:        event.Owner, OwnerGrants: model.FactOf(grantsOwner(event.ACL)), Locked: locked(event.Header),
		}, true
	default:
		object, ok := e.ledger.object(event.Object)
		object.Event = event.Kind
		return object, ok
	}
}

// encryption returns the encryption of an object. The emulator returns none for
// SSE-S3.
func encryption(named string) model.ObjectEncryption {
	if named == "" {
		return model.SSES3
	}
	return model.ObjectEncryption(named)
}

// locked reports whether an object has a retention period or a legal hold.
func locked(header http.Header) bool {
	return header.Get("X-Amz-Object-Lock-Mode") != "" || header.Get("X-Amz-Object-Lock-Legal-Hold") == "ON"
}

// grantsOwner reports whether the owner of the bucket may read an object.
func grantsOwner(acl http.Header) bool {
	switch acl.Get("X-Amz-Acl") {
	case "bucket-owner-full-control", "bucket-owner-read", "public-read", "public-read-write", "authenticated-read":
		return true
	default:
		return false
	}
}

// attempted reports whether S3 attempts to replicate. It does not if any reason
// against it is not a failure reason.
func attempted(decision *model.Decision) bool {
	if decision.Verdict != model.DoesNotReplicate {
		return true
	}
	for _, reason := range decision.Reasons {
		if reason.Failure == "" {
			return false
		}
	}
	return decision.Rule != nil
}
