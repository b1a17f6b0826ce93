package localaws

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/faults"
)

func TestFaultsOfADaemon(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_, err := OpenFaults(s.dir)
	require.ErrorContains(t, err, "no local AWS runs")
	s.launch()
	running, err := OpenFaults(s.dir)
	require.NoError(t, err)
	list, err := running.List(t.Context())
	require.NoError(t, err)
	assert.Empty(t, list)

	down, err := running.Set(t.Context(), faults.Fault{Kind: faults.RegionDown, Region: "us-west-2"})
	require.NoError(t, err)
	_, err = running.Set(t.Context(), faults.Fault{Kind: faults.Errors})
	assert.EqualError(t, err, "errors need a rate above 0 and not above 1")
	_, err = running.Set(t.Context(), faults.Fault{Kind: faults.Paused, Bucket: "nosuch"})
	assert.EqualError(t, err, `there is no replication from a bucket "nosuch"; no bucket has a replication configuration`)
	list, err = running.List(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []faults.Fault{down}, list)
	assert.True(t, s.inspect().Running, "another region is down")
	require.NoError(t, running.Clear(t.Context(), down.ID))
	assert.Error(t, running.Clear(t.Context(), down.ID))
	require.NoError(t, running.Clear(t.Context(), ""))
}
