package model_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

const foundKey = "arn:aws:kms:us-east-1:111111111111:key/a"

func foundConfiguration() s3config.Configuration {
	found := whole()
	found.Role = "arn:aws:iam::111111111111:role/found"
	return found
}

// plainConfiguration is that of objects that are not encrypted with KMS.
func plainConfiguration() s3config.Configuration {
	plain := foundConfiguration()
	for i := range plain.Rules {
		plain.Rules[i].SourceSelectionCriteria = nil
		plain.Rules[i].Destination.EncryptionConfiguration = nil
		plain.Rules[i].Destination.Account, plain.Rules[i].Destination.AccessControlTranslation = "", nil
	}
	return plain
}

func TestExistingDescriptor_KnowsRegionsAndAccountsByTheKeys(t *testing.T) {
	t.Parallel()
	d, err := model.ExistingDescriptor("data", foundKey, foundConfiguration())
	require.NoError(t, err)
	assert.Equal(t, "us-east-1", d.Source.Region)
	require.Len(t, d.Destinations, 1, "two rules, one destination")
	assert.Equal(t, "us-west-2", d.Destinations[0].Region)
	assert.Equal(t, "222222222222", d.Destinations[0].AccountID, "the account that the rule names")
	assert.Len(t, model.Grants(d), 3, "the role, the destination's bucket and its key")
}

func TestExistingDescriptor_WithoutKMSNeedsNoKey(t *testing.T) {
	t.Parallel()
	plain := plainConfiguration()
	d, err := model.ExistingDescriptor("data", "", plain)
	require.NoError(t, err)
	grants := model.Grants(d)
	require.Len(t, grants, 2, "the role, and the bucket in case it is another account's")
	assert.NotContains(t, grants[0].Document.JSON(), "kms")
	assert.NotContains(t, grants[0].Document.JSON(), "ObjectOwnerOverride", "no rule asks for it")
	assert.Contains(t, grants[1].Note, "only if the bucket and the role are in different accounts")
	require.NoError(t, grants[0].Document.ValidateAs(policy.IdentityPolicy))
	require.NoError(t, grants[1].Document.ValidateAs(policy.ResourcePolicy))

	plain.Rules[1].Destination.Account = "222222222222"
	d, err = model.ExistingDescriptor("data", "", plain)
	require.NoError(t, err)
	assert.NotContains(t, model.Grants(d)[1].Note, "only if")
}

func TestExistingDescriptor_NamesBucketsInTheirPartition(t *testing.T) {
	t.Parallel()
	plain := plainConfiguration()
	plain.Role = "arn:aws-cn:iam::111111111111:role/found"
	d, err := model.ExistingDescriptor("data", "", plain)
	require.NoError(t, err)
	assert.Equal(t, "arn:aws-cn:s3:::data", d.Source.ARN)
}

func TestExistingDescriptor_AllowsEveryKeyOfADestination(t *testing.T) {
	t.Parallel()
	found := foundConfiguration()
	other := *found.Rules[1].Destination.EncryptionConfiguration
	other.ReplicaKmsKeyID = "arn:aws:kms:us-west-2:111111111111:key/2"
	found.Rules[1].Destination.EncryptionConfiguration = &other
	d, err := model.ExistingDescriptor("data", foundKey, found)
	require.NoError(t, err)
	role := model.Grants(d)[0].Document.JSON()
	assert.Contains(t, role, ":key/1")
	assert.Contains(t, role, ":key/2")
}

func TestExistingDescriptor_SaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	_, err := model.ExistingDescriptor("data", "alias/data", foundConfiguration())
	assert.ErrorContains(t, err, "the key of the bucket data")
	_, err = model.ExistingDescriptor("data", "", foundConfiguration())
	assert.ErrorContains(t, err, "in Rules[0] (critical): is for objects that are encrypted with KMS; name the key")
	found := foundConfiguration()
	found.Rules[1].Destination.EncryptionConfiguration = &s3config.EncryptionConfiguration{ReplicaKmsKeyID: "alias/copies"}
	_, err = model.ExistingDescriptor("data", foundKey, found)
	assert.ErrorContains(t, err, "in Rules[1] (rest): the key for replicas in")
	_, err = model.ExistingDescriptor("data", foundKey, s3config.Configuration{})
	assert.ErrorContains(t, err, "in Role: ")
}
