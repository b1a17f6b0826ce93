package crr

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestBuildCanary_IsTheSameEachTime(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a program")
	}
	cache := t.TempDir()
	goCache, err := exec.Command("go", "env", "GOCACHE").Output()
	require.NoError(t, err)
	t.Setenv("GOCACHE", strings.TrimSpace(string(goCache)))
	t.Setenv("XDG_CACHE_HOME", cache)
	archive := filepath.Join(cache, "pulumi-aws-crr", "crr-canary.zip")
	var built [2][]byte
	for i := range built {
		_, err := buildCanary("x86_64", "crr-canary.zip")
		require.NoError(t, err)
		built[i], err = os.ReadFile(archive)
		require.NoError(t, err)
	}
	assert.Equal(t, built[0], built[1], "another archive each time would update the function each time")
	left, err := os.ReadDir(filepath.Dir(archive))
	require.NoError(t, err)
	assert.Len(t, left, 1, "building leaves only the archive")
}
