// Rules for classes of data: critical data is replicated within 15 minutes, logs go to
// a colder storage class, and scratch data is not replicated.
package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/pkg/crr"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		no := false
		data, err := crr.NewReplicatedBucket(ctx, "data", &crr.ReplicatedBucketArgs{
			Source:       crr.BucketArgs{Region: "us-east-1"},
			Destinations: []crr.DestinationArgs{{Name: "dr", Bucket: crr.BucketArgs{Region: "us-west-2"}}},
			Rules: []crr.RuleArgs{
				{ID: "scratch", Prefixes: []string{"tmp/", "cache/"}, Enabled: &no},
				{ID: "critical", Tags: map[string]string{"class": "critical"}, Preset: replication.Critical},
				{ID: "logs", Prefix: "logs/", StorageClass: "GLACIER_IR", DeleteMarkers: &no},
				{ID: "rest"},
			},
			Monitoring: crr.MonitoringArgs{Emails: []string{"storage-oncall@example.com"}},
		})
		if err != nil {
			return err
		}
		crr.Export(ctx, data)
		return nil
	})
}
