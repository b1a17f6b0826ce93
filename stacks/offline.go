package stacks

import (
	"cmp"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/stackfile"
	"github.com/crr-io/pulumi-aws-crr/pkg/crr"
)

// warn shows the findings of lint as warnings about the bucket of each replication.
func warn(ctx *pulumi.Context, config stackfile.Config, buckets []*crr.ReplicatedBucket) {
	findings := map[string]model.Findings{}
	subjects := config.Subjects()
	for _, finding := range model.Lint(subjects...) {
		name := finding.Replication
		for i := range subjects {
			if subjects[i].Name == name {
				name = cmp.Or(subjects[i].ReverseOf, name)
				break
			}
		}
		findings[name] = append(findings[name], finding)
	}
	for i, r := range config.Replications {
		crr.Warn(ctx, buckets[i], findings[r.Name])
	}
}
