package e2e

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/dashboard"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

const dashboardConfig = `
config:
  crr:forceDestroy: true
  crr:deletionWindowInDays: 7
  crr:dashboard: true
  crr:replications:
    - name: data
      source: { region: us-east-1 }
      destinations: [{ name: dr, region: us-west-2 }]
      rules: [{ id: all }]
      monitoring: { dashboard: true }
    - name: shared
      source: { region: eu-west-1 }
      destinations: [{ name: vault, region: eu-central-1, assumeRoleArn: "arn:aws:iam::222222222222:role/deploy" }]
      monitoring: { dashboard: true }
`

const labAccount = "123456789012"

// TestDashboards runs dashboards through their lifecycle: created, unchanged,
// changed and destroyed.
func TestDashboards(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.project(dashboardConfig)
	l.mustRun("pulumi", "preview", "--stack", "test") // before any name is known
	l.up()
	d := l.descriptors()
	view := dashboard.View{Account: labAccount, Stack: "test"}

	t.Run("they are what was meant", func(t *testing.T) {
		for _, one := range d {
			detail, err := dashboard.Detail(view, one)
			require.NoError(t, err)
			assertDashboard(t, l, one.Source.Region, one.Dashboard, detail)
		}
		overview, err := dashboard.Overview(view, d...)
		require.NoError(t, err)
		assertDashboard(t, l, "us-east-1", "crr_test", overview)
	})
	t.Run("the stack outputs their locations", func(t *testing.T) {
		var urls []string
		require.NoError(t, json.Unmarshal([]byte(l.mustRun("pulumi", "stack", "output", "dashboards", "--json", "--stack", "test")), &urls))
		assert.Equal(t, []string{
			dashboard.URL("us-east-1", "crr_test"), dashboard.URL("us-east-1", "crr_test_data"), dashboard.URL("eu-west-1", "crr_test_shared"),
		}, urls)
	})
	t.Run("a refresh finds nothing changed", func(t *testing.T) {
		l.mustRun("pulumi", "preview", "--refresh", "--expect-no-changes", "--stack", "test")
	})
	t.Run("AWS publishes what they show", func(t *testing.T) {
		for _, one := range d {
			assertPublished(t, l, view, one)
		}
	})
	t.Run("they follow the configuration", func(t *testing.T) {
		l.project(strings.NewReplacer("monitoring: { dashboard: true }", "monitoring: { latencySeconds: 300 }", "{ id: all }", "{ id: everything }").Replace(dashboardConfig))
		l.up()
		changed, err := dashboard.Overview(view, l.descriptors()...)
		require.NoError(t, err)
		assertDashboard(t, l, "us-east-1", "crr_test", changed)
		assert.Equal(t, []string{"crr_test"}, dashboards(t, l))
	})
	t.Run("destroy takes them along", func(t *testing.T) {
		l.mustRun("pulumi", "destroy", "--yes", "--skip-preview", "--stack", "test")
		assert.Empty(t, dashboards(t, l))
	})
}

func dashboards(t *testing.T, l *lab) []string {
	t.Helper()
	names := []string{}
	for _, region := range []string{"us-east-1", "eu-west-1"} {
		listed, err := l.in(region).cw.ListDashboards(t.Context(), &cloudwatch.ListDashboardsInput{})
		require.NoError(t, err)
		for _, entry := range listed.DashboardEntries {
			names = append(names, aws.ToString(entry.DashboardName))
		}
	}
	return names
}

// assertDashboard reads a dashboard in its region: unlike AWS, moto separates the
// dashboards of regions.
func assertDashboard(t *testing.T, l *lab, region, name string, want dashboard.Body) {
	t.Helper()
	got, err := l.in(region).cw.GetDashboard(t.Context(), &cloudwatch.GetDashboardInput{DashboardName: &name})
	require.NoError(t, err)
	text, err := want.JSON()
	require.NoError(t, err)
	assert.JSONEq(t, text, aws.ToString(got.DashboardBody))
}

// assertPublished replicates an object and checks that CloudWatch lists every metric
// of the dashboard.
func assertPublished(t *testing.T, l *lab, view dashboard.View, d replication.Descriptor) {
	t.Helper()
	_, err := l.in(d.Source.Region).s3.PutObject(t.Context(), &s3.PutObjectInput{
		Bucket: &d.Source.Bucket, Key: aws.String("object"), Body: bytes.NewReader([]byte("data")),
	})
	require.NoError(t, err)
	body, err := dashboard.Detail(view, d)
	require.NoError(t, err)
	for _, widget := range body.Widgets {
		for _, metric := range widget.Properties.Metrics {
			if metric.Options.Expression != "" {
				continue
			}
			assert.EventuallyWithT(t, func(c *assert.CollectT) {
				listed, err := metricsIn(t, l, metric).ListMetrics(t.Context(), &cloudwatch.ListMetricsInput{
					Namespace: &metric.Namespace, MetricName: &metric.Name, Dimensions: filters(metric),
				})
				require.NoError(c, err)
				assert.NotEmpty(c, listed.Metrics)
			}, time.Minute, 200*time.Millisecond, "%s of %v is not published in %s", metric.Name, metric.Dimensions, metric.Options.Region)
		}
	}
}

// metricsIn returns a client for the region and account of a metric.
func metricsIn(t *testing.T, l *lab, metric dashboard.Metric) *cloudwatch.Client {
	t.Helper()
	if metric.Options.AccountID == "" {
		return l.in(metric.Options.Region).cw
	}
	return l.inAccount(metric.Options.AccountID, metric.Options.Region).cw
}

func filters(metric dashboard.Metric) []cwtypes.DimensionFilter {
	var all []cwtypes.DimensionFilter
	for _, dimension := range metric.Dimensions {
		all = append(all, cwtypes.DimensionFilter{Name: &dimension.Name, Value: &dimension.Value})
	}
	return all
}
