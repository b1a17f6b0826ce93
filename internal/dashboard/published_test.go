package dashboard_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/dashboard"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/faults"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/replicator"
	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// statistics of each metric that are valid, as AWS documents them.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html
var statistics = map[string][]string{
	"ReplicationLatency":           {"Maximum"},
	"BytesPendingReplication":      {"Maximum"},
	"OperationsPendingReplication": {"Maximum"},
	"OperationsFailedReplication":  {"Sum", "Average", "SampleCount"},
	"NumberOfObjects":              {"Average"},
}

// TestMetrics_AreThoseThatArePublished compares a dashboard with what the local
// AWS's replication engine publishes of the same deployment: a graph of a metric
// that is never published would stay empty.
func TestMetrics_AreThoseThatArePublished(t *testing.T) {
	t.Parallel()
	for name, d := range map[string]replication.Descriptor{
		"one way": pair(), "two-way, into another account": twoWay(), "two-way in one region, into another account": twoWayInOneRegion(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			published := publish(t, d)
			body, err := dashboard.Detail(view, d)
			require.NoError(t, err)
			shown := map[string]bool{}
			for _, metric := range metricsOf(body) {
				if metric.Options.Expression != "" {
					continue
				}
				assert.Contains(t, statistics[metric.Name], metric.Options.Stat, "the statistic of %s", metric.Name)
				if metric.Dimensions[0].Name == "SourceBucket" {
					shown[keyOf(metric)] = true
				}
			}
			assert.Equal(t, published, shown, "on the left what is published, on the right what the dashboard shows")

			overview, err := dashboard.Overview(view, d)
			require.NoError(t, err)
			for _, metric := range metricsOf(overview) {
				if metric.Options.Expression == "" {
					assert.True(t, published[keyOf(metric)], "nobody publishes %s", keyOf(metric))
				}
			}
		})
	}
}

func metricsOf(body dashboard.Body) []dashboard.Metric {
	var all []dashboard.Metric
	for _, widget := range body.Widgets {
		all = append(all, widget.Properties.Metrics...)
	}
	return all
}

// keyOf is everything by which CloudWatch finds a metric.
func keyOf(metric dashboard.Metric) string {
	account := metric.Options.AccountID
	if account == "" {
		account = home
	}
	return fmt.Sprintf("%s %s %s %s %v", account, metric.Options.Region, metric.Namespace, metric.Name, metric.Dimensions)
}

// publish runs the replication engine over a deployment until each of its rules
// has replicated an object, and returns the metrics that it put.
func publish(t *testing.T, d replication.Descriptor) map[string]bool {
	t.Helper()
	w := &world{regions: map[string]string{}, directory: map[string]replicator.Bucket{}, published: map[string]bool{}}
	for _, place := range append(d.Destinations, d.Source) {
		w.regions[place.Bucket] = place.Region
		w.directory[place.Bucket] = replicator.Bucket{Account: place.AccountID}
	}
	for _, subject := range model.Subjects(d) {
		source := subject.Facts.Source.Bucket
		bucket := w.directory[source]
		bucket.Replication = &subject.Configuration
		w.directory[source] = bucket
	}
	server := httptest.NewServer(w)
	t.Cleanup(server.Close)
	address, err := url.Parse(server.URL)
	require.NoError(t, err)
	engine := replicator.Start(replicator.Options{
		Emulator: address, Directory: w, Faults: &faults.Set{}, PublishEvery: time.Millisecond, Log: slog.New(slog.DiscardHandler),
	})
	t.Cleanup(engine.Close)
	for _, source := range w.Replicating() {
		// Of both sides of a pair: the version of one must not be the replica of the other's.
		engine.HandleEvent(replicator.Event{Kind: model.Written, Object: replicator.ObjectID{Bucket: source, Key: "from-" + source, Version: "1"}, At: time.Now()})
	}
	const metricsOfARule = 4
	require.Eventually(t, func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return len(w.published) == metricsOfARule*len(d.Rules)
	}, 10*time.Second, time.Millisecond, "%v", w.published)
	w.mu.Lock()
	defer w.mu.Unlock()
	return maps.Clone(w.published)
}

// world is an emulator that takes everything and remembers metrics, and a
// directory of a deployment's buckets.
type world struct {
	regions   map[string]string
	directory map[string]replicator.Bucket

	mu        sync.Mutex
	published map[string]bool
}

func (w *world) Generation() uint64                   { return 1 }
func (w *world) Bucket(name string) replicator.Bucket { return w.directory[name] }

func (w *world) Replicating() (names []string) {
	for name, bucket := range w.directory {
		if bucket.Replication != nil {
			names = append(names, name)
		}
	}
	return names
}

func (w *world) Role(context.Context, string, string) (replicator.Role, error) {
	trust := model.TrustPolicy(model.BucketRef{}, model.TrustAnyAccount)
	everything := policy.New(policy.Statement{Effect: policy.Allow, Action: policy.Values{"*"}, Resource: policy.Values{"*"}})
	return replicator.Role{Policies: []policy.Document{everything}, Trust: &trust}, nil
}

func (w *world) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	service, rest, _ := strings.Cut(r.Host, ".")
	switch {
	case service == "monitoring":
		region, _, _ := strings.Cut(rest, ".")
		w.remember(region, r)
	case service == "sts" && strings.Contains(formOf(r).Get("Action"), "AssumeRole"):
		_, _ = io.WriteString(out, "<R><AssumeRoleResult><Credentials><AccessKeyId>of-"+elsewhere+"</AccessKeyId></Credentials></AssumeRoleResult></R>")
	case service == "sts":
		_, _ = io.WriteString(out, "<R><GetCallerIdentityResult><Account>"+home+"</Account></GetCallerIdentityResult></R>")
	case service == "kms":
		_, _ = io.WriteString(out, `{"KeyMetadata": {"KeyState": "Enabled"}}`)
	case r.URL.RawQuery == "location":
		_, _ = io.WriteString(out, "<L>"+w.regions[strings.Trim(r.URL.Path, "/")]+"</L>")
	case r.URL.RawQuery == "versioning":
		_, _ = io.WriteString(out, "<V><Status>Enabled</Status></V>")
	default:
		out.Header().Set("X-Amz-Version-Id", "1")
		_, _ = io.WriteString(out, "<R></R>")
	}
}

func formOf(r *http.Request) url.Values {
	_ = r.ParseForm()
	return r.PostForm
}

func (w *world) remember(region string, r *http.Request) {
	account := home
	if strings.Contains(r.Header.Get("Authorization"), "of-"+elsewhere) {
		account = elsewhere
	}
	form := formOf(r)
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := 1; form.Has(fmt.Sprintf("MetricData.member.%d.MetricName", i)); i++ {
		datum := fmt.Sprintf("MetricData.member.%d.", i)
		metric := dashboard.Metric{
			Namespace: form.Get("Namespace"), Name: form.Get(datum + "MetricName"), Options: dashboard.Options{Region: region, AccountID: account},
		}
		for j := 1; form.Has(fmt.Sprintf("%sDimensions.member.%d.Name", datum, j)); j++ {
			dimension := fmt.Sprintf("%sDimensions.member.%d.", datum, j)
			metric.Dimensions = append(metric.Dimensions, dashboard.Dimension{Name: form.Get(dimension + "Name"), Value: form.Get(dimension + "Value")})
		}
		w.published[keyOf(metric)] = true
	}
}
