// The smallest program with pkg/crr: a bucket and a replica of it in another region.
package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/pkg/crr"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		data, err := crr.NewReplicatedBucket(ctx, "data", &crr.ReplicatedBucketArgs{
			Source:       crr.BucketArgs{Region: "us-east-1"},
			Destinations: []crr.DestinationArgs{{Name: "dr", Bucket: crr.BucketArgs{Region: "us-west-2"}}},
		})
		if err != nil {
			return err
		}
		ctx.Export("bucket", data.Source.Bucket)
		crr.Export(ctx, data)
		return nil
	})
}
