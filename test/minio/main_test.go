package minio

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMain(m *testing.M) {
	code := m.Run()
	if dir, _ := build(); dir != "" {
		_ = os.RemoveAll(dir)
	}
	os.Exit(code)
}

// build builds MinIO and crr, once for all tests.
var build = sync.OnceValues(func() (string, error) {
	if os.Getenv("CRR_E2E") == "" {
		return "", nil
	}
	dir, err := os.MkdirTemp("", "crr-minio")
	if err != nil {
		return "", err
	}
	for _, args := range [][]string{
		{"build", "-o", filepath.Join(dir, "minio"), "github.com/minio/minio"},
		{"-C", "../..", "build", "-o", filepath.Join(dir, "crr"), "./cmd/crr"},
	} {
		if output, err := exec.Command("go", args...).CombinedOutput(); err != nil {
			return dir, fmt.Errorf("go %v: %w\n%s", args, err, output)
		}
	}
	return dir, nil
})

// programs returns the folder of MinIO and crr. It skips a test if tests of other
// programs are disabled.
func programs(t *testing.T) string {
	t.Helper()
	if os.Getenv("CRR_E2E") == "" {
		t.Skip("end to end: run `make test`")
	}
	dir, err := build()
	require.NoError(t, err)
	return dir
}
