package operator_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/operator"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

func TestDescribe_NamesAllThatWatches(t *testing.T) {
	t.Parallel()
	bare := replication.Descriptor{
		Name: "data", Direction: replication.OneWay,
		Source: replication.DeployedBucket{Name: replication.SourceName, Bucket: "data", Region: "us-east-1"},
	}
	watched := bare
	watched.CompositeAlarms = []replication.CompositeAlarm{{Name: "data-alarms", Region: "us-west-2"}}
	watched.Dashboard = "crr_prod_data"
	watched.TrailARN = "arn:aws:cloudtrail:us-east-1:111111111111:trail/audit"
	watched.Canary = &replication.Canary{EveryMinutes: 7}
	watched.Destinations = []replication.DeployedBucket{{Name: "dr", TrailARN: "arn:aws:cloudtrail:us-west-2:222222222222:trail/theirs"}}
	for word, in := range map[string][2]bool{
		"every 7 minutes": {false, true}, "trail of dr": {false, true}, "trail/theirs": {false, true}, "composite alarm": {false, true}, "crr_prod_data": {false, true}, "trail/audit": {false, true}, "s3://data": {true, true},
	} {
		for i, descriptor := range []replication.Descriptor{bare, watched} {
			var text strings.Builder
			require.NoError(t, operator.Describe(&text, []replication.Descriptor{descriptor}))
			assert.Equal(t, in[i], strings.Contains(text.String(), word), "%q in:\n%s", word, text.String())
		}
	}
}
