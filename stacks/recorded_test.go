package stacks

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/access"
	"github.com/crr-io/pulumi-aws-crr/internal/stackfile"
)

// TestRecord_IsWhatADeploymentRegisters compares with what the program registers,
// and wants a line of the table of rights for each type.
func TestRecord_IsWhatADeploymentRegisters(t *testing.T) {
	t.Parallel()
	texts := map[string]string{"every key": everyKey}
	files, err := filepath.Glob("../Pulumi.*.yaml")
	require.NoError(t, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		texts[filepath.Base(file)] = string(text)
	}
	for name, text := range texts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			recorder, err := run(t, text)
			require.NoError(t, err)
			var want []string
			for _, each := range recorder.All() {
				want = append(want, each.Key())
			}
			config, err := stackfile.Load(stackFile(t, text))
			require.NoError(t, err)
			recording, err := Record(config, Deployer{Project: "project", Stack: "stack"})
			require.NoError(t, err)
			var got []string
			for _, each := range recording.Resources {
				if !strings.HasPrefix(each.Type, "pulumi:pulumi:") && !strings.Contains(each.Type, "/get") { // nor a function
					got = append(got, each.Type+" "+each.Name)
				}
			}
			assert.ElementsMatch(t, want, got)
			assert.NotContains(t, fmt.Sprint(recording), "0000000", "stand-ins become patterns")
			require.Len(t, recording.Descriptors, len(config.Replications))
			_, err = access.Deploy(recording.Resources)
			assert.NoError(t, err)
		})
	}
}

func TestRecord_NamesAreGivenOrPatterns(t *testing.T) {
	t.Parallel()
	config, err := stackfile.Load(stackFile(t, `
config:
  crr:replications:
    - name: data
      source: { region: us-east-1, bucket: given }
      destinations: [{ name: dr, region: us-west-2, assumeRoleArn: "arn:aws:iam::222222222222:role/deploy" }]
      role: { path: /storage/ }
`))
	require.NoError(t, err)
	recording, err := Record(config, Deployer{Account: "111111111111"})
	require.NoError(t, err)
	d := recording.Descriptors[0]
	assert.Equal(t, "arn:aws:s3:::given", d.Source.ARN)
	assert.Equal(t, "arn:aws:s3:::data-dr-*", d.Destinations[0].ARN)
	assert.Equal(t, "222222222222", d.Destinations[0].AccountID)
	assert.Equal(t, "arn:aws:kms:us-west-2:222222222222:key/*", d.Destinations[0].KMSKeyARN)
	assert.Equal(t, "arn:aws:iam::111111111111:role/storage/data-role-*", d.RoleARN)
}
