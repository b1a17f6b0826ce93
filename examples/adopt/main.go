// Replication between existing buckets: the source gets rules, and nothing else
// changes. The destination is in an account that this stack does not manage; the output
// "policies" has the statements that its owner must add.
package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/pkg/crr"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		data, err := crr.NewReplicatedBucket(ctx, "data", &crr.ReplicatedBucketArgs{
			Source: crr.BucketArgs{
				Region: "us-east-1", Bucket: "our-data", Existing: true, ReplaceRules: true,
				KMSKeyARN: pulumi.String("arn:aws:kms:us-east-1:111111111111:key/11111111-1111-1111-1111-111111111111"),
			},
			Destinations: []crr.DestinationArgs{{Name: "partner", Bucket: crr.BucketArgs{
				Region: "us-west-2", Bucket: "their-copies", Existing: true,
				KMSKeyARN: pulumi.String("arn:aws:kms:us-west-2:222222222222:key/22222222-2222-2222-2222-222222222222"),
			}}},
		})
		if err != nil {
			return err
		}
		crr.Export(ctx, data)
		return nil
	})
}
