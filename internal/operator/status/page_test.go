package status

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gotest.tools/v3/golden"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/terminal"
)

func TestStatus_Golden(t *testing.T) {
	t.Parallel()
	status := statusOf(t, someFacts(t))
	var table, page, document bytes.Buffer
	require.NoError(t, Write(terminal.Of(&table), status))
	golden.Assert(t, table.String(), "status.table")
	require.NoError(t, WritePage(&page, status))
	golden.Assert(t, page.String(), "status.html")
	encoder := json.NewEncoder(&document)
	encoder.SetIndent("", "  ")
	require.NoError(t, encoder.Encode(status))
	golden.Assert(t, document.String(), "status.json")
}

// loads are the ways in which a page makes a browser ask for something else.
var loads = regexp.MustCompile(`(?i)(\ssrc=|<link|<script|<iframe|<object|<embed|@import|url\(|xlink:href)`)

func TestPage_StandsAloneAndEscapesNames(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "status.html")
	require.NoError(t, WritePageFile(file, statusOf(t, someFacts(t))))
	page, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.NotRegexp(t, loads, string(page), "the page loads something")
	assert.Contains(t, string(page), "&lt;script&gt;alert(1)&lt;/script&gt;")
	assert.Contains(t, string(page), "finance/&lt;b&gt;q3&lt;/b&gt;.pdf")
	left, err := os.ReadDir(filepath.Dir(file))
	require.NoError(t, err)
	assert.Len(t, left, 1, "a file of the writing is left behind")
}

func TestPage_SaysWhereItCouldNotBeWritten(t *testing.T) {
	t.Parallel()
	err := WritePageFile(filepath.Join(t.TempDir(), "missing", "status.html"), statusOf(t, someFacts(t)))
	assert.ErrorContains(t, err, "writing the page")
	assert.ErrorIs(t, err, os.ErrNotExist)
}
