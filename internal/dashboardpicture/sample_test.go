package dashboardpicture_test

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"regexp"
	"strings"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/dashboard"
	"github.com/crr-io/pulumi-aws-crr/internal/dashboard/dashboardtest"
	"github.com/crr-io/pulumi-aws-crr/internal/dashboardpicture"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// sample is a day on which replication to Ireland stops for a while: what is
// pending grows, latency passes its threshold, and an alarm is on. Nothing is
// random about it but noise, and that is the same each time.
type sample struct{}

var (
	sampleNow = time.Date(2026, time.November, 20, 14, 20, 0, 0, time.UTC)
	incident  = sampleNow.Add(-75 * time.Minute)
	// quiet is when nobody writes, and S3 does not publish how many operations
	// failed.
	quietFrom, quietUntil = sampleNow.Add(-290 * time.Minute), sampleNow.Add(-245 * time.Minute)
)

func deployments() []replication.Descriptor {
	customers := dashboardtest.Deployment("customer-data", replication.Topology{
		Source:       replication.Place{Region: "us-east-1"},
		Destinations: []replication.Place{{Name: "dr", Region: "us-west-2"}, {Name: "ireland", Region: "eu-west-1"}},
		Rules: []replication.RuleSpec{
			{ID: "critical", Destinations: []string{"dr"}, Prefix: "finance/", Preset: replication.Critical},
			{ID: "rest"},
		},
	})
	customers = dashboardtest.WithCanary(customers)
	customers.Dashboard = "crr_prod_customer-data"
	return []replication.Descriptor{
		customers,
		dashboardtest.Deployment("logs", replication.Topology{
			Source: replication.Place{Region: "us-east-1"}, Destinations: []replication.Place{{Name: "archive", Region: "us-west-2"}},
		}),
		dashboardtest.Deployment("shared", replication.Topology{
			Direction: replication.TwoWay, Source: replication.Place{Region: "eu-west-1"},
			Destinations: []replication.Place{{Name: "frankfurt", Region: "eu-central-1"}},
		}),
	}
}

func (sample) Now() time.Time { return sampleNow }

func (sample) AlarmState(arn string) string {
	for _, on := range []string{"rest-ireland-latency", "rest-ireland-heartbeat", "rest-ireland-failed", ":customer-data-eu-west-1", ":customer-data-us-east-1"} {
		if strings.HasSuffix(arn, on) {
			return "ALARM"
		}
	}
	return "OK"
}

var searched = regexp.MustCompile(`MetricName="(\w+)"`)

func (sample) Series(metric dashboard.Metric, since time.Time) []dashboardpicture.Series {
	name, period := metric.Name, time.Duration(metric.Options.Period)*time.Second
	if found := searched.FindStringSubmatch(metric.Options.Expression); found != nil {
		name = found[1]
	}
	name += " " + metric.Options.Stat
	switch name {
	case "SuccessfulRequest ":
		period = time.Hour
	case "BucketSizeBytes ":
		period = 24 * time.Hour
	}
	label := metric.Options.Label
	if !strings.Contains(label, "${") {
		return []dashboardpicture.Series{line(name, label, label, since, period)}
	}
	var all []dashboardpicture.Series
	for _, class := range classes(label) {
		all = append(all, line(name, label, strings.NewReplacer("${PROP('Dim.StorageType')}", class).Replace(label), since, period))
	}
	return all
}

func classes(label string) []string {
	switch {
	case strings.HasPrefix(label, "dr"):
		return []string{"StandardIAStorage"}
	case strings.HasPrefix(label, "ireland"):
		return []string{"GlacierInstantRetrievalStorage"}
	default:
		return []string{"StandardStorage"}
	}
}

func line(name, label, shown string, since time.Time, period time.Duration) dashboardpicture.Series {
	seed := fnv.New64a()
	_, _ = seed.Write([]byte(name + label))
	noise := rand.New(rand.NewPCG(seed.Sum64(), 1)) //nolint:gosec // a picture, not a secret
	series := dashboardpicture.Series{Label: shown}
	for at := since.Truncate(period).Add(period); at.Before(sampleNow); at = at.Add(period) {
		value, published := value(name, label, at, noise.Float64())
		if published {
			series.Points = append(series.Points, dashboardpicture.Point{At: at, Value: value})
		}
	}
	return series
}

// value of a metric at a time, and whether there is any.
func value(name, label string, at time.Time, noise float64) (float64, bool) {
	busy := 1 + 0.4*math.Sin(float64(at.Hour()*60+at.Minute())/720*math.Pi)
	stuck := 0.0 // minutes since replication to Ireland stopped
	if strings.Contains(label, "ireland") {
		stuck = max(0, at.Sub(incident).Minutes())
	}
	quiet := at.After(quietFrom) && at.Before(quietUntil)
	if quiet {
		busy = 0
	}
	switch name {
	case "ReplicationLatency Maximum":
		return busy*(15+40*noise*noise) + 60*stuck, true
	case "HeartbeatAge Maximum":
		return 4 + 8*noise*noise + 60*stuck, true
	case "OperationsPendingReplication Maximum":
		return math.Round(busy*(20+60*noise) + 55*stuck), true
	case "BytesPendingReplication Maximum":
		return busy*(40e6+120e6*noise) + 110e6*stuck, true
	case "OperationsFailedReplication Sum":
		return math.Round(stuck / 40 * noise * 3), !quiet
	case "OperationsFailedReplication SampleCount":
		return max(busy, 0.3) * (2800 + 900*noise), true
	case "SuccessfulRequest ":
		return max(busy, 0.3) * (5200 + 800*noise), true
	case "NumberOfObjects Average":
		return held(label, at) * 1.3e6, held(label, at) > 0
	default:
		return held(label, at) * 2.1e12, held(label, at) > 0
	}
}

// held is how much of what there is today a bucket had. Destinations lack what was
// there before them; that in Ireland is new, and was filled with some of it.
func held(label string, at time.Time) float64 {
	all := 0.9 + 0.1*days(at)/30
	switch {
	case strings.HasPrefix(label, "source"):
		return all
	case strings.HasPrefix(label, "ireland"):
		return min(all-0.09, (days(at)-12)*0.14)
	default:
		return all - 0.05
	}
}

func days(at time.Time) float64 { return at.Sub(sampleNow.AddDate(0, 0, -30)).Hours() / 24 }
