package dashboardpicture_test

import (
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/dashboard"
	"github.com/crr-io/pulumi-aws-crr/internal/dashboard/dashboardtest"
	"github.com/crr-io/pulumi-aws-crr/internal/dashboardpicture"
)

var update = flag.Bool("update", false, "draw the pictures of the documentation anew")

const note = "Drawn from the widgets that are deployed. The data is a made-up sample: replication to Ireland stopped at 13:05."

// TestPictures_AreOfTheDashboardsThatAreDeployed compares the pictures in docs/
// with what the definitions of today look like.
func TestPictures_AreOfTheDashboardsThatAreDeployed(t *testing.T) {
	t.Parallel()
	view := dashboard.View{Account: dashboardtest.Home, Stack: "prod"}
	detail, err := dashboard.Detail(view, deployments()[0])
	require.NoError(t, err)
	overview, err := dashboard.Overview(view, deployments()...)
	require.NoError(t, err)
	for name, body := range map[string]dashboard.Body{"dashboard": detail, "dashboard-overview": overview} {
		text, err := body.JSON()
		require.NoError(t, err)
		picture, err := dashboardpicture.Draw(text, note, sample{})
		require.NoError(t, err)
		path := filepath.Join("..", "..", "docs", name+".svg")
		if *update {
			require.NoError(t, os.WriteFile(path, []byte(picture), 0o644)) //nolint:gosec // for all to see
		}
		drawn, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.Equal(t, picture, string(drawn), "%s is stale: run `go test ./internal/dashboardpicture -update`, and look at it", path)
		assertXML(t, picture)
	}
}

func assertXML(t *testing.T, text string) {
	t.Helper()
	decoder := xml.NewDecoder(strings.NewReader(text))
	for {
		_, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		require.NoError(t, err)
	}
}

func TestDraw_RefusesWhatItCannotDraw(t *testing.T) {
	t.Parallel()
	for body, says := range map[string]string{
		`{"widgets": [`: "reading the body of the dashboard",
		`{"start": "yesterday", "widgets": [{"type": "metric", "properties": {"title": "Bytes"}}]}`: `the graph "Bytes": "yesterday" is not a time before now`,
		`{"start": "-PT6M", "widgets": [{"type": "metric", "properties": {"title": "Bytes"}}]}`:     `"-PT6M" is not a number of hours or days before now`,
	} {
		_, err := dashboardpicture.Draw(body, "", sample{})
		require.ErrorContains(t, err, says)
	}
}
