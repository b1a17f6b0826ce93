package input_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/input"
)

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestAll(t *testing.T) {
	t.Parallel()
	_, err := input.All("standard input", endless{})
	assert.ErrorContains(t, err, "standard input is larger than the limit of 16 MB")
	data, err := input.All("x", strings.NewReader("\xef\xbb\xbf{}"))
	require.NoError(t, err)
	assert.Equal(t, "{}", string(data), "without the byte-order mark")
}

func TestFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.json")
	require.NoError(t, os.WriteFile(path, []byte("a"), 0o600))
	data, err := input.File(path)
	require.NoError(t, err)
	assert.Equal(t, "a", string(data))
	_, err = input.File(path + "x")
	assert.ErrorIs(t, err, os.ErrNotExist)
}
