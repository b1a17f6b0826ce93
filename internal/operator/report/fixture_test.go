package report

import (
	"errors"
	"math"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/operator"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/alarms"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/failures"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/metrics"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/trails"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

var noon = time.Date(2026, 3, 14, 12, 0, 30, 0, time.UTC)

// tenMinutes from 12:00 are enough to compute by hand.
var tenMinutes = metrics.Window{Start: noon.Truncate(time.Hour), End: noon.Truncate(time.Hour).Add(10 * time.Minute), Period: time.Minute}

var (
	source = replication.DeployedBucket{Name: "source", Bucket: "data-source", Region: "us-east-1", AccountID: "111111111111"}
	dr     = replication.DeployedBucket{Name: "dr", Bucket: "data-dr", Region: "us-west-2", AccountID: "222222222222"}
	gap    = math.NaN()
)

func ruleNamed(id string) replication.Rule {
	return replication.Rule{ID: id, Destination: "dr", Status: replication.Enabled, Metrics: true, ReplicationTimeControl: true}
}

// readingOf has a value for each period; not a number is a gap.
func readingOf(window metrics.Window, rule replication.Rule, latency, operations, failed []float64) metrics.Reading {
	fill := func(values []float64) metrics.Series {
		series := metrics.NewSeries(window)
		for step, value := range values {
			series.Set(window.Time(step), value)
		}
		return series
	}
	return metrics.Reading{
		Link:    metrics.Link{Rule: rule, From: source, To: dr},
		Latency: fill(latency), Operations: fill(operations), Failed: fill(failed),
	}
}

// each is a value for every period of a window.
func each(window metrics.Window, value func(step int) float64) []float64 {
	values := make([]float64, window.Steps())
	for step := range values {
		values[step] = value(step)
	}
	return values
}

// aMonth is a report in which the promise was kept, broken and not shown, with
// names that must not become markup.
func aMonth() (Report, error) {
	window, err := metrics.Settled(noon, 30*24*time.Hour)
	if err != nil {
		return Report{}, err
	}
	busy := func(step int) float64 { return math.Round(40 + 35*math.Sin(float64(step)/288*2*math.Pi)) }
	calm := func(step int) float64 { return math.Round(20 + 15*math.Sin(float64(step)/144*math.Pi)) }
	zero := func(int) float64 { return 0 }
	outage := func(step int) float64 {
		if step > 5000 && step < 5040 {
			return float64(step-5000) * 60
		}
		return calm(step)
	}
	failing := func(step int) float64 {
		if step >= 5010 && step < 5013 {
			return 2
		}
		return 0
	}
	silent := func(step int) float64 {
		if step < 400 || step > 7000 && step < 7100 {
			return gap
		}
		return calm(step)
	}
	off := ruleNamed("scratch")
	off.Status = replication.Disabled
	down := readingOf(window, ruleNamed("down"), nil, nil, nil)
	down.DestinationErr = errors.New("reading the metrics in us-west-2: no answer; can us-west-2 be reached from here?")
	e := evidence{
		descriptor: replication.Descriptor{
			Version: 1, Name: "customer_data|<b>", Source: source, Destinations: []replication.DeployedBucket{dr},
			Alarms: []replication.Alarm{{Name: "critical-latency", Region: "us-west-2"}}, Canary: &replication.Canary{EveryMinutes: 5},
		},
		readings: []metrics.Reading{
			readingOf(window, ruleNamed("critical"), each(window, outage), each(window, busy), each(window, failing)),
			readingOf(window, ruleNamed("logs|<script>"), each(window, silent), each(window, busy), each(window, zero)),
			readingOf(window, ruleNamed("rest"), each(window, calm), each(window, busy), each(window, zero)),
			readingOf(window, off, nil, nil, nil), down,
		},
		past: alarms.Past{
			Changes: []alarms.Change{
				{Alarm: "critical-latency", Region: "us-west-2", Time: window.Time(5018), State: alarms.Raised},
				{Alarm: "critical-latency", Region: "us-west-2", Time: window.Time(5042), State: alarms.OK},
				{Alarm: "critical-latency", Region: "us-west-2", Time: window.Time(6000), State: alarms.Deleted},
				{Alarm: "critical-latency", Region: "us-west-2", Time: window.Time(6100), State: alarms.Created},
			},
			Gaps: []alarms.Gap{{
				Region: "us-west-2", Rule: "critical", Metric: "ReplicationLatency", Start: window.Time(6000), End: window.Time(6100),
			}},
			Missing: []error{errors.New("reading the history of the alarm critical-failed: no permission")},
		},
		trails: []trail{{
			arn: "arn:aws:cloudtrail:us-east-1:111111111111:trail/audit", buckets: []replication.DeployedBucket{source},
			found: trails.Trail{Values: map[string]string{"IsLogging": "false"}, Undelivered: []string{"the latest delivery of log files failed: AccessDenied"}},
		}},
		found: failures.Found{Kept: true, Events: []failures.Event{{
			Name: failures.OperationFailed, Time: window.Time(5011), Rule: "critical", Bucket: source.Bucket, Destination: dr.Bucket,
			Key: "finance/*q3*.pdf", Reason: "DstKmsKeyInvalidState",
		}}},
	}
	by := operator.Identity{Account: "111111111111", ARN: "arn:aws:iam::111111111111:user/auditor"}
	return reportOf([]evidence{e}, by, window, noon), nil
}
