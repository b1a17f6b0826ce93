package stacks

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The engine says nothing about a stack that has no configuration.
func TestConfigured_WithoutAnyIsToldAsWhatIsMissing(t *testing.T) {
	t.Setenv(pulumi.EnvConfig, "")
	values, err := configured()
	require.NoError(t, err)
	_, err = load(values)
	assert.ErrorContains(t, err, "replications: is empty; describe at least one replicated bucket")
}
