package stacks

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/dashboard"
	"github.com/crr-io/pulumi-aws-crr/internal/pulumitest"
)

const dashboardToken = "aws:cloudwatch/dashboard:Dashboard"

func TestDashboards_AreMadeWhereTheyAreAskedFor(t *testing.T) {
	t.Parallel()
	const one = "{ name: a, source: { region: us-east-1 }, destinations: [{ name: dr, region: us-west-2 }]"
	for name, c := range map[string]struct {
		config string
		want   map[string]string // resource to dashboard
	}{
		"none is": {"config: { 'crr:replications': [" + one + " }] }", map[string]string{}},
		"of one": {
			"config: { 'crr:replications': [" + one + ", monitoring: { dashboard: true } }] }",
			map[string]string{"a-dashboard": "project_stack_a"},
		},
		"of all": {"config: { 'crr:dashboard': true, 'crr:replications': [" + one + " }] }", map[string]string{"overview": "project_stack"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			recorder, err := run(t, c.config)
			require.NoError(t, err)
			assert.Equal(t, c.want, dashboardsOf(recorder))
			if len(c.want) == 0 {
				assert.Empty(t, recorder.OfType("crr:index:ReplicationDashboard"), "dashboards are off by default")
			}
		})
	}
}

func dashboardsOf(recorder *pulumitest.Recorder) map[string]string {
	names := map[string]string{}
	for _, made := range recorder.OfType(dashboardToken) {
		names[made.Name] = made.Inputs["dashboardName"].StringValue()
	}
	return names
}

func TestOverview_ThatIsTooMuchIsRefusedBeforeAnythingIsMade(t *testing.T) {
	t.Parallel()
	var replications []string
	for i := range 25 {
		var destinations []string
		for j := range 25 {
			destinations = append(destinations, fmt.Sprintf("{ name: d%d, region: us-west-2 }", j))
		}
		replications = append(replications, fmt.Sprintf("{ name: r%d, source: { region: us-east-1 }, destinations: [%s] }", i, strings.Join(destinations, ", ")))
	}
	recorder, err := run(t, "config: { 'crr:dashboard': true, 'crr:replications': ["+strings.Join(replications, ", ")+"] }")
	require.ErrorContains(t, err, "dashboard: the dashboard has 2525 metrics, and CloudWatch takes 2500")
	assert.Empty(t, recorder.All())
}

func TestOverview_HasASecondPageWhereOneIsFull(t *testing.T) {
	t.Parallel()
	var replications []string
	for i := range dashboard.MaxOverview + 1 {
		replications = append(replications, fmt.Sprintf("{ name: r%d, source: { region: us-east-1 }, destinations: [{ name: dr, region: us-west-2 }] }", i))
	}
	recorder, err := run(t, "config: { 'crr:dashboard': true, 'crr:replications': ["+strings.Join(replications, ", ")+"] }")
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"overview": "project_stack", "overview-2": "project_stack_page_2"}, dashboardsOf(recorder))
	second := recorder.One(t, dashboardToken, "overview-2").Inputs["dashboardBody"].StringValue()
	assert.Contains(t, second, "## r50")
	assert.NotContains(t, second, "## r49")
}

func TestDashboards_OfTheStackLinkToTheRunbooksOfItsReplications(t *testing.T) {
	t.Parallel()
	body := func(urls ...string) string {
		var all []string
		for i, url := range urls {
			all = append(all, fmt.Sprintf("{ name: d%d, source: { region: us-east-1 }, destinations: [{ name: dr, region: us-west-2 }], monitoring: { runbookUrl: '%s' } }", i, url))
		}
		recorder, err := run(t, "config: { 'crr:dashboard': true, 'crr:replications': ["+strings.Join(all, ", ")+"] }")
		require.NoError(t, err)
		return recorder.One(t, dashboardToken, "overview").Inputs["dashboardBody"].StringValue()
	}
	const ours, theirs = "https://wiki.example.com/ours", "https://wiki.example.com/theirs"
	assert.Contains(t, body(ours, "", ours), "[the runbooks]("+ours+") |")
	assert.Contains(t, body(ours, theirs), "[the runbooks]("+ours+"), [the runbooks]("+theirs+") |")
	assert.Contains(t, body(""), "[the runbooks]("+dashboard.Runbooks+") |")
}

// A link in every alarm must lead to this repository, and to a page that is there.
func TestDashboards_TheDefaultRunbooksAreThoseOfTheModule(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../go.mod")
	require.NoError(t, err)
	module, _, _ := strings.Cut(strings.TrimPrefix(string(data), "module "), "\n")
	page, found := strings.CutPrefix(dashboard.Runbooks, "https://"+module+"/blob/main/")
	require.True(t, found, dashboard.Runbooks)
	assert.FileExists(t, "../"+page)
}
