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
	for _, text := range []string{"\xff\xfe{\x00\xe4\x00}\x00", "\xfe\xff\x00{\x00\xe4\x00}"} {
		data, err = input.All("x", strings.NewReader(text))
		require.NoError(t, err)
		assert.Equal(t, "{\u00e4}", string(data), "from UTF-16")
	}
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

func TestYAML_IsBounded(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"a list of a million": "[" + strings.Repeat("0,", 1<<20) + "0]",
		"a million lines":     strings.Repeat("a:\n", 1<<20),
	} {
		_, err := input.YAML([]byte(text))
		assert.ErrorContains(t, err, "more than 500000 lines and values", name)
	}
	_, err := input.YAML([]byte("a: b\n"))
	require.NoError(t, err)
	_, err = input.YAML([]byte("a: b\n---\nc: d\n"))
	require.ErrorContains(t, err, "several documents")
}
