package stacks

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/internal/stackfile"
	"github.com/crr-io/pulumi-aws-crr/pkg/crr"
)

// registerAudit registers the trails and records of the replications, and returns the
// descriptors of all buckets in order.
func registerAudit(ctx *pulumi.Context, config stackfile.Config, buckets []*crr.ReplicatedBucket) (pulumi.MapArray, error) {
	var audited []crr.AuditedReplication
	descriptors := pulumi.MapArray{}
	for i, bucket := range buckets {
		descriptors = append(descriptors, bucket.Descriptor)
		if options, any := auditOptions(config.Replications[i].Audit); any {
			audited = append(audited, crr.AuditedReplication{Bucket: bucket, AuditOptions: options})
		}
	}
	if len(audited) == 0 {
		return descriptors, nil
	}
	audit, err := crr.NewAudit(ctx, "audit", auditArgs(config, audited))
	if err != nil {
		return nil, err
	}
	for i, bucket := range buckets {
		descriptors[i] = audit.Describe(bucket)
	}
	return descriptors, nil
}
