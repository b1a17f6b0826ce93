package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestObject_WrongUseSaysTheWayOut(t *testing.T) {
	t.Parallel()
	const deployed = offlineDir + "deployed.json"
	for line, says := range map[string]string{
		"object":                                       "accepts 1 arg(s), received 0",
		"object s3://data/a s3://data/b":               "accepts 1 arg(s), received 2",
		"object data/a --descriptor " + deployed:       "use s3://bucket/key",
		"object s3://data --descriptor " + deployed:    "use s3://bucket/key",
		"object s3://data/a --output yaml":             "use table or json",
		"object s3://data/a --descriptor none.json":    "no such file",
		"object s3://other/a --descriptor " + deployed: "s3://other is not a bucket of this deployment, which has s3://",
	} {
		status, out, messages := crr(t, strings.Fields(line)...)
		assert.Equal(t, exitNoAnswer, status, line)
		assert.Empty(t, out, line)
		assert.Contains(t, messages, says, line)
	}
}
