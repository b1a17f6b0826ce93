// The program replicates with explicit providers. Its configuration selects how they
// are passed.
package main

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/pkg/crr"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		setting := func(key string) string {
			value, _ := ctx.GetConfig("providers:" + key)
			return value
		}
		args := &crr.ReplicatedBucketArgs{
			Source:       crr.BucketArgs{Region: "us-east-1", ForceDestroy: true},
			Destinations: []crr.DestinationArgs{{Name: "dr", Bucket: crr.BucketArgs{Region: "us-west-2", ForceDestroy: true}}},
		}
		var opts []pulumi.ResourceOption
		if region := setting("region"); region != "" {
			provider, err := aws.NewProvider(ctx, setting("name"), &aws.ProviderArgs{Region: pulumi.String(region)})
			if err != nil {
				return err
			}
			if setting("option") != "" {
				opts = append(opts, pulumi.Provider(provider))
			} else {
				args.Source.Provider = provider
			}
		}
		args.Source.AccountID = setting("accountId")
		_, err := crr.NewReplicatedBucket(ctx, "data", args, opts...)
		return err
	})
}
