package verify

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestNewRun_TellsWhenItIsOverForCertain(t *testing.T) {
	t.Parallel()
	began := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	run := newRun(began, Options{Timeout: time.Hour})
	over, known := overAt(folder("finance/", run))
	require.True(t, known)
	assert.Greater(t, over.Sub(began), time.Hour+settling+cleanUpPatience, "it may take that long")
	assert.Less(t, over.Sub(began), 2*time.Hour)
	assert.NotEqual(t, run, newRun(began, Options{Timeout: time.Hour}), "two may begin at once")
}

func TestOverAt_KnowsNothingOfFoldersThatNoRunMade(t *testing.T) {
	t.Parallel()
	for _, folder := range []string{".crr-verify/mine/", ".crr-verify/", "finance/"} {
		_, known := overAt(folder)
		assert.False(t, known, folder)
	}
}

// A probe whose upload was interrupted may be there, and S3 had no time to say whether
// it replicates.
func TestPendingAt_CountsProbesThatS3HasNotReplicated(t *testing.T) {
	t.Parallel()
	from, other := &place{}, &place{}
	d := &deployment{}
	for _, each := range []probe{
		{version: "1", status: "PENDING"},
		{version: "2"},
		{version: "3", status: "COMPLETED"},
		{version: "4", status: "FAILED"},
		{version: "5", status: noStatus}, // S3 was asked for as long as that takes
		{},                               // it was never put
	} {
		each.flow = &flow{from: from}
		d.probes = append(d.probes, &each)
	}
	assert.Equal(t, 2, d.pendingAt(from))
	assert.Equal(t, 0, d.pendingAt(other))
}
