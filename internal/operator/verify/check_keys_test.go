package verify

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

const oldKey = "arn:aws:kms:us-east-1:111111111111:key/old"

// TestCheckKeys_OlderKeys judges the keys that objects were encrypted with before.
func TestCheckKeys_OlderKeys(t *testing.T) {
	t.Parallel()
	usable := answer[model.KeyFacts]{value: model.KeyFacts{State: model.KeyEnabled}}
	inState := func(state model.KeyState) answer[model.KeyFacts] {
		return answer[model.KeyFacts]{value: model.KeyFacts{State: state}}
	}
	for name, test := range map[string]struct {
		key     answer[model.KeyFacts]
		granted []string
		reason  string
		failure string
	}{
		"usable and granted": {usable, []string{oldKey}, "", ""},
		"not granted":        {usable, nil, "the role may not call kms:Decrypt on the key " + oldKey, "SrcGetObjectNotPermitted"},
		"disabled":           {inState(model.KeyDisabled), []string{oldKey}, "is in the state Disabled", "SrcKmsKeyInvalidState"},
		"gone":               {inState(model.KeyNotFound), []string{oldKey}, "does not exist", ""},
		"not readable":       {answer[model.KeyFacts]{err: errors.New("denied")}, []string{oldKey}, "reading the key", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source := deployedPlace("source", "us-east-1")
			source.DecryptKeyARNs = []string{oldKey}
			descriptor := replication.Descriptor{
				Version: 1, Name: "data", RoleARN: "arn:aws:iam::111111111111:role/data", Source: source,
				Destinations: []replication.DeployedBucket{deployedPlace("dr", "us-west-2")},
				Rules:        []replication.Rule{{ID: "dr", Priority: 1, Destination: "dr", Status: replication.Enabled}},
			}
			var places []*place
			for _, deployed := range descriptor.Buckets() {
				places = append(places, newPlace(deployed, descriptor.RoleOf(deployed), aws.Config{Region: deployed.Region}))
			}
			end := model.BucketRef{
				Region: "us-east-1", Account: "111111111111", BucketARN: source.ARN, KMSKeyARN: source.KMSKeyARN, DecryptKeyARNs: test.granted,
			}
			places[0].role.value.policies = []policy.Document{model.RolePolicy(end, nil)}
			places[0].decryptKeys = []answer[model.KeyFacts]{test.key}
			f := flows(descriptor, places)[0]
			o := f.judgeDecryptKey(0)
			if test.reason == "" {
				assert.Empty(t, o.reason)
				return
			}
			require.Contains(t, o.reason, test.reason)
			assert.Equal(t, test.failure, o.failure)
			assert.True(t, o.harmless, "objects under other keys replicate")
		})
	}
}

// TestCheckKeys_BucketsAdoptedWithoutAKey judges buckets that were said to encrypt
// with SSE-S3.
func TestCheckKeys_BucketsAdoptedWithoutAKey(t *testing.T) {
	t.Parallel()
	adopt := func(role string, found encryption) *place {
		deployed := deployedPlace("source", "us-east-1")
		deployed.KMSKeyARN, deployed.Existing = "", true
		p := newPlace(deployed, role, aws.Config{})
		p.encryption.value = found
		return p
	}
	const role = "arn:aws:iam::111111111111:role/data"
	sses3, kms := encryption{algorithm: model.SSES3}, encryption{algorithm: model.SSEKMS, key: oldKey, bucketKey: true}
	assert.Empty(t, adopt(role, sses3).judgeEncryption().reason)
	assert.Contains(t, adopt(role, kms).judgeEncryption().reason, "was adopted without a key")
	assert.Empty(t, adopt("", kms).judgeEncryption().reason, "replicas keep the encryption of their source objects")
	assert.True(t, adopt(role, sses3).judgeKey().skipped, "no key is judged")
}
