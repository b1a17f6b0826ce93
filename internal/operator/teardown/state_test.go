package teardown

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const exported = `{"version": 3, "deployment": {"resources": [
	{"urn": "urn:pulumi:s::p::pulumi:providers:aws::crr-us-west-2-222222222222", "type": "pulumi:providers:aws", "id": "1",
		"inputs": {"assumeRole": "{\"roleArn\":\"arn:aws:iam::222222222222:role/deploy\"}", "region": "us-west-2"}},
	{"urn": "urn:pulumi:s::p::crr:index:ReplicatedBucket$crr:index:EncryptedBucket$aws:kms/key:Key::data-dr-key", "type": "aws:kms/key:Key",
		"parent": "dr", "provider": "urn:pulumi:s::p::pulumi:providers:aws::crr-us-west-2-222222222222::1", "retainOnDelete": true,
		"inputs": {"deletionWindowInDays": 7}, "outputs": {"arn": "arn:aws:kms:us-west-2:222222222222:key/1"}},
	{"urn": "urn:pulumi:s::p::crr:index:ReplicatedBucket$crr:index:EncryptedBucket$aws:s3/bucketV2:BucketV2::data-dr", "type": "aws:s3/bucketV2:BucketV2",
		"parent": "dr", "provider": "urn:pulumi:s::p::pulumi:providers:aws::crr-us-west-2-222222222222::1", "protect": true,
		"inputs": {"forceDestroy": true}, "outputs": {"bucket": "data-dr-1", "region": "us-west-2"}},
	{"urn": "urn:pulumi:s::p::crr:index:DeletionProtection::deletion-protection", "type": "crr:index:DeletionProtection", "protect": true},
	{"urn": "urn:pulumi:s::p::aws:s3/bucketV2:BucketV2::their-own", "type": "aws:s3/bucketV2:BucketV2", "outputs": {"bucket": "their-own"}}
]}}`

func TestParse_FindsWhatHoldsData(t *testing.T) {
	t.Parallel()
	state, err := parse([]byte(exported))
	require.NoError(t, err)
	const role = "arn:aws:iam::222222222222:role/deploy"
	assert.Equal(t, State{
		Buckets:     []Bucket{{Name: "data-dr-1", Region: "us-west-2", ForceDestroy: true, Protected: true, parent: "dr", assumeRoleARN: role}},
		Keys:        []Key{{ARN: "arn:aws:kms:us-west-2:222222222222:key/1", Days: 7, parent: "dr", assumeRoleARN: role}},
		Protections: []string{"urn:pulumi:s::p::crr:index:DeletionProtection::deletion-protection"},
	}, state)
}

func TestParse_RefusesWhatIsNoState(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{"nothing": "", "a list": "[]", "no JSON": "{", "a text": `"x"`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := parse([]byte(text))
			assert.ErrorContains(t, err, "pulumi stack export")
		})
	}
}
