package crr

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/pulumitest"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

func TestKeyStatements_AreInThePolicyOfTheKey(t *testing.T) {
	t.Parallel()
	reader := policy.Statement{
		Sid: "Readers", Effect: policy.Allow, Principal: policy.AWS("arn:aws:iam::333333333333:root"), Action: policy.Values{"kms:Decrypt"},
	}
	args := &ReplicatedBucketArgs{
		Source:       BucketArgs{Region: "us-east-1", KeyStatements: []policy.Statement{reader}},
		Destinations: []DestinationArgs{{Name: "dr", Bucket: BucketArgs{Region: "us-west-2"}}},
	}
	recorder, err := pulumitest.Run(t, func(ctx *pulumi.Context) error {
		_, err := NewReplicatedBucket(ctx, "data", args)
		return err
	})
	require.NoError(t, err)
	document, err := policy.Parse([]byte(recorder.One(t, "aws:kms/key:Key", "data-source-key").Inputs["policy"].StringValue()))
	require.NoError(t, err)
	reader.Resource = policy.Values{"*"}
	assert.Contains(t, document.Statement, reader)
	other := recorder.One(t, "aws:kms/key:Key", "data-dr-key").Inputs["policy"].StringValue()
	assert.NotContains(t, other, "Readers")
}
