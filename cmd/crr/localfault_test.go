package main

import (
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/faults"
)

// runningLocalAWS is a folder that says that a local AWS runs over it.
func runningLocalAWS(t *testing.T) string {
	t.Helper()
	control := httptest.NewServer(new(faults.Set).Handler())
	t.Cleanup(control.Close)
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "localaws"), 0o755))
	state, err := json.Marshal(map[string]string{"instance": "I", "control": control.URL})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "localaws", "state.json"), state, 0o644))
	return dir
}

func TestLocalFault(t *testing.T) {
	t.Parallel()
	dir := runningLocalAWS(t)
	ok := func(args ...string) string {
		status, out, messages := crr(t, append([]string{"local", "fault"}, append(args, "--dir", dir)...)...)
		require.Equal(t, exitOK, status, messages)
		return out
	}
	assert.Equal(t, "no faults\n", ok("list"))
	slow := strings.TrimSpace(ok("set", "latency", "--api", "PutObject", "--delay", "1500ms"))
	ok("set", "errors", "--rate", "0.25")
	down := strings.TrimSpace(ok("set", "region-down", "--region", "us-west-2"))
	list := ok("list")
	assert.Regexp(t, slow+` +latency +PutObject: 1.5s longer`, list)
	assert.Regexp(t, `errors +all calls: 25% answered 503 SlowDown`, list)
	ok("clear", down)
	var parsed []faults.Fault
	require.NoError(t, json.Unmarshal([]byte(ok("list", "--output", "json")), &parsed))
	assert.Len(t, parsed, 2)
	ok("clear")
	assert.Equal(t, "[]\n", ok("list", "--output", "json"))
}

func TestLocalFaultWrongUse(t *testing.T) {
	t.Parallel()
	dir := runningLocalAWS(t)
	for message, args := range map[string][]string{
		"which region":           {"set", "region-down", "--dir", dir},
		"whole buckets":          {"set", "pause", "--region", "us-west-2", "--dir", dir},
		"only a pause":           {"set", "errors", "--rate", "1", "--bucket", "b", "--dir", dir},
		"there is no fault":      {"set", "flood", "--dir", dir},
		"is not an AWS region":   {"set", "region-down", "--region", "mars", "--dir", dir},
		"did you mean PutObject": {"set", "latency", "--delay", "1s", "--api", "PutObjct", "--dir", dir},
		"no fault has the id":    {"clear", "nobody", "--dir", dir},
		"no local AWS runs":      {"list", "--dir", t.TempDir()},
		"--output":               {"list", "--output", "yaml", "--dir", dir},
	} {
		status, out, messages := crr(t, append([]string{"local", "fault"}, args...)...)
		assert.Equal(t, exitNoAnswer, status, message)
		assert.Empty(t, out)
		assert.Contains(t, messages, message)
	}
}
