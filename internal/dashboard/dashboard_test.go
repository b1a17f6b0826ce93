package dashboard_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/crr-io/pulumi-aws-crr/internal/dashboard"
	"github.com/crr-io/pulumi-aws-crr/internal/dashboard/dashboardtest"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

var view = dashboard.View{Account: home, Stack: "prod"}

// anyDeployment draws a valid one.
func anyDeployment(t *rapid.T) replication.Descriptor {
	topology := replication.Topology{Source: replication.BucketSpec{Region: "us-east-1"}}
	for i := range rapid.IntRange(1, 5).Draw(t, "destinations") {
		topology.Destinations = append(topology.Destinations, replication.BucketSpec{
			Name: fmt.Sprintf("d%d", i), Region: rapid.SampledFrom([]string{"us-east-1", "us-west-2", "eu-west-1"}).Draw(t, "region"),
		})
	}
	if rapid.Bool().Draw(t, "two-way") {
		topology.Direction = replication.TwoWay
	}
	for i := range rapid.IntRange(0, 150).Draw(t, "rules") {
		metrics, enabled := rapid.Bool().Draw(t, "metrics"), rapid.Bool().Draw(t, "enabled")
		topology.Rules = append(topology.Rules, replication.RuleSpec{ID: fmt.Sprintf("r%d", i), Metrics: &metrics, Enabled: &enabled})
	}
	return dashboardtest.Deployment(rapid.StringMatching(`[a-z]{1,8}`).Draw(t, "name"), topology)
}

func TestBodies_FitTheGridAndTheLimits(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		descriptors := rapid.SliceOfN(rapid.Custom(anyDeployment), 1, 4).Draw(t, "deployments")
		for name, show := range map[string]func(dashboard.View, ...replication.Descriptor) (dashboard.Body, error){
			"detail": dashboard.Detail, "overview": dashboard.Overview,
		} {
			body, err := show(view, descriptors...)
			require.NoError(t, err, name)
			taken := map[[2]int]int{}
			for i, widget := range body.Widgets {
				require.NotEqual(t, dashboard.Properties{}, widget.Properties, "widget %d is empty", i)
				require.LessOrEqual(t, widget.X+widget.Width, 24, "widget %d of the %s leaves the grid", i, name)
				require.LessOrEqual(t, len(widget.Properties.Alarms), 100, "alarms of widget %d", i)
				require.LessOrEqual(t, len(widget.Properties.Metrics), 10, "lines of widget %d", i)
				for x := widget.X; x < widget.X+widget.Width; x++ {
					for y := widget.Y; y < widget.Y+widget.Height; y++ {
						other, overlaps := taken[[2]int{x, y}]
						require.False(t, overlaps, "widgets %d and %d of the %s overlap at %d, %d", other, i, name, x, y)
						taken[[2]int{x, y}] = i
					}
				}
			}
		}
	})
}

func TestBody_IsTheSameTextEachTimeAndCanBeReadBack(t *testing.T) {
	t.Parallel()
	body, err := dashboard.Detail(view, pair(), twoWay(), crowded())
	require.NoError(t, err)
	text, err := body.JSON()
	require.NoError(t, err)
	again, err := dashboard.Detail(view, pair(), twoWay(), crowded())
	require.NoError(t, err)
	repeated, err := again.JSON()
	require.NoError(t, err)
	assert.Equal(t, text, repeated)

	var read dashboard.Body
	require.NoError(t, json.Unmarshal([]byte(text), &read))
	assert.Equal(t, body, read)
}

func TestMetric_RefusesWhatIsNone(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`{}`, `[]`, `["AWS/S3", "BucketSizeBytes"]`, `["AWS/S3", 1, {}]`, `[7]`, `["AWS/S3", {}]`} {
		var metric dashboard.Metric
		assert.Error(t, json.Unmarshal([]byte(text), &metric), text)
	}
}

func TestGraphs_OfManyRulesShowTheWorst(t *testing.T) {
	t.Parallel()
	body, err := dashboard.Detail(view, crowded())
	require.NoError(t, err)
	latency := graph(t, body, "Replication latency")
	require.Len(t, latency.Metrics, 1)
	assert.Equal(t, `SORT(SEARCH('{AWS/S3,DestinationBucket,RuleId,SourceBucket} MetricName="ReplicationLatency" `+
		`SourceBucket="crowded-source" DestinationBucket="crowded-dr"', 'Maximum', 300), MAX, DESC, 10)`, latency.Metrics[0].Options.Expression)
	assert.Equal(t, "us-west-2", latency.Metrics[0].Options.Region)

	overview, err := dashboard.Overview(view, crowded())
	require.NoError(t, err)
	both := graph(t, overview, "Replication latency")
	require.Len(t, both.Metrics, 2, "a search for each pair of buckets")
	for _, metric := range both.Metrics {
		assert.True(t, strings.HasSuffix(metric.Options.Expression, "MAX, DESC, 5)"), metric.Options.Expression)
	}
}

func TestGraphs_ShowTheThresholdsOfTheirOwnAlarms(t *testing.T) {
	t.Parallel()
	d := pair()
	d.Alarms = append(d.Alarms,
		replication.Alarm{Metric: "ReplicationLatency", Rule: "dr", Threshold: 300, Region: "us-west-2"},
		replication.Alarm{Metric: "ReplicationLatency", Rule: "gone", Threshold: 7, Region: "us-west-2"})
	body, err := dashboard.Detail(view, d)
	require.NoError(t, err)
	assert.Equal(t, &dashboard.Annotations{Horizontal: []dashboard.Line{
		{Label: "alarm above 300 seconds", Value: 300, Color: "#d13212", Fill: "above"},
		{Label: "alarm above 900 seconds", Value: 900, Color: "#d13212"},
	}}, graph(t, body, "Replication latency").Annotations)
	assert.Nil(t, graph(t, body, "Operations failed").Annotations, "a threshold of 0 would hide under the axis")
}

// AWS does not say which account gets the metrics of a destination's region, so
// where the alarms look can be configured, and the graphs look there too.
func TestGraphs_LookWhereTheAlarmsDo(t *testing.T) {
	t.Parallel()
	d := pair()
	for i := range d.Alarms {
		if d.Alarms[i].Metric == "ReplicationLatency" {
			d.Alarms[i].AccountID = elsewhere
		}
	}
	body, err := dashboard.Detail(view, d)
	require.NoError(t, err)
	assert.Equal(t, elsewhere, graph(t, body, "Bytes pending").Metrics[0].Options.AccountID)
	assert.Empty(t, graph(t, body, "Operations failed").Metrics[0].Options.AccountID)
}

func TestAlarms_AreThoseOfTheDescriptorTheCompositeOnesFirst(t *testing.T) {
	t.Parallel()
	for name, show := range map[string]func(dashboard.View, ...replication.Descriptor) (dashboard.Body, error){
		"detail": dashboard.Detail, "overview": dashboard.Overview,
	} {
		d := pair()
		d.CompositeAlarms[1].AccountID = elsewhere
		body, err := show(view, d)
		require.NoError(t, err)
		assert.Equal(t, []string{
			"arn:aws:cloudwatch:us-east-1:" + home + ":alarm:data-us-east-1",
			"arn:aws:cloudwatch:us-west-2:" + elsewhere + ":alarm:data-us-west-2",
			"arn:aws:cloudwatch:us-east-1:" + home + ":alarm:data-dr-failed",
			"arn:aws:cloudwatch:us-west-2:" + home + ":alarm:data-dr-latency",
		}, body.Widgets[1].Properties.Alarms, name)
	}
}

func TestDetail_NamesTheRulesThatItCannotShow(t *testing.T) {
	t.Parallel()
	off := false
	d := dashboardtest.Deployment("data", replication.Topology{
		Source: replication.BucketSpec{Region: "us-east-1"}, Destinations: []replication.BucketSpec{{Name: "dr", Region: "us-west-2"}},
		Rules: []replication.RuleSpec{{ID: "silent", Metrics: &off}, {ID: "asleep", Enabled: &off}},
	})
	body, err := dashboard.Detail(view, d)
	require.NoError(t, err)
	assert.Contains(t, body.Widgets[0].Properties.Markdown, "silent (no metrics), asleep (not enabled)")
	for _, widget := range body.Widgets {
		assert.NotEqual(t, "Replication latency", widget.Properties.Title, "an empty graph tells nothing")
	}
}

func TestBodies_BeyondCloudWatchsLimitsAreRefused(t *testing.T) {
	t.Parallel()
	wide := func(destinations int) replication.Descriptor {
		topology := replication.Topology{Source: replication.BucketSpec{Region: "us-east-1"}, Rules: []replication.RuleSpec{{ID: "all"}}}
		for i := range destinations {
			topology.Destinations = append(topology.Destinations, replication.BucketSpec{Name: fmt.Sprintf("d%d", i), Region: "us-west-2"})
		}
		return dashboardtest.Deployment("wide", topology)
	}
	_, err := dashboard.Overview(view, slices.Repeat([]replication.Descriptor{pair()}, 101)...)
	require.EqualError(t, err, "the dashboard has 511 widgets, and CloudWatch takes 500; show fewer replicated buckets or destinations on it")
	_, err = dashboard.Overview(view, wide(500))
	require.EqualError(t, err, `the graph "Bytes, daily" has 501 metrics, and CloudWatch takes 500; leave the dashboard out, or have fewer destinations`)
	_, err = dashboard.Overview(view, slices.Repeat([]replication.Descriptor{wide(100)}, 10)...)
	require.EqualError(t, err, "the dashboard has 4010 metrics, and CloudWatch takes 2500; show fewer replicated buckets or destinations on it")
}

func TestName_IsOneThatCloudWatchTakes(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "crr_my-stack_data", dashboard.Name("crr", "my.stack", "data"))
	assert.Len(t, dashboard.Name(strings.Repeat("x", 300)), 255)
}

func TestURL_LeadsToTheConsoleOfThePartition(t *testing.T) {
	t.Parallel()
	for region, want := range map[string]string{
		"us-east-1":     "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#dashboards/dashboard/d",
		"cn-north-1":    "https://cn-north-1.console.amazonaws.cn/cloudwatch/home?region=cn-north-1#dashboards/dashboard/d",
		"us-gov-west-1": "https://us-gov-west-1.console.amazonaws-us-gov.com/cloudwatch/home?region=us-gov-west-1#dashboards/dashboard/d",
	} {
		assert.Equal(t, want, dashboard.URL(region, "d"))
	}
}

// graph is the first one of a title.
func graph(t *testing.T, body dashboard.Body, title string) dashboard.Properties {
	t.Helper()
	for _, widget := range body.Widgets {
		if widget.Properties.Title == title {
			return widget.Properties
		}
	}
	require.Fail(t, "there is no graph "+title)
	return dashboard.Properties{}
}

// A canary's metric is in the account that replicates, wherever S3's are looked for.
func TestDetail_ShowsTheAgeOfHeartbeats(t *testing.T) {
	t.Parallel()
	d := dashboardtest.WithCanary(twoWay())
	for i := range d.Alarms {
		if d.Alarms[i].Metric == "ReplicationLatency" {
			d.Alarms[i].AccountID = elsewhere
		}
	}
	body, err := dashboard.Detail(view, d)
	require.NoError(t, err)
	age := graph(t, body, "Age of the newest heartbeat at the destination")
	assert.Equal(t, []dashboard.Metric{{
		Namespace: "CRR", Name: "HeartbeatAge",
		Dimensions: []dashboard.Dimension{{Name: "SourceBucket", Value: "shared-source"}, {Name: "DestinationBucket", Value: "shared-vault"}, {Name: "RuleId", Value: "vault"}},
		Options:    dashboard.Options{Label: "vault", Stat: "Maximum", Period: 300, Region: "eu-central-1"},
	}, {
		Namespace: "CRR", Name: "HeartbeatAge",
		Dimensions: []dashboard.Dimension{{Name: "SourceBucket", Value: "shared-vault"}, {Name: "DestinationBucket", Value: "shared-source"}, {Name: "RuleId", Value: "vault"}},
		Options:    dashboard.Options{Label: "vault (from vault)", Stat: "Maximum", Period: 300, Region: "eu-west-1", AccountID: elsewhere},
	}}, age.Metrics, "of both directions")
	assert.InDelta(t, 1200, age.Annotations.Horizontal[0].Value, 0)
	assert.Equal(t, elsewhere, graph(t, body, "Bytes pending").Metrics[0].Options.AccountID)

	body, err = dashboard.Detail(view, dashboardtest.WithCanary(crowded()))
	require.NoError(t, err)
	age = graph(t, body, "Age of the newest heartbeat at the destination")
	require.Len(t, age.Metrics, 2, "a search for each pair of buckets")
	assert.Contains(t, age.Metrics[0].Options.Expression, `SEARCH('{CRR,DestinationBucket,RuleId,SourceBucket} MetricName="HeartbeatAge" SourceBucket="crowded-source"`)
}
