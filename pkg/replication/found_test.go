package replication_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

const foundKey = "arn:aws:kms:us-east-1:111111111111:key/a"

func TestFoundDescriptor_KnowsRegionsAndAccountsByTheKeys(t *testing.T) {
	t.Parallel()
	d, err := replication.FoundDescriptor("data", foundKey, whole())
	require.NoError(t, err)
	assert.Equal(t, "us-east-1", d.Source.Region)
	require.Len(t, d.Destinations, 1, "two rules, one destination")
	assert.Equal(t, "us-west-2", d.Destinations[0].Region)
	assert.Equal(t, "222222222222", d.Destinations[0].AccountID, "the account that the rule names")
	assert.Len(t, d.Grants(), 3, "the role, the destination's bucket and its key")
}

func TestFoundDescriptor_SaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	_, err := replication.FoundDescriptor("data", "alias/data", whole())
	assert.ErrorContains(t, err, "the key of the bucket data")
	without := whole()
	without.Rules[1].Destination.EncryptionConfiguration = nil
	_, err = replication.FoundDescriptor("data", foundKey, without)
	assert.ErrorContains(t, err, "in Rules[1] (rest): names no key for replicas")
}
