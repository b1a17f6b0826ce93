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
