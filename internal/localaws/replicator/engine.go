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
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// DefaultDelay is how long replication takes at least, where nobody says
// otherwise: long enough to see PENDING.
const DefaultDelay = time.Second

// DefaultPublishEvery is how often metrics are put where nobody says otherwise:
// more often than S3 does, once a minute, since nobody is billed for it.
const DefaultPublishEvery = 10 * time.Second

const (
	workers  = 32              // more than clients have connections, as a rule, or replication lags ever further behind them
	patience = 5 * time.Minute // with the emulator
)

// Options are how to replicate.
type Options struct {
	// Emulator is the address of the emulator.
	Emulator *url.URL
	// Directory knows the rest.
	Directory Directory
	// Faults that are to be injected.
	Faults *faults.Set
	// Delay between an event and its replication.
	Delay time.Duration
	// PublishEvery is how often metrics are put. Left out: DefaultPublishEvery.
	PublishEvery time.Duration
	// Late is how late metrics are put. Where they are late, one in five is missing.
	Late time.Duration
	// WithoutSourceAccount has S3 assume roles without the key aws:SourceAccount.
	WithoutSourceAccount bool
	// Published is told of the metrics that were put: the form of a PutMetricData.
	Published func(account, region string, form url.Values)
	// Call calls the functions that want to know of events.
	Call messenger.Call
	// Log is where failures are noted.
	Log *slog.Logger
}

// Engine replicates what it is told of. It is safe for concurrent use.
type Engine struct {
	options   Options
	client    *emulator.Client
	schedule  *schedule
	ledger    *ledger
	versions  *versions
	originals *originals
	views     *views
	accounts  *emulator.Accounts
	metrics   *metrics
	messages  *messenger.Messenger
	published atomic.Int64 // calls of PutMetricData
	stop      context.CancelFunc
	running   sync.WaitGroup
}

// Start returns an engine that works until it is closed.
func Start(options Options) *Engine {
	if options.PublishEvery == 0 {
		options.PublishEvery = DefaultPublishEvery
	}
	client := emulator.NewClient(options.Emulator, patience)
	ctx, stop := context.WithCancel(context.Background())
	accounts := emulator.NewAccounts(client)
	e := &Engine{
		options: options, client: client, schedule: newSchedule(), ledger: newLedger(), versions: newVersions(), originals: newOriginals(),
		accounts: accounts, views: newViews(&gatherer{client: client, accounts: accounts, directory: options.Directory, withoutSourceAccount: options.WithoutSourceAccount}),
		metrics: newMetrics(), messages: messenger.New(client, accounts, options.Call), stop: stop,
	}
	due := make(chan *line)
	e.running.Go(func() { e.dispatch(ctx, due) })
	for range workers {
		e.running.Go(func() { e.work(ctx, due) })
	}
	e.running.Go(func() { e.publish(ctx) })
	return e
}

// Close ends the engine. What was not replicated yet is lost.
func (e *Engine) Close() {
	e.stop()
	e.running.Wait()
	e.client.CloseIdleConnections()
}

// Status of a version, or "" where S3 shows none.
func (e *Engine) Status(id ObjectID) string { return e.ledger.status(id) }

// Failures are the reasons for which a version failed to replicate, by
// destination bucket.
func (e *Engine) Failures(id ObjectID) map[string]string { return e.ledger.failures(id) }

// Modified is when S3 shows a version to have been modified, a replica when its
// source was. The ETag and the time are the emulator's. Without a version id it
// is the object's newest.
func (e *Engine) Modified(id ObjectID, etag string, emulated time.Time) time.Time {
	e.versions.await(id.Bucket, id.Key)
	return e.originals.modified(id, etag, emulated)
}

// Translates tells whether any version ids differ between clients and emulator.
func (e *Engine) Translates() bool { return e.versions.any() }

// EmulatedVersion is the emulator's id of a version.
func (e *Engine) EmulatedVersion(id ObjectID) string { return e.versions.emulatedOf(id) }

// PublicVersion is the id that clients see of a version that the emulator has shown.
func (e *Engine) PublicVersion(emulated ObjectID) string {
	e.versions.await(emulated.Bucket, emulated.Key)
	return e.versions.publicOf(emulated.Version)
}

// PublicVersions replaces the emulator's version ids in a document about a bucket.
func (e *Engine) PublicVersions(bucket string, document []byte) []byte {
	e.versions.await(bucket, "")
	return e.versions.publish(document)
}

// BucketGone forgets all about the objects of a bucket.
func (e *Engine) BucketGone(bucket string) {
	e.ledger.forgetBucket(bucket)
	e.versions.forgetBucket(bucket)
	e.originals.forgetBucket(bucket)
}

// Happened tells the engine of an event. It takes no time.
func (e *Engine) Happened(event Event) {
	if event.Kind == replication.VersionDeleted {
		e.ledger.forget(event.Object)
		e.versions.forget(event.Object)
		e.originals.forget(event.Object)
		return
	}
	configuration := e.options.Directory.Bucket(event.Object.Bucket).Replication
	if configuration == nil {
		return
	}
	object, ok := e.objectOf(event)
	if !ok {
		return // it was never replicated, and its changes are not either
	}
	wanted := e.views.matcher(event.Object.Bucket, configuration).Explain(object)
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

// objectOf is the object of an event as pkg/replication looks at it: as it was
// written, whatever happened to it since.
func (e *Engine) objectOf(event Event) (replication.Object, bool) {
	switch event.Kind {
	case replication.Written, replication.DeleteMarkerMade:
		return replication.Object{
			Key: event.Object.Key, Event: event.Kind, Tags: event.Tags, Size: event.Size,
			StorageClass: replication.StorageClass(event.Header.Get("X-Amz-Storage-Class")),
			Encryption:   encryption(event.Header.Get("X-Amz-Server-Side-Encryption")),
			KMSKey:       event.Header.Get("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id"),
			Owner:        event.Owner, OwnerGrants: replication.FactOf(grantsOwner(event.ACL)), Locked: locked(event.Header),
		}, true
	default:
		object, ok := e.ledger.object(event.Object)
		object.Event = event.Kind
		return object, ok
	}
}

// encryption of an object. The emulator names none where S3 uses its own keys.
func encryption(named string) replication.ObjectEncryption {
	if named == "" {
		return replication.SSES3
	}
	return replication.ObjectEncryption(named)
}

// locked tells whether an object has a retention period or a legal hold.
func locked(header http.Header) bool {
	return header.Get("X-Amz-Object-Lock-Mode") != "" || header.Get("X-Amz-Object-Lock-Legal-Hold") == "ON"
}

// grantsOwner tells whether the owner of the bucket may read an object.
func grantsOwner(acl http.Header) bool {
	switch acl.Get("X-Amz-Acl") {
	case "bucket-owner-full-control", "bucket-owner-read", "public-read", "public-read-write", "authenticated-read":
		return true
	default:
		return false
	}
}

// attempted tells whether S3 tries to replicate, be it in vain: it does not
// where any reason against it is none to fail for.
func attempted(decision *replication.Decision) bool {
	if decision.Verdict != replication.DoesNotReplicate {
		return true
	}
	for _, reason := range decision.Reasons {
		if reason.Failure == "" {
			return false
		}
	}
	return decision.Rule != nil
}
