package replicator

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/bucketevents"
	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

func TestStatusOfAVersion(t *testing.T) {
	t.Parallel()
	const reason = "DstPutObjectNotPermitted"
	good, bad, skip := result{}, failed(reason), result{skipped: true}
	for _, c := range []struct {
		name     string
		near     []result // what has ended so far
		far      []result
		nearWant int // tasks
		farWant  int
		status   string
	}{
		{"nothing yet", nil, nil, 1, 1, Pending},
		{"one of two", []result{good}, nil, 1, 1, Pending},
		{"both", []result{good}, []result{good}, 1, 1, Completed},
		{"one failed, the other waits", []result{bad}, nil, 1, 1, Failed},
		{"one failed", []result{bad}, []result{good}, 1, 1, Failed},
		{"a later change waits", []result{good}, []result{good}, 2, 1, Pending},
		{"a later change failed", []result{good, bad}, []result{good}, 2, 1, Failed},
		{"a later change is not for the destination", []result{good, skip}, []result{good}, 2, 1, Completed},
		{"no rule is for it any more", []result{skip}, []result{skip}, 1, 1, ""},
	} {
		l, id := newLedger(), ObjectID{"src", "k", "v"}
		for range c.nearWant {
			l.await(id, model.Object{}, []string{"near"})
		}
		for range c.farWant {
			l.await(id, model.Object{}, []string{"far"})
		}
		for _, how := range c.near {
			l.settle(id, "near", how)
		}
		for _, how := range c.far {
			l.settle(id, "far", how)
		}
		assert.Equal(t, c.status, l.status(id), c.name)
		if c.status == Failed {
			assert.Equal(t, map[string]string{"near": reason}, l.failures(id), c.name)
		} else {
			assert.Empty(t, l.failures(id), c.name)
		}
	}
}

func TestLedgerForgets(t *testing.T) {
	t.Parallel()
	l := newLedger()
	one, other := ObjectID{"src", "k", "1"}, ObjectID{"src", "k", "2"}
	l.await(one, model.Object{}, []string{"dst"})
	l.arrive(other, model.Object{})
	assert.Equal(t, Replica, l.status(other))
	l.forget(one)
	l.settle(one, "dst", result{})
	assert.Empty(t, l.status(one), "a deleted version does not come back")
	l.forgetBucket("src")
	assert.Empty(t, l.status(other))
}

func TestVersions(t *testing.T) {
	t.Parallel()
	const public, emulated = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
	v, replica := newVersions(), ObjectID{"dst", "k", public}
	assert.False(t, v.any())
	assert.Equal(t, public, v.emulatedOf(replica))
	v.learn(replica, emulated)
	assert.True(t, v.any())
	assert.True(t, v.replicated(replica))
	assert.Equal(t, emulated, v.emulatedOf(replica))
	assert.Equal(t, public, v.emulatedOf(ObjectID{"src", "k", public}), "the source has the same in both")
	assert.Equal(t, public, v.publicOf(emulated))
	assert.Equal(t, "<VersionId>"+public+"</VersionId><VersionId>null</VersionId>",
		string(v.publish([]byte("<VersionId>"+emulated+"</VersionId><VersionId>null</VersionId>"))))
	v.forgetBucket("dst")
	assert.False(t, v.any())
	assert.Equal(t, emulated, v.publicOf(emulated))
}

func timedRule() *s3config.Rule {
	return &s3config.Rule{ID: "all", Status: replication.Enabled, Destination: s3config.Destination{
		Bucket: "arn:aws:s3:::dst", Metrics: &s3config.Metrics{Status: replication.Enabled},
		ReplicationTime: &s3config.ReplicationTime{Status: replication.Enabled, Time: s3config.Minutes{Minutes: 15}},
	}}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	m := newMetrics()
	silent := timedRule()
	silent.Destination.Metrics = nil
	assert.Nil(t, m.ofRule("src", silent), "only rules with metrics have any")
	s := m.ofRule("src", timedRule())
	assert.Same(t, s, m.ofRule("src", timedRule()))

	begun := time.Now()
	at := func(minutes int) time.Time { return begun.Add(time.Duration(minutes) * time.Minute) }
	tasks := make([]*task, 4)
	for i := range tasks {
		tasks[i] = &task{event: Event{At: begun, Size: 100}}
		s.begin(tasks[i])
	}
	assert.False(t, s.end(tasks[0], result{}, at(1)))
	assert.False(t, s.end(tasks[1], failed("DstBucketNotFound"), at(2)))
	assert.Equal(t, reading{latency: 3 * time.Minute, pendingBytes: 200, pending: 2, succeeded: 1, lost: 1}, s.read(at(3)), "what waits counts too")
	assert.Equal(t, reading{latency: 4 * time.Minute, pendingBytes: 200, pending: 2}, s.read(at(4)), "counts begin anew")

	assert.Empty(t, s.overdue(at(15)))
	assert.Len(t, s.overdue(at(16)), 2)
	assert.Empty(t, s.overdue(at(17)), "each is reported once")
	assert.True(t, s.end(tasks[2], result{}, at(18)), "and once more when it has arrived")
	assert.False(t, s.end(tasks[3], failed("DstBucketNotFound"), at(18)))
	assert.Equal(t, reading{latency: 18 * time.Minute, succeeded: 1, lost: 1}, s.read(at(19)))
}

func TestMetrics_LoseSightOfWhatNoRuleMeasures(t *testing.T) {
	t.Parallel()
	m := newMetrics()
	kept, gone := m.ofRule("src", timedRule()), m.ofRule("other", timedRule())
	waits, done := &task{event: Event{At: time.Now()}}, &task{event: Event{At: time.Now()}}
	kept.begin(&task{})
	gone.begin(waits)
	gone.begin(done)
	gone.end(done, result{}, time.Now())
	only := func(id seriesID) bool { return id.source == "src" }
	assert.Equal(t, []*task{waits}, m.close(only))
	assert.Empty(t, m.close(only), "each is returned once")
	assert.True(t, gone.isClosed())
	assert.False(t, kept.isClosed())
	disabled := timedRule()
	disabled.Status = replication.Disabled
	assert.Nil(t, m.ofRule("src", disabled))
}

func TestMessageOfALateObject(t *testing.T) {
	t.Parallel()
	begun := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	v := &snapshot{facts: model.Facts{Source: model.BucketFacts{Bucket: "src", Region: "eu-west-1", Account: "123456789012"}}}
	late := &task{destination: "dst", series: newMetrics().ofRule("src", timedRule()), event: Event{
		Kind: model.TagsChanged, At: begun, Object: ObjectID{"src", "a b", "v"}, Header: http.Header{"Etag": {`"e"`}},
	}}
	event := eventOf(late, v, replicatedAfterThreshold, "", begun.Add(20*time.Minute))
	record := event.Record("id")
	assert.Equal(t, "Replication:OperationReplicatedAfterThreshold", record.Name)
	assert.Equal(t, "2026-11-21T12:20:00.000Z", record.Time)
	assert.Equal(t, "a+b", record.S3.Object.Key)
	assert.Equal(t, "e", record.S3.Object.ETag)
	assert.Equal(t, &bucketevents.Replication{
		Rule: "all", Destination: "arn:aws:s3:::dst", Operation: "OBJECT_PUT_TAGGING", RequestTime: "2026-11-21T12:00:00.000Z",
		Threshold: "900", Time: "1200",
	}, record.Replication)
}
