// A bucket with replicas in a list of regions.
package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/pkg/crr"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		args := &crr.ReplicatedBucketArgs{Source: crr.BucketArgs{Region: "us-east-1"}}
		for _, region := range []string{"us-west-2", "eu-west-1", "ap-southeast-1"} {
			args.Destinations = append(args.Destinations, crr.DestinationArgs{
				Name: region, Bucket: crr.BucketArgs{Region: region}, StorageClass: "STANDARD_IA",
			})
		}
		data, err := crr.NewReplicatedBucket(ctx, "data", args)
		if err != nil {
			return err
		}
		crr.Export(ctx, data)
		return nil
	})
}
