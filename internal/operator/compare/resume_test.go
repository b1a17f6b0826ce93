package compare

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// However often a comparison is interrupted, its counts are those of one that
// was not, and no difference is lost.
func TestResume_CountsAreThoseOfARunInOne(t *testing.T) {
	t.Parallel()
	bucket := keys(20_000)
	server, at := serve(t, bucket, without(bucket, 97))
	var calls atomic.Int64
	var interrupt atomic.Value // a context.CancelFunc
	server.Before = func(http.ResponseWriter, *http.Request) bool {
		if stop, begun := interrupt.Load().(context.CancelFunc); begun && calls.Add(1) == 80 {
			stop()
		}
		return false
	}
	descriptors := []replication.Descriptor{deployed()}
	var whole collected
	want, err := Run(t.Context(), at, descriptors, whole.options(Options{}))
	require.NoError(t, err)

	file := filepath.Join(t.TempDir(), "state.json")
	found := map[string]bool{}
	var interruptions int
	for {
		ctx, cancel := context.WithCancel(t.Context())
		calls.Store(0)
		interrupt.Store(cancel)
		var part collected
		got, err := Run(ctx, at, descriptors, part.options(Options{Resume: file}))
		cancel()
		for _, finding := range part {
			found[finding.Key+finding.Version] = true
		}
		if err == nil {
			assert.Equal(t, want.Destinations[0].Reasons, got.Destinations[0].Reasons)
			assert.Equal(t, want.Destinations[0].Versions, got.Destinations[0].Versions)
			break
		}
		require.ErrorContains(t, err, "--resume "+file)
		require.NotContains(t, err.Error(), "\n", "one message is enough")
		interruptions++
		require.Less(t, interruptions, 50, "it does not get on")
	}
	assert.Greater(t, interruptions, 1)
	assert.Len(t, found, len(whole))
	assert.NoFileExists(t, file, "the next run begins anew")
}

func TestResume_RefusesAnotherQuestion(t *testing.T) {
	t.Parallel()
	_, at := serve(t, keys(10), keys(10))
	file := filepath.Join(t.TempDir(), "state.json")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	pairs := func() []*pair {
		made, err := pairsOf(t.Context(), at, []replication.Descriptor{deployed()}, Options{Concurrency: 1})
		require.NoError(t, err)
		return made
	}
	question, err := questionOf([]replication.Descriptor{deployed()}, Options{})
	require.NoError(t, err)
	_, err = run(ctx, pairs(), question, Options{Concurrency: 1, Resume: file})
	require.ErrorContains(t, err, "interrupted")

	for name, change := range map[string]struct {
		descriptor replication.Descriptor
		options    Options
	}{
		"another rule": {deployed(replication.Rule{ID: "all", Prefix: "logs/"}), Options{}},
		"current only": {deployed(), Options{Current: true}},
		"attributes":   {deployed(), Options{Attributes: true}},
	} {
		changed, err := questionOf([]replication.Descriptor{change.descriptor}, change.options)
		require.NoError(t, err)
		_, err = run(t.Context(), pairs(), changed, Options{Concurrency: 1, Resume: file})
		assert.ErrorContains(t, err, "belongs to another comparison", name)
	}
	_, err = run(t.Context(), pairs(), question, Options{Concurrency: 1, Resume: file})
	assert.NoError(t, err, "the same question goes on")
}

func TestResume_RefusesWhatItCannotRead(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "{}", "no", `{"version":2}`, `{"version":1,"more":1}`} {
		file := filepath.Join(t.TempDir(), "state.json")
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		_, _, err := readState(file, "", 1)
		assert.ErrorContains(t, err, "use another file", text)
	}
	_, at := serve(t, keys(1), keys(1))
	var found collected
	_, err := Run(t.Context(), at, []replication.Descriptor{deployed()}, found.options(Options{Resume: filepath.Join(t.TempDir(), "no", "file")}))
	assert.ErrorContains(t, err, "no such file or directory", "known before the work begins")
}

// Another user of a shared folder may have put a link where the new state goes.
func TestResume_WritesThroughNoLink(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, elsewhere := filepath.Join(dir, "state.json"), filepath.Join(dir, "elsewhere")
	require.NoError(t, os.WriteFile(elsewhere, []byte("untouched"), 0o600))
	require.NoError(t, os.Symlink(elsewhere, file+".new"))
	require.NoError(t, state{Version: stateVersion, Question: "q"}.write(file))
	text, err := os.ReadFile(elsewhere)
	require.NoError(t, err)
	assert.Equal(t, "untouched", string(text))
	kept, begun, err := readState(file, "q", 0)
	require.NoError(t, err)
	assert.True(t, begun)
	assert.Equal(t, "q", kept.Question)
	require.NoError(t, state{Version: stateVersion, Question: "again"}.write(file))
}
