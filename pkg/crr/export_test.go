package crr_test

import (
	"encoding/json"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/pulumitest"
	"github.com/crr-io/pulumi-aws-crr/pkg/crr"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

func TestExport_PoliciesAreThoseThatOthersMustSet(t *testing.T) {
	t.Parallel()
	existingRole := func() *crr.ReplicatedBucketArgs {
		args := pair()
		args.Role.ARN = pulumi.String("arn:aws:iam::111111111111:role/mine")
		return args
	}
	managed := func() *crr.ReplicatedBucketArgs {
		args := acrossAccounts()
		args.Direction = replication.OneWay
		return args
	}
	ownKey := func() *crr.ReplicatedBucketArgs {
		args := managed()
		args.Destinations[0].Bucket.KMSKeyARN = pulumi.String("arn:aws:kms:us-west-2:222222222222:key/mine")
		return args
	}
	for name, c := range map[string]struct {
		args *crr.ReplicatedBucketArgs
		want []string
	}{
		"all made here":                     {pair(), []string{}},
		"all made here, in two accounts":    {acrossAccounts(), []string{}},
		"an existing role":                  {existingRole(), []string{"arn:aws:iam::111111111111:role/mine"}},
		"a key that was brought along":      {ownKey(), []string{"arn:aws:kms:us-west-2:222222222222:key/mine"}},
		"an existing bucket of another one": {adopted(), []string{"arn:aws:s3:::vault", "arn:aws:kms:us-west-2:222222222222:key/b"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resources := []string{}
			_, err := pulumitest.Run(t, func(ctx *pulumi.Context) error {
				bucket, err := crr.NewReplicatedBucket(ctx, "data", c.args)
				if err != nil {
					return err
				}
				ctx.Export("resources", crr.PoliciesOfOthers(bucket).ApplyT(func(policies []any) bool {
					for _, policy := range policies {
						resources = append(resources, policy.(map[string]any)["resource"].(string))
					}
					return true
				}))
				return nil
			})
			require.NoError(t, err)
			assert.Equal(t, c.want, resources)
		})
	}
}

func TestExport_IsWhatTheCommandsRead(t *testing.T) {
	t.Parallel()
	recorder, err := pulumitest.Run(t, func(ctx *pulumi.Context) error {
		watched := pair()
		watched.Monitoring.Dashboard = true
		first, err := crr.NewReplicatedBucket(ctx, "first", watched)
		if err != nil {
			return err
		}
		second, err := crr.NewReplicatedBucket(ctx, "second", pair())
		crr.Export(ctx, first, second)
		return err
	})
	require.NoError(t, err)
	outputs := recorder.Outputs()
	data, err := json.Marshal(outputs["replications"])
	require.NoError(t, err)
	var descriptors []replication.Descriptor
	require.NoError(t, json.Unmarshal(data, &descriptors))
	require.Len(t, descriptors, 2)
	for i, name := range []string{"first", "second"} {
		assert.Equal(t, name, descriptors[i].Name)
		require.NoError(t, descriptors[i].CheckVersion())
	}
	assert.Empty(t, outputs["policies"])
	assert.Len(t, outputs["dashboards"], 1)
}
