package operator_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/operator"
)

func TestDescriptors_RefuseWhatIsNone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"nothing":                      {" \n", "there is nothing in standard input: name a deployment with --stack or --descriptor"},
		"an empty list":                {"[]", "there is no replication in the descriptor"},
		"no outputs":                   {`{"replications": []}`, "there is no replication in the descriptor"},
		"other text":                   {"hello", "this is not the descriptor of a deployment"},
		"other JSON":                   {"{}", "it has no version"},
		"outputs without replications": {`{"bucket": "data-0123456"}`, "replications is missing: add the line crr.Export(ctx, data)"},
		"a newer one":                  {`{"version": 99, "name": "data"}`, "use a newer one"},
		"no destinations":              {`{"version": 1}`, "it has no destinations"},
		"a place without a bucket": {
			`{"version": 1, "source": {"name": "source", "region": "us-east-1"}, "destinations": [{"name": "dr", "bucket": "b", "region": "us-west-2"}]}`,
			"each need a name, a bucket and a region",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := operator.Descriptors(t.Context(), operator.DescriptorSource{Input: strings.NewReader(c.text)})
			assert.ErrorContains(t, err, c.want)
		})
	}
}

// The stand-in for Pulumi answers as its command line does.
func TestDescriptors_OfAStackWithoutTheOutputNameTheMissingLine(t *testing.T) {
	folder := t.TempDir()
	const pulumi = "#!/bin/sh\necho \"error: current stack does not have output property 'replications'\" >&2\nexit 255\n"
	require.NoError(t, os.WriteFile(filepath.Join(folder, "pulumi"), []byte(pulumi), 0o755)) //nolint:gosec // a program
	t.Setenv("PATH", folder+":"+os.Getenv("PATH"))
	_, err := operator.Descriptors(t.Context(), operator.DescriptorSource{Stack: "dev"})
	assert.EqualError(t, err, "the stack dev has no output replications, or is not deployed: "+
		"add the line crr.Export(ctx, data), with all replicated buckets of the program, and run `pulumi up`")
}
