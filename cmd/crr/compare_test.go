package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/cannedlist"
)

func TestCompare_WrongUseSaysTheWayOut(t *testing.T) {
	t.Parallel()
	for line, says := range map[string]string{
		"compare --concurrency 0":                         "use 1 or more",
		"compare --inventory source":                      "use NAME=s3://bucket/path/manifest.json",
		"compare --resume f --inventory source=s3://b/k":  "none of the others can be",
		"compare --output yaml":                           "use table or json",
		"compare extra":                                   "unknown command",
		"compare --descriptor testdata/offline/none.json": "no such file",
	} {
		status, out, messages := crr(t, strings.Fields(line)...)
		assert.Equal(t, exitNoAnswer, status, line)
		assert.Empty(t, out, line)
		assert.Contains(t, messages, says, line)
	}
}

// TestCompare_ExitStatusAndOutput compares lists of a server on this machine.
func TestCompare_ExitStatusAndOutput(t *testing.T) {
	full := cannedlist.Sorted(
		cannedlist.Object{Key: "a", Version: "1", ETag: "e", Size: 1, Status: "COMPLETED"},
		cannedlist.Object{Key: "b <&>", Version: "2", ETag: "f", Size: 2, Status: "FAILED"},
	)
	lists := &cannedlist.Server{Buckets: map[string]cannedlist.Bucket{"data": full, "same": full, "less": full[:1]}}
	server := httptest.NewServer(lists)
	t.Cleanup(server.Close)
	t.Setenv("AWS_ACCESS_KEY_ID", "canned")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "canned")
	t.Setenv("AWS_ENDPOINT_URL", server.URL)
	descriptor := func(destination string) string {
		file := filepath.Join(t.TempDir(), "deployed.json")
		text := strings.ReplaceAll(`{"version":1,"name":"data","source":{"name":"source","bucket":"data","arn":"arn:aws:s3:::data","region":"us-east-1"},
"destinations":[{"name":"dr","bucket":"DR","arn":"arn:aws:s3:::DR","region":"us-west-2"}],
"rules":[{"id":"all","priority":1,"destination":"dr","prefix":"","status":"Enabled","deleteMarkers":true}]}`, "DR", destination)
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		return file
	}

	status, out, messages := crr(t, "compare", "--descriptor", descriptor("same"))
	assert.Equal(t, exitOK, status, messages)
	assert.Contains(t, out, "THE SAME")
	assert.Empty(t, messages)

	status, out, _ = crr(t, "compare", "--descriptor", descriptor("less"), "--output", "json")
	assert.Equal(t, exitFailed, status)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	require.Len(t, lines, 2, "a difference and the summary")
	assert.JSONEq(t, `{"type":"difference","verdict":"failed","reason":"replication-failed","replication":"data","destination":"dr","key":"b <&>","versionId":"2","current":true,
		"retry":"aws s3api copy-object --bucket data --region us-east-1 --key 'b <&>' --copy-source 'data/b <&>' --copy-source-if-match 'f' --metadata-directive COPY --tagging-directive COPY --storage-class STANDARD"}`, lines[0])
	var summary struct {
		Type string
		Same *bool
	}
	require.NoError(t, json.Unmarshal([]byte(lines[1]), &summary))
	assert.Equal(t, "summary", summary.Type)
	assert.False(t, *summary.Same)

	lists.Before = func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodHead {
			w.WriteHeader(http.StatusForbidden)
		}
		return r.Method == http.MethodHead
	}
	status, out, messages = crr(t, "compare", "--descriptor", descriptor("less"))
	assert.Equal(t, exitNoAnswer, status)
	assert.Contains(t, out, "UNKNOWN")
	assert.Contains(t, messages, "not everything could be compared")

	status, _, messages = crr(t, "compare", "--descriptor", descriptor("none"))
	assert.Equal(t, exitNoAnswer, status)
	assert.Contains(t, messages, "s3://none is still deployed")
}
