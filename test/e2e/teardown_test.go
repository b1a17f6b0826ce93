package e2e

import (
	"encoding/json"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/teardown"
)

// TestTeardown destroys a stack with objects as `make down` does on AWS: with a
// check before, and with its keys scheduled for deletion afterwards.
func TestTeardown(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	configure := func(force string) {
		l.project("config: { 'crr:forceDestroy': " + force + ", 'crr:deletionWindowInDays': 9, 'crr:replications': [" + pair + "] }\n")
		l.up()
	}
	configure("false")
	deployed := l.descriptors()[0]
	l.assertReplicates("us-east-1", deployed.Source.Bucket, "us-west-2", deployed.Destinations[0].Bucket, "an/object")

	output, err := l.run("crr", "destroy-check", "--stack", "test", "--output", "json")
	require.Error(t, err, "a stack that holds objects can't be destroyed")
	var findings []teardown.Finding
	require.NoError(t, json.Unmarshal([]byte(output), &findings), output)
	require.Len(t, findings, 2)
	for _, finding := range findings {
		assert.Contains(t, []string{deployed.Source.Bucket, deployed.Destinations[0].Bucket}, finding.Bucket)
		assert.Equal(t, "is deployed without forceDestroy, and holds 1 version", finding.Message)
	}

	configure("true")
	assert.Empty(t, l.mustRun("crr", "destroy-check", "--stack", "test"))
	l.mustRun("pulumi", "stack", "export", "--stack", "test", "--file", "before.json")
	kept := l.mustRun("crr", "schedule-key-deletion", "--state", "before.json", "--yes")
	assert.NotContains(t, kept, "delete  ", "keys of buckets that are there")
	l.mustRun("pulumi", "destroy", "--yes", "--skip-preview", "--stack", "test")

	state := func(key, region string) kmstypes.KeyState {
		described, err := l.in(region).kms.DescribeKey(t.Context(), &kms.DescribeKeyInput{KeyId: &key})
		require.NoError(t, err)
		return described.KeyMetadata.KeyState
	}
	for _, place := range deployed.Buckets() {
		assert.Equal(t, kmstypes.KeyStateEnabled, state(place.KMSKeyARN, place.Region), "Pulumi leaves keys as they are")
	}
	_, err = l.run("crr", "schedule-key-deletion", "--state", "before.json")
	require.Error(t, err, "without a terminal, it takes --yes")
	assert.Contains(t, l.mustRun("crr", "schedule-key-deletion", "--state", "before.json", "--dry-run"), "delete  "+deployed.Source.KMSKeyARN+" in 9 days")
	assert.Equal(t, kmstypes.KeyStateEnabled, state(deployed.Source.KMSKeyARN, "us-east-1"), "a dry run changes nothing")
	l.mustRun("crr", "schedule-key-deletion", "--state", "before.json", "--yes")
	for _, place := range deployed.Buckets() {
		assert.Equal(t, kmstypes.KeyStatePendingDeletion, state(place.KMSKeyARN, place.Region))
	}
	assert.Contains(t, l.mustRun("crr", "schedule-key-deletion", "--state", "before.json", "--yes"), "its deletion is scheduled already")
}
