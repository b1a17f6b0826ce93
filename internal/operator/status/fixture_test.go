package status

import (
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/alarms"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/failures"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/metrics"
	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

var noon = time.Date(2026, 3, 14, 12, 0, 30, 0, time.UTC)

var (
	source = replication.DeployedBucket{Name: "source", Bucket: "data-source", Region: "us-east-1", AccountID: "111111111111"}
	dr     = replication.DeployedBucket{Name: "dr", Bucket: "data-dr", Region: "us-west-2", AccountID: "111111111111"}
)

func linkOf(id string) metrics.Link {
	return metrics.Link{Rule: replication.Rule{ID: id, Destination: "dr", Status: replication.Enabled, Metrics: true}, From: source, To: dr}
}

// threeHours is a window that ends at noon.
func threeHours(t *testing.T) metrics.Window {
	t.Helper()
	window, err := metrics.Recent(noon, 3*time.Hour)
	require.NoError(t, err)
	return window
}

// readingOf has numbers made by functions of the minute; not a number is a gap.
func readingOf(window metrics.Window, id string, latency, pending, operations, failed func(minute int) float64) metrics.Reading {
	fill := func(value func(int) float64) metrics.Series {
		series := metrics.NewSeries(window)
		for step := range window.Steps() {
			series.Set(window.Time(step), value(step))
		}
		return series
	}
	return metrics.Reading{
		Link: linkOf(id), Latency: fill(latency), PendingOperations: fill(pending),
		PendingBytes: fill(func(m int) float64 { return pending(m) * 250_000 }),
		Operations:   fill(operations), Failed: fill(failed),
	}
}

func always(value float64) func(int) float64 { return func(int) float64 { return value } }

func never(int) float64 { return math.NaN() }

// wave goes up and down between low and high.
func wave(low, high float64) func(int) float64 {
	return func(minute int) float64 {
		return math.Round(10*(low+(high-low)*math.Pow(math.Sin(float64(minute)/17), 2))) / 10
	}
}

func ptr[T any](value T) *T { return &value }

// someFacts are of a deployment in which a rule is in each state, with names
// that must not get into a page as they are.
func someFacts(t *testing.T) facts {
	t.Helper()
	window := threeHours(t)
	gap := func(value func(int) float64) func(int) float64 {
		return func(minute int) float64 {
			if minute > 60 && minute < 85 {
				return math.NaN()
			}
			return value(minute)
		}
	}
	growing := func(minute int) float64 { return math.Max(0, float64(minute-100)*14) }
	burst := func(minute int) float64 {
		if minute >= 120 && minute < 126 {
			return 2
		}
		return 0
	}
	good := readingOf(window, "whole-bucket", gap(wave(1, 14)), gap(wave(0, 30)), wave(20, 90), always(0))
	late := readingOf(window, "late", growing, growing, wave(5, 10), always(0))
	failing := readingOf(window, "finance", wave(1, 5), wave(0, 4), wave(2, 12), burst)
	silent := readingOf(window, "<script>alert(1)</script>", never, never, never, never)
	down := readingOf(window, "down", never, never, wave(1, 2), always(0))
	down.DestinationErr = errors.New("reading the metrics in us-west-2: no answer; can us-west-2 be reached from here?")
	disabled := readingOf(window, "scratch", never, never, never, never)
	disabled.Rule.Status = replication.Disabled

	failed := failures.Event{
		Name: failures.OperationFailed, Time: noon.Add(-58 * time.Minute), Rule: "finance", Bucket: "data-source", Destination: "data-dr",
		Key: "finance/<b>q3</b>.pdf", Operation: "OBJECT_PUT", Reason: "DstKmsKeyInvalidState",
	}
	known, err := model.FailureByID(failed.Reason)
	require.NoError(t, err)
	failed.Cause, failed.Fix = known.Cause, known.Fix
	again := failed
	again.Key, again.Time = "finance/q4.pdf", noon.Add(-59*time.Minute)
	events := []failures.Event{failed, again}
	for minutes := 53; minutes < 120; minutes += 5 {
		beat := failed
		beat.Key, beat.Time = "finance/.crr-heartbeat/source/finance", noon.Add(-time.Duration(minutes)*time.Minute)
		events = append(events, beat)
	}
	slices.SortFunc(events, func(a, b failures.Event) int { return b.Time.Compare(a.Time) })
	since := noon.Add(-40 * time.Minute)
	return facts{
		descriptor: replication.Descriptor{Name: "customer-data"},
		readings:   []metrics.Reading{failing, late, good, down, silent, disabled},
		rules:      map[string]liveRules{"source": asDeployed(failing, late, good, down, silent, disabled)},
		alarms: []alarms.Alarm{
			{Name: "customer-data-finance-failed", Region: "us-east-1", Metric: "OperationsFailedReplication", Rule: "finance", State: alarms.Raised, Since: &since, Reason: "Threshold Crossed: 1 datapoint [2.0] was greater than the threshold (0.0)."},
			{Name: "customer-data-finance-latency", Region: "us-west-2", Metric: "ReplicationLatency", Rule: "finance", State: alarms.OK, Since: &since, Threshold: ptr(600.0)},
			{Name: "customer-data-late-latency", Region: "us-west-2", Metric: "ReplicationLatency", Rule: "late", State: alarms.NoData, Since: &since},
			{Name: "customer-data-down-latency", Region: "us-west-2", Metric: "ReplicationLatency", Rule: "down", State: alarms.Gone, Reason: "there is no such alarm in us-west-2"},
		},
		found: failures.Found{Kept: true, Events: events},
	}
}

func statusOf(t *testing.T, all ...facts) Status {
	t.Helper()
	window := threeHours(t)
	status := Status{Time: noon, Window: window}
	for _, each := range all {
		status.Deployments = append(status.Deployments, each.deployment(window, noon))
	}
	return status
}

// asDeployed are rules that nothing has changed.
func asDeployed(readings ...metrics.Reading) liveRules {
	var configuration s3config.Configuration
	for _, reading := range readings {
		configuration.Rules = append(configuration.Rules, s3config.Rule{ID: reading.Rule.ID, Status: reading.Rule.Status})
	}
	return liveRules{deployed: configuration, found: &configuration}
}
