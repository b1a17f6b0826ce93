// The logs of several regions in one bucket. A replica has the key of its source
// object, so each source replicates its own prefix: objects of two sources with the
// same key would become versions of one object.
package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"

	"github.com/crr-io/pulumi-aws-crr/pkg/crr"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		logsBucket, regions := "example-logs-of-all-regions", []string{"us-east-1", "eu-west-1"}
		if name := config.Get(ctx, "logsBucket"); name != "" {
			logsBucket = name
		}
		if err := config.GetObject(ctx, "regions", &regions); err != nil {
			return err
		}
		forceDestroy := config.GetBool(ctx, "forceDestroy")

		logs, err := crr.NewEncryptedBucket(ctx, "logs", &crr.EncryptedBucketArgs{
			Bucket: crr.BucketArgs{Region: "us-west-2", Bucket: logsBucket, ForceDestroy: forceDestroy},
		})
		if err != nil {
			return err
		}
		var sources []*crr.ReplicatedBucket
		for _, region := range regions {
			source, err := crr.NewReplicatedBucket(ctx, region, &crr.ReplicatedBucketArgs{
				Source:       crr.BucketArgs{Region: region, ForceDestroy: forceDestroy},
				Destinations: []crr.DestinationArgs{{Name: "logs", Bucket: logs.Adopted()}},
				Rules:        []crr.RuleArgs{{ID: region, Prefix: region + "/"}},
			})
			if err != nil {
				return err
			}
			sources = append(sources, source)
		}
		crr.Export(ctx, sources...)
		return nil
	})
}
