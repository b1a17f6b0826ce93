// Replicas in a separate account, where principals of the source account can't delete
// them. The stack manages both accounts, the second one through an assumed role.
package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"

	"github.com/crr-io/pulumi-aws-crr/pkg/crr"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		vault := crr.BucketArgs{
			Region:        "us-west-2",
			AssumeRoleARN: config.Get(ctx, "vaultRoleArn"),
			ObjectLock:    &replication.ObjectLock{Mode: replication.Governance, Days: 30},
			Guard:         &crr.GuardArgs{},
		}
		if vault.AssumeRoleARN == "" {
			vault.AssumeRoleARN = "arn:aws:iam::222222222222:role/deploy"
		}
		data, err := crr.NewReplicatedBucket(ctx, "data", &crr.ReplicatedBucketArgs{
			Source:       crr.BucketArgs{Region: "us-east-1"},
			Destinations: []crr.DestinationArgs{{Name: "vault", Bucket: vault}},
		})
		if err != nil {
			return err
		}
		crr.Export(ctx, data)
		return nil
	})
}
