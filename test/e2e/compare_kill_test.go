package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/cannedlist"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/compare"
)

// numbered is a bucket with this many objects, without every nth.
type numbered struct{ count, without int }

func (n numbered) Len() int {
	if n.without == 0 {
		return n.count
	}
	return n.count - n.count/n.without
}

func (n numbered) At(i int) cannedlist.Object {
	if n.without > 0 {
		i += i / (n.without - 1)
	}
	return cannedlist.Object{Key: fmt.Sprintf("logs/%07d", i), Version: fmt.Sprint("v", i), ETag: "e", Size: int64(i), Current: true}
}

// TestCompare_GoesOnAfterItWasEnded ends the process with and without warning, and
// resumes it.
func TestCompare_GoesOnAfterItWasEnded(t *testing.T) {
	t.Parallel()
	needTools(t)
	bin, err := programs()
	require.NoError(t, err)
	dir := t.TempDir()
	lists := &cannedlist.Server{Buckets: map[string]cannedlist.Bucket{"data": numbered{count: 300_000}, "data-dr": numbered{300_000, 10_000}}}
	lists.Before = func(http.ResponseWriter, *http.Request) bool {
		time.Sleep(50 * time.Millisecond) // the latency to another region
		return false
	}
	server := httptest.NewServer(lists)
	t.Cleanup(server.Close)
	descriptor := `{"version":1,"name":"data","source":{"name":"source","bucket":"data","arn":"arn:aws:s3:::data","region":"us-east-1"},
"destinations":[{"name":"dr","bucket":"data-dr","arn":"arn:aws:s3:::data-dr","region":"us-west-2"}],
"rules":[{"id":"all","priority":1,"destination":"dr","prefix":"","status":"Enabled","deleteMarkers":true}]}`
	require.NoError(t, os.WriteFile(filepath.Join(dir, "deployed.json"), []byte(descriptor), 0o600))

	start := func() (*exec.Cmd, *bytes.Buffer, *bytes.Buffer) {
		command := exec.CommandContext(t.Context(), filepath.Join(bin, "crr"), "compare", "--descriptor", "deployed.json", "--resume", "state.json", "--output", "json", "--concurrency", "4")
		var out, messages bytes.Buffer
		command.Dir, command.Stdout, command.Stderr = dir, &out, &messages
		command.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID=canned", "AWS_SECRET_ACCESS_KEY=canned", "AWS_ENDPOINT_URL="+server.URL)
		require.NoError(t, command.Start())
		return command, &out, &messages
	}
	for _, signal := range []os.Signal{syscall.SIGKILL, syscall.SIGINT} {
		command, _, messages := start()
		before := progressOf(filepath.Join(dir, "state.json"))
		require.Eventually(t, func() bool { return progressOf(filepath.Join(dir, "state.json")) > before }, 30*time.Second, 10*time.Millisecond)
		require.NoError(t, command.Process.Signal(signal))
		_ = command.Wait() // it was ended
		if signal == syscall.SIGINT {
			assert.Equal(t, 2, command.ProcessState.ExitCode())
			assert.Contains(t, messages.String(), "with --resume state.json to continue")
		}
	}

	command, out, messages := start()
	_ = command.Wait() // the status is checked
	require.Equal(t, 1, command.ProcessState.ExitCode(), messages.String())
	lines := bytes.Split(bytes.TrimSpace(out.Bytes()), []byte("\n"))
	var summary compare.Summary
	require.NoError(t, json.Unmarshal(lines[len(lines)-1], &summary))
	assert.Equal(t, map[string]int64{"source": 300_000, "destination": 299_970}, summary.Destinations[0].Versions)
	assert.Equal(t, map[compare.Verdict]int64{compare.Same: 299_970, compare.Missing: 30}, summary.Destinations[0].Verdicts)
	left, err := filepath.Glob(filepath.Join(dir, "state.json*"))
	require.NoError(t, err)
	assert.Empty(t, left, "nothing is left behind")
}

// progressOf returns the number of versions that a state has counted.
func progressOf(file string) (count int64) {
	data, err := os.ReadFile(file)
	if err != nil {
		return 0
	}
	var state struct {
		Pairs []struct {
			Done compare.Tally
			Open []struct{ Tally compare.Tally }
		}
	}
	if json.Unmarshal(data, &state) != nil {
		return 0
	}
	for _, pair := range state.Pairs {
		count += pair.Done.Source
		for _, open := range pair.Open {
			count += open.Tally.Source
		}
	}
	return count
}
