package stacks

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/pulumitest"
	"github.com/crr-io/pulumi-aws-crr/internal/stackfile"
)

// The engine says nothing about a stack that has no configuration.
func TestConfigured_WithoutAnyIsToldAsWhatIsMissing(t *testing.T) {
	t.Setenv(pulumi.EnvConfig, "")
	values, err := configured()
	require.NoError(t, err)
	_, err = stackfile.Load(values)
	assert.ErrorContains(t, err, "replications: is empty; describe at least one replicated bucket")
}

// The Automation API runs a program in its own process, and hands it the
// configuration in the context.
func TestProgram_ReadsTheConfigurationOfAnInlineProgram(t *testing.T) {
	const other = `{"crr:replications": "[]", "crr:protekt": "true"}`
	data := map[string]string{
		"crr:replications": `[{"name": "data", "source": {"region": "us-east-1"}, "destinations": [{"name": "dr", "region": "us-west-2"}]}]`,
		"crr:tags":         `{"team": "storage"}`,
	}
	configure := func(values map[string]string) pulumi.RunOption {
		return func(info *pulumi.RunInfo) { info.Config = values }
	}
	for name, environment := range map[string]string{"no environment": "", "the environment of another program": other} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(pulumi.EnvConfig, environment)
			recorder, err := pulumitest.Run(t, Program, configure(data))
			require.NoError(t, err)
			bucket := recorder.One(t, "aws:s3/bucketV2:BucketV2", "data-source")
			assert.Equal(t, map[string]any{"team": "storage"}, bucket.Inputs.Mappable()["tags"])
		})
	}
	t.Run("a problem", func(t *testing.T) {
		t.Setenv(pulumi.EnvConfig, "")
		_, err := pulumitest.Run(t, Program, configure(map[string]string{"crr:replications": "[]"}))
		assert.ErrorContains(t, err, "replications: is empty")
	})
	t.Run("an unknown key in the environment of the program", func(t *testing.T) {
		t.Setenv(pulumi.EnvConfig, `{"crr:replicatons": "[]", "crr:protect": "true"}`)
		_, err := pulumitest.Run(t, Program)
		assert.ErrorContains(t, err, `replicatons: "replicatons" is not a key; did you mean replications?`)
	})
}
