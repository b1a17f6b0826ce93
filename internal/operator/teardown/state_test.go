package teardown

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/live"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

const exported = `{"version": 3, "deployment": {"resources": [
	{"urn": "urn:pulumi:s::p::pulumi:providers:aws::crr-us-west-2-222222222222", "type": "pulumi:providers:aws", "id": "1",
		"inputs": {"assumeRole": "{\"roleArn\":\"arn:aws:iam::222222222222:role/deploy\",\"externalId\":\"x\"}", "region": "us-west-2"}},
	{"urn": "urn:pulumi:s::p::crr:index:ReplicatedBucket$crr:index:EncryptedBucket$aws:kms/key:Key::data-dr-key", "type": "aws:kms/key:Key",
		"parent": "dr", "provider": "urn:pulumi:s::p::pulumi:providers:aws::crr-us-west-2-222222222222::1", "retainOnDelete": true,
		"inputs": {"deletionWindowInDays": 7}, "outputs": {"arn": "arn:aws:kms:us-west-2:222222222222:key/1"}},
	{"urn": "urn:pulumi:s::p::crr:index:ReplicatedBucket$crr:index:EncryptedBucket$aws:s3/bucketV2:BucketV2::data-dr", "type": "aws:s3/bucketV2:BucketV2",
		"parent": "dr", "provider": "urn:pulumi:s::p::pulumi:providers:aws::crr-us-west-2-222222222222::1", "protect": true,
		"inputs": {"forceDestroy": true}, "outputs": {"bucket": "data-dr-1", "region": "us-west-2"}},
	{"urn": "urn:pulumi:s::p::pulumi:providers:aws::crr-us-east-1", "type": "pulumi:providers:aws", "id": "2", "inputs": {"region": "us-east-1"}},
	{"urn": "urn:pulumi:s::p::crr:index:ReplicatedBucket$crr:index:EncryptedBucket$aws:s3/bucketV2:BucketV2::data-source", "type": "aws:s3/bucketV2:BucketV2",
		"parent": "source", "provider": "urn:pulumi:s::p::pulumi:providers:aws::crr-us-east-1::2",
		"outputs": {"arn": "arn:aws:s3:::data-source-1", "bucket": "data-source-1", "region": "us-east-1"}},
	{"urn": "urn:pulumi:s::p::crr:index:ReplicatedBucket$aws:iam/role:Role::data-role", "type": "aws:iam/role:Role",
		"provider": "urn:pulumi:s::p::pulumi:providers:aws::crr-us-east-1::2", "outputs": {"arn": "arn:aws:iam::111111111111:role/data"}},
	{"urn": "urn:pulumi:s::p::crr:index:DeletionProtection::deletion-protection", "type": "crr:index:DeletionProtection", "protect": true},
	{"urn": "urn:pulumi:s::p::aws:s3/bucketV2:BucketV2::their-own", "type": "aws:s3/bucketV2:BucketV2", "outputs": {"bucket": "their-own"}}
]}}`

func TestParse_FindsWhatHoldsData(t *testing.T) {
	t.Parallel()
	state, err := parse([]byte(exported))
	require.NoError(t, err)
	there := replication.DeployedBucket{
		Region: "us-west-2", AccountID: "222222222222", AssumeRoleARN: "arn:aws:iam::222222222222:role/deploy", ExternalID: "x",
	}
	assert.Equal(t, State{
		Buckets: []Bucket{
			{Name: "data-dr-1", Region: "us-west-2", ForceDestroy: true, Protected: true, parent: "dr", at: there},
			{
				Name: "data-source-1", Region: "us-east-1", parent: "source",
				at: replication.DeployedBucket{Region: "us-east-1", AccountID: "111111111111"},
			},
		},
		Keys:        []Key{{ARN: "arn:aws:kms:us-west-2:222222222222:key/1", Days: 7, parent: "dr", at: there}},
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

// A bucket whose name another account took is not the stack's: neither its objects nor
// its being there say anything.
func TestTeardown_AsksTheBucketsOfTheStackOnly(t *testing.T) { //nolint:paralleltest // it sets the environment
	for _, missing := range []string{"AWS_PROFILE", "AWS_SESSION_TOKEN"} {
		t.Setenv(missing, "")
	}
	expected := map[string][]string{} // by path
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Amz-Target") == "" { // none of KMS
			expected[r.URL.Path] = append(expected[r.URL.Path], r.Header.Get("X-Amz-Expected-Bucket-Owner"))
		}
		w.WriteHeader(http.StatusForbidden)
	}))
	defer server.Close()
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": server.URL, "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true",
	} {
		t.Setenv(name, value)
	}
	sessions, err := live.Open(t.Context())
	require.NoError(t, err)
	at := replication.DeployedBucket{Region: "us-east-1", AccountID: "111111111111"}
	state := State{
		Buckets: []Bucket{{Name: "data", Region: "us-east-1", Retained: true, parent: "source", at: at}},
		Keys:    []Key{{ARN: "arn:aws:kms:us-east-1:111111111111:key/1", parent: "source", at: at}},
	}
	findings := Check(t.Context(), sessions, state)
	require.Len(t, findings, 1)
	assert.Contains(t, findings[0].Message, "can't be looked at")
	plans := PlanKeys(t.Context(), sessions, state)
	require.Len(t, plans, 1)
	assert.False(t, plans[0].Schedule, "the key of a bucket that can't be looked at stays")
	assert.Equal(t, map[string][]string{"/data": {"111111111111", "111111111111"}}, expected)
}
