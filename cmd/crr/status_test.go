package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestStatusAndReport_RefuseWrongUseBeforeAnyCall(t *testing.T) {
	t.Parallel()
	const deployed = "testdata/offline/deployed.json"
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"status", "--descriptor", deployed, "--window", "3w"}, `--window: "3w" is not a duration; use a value such as 90m, 3h or 30d`},
		{[]string{"status", "--descriptor", deployed, "--output", "yaml"}, `--output "yaml" is not known`},
		{[]string{"status", "--descriptor", deployed, "--interval", "30s"}, "--interval requires --watch"},
		{[]string{"status", "--descriptor", deployed, "--watch", "--interval", "1ms"}, "--interval: must be at least 1s"},
		{[]string{"status", "--descriptor", "missing.json"}, "reading the descriptor"},
		{[]string{"report", "--descriptor", deployed, "--window", "-1d"}, "--window: "},
		{[]string{"report", "--descriptor", deployed, "--format", "pdf"}, `--format "pdf" is not known; use markdown, json or html`},
		{[]string{"report", "now"}, "unknown command"},
	} {
		var out, complaint bytes.Buffer
		assert.Equal(t, exitNoAnswer, run(t.Context(), test.args, streams{out: &out, err: &complaint}), "%v", test.args)
		assert.Contains(t, complaint.String(), test.want, "%v", test.args)
		assert.Empty(t, out.String(), "%v", test.args)
	}
}
