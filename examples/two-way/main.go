// Two buckets that clients may write to, each replicated to the other. Metadata changes
// of replicas (tags, locks) are replicated too.
package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/pkg/crr"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		data, err := crr.NewReplicatedBucket(ctx, "data", &crr.ReplicatedBucketArgs{
			Direction:    replication.TwoWay,
			Source:       crr.BucketArgs{Region: "eu-west-1"},
			Destinations: []crr.DestinationArgs{{Name: "frankfurt", Bucket: crr.BucketArgs{Region: "eu-central-1"}}},
		})
		if err != nil {
			return err
		}
		crr.Export(ctx, data)
		return nil
	})
}
